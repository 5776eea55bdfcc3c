"""The board as a tool: facets, words, order, fold, address, chart, rows to compare."""

import random
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from sitegen.build import build
from sitegen.publish import publish
from tests.records import inputs, record
from tests.sites import NARROW, WIDE, drawn, example_site, served

pytestmark = pytest.mark.browser

SHOWN = "[data-board] tbody tr:not(.group, .none):visible"

STATE = """() => ({
  rows: [...document.querySelectorAll("[data-board] tbody tr")]
    .filter(row => row.checkVisibility()).map(row => [...row.cells]
      .filter(cell => !cell.hidden).map(cell => cell.textContent).join("|")),
  heads: [...document.querySelectorAll("[data-board] th")].filter(head => !head.hidden)
    .map(head => head.textContent + (head.getAttribute("aria-sort") ?? "")),
  pressed: [...document.querySelectorAll(".board [aria-pressed=true]")]
    .map(each => each.textContent),
  words: document.querySelector(".board [type=search]").value,
  picked: [...document.querySelectorAll("[data-board] :checked")].length,
  told: document.querySelector(".board [role=status]").textContent,
  rings: [...document.querySelectorAll(".wide .outside")].map(e => e.dataset.id).sort(),
})"""

OUTSIDE = """() => {
  const live = document.querySelector(".live");
  const style = getComputedStyle(document.documentElement);
  const paper = style.getPropertyValue("--paper").trim();
  return live.data.flatMap(trace => (trace.ids || []).filter(
    (id, at) => [].concat(trace.marker.color)[at] === paper)).sort();
}"""


TIMED = [
    record(f"m{i}//h", "t", agent_time_s=9.0 + i, cost_usd=0.5 + i) for i in range(4)
]
"""Trials whose chart has two axes."""


def opened(browser: Browser, url: str, width: int = WIDE, **options: Any) -> Page:  # noqa: ANN401 - of a context
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    page.goto(url)
    return page


def combos(page: Page) -> list[str]:
    return [
        " ".join(text.split()).lower() for text in page.locator(SHOWN).all_inner_texts()
    ]


def step(page: Page, choose: random.Random) -> None:
    """Something that a reader may do."""
    page.evaluate("document.querySelectorAll('.facet.long').forEach(e => e.open = 1)")
    what = choose.choice(["facet", "facet", "words", "sort", "pick", "more"])
    if what == "words":
        words = choose.choice(["pi", "qwen q8", "4-bit gemma", ""])
        page.get_by_role("searchbox").fill(words)
    elif what == "sort":
        choose.choice(page.locator("[data-board] th button:visible").all()).click()
    elif what == "pick":
        boxes = page.locator("[data-board] tbody input:visible:enabled").all()
        if boxes:
            choose.choice(boxes).click()
    elif what == "more":
        more = page.locator("button.more")
        if more.is_visible():
            more.click()
    else:
        choose.choice(page.locator(".chips button:visible").all()).dispatch_event(
            "click"
        )


@pytest.mark.parametrize("seed", range(3))
def test_what_a_reader_did_is_in_the_address_and_goes_back(
    browser: Browser, example_url: str, seed: int
) -> None:
    choose = random.Random(seed)  # noqa: S311 - no secret
    page = opened(browser, example_url)
    seen = [(page.url, page.evaluate(STATE))]
    for _ in range(7):
        step(page, choose)
        if page.url != seen[-1][0]:
            seen.append((page.url, page.evaluate(STATE)))
    other = opened(browser, seen[-1][0])
    assert other.evaluate(STATE) == seen[-1][1], "the address alone brings it back"
    length = page.evaluate("history.length")
    for _ in range(length):
        page.go_back()
        if not page.url.startswith(example_url):
            break
        found = next((state for url, state in seen if url == page.url), None)
        if found:
            assert page.evaluate(STATE) == found


