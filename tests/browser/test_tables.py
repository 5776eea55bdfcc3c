"""Sorting and filtering in tables, by pointer, keyboard and phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.sites import NARROW, WIDE, drawn

pytestmark = pytest.mark.browser

FILTERED = "groups/language--pytorch.html"
"""A page with a table that can be filtered."""
BOX = "[data-filter]"
"""Around that table."""

KEYS = """(table, title) => {
  const heads = [...table.tHead.rows[0].cells];
  const column = heads.findIndex(each => each.textContent === title);
  return [...table.tBodies[0].rows].map(row => row.cells[column].dataset.sort ?? null);
}"""


def opened(browser: Browser, url: str, width: int = WIDE) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(url)
    return page


def keys(table: Locator, title: str, kind: Callable[[str], Any]) -> list[Any]:
    """What the rows are sorted by in one column, from the top; None: not measured."""
    found: list[str | None] = table.evaluate(KEYS, title)
    return [None if key is None else kind(key) for key in found]


def in_order(values: list[Any], *, falling: bool = False) -> list[Any]:
    """The same values as a reader expects them: unknown ones last, either way."""
    known = [value for value in values if value is not None]
    unknown = [None] * (len(values) - len(known))
    return sorted(known, reverse=falling) + unknown


def first_cells(table: Locator) -> list[str]:
    """The names of the rows that are shown, from the top."""
    return [
        text.strip()
        for text in table.locator("tbody tr:visible td.name").all_inner_texts()
    ]


def test_a_click_on_a_heading_sorts_and_a_second_one_turns_the_order(
    browser: Browser, example_url: str
) -> None:
    table = opened(browser, example_url + FILTERED).locator(f"{BOX} table")
    printed = first_cells(table)
    numbers = keys(table, "Passed", float)
    assert numbers == in_order(numbers, falling=True)
    for title, kind, rising_first in (("Time", float, True), ("Model", str, True)):
        head = table.locator("th").filter(has_text=title)
        head.get_by_role("button").click()
        for rising in (rising_first, not rising_first):
            order = "ascending" if rising else "descending"
            assert head.get_attribute("aria-sort") == order
            found = keys(table, title, kind)
            assert found == in_order(found, falling=not rising)
            head.get_by_role("button").click()
        assert table.locator("th[aria-sort]").count() == 1
    assert first_cells(table) != printed
    assert sorted(first_cells(table)) == sorted(printed)


def test_every_sortable_table_of_the_main_pages_sorts_by_every_column(
    browser: Browser, example_url: str
) -> None:
    for path in ("models/index.html", "harnesses/index.html", "tasks/index.html"):
        page = opened(browser, example_url + path)
        page.evaluate("document.querySelectorAll('details').forEach(e => e.open = 1)")
        buttons = page.locator("main th button")
        assert buttons.count() > 4
        for button in buttons.all():
            button.click()
            order = button.locator("xpath=..").get_attribute("aria-sort")
            assert order in {"ascending", "descending"}
            found = button.evaluate(
                """button => {
                    const cell = button.parentElement;
                    return [...cell.closest("table").tBodies[0].rows].map(
                        row => row.cells[cell.cellIndex].dataset.sort ?? null)}"""
            )
            kind = float if all(map(is_number, found)) else str
            typed = [None if each is None else kind(each) for each in found]
            assert typed == in_order(typed, falling=order == "descending")


def is_number(text: str | None) -> bool:
    try:
        float(text or "0")
    except ValueError:
        return False
    return True


def test_the_keyboard_sorts_a_table(browser: Browser, example_url: str) -> None:
    page = opened(browser, example_url + FILTERED)
    table = page.locator(f"{BOX} table")
    head = table.locator("th").filter(has_text="Time")
    head.get_by_role("button").focus()
    for key, order in (("Enter", "ascending"), ("Space", "descending")):
        page.keyboard.press(key)
        assert head.get_attribute("aria-sort") == order
        found = keys(table, "Time", float)
        assert found == in_order(found, falling=order == "descending")
    expect(head.get_by_role("button")).to_be_focused()


def test_the_filter_keeps_rows_with_every_word_and_counts_them(
    browser: Browser, example_url: str
) -> None:
    box = opened(browser, example_url + FILTERED).locator(BOX)
    table, status = box.locator("table"), box.get_by_role("status")
    every = table.locator("tbody tr").count()
    expect(status).to_contain_text(f"{every} of {every} rows")
    rows = [text.lower() for text in table.locator("tbody tr").all_inner_texts()]
    for words in ("claude", "QWEN opencode", "q4_k_xl pi", "no such thing"):
        box.get_by_role("searchbox").fill(words)
        fitting = [row for row in rows if all(w in row for w in words.lower().split())]
        expect(status).to_contain_text(f"{len(fitting)} of {every} rows")
        shown = table.locator("tbody tr:visible").all_inner_texts()
        assert [row.lower() for row in shown] == fitting
    box.get_by_role("searchbox").fill("")
    assert len(first_cells(table)) == every


def test_a_click_on_a_link_of_a_row_follows_it(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, example_url + FILTERED)
    link = page.locator(f"{BOX} tbody tr td.name a").first
    target = link.evaluate("link => link.href")
    link.click()
    page.wait_for_url(target)
    assert page.locator("h1").is_visible()


def test_on_a_phone_a_list_of_orders_stands_in_for_the_headings(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, example_url + FILTERED, NARROW)
    box = page.locator(BOX)
    table, select = box.locator("table"), box.get_by_label("Sort by")
    assert select.is_visible()
    assert select.locator("option:checked").inner_text() == "Sort by passed"
    titles = table.locator("th").all_inner_texts()
    options = select.locator("option").all_inner_texts()
    assert options == [f"Sort by {title.strip().lower()}" for title in titles]
    for title, kind, falling in (
        ("Time", float, False),
        ("Rate", float, True),
        ("Model", str, False),
    ):
        select.select_option(label=f"Sort by {title.lower()}")
        found = keys(table, title, kind)
        assert found == in_order(found, falling=falling)
        order = "descending" if falling else "ascending"
        head = table.locator("th").filter(has_text=title)
        assert head.get_attribute("aria-sort") == order


def test_on_a_desktop_that_list_is_not_shown(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, example_url + FILTERED)
    assert not page.locator(f"{BOX} select").is_visible()


# The keyboard

FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const box = e.getBoundingClientRect();
  return [e.tagName, e.textContent.trim(), getComputedStyle(e).outlineStyle,
          box.width * box.height > 0, box.left >= 0];
}"""