def test_words_are_looked_for_in_any_order_and_in_what_facets_say(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, example_url)
    every = page.locator("[data-board] tbody tr:not(.group, .none)").count()
    for words in ("pi qwen3.6", "qwen3.6 pi", "4-bit"):
        page.get_by_role("searchbox").fill(words)
        expect(page.locator(".board [role=status]")).to_contain_text(
            f"of {every} combos"
        )
        assert combos(page)
        if words != "4-bit":
            assert all(w in row for row in combos(page) for w in words.split())
    expect(page.locator(".board [role=status]")).to_contain_text("50 of 85")


def test_chart_and_table_show_the_same_and_the_filter_never_sorts(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, example_url)
    page.locator("button.more").click()
    whole = combos(page)
    page.locator(".chips button", has_text="Pi").first.click()
    page.locator(".chips button", has_text="8-bit").first.click()
    kept = combos(page)
    assert 0 < len(kept) < len(whole)
    assert kept == [row for row in whole if row in kept]
    wide, narrow = page.locator(".wide [data-id]"), page.locator(".narrow [data-id]")
    assert wide.count() == narrow.count() == len(whole), "none vanishes"
    rings = page.evaluate(STATE)["rings"]
    assert len(rings) == len(whole) - len(kept)
    drawn(page)
    assert page.evaluate(OUTSIDE) == rings
    page.get_by_role("button", name="Clear filters").first.click()
    assert page.evaluate(OUTSIDE) == []
    assert combos(page) == whole


def test_the_first_click_puts_the_best_first(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, example_url)
    for title, order in (("Time", "ascending"), ("Passed", "descending")):
        head = page.locator("[data-board] th", has_text=title).first
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == order
    page.goto(f"{example_url}#sort=time&rows=all")
    times = page.evaluate(
        """() => [...document.querySelectorAll("[data-board] tbody tr")]
          .filter(row => !row.hidden)
          .map(row => Number(row.cells[4].dataset.sort))"""
    )
    assert times == sorted(times)
    assert len(times) == 85


def test_what_is_unknown_in_an_address_is_said_and_left_out(
    browser: Browser, example_url: str
) -> None:
    page = opened(
        browser, f"{example_url}#harness=pi,gone&colour=red&sort=taste&compare=nobody"
    )
    told = page.locator(".board [role=status]")
    expect(told).to_contain_text("17 of 85 combos")
    expect(told).to_contain_text("Not on this board: gone, colour, taste, nobody")
    page.locator(".chips button", has_text="4-bit").first.click()
    assert page.url.endswith("#harness=pi&bits=4-bit")


def test_an_empty_result_says_so_and_offers_a_way_out(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, f"{example_url}#find=no+such+thing")
    row = page.locator("[data-board] tr.none")
    expect(row).to_contain_text("Nothing fits")
    row.get_by_role("button").click()
    expect(row).to_be_hidden()
    assert len(combos(page)) == 15


def test_up_to_six_can_be_chosen(browser: Browser, example_url: str) -> None:
    page = opened(browser, example_url)
    boxes = page.locator("[data-board] tbody input")
    for index in range(6):
        boxes.nth(index).click()
    assert boxes.nth(6).is_disabled()
    href = page.locator(".tray .go").get_attribute("href") or ""
    assert href.count(",") == 5
    assert page.locator(".wide .chosen").count() == 6
    page.locator(".tray").get_by_role("button", name="Take out").first.click()
    assert boxes.nth(6).is_enabled()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_at_most_forty_stops_lead_to_the_table(
    browser: Browser, example_url: str, width: int
) -> None:
    page = opened(browser, example_url, width)
    inside = "!!document.activeElement.closest('[data-board]')"
    stops = 0
    while not page.evaluate(inside):
        page.keyboard.press("Tab")
        stops += 1
        assert stops <= 40


def test_arrows_walk_through_a_facet(browser: Browser, example_url: str) -> None:
    page = opened(browser, example_url)
    chips = page.get_by_role("toolbar", name="Harness").get_by_role("button")
    chips.first.focus()
    page.keyboard.press("ArrowRight")
    expect(chips.nth(1)).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(chips.last).to_have_attribute("aria-pressed", "true")
    expect(chips.last).to_be_focused()


def test_without_a_script_and_on_paper_every_row_is_there(
    browser: Browser, example_url: str
) -> None:
    plain = opened(browser, example_url, java_script_enabled=False)
    assert plain.locator(SHOWN).count() == 85
    page = opened(browser, example_url)
    page.goto(f"{page.url}#harness=pi&sort=time")
    expect(page.locator(SHOWN)).to_have_count(15)
    page.emulate_media(media="print")
    expect(page.locator(SHOWN)).to_have_count(85)
    assert not page.locator(".board").is_visible()
    # Filters are not printed, so neither is what they leave.
    rows = page.locator("[data-board] tbody tr:visible")
    assert rows.first.inner_text() == "Could have come first: 81"
    assert "Pi" in rows.nth(1).inner_text()
    page.emulate_media(media="screen")
    expect(page.locator(SHOWN)).to_have_count(15)
    assert page.url.endswith("#harness=pi&sort=time")


def test_the_board_works_from_a_folder(browser: Browser, tmp_path: Path) -> None:
    publish(example_site(), tmp_path / "site")
    page = opened(browser, (tmp_path / "site" / "index.html").as_uri())
    page.locator(".chips button", has_text="Pi").first.click()
    expect(page.locator(".board [role=status]")).to_contain_text("17 of 85")
    assert page.url.endswith("#harness=pi")


def test_the_axis_of_the_chart_is_in_the_address_and_goes_back(
    browser: Browser, tmp_path: Path
) -> None:
    rows = [
        record(
            f"m{i}//h", f"t{j}", agent_time_s=9.0 + i, cost_usd=0.5 + i, passed=i > j
        )
        for i in range(4)
        for j in range(3)
    ]
    publish(build(inputs(rows)), tmp_path / "site")
    url = (tmp_path / "site" / "index.html").as_uri()
    page = opened(browser, url)
    across = page.get_by_label("Axis of the chart")
    across.select_option("Cost")
    page.wait_for_url("**#axis=cost")
    title = "document.querySelector('.live')._fullLayout.xaxis.title.text"
    page.wait_for_selector("figure.turned[data-drawn=true]")
    assert page.evaluate(title) == "cost, mean per task (log scale)"
    section = page.locator("section", has=page.locator("figure.turned"))
    expect(section.locator("h2")).to_have_text("Cost against accuracy")
    expect(section.get_by_role("link", name="SVG")).to_be_hidden()
    page.get_by_role("searchbox").fill("m1")
    page.wait_for_url("**axis=cost**")
    assert len(page.evaluate(OUTSIDE)) == 3
    page.get_by_role("searchbox").fill("")
    page.go_back()
    expect(across).to_have_value("")
    page.wait_for_function(f"{title} === 'mean time per task (log scale)'")
    page = opened(browser, f"{url}#axis=luck")
    expect(page.get_by_role("status").first).to_contain_text("Not on this board: luck")


def test_under_the_words_of_one_axis_is_no_picture_of_another(
    browser: Browser, tmp_path: Path
) -> None:
    publish(build(inputs(TIMED)), tmp_path / "site")
    with served(tmp_path / "site") as url:
        page = opened(browser, url)
        held: list[Route] = []
        page.route("**/plotly.min.js", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks what it calls
        picture = page.locator(".picture .wide").first
        expect(picture).to_be_visible()
        page.get_by_label("Axis of the chart").select_option("Cost")
        expect(picture).to_be_hidden()
        expect(page.locator(".picture.waiting")).to_have_count(1)
        held[0].continue_()
        expect(page.locator(".picture.waiting")).to_have_count(0)
        expect(page.locator(".picture .live").first).to_be_visible()


def test_where_plotly_does_not_come_the_picture_stays_with_its_own_axis(
    browser: Browser, tmp_path: Path
) -> None:
    publish(build(inputs(TIMED)), tmp_path / "site")
    (tmp_path / "site" / "assets" / "plotly.min.js").unlink()
    page = opened(browser, (tmp_path / "site" / "index.html").as_uri())
    page.get_by_label("Axis of the chart").select_option("Cost")
    page.wait_for_selector("figure[data-drawn=failed]")
    expect(page.get_by_label("Axis of the chart")).to_have_value("")
    expect(page.locator("figure .wide svg").first).to_be_visible()
    assert "axis" not in page.url