@pytest.mark.parametrize("path", ["index.html", "harnesses/index.html"])
def test_the_tab_key_reaches_everything_that_can_be_used(
    browser: Browser, example_url: str, path: str
) -> None:
    page = opened(browser, example_url + path)
    drawn(page)
    page.evaluate("scrollTo(0, 0)")
    wanted = page.evaluate(
        """() => ["a[href]", "button", "summary", "input", ".live"].flatMap(selector =>
            [...document.querySelectorAll(selector)]
                .filter(e => e.tabIndex >= 0)
                .filter(e => e.checkVisibility({visibilityProperty: true}))
                .map(e => [e.tagName, e.textContent.trim()]))"""
    )
    reached = []
    for _ in range(len(wanted) + 20):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:
            break
        tag, text, outline, *seen = at
        assert outline != "none", f"nobody sees that {text} has the focus"
        assert all(seen), f"{text} has the focus and is not on the screen"
        reached.append([tag, text])
    assert reached[0] == ["A", "Skip to the content"]
    assert sorted(reached) == sorted(wanted)


def test_the_first_link_skips_to_the_content(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, example_url)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_enter_opens_the_table_under_a_chart(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, example_url)
    table = page.locator("figure details table").first
    assert not table.is_visible()
    page.locator("figure summary").first.focus()
    page.keyboard.press("Enter")
    assert table.is_visible()
