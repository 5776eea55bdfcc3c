"""The same page without JavaScript, in the dark, and on paper."""

from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.sites import NARROW, WIDE, as_asked, drawn, example_site, pages_of, watched

pytestmark = pytest.mark.browser

SHARES = 3
"""Tests into which the pages are dealt, so that all processors have work."""

READABLE = """() => {
  document.querySelectorAll("details").forEach(each => { each.open = true; });
  const boxed = element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0
      && element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  };
  const seen = selector => [...document.querySelectorAll(selector)].filter(boxed);
  return {
    headings: seen("h1").map(each => each.textContent.trim()),
    figures: document.querySelectorAll("figure[data-chart]").length,
    pictures: [...document.querySelectorAll("figure[data-chart]")].map(
      figure => [...figure.querySelectorAll(".picture svg, .picture img")].filter(
        each => boxed(each) && each.naturalWidth !== 0).length),
    texts: [...document.querySelectorAll("figure[data-chart]:not(.harness-bench)")].map(
      figure => [...figure.querySelectorAll(".picture text")].filter(boxed).length),
    tables: document.querySelectorAll("table").length,
    read: seen("table").filter(each => boxed(each.rows[1].cells[0])).length,
    controls: seen("th button, .controls").length,
  };
}"""


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_reads_without_javascript(
    browser: Browser, example_url: str, share: int, width: int
) -> None:
    problems = []
    with browser.new_context(
        java_script_enabled=False, viewport={"width": width, "height": 800}
    ) as context:
        page = context.new_page()
        watch = watched(page, example_url)
        for path in pages_of(example_site())[share::SHARES]:
            page.goto(example_url + path)
            problems += [f"{path}: {each}" for each in unreadable(page)]
        problems += watch.faults
    assert not problems, "\n".join(problems)


def unreadable(page: Page) -> list[str]:
    """What a reader without scripts misses on a page."""
    found = page.evaluate(READABLE)
    problems = []
    if len(found["headings"]) != 1 or not found["headings"][0]:
        problems.append(f"headings {found['headings']}")
    if set(found["pictures"]) - {1}:
        problems.append(f"pictures seen, by figure: {found['pictures']}")
    if not all(found["texts"]):
        problems.append(f"texts seen, by figure: {found['texts']}")
    if found["read"] != found["tables"] or found["tables"] < found["figures"]:
        problems.append(f"{found['read']} of {found['tables']} tables")
    if found["controls"]:
        problems.append(f"{found['controls']} controls that do nothing")
    return problems


# Colours

FILLS: dict[str, str] = {
    "page": "body",
    "svg mark": "figure .picture .wide svg circle",
    "svg text": "figure .picture .wide svg text",
    "drawn mark": "figure .live .scatterlayer .point",
    "drawn text": "figure .live .xtick text",
}
"""What is looked at on the board, and how it is found."""

COLOURS = """selectors => Object.fromEntries(Object.entries(selectors).map(
  ([name, selector]) => {
    const element = document.querySelector(selector);
    const style = element ? getComputedStyle(element) : null;
    return [name, style && (name === "page" ? style.backgroundColor : style.fill)];
  }))"""


def colours(page: Page) -> dict[str, Any]:
    """The colours on the board, once its charts are drawn."""
    drawn(page)
    found: dict[str, Any] = page.evaluate(COLOURS, FILLS)
    assert None not in found.values(), found
    return found


def luminance(colour: str) -> float:
    """A rough brightness of "rgb(1, 2, 3)", 0 to 255."""
    red, green, blue = (float(part) for part in colour[4:-1].split(","))
    return 0.3 * red + 0.6 * green + 0.1 * blue


def opened(
    browser: Browser, url: str, scheme: Literal["light", "dark"], width: int = WIDE
) -> Page:
    """A page for a reader of this taste; its context ends with the browser."""
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    page.goto(url)
    return page


def test_in_the_dark_every_part_of_a_chart_has_another_colour(
    browser: Browser, example_url: str
) -> None:
    light = colours(opened(browser, example_url, "light"))
    dark = colours(opened(browser, example_url, "dark"))
    same = {name for name in FILLS if light[name] == dark[name]}
    assert same == set(), (light, dark)
    assert luminance(dark["page"]) < luminance(dark["drawn text"])
    assert luminance(light["page"]) > luminance(light["drawn text"])
    for scheme in (light, dark):
        assert scheme["drawn mark"] == scheme["svg mark"]
        assert scheme["drawn text"] == scheme["svg text"]


def test_a_drawn_chart_follows_the_system_when_night_falls(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, example_url, "light")
    light = colours(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        """([selector, before]) =>
            getComputedStyle(document.querySelector(selector)).fill !== before""",
        arg=[FILLS["drawn mark"], light["drawn mark"]],
    )
    assert colours(page) == colours(opened(browser, example_url, "dark"))


def test_the_theme_button_overrules_the_system_and_is_remembered(
    browser: Browser, example_url: str
) -> None:
    dark = colours(opened(browser, example_url, "dark"))
    page = opened(browser, example_url, "light")
    light = colours(page)
    button = page.get_by_role("button", name="Theme")
    button.click()
    assert button.inner_text() == "Theme: light"
    button.click()
    assert button.inner_text() == "Theme: dark"
    page.wait_for_timeout(100)
    assert colours(page) == dark
    page.goto(f"{example_url}analysis.html")
    page.goto(example_url)
    assert colours(page) == dark
    page.get_by_role("button", name="Theme").click()
    page.wait_for_timeout(100)
    assert colours(page) == light


def test_an_embedded_chart_takes_the_theme_of_its_address(
    browser: Browser, example_url: str
) -> None:
    url = f"{example_url}embed/speed_vs_accuracy.html"
    light = colours(opened(browser, url, "dark"))
    dark = colours(opened(browser, f"{url}?theme=dark", "light"))
    assert light == colours(opened(browser, url, "light"))
    assert light["drawn text"] != dark["drawn text"]
    assert colours(opened(browser, f"{url}?theme=auto", "dark")) == dark
    assert colours(opened(browser, f"{url}?theme=auto", "light")) == light


def test_the_unknown_page_is_dark_in_the_dark(
    browser: Browser, example_url: str
) -> None:
    for scheme, is_dark in (("light", False), ("dark", True)):
        page = opened(browser, f"{example_url}404.html", scheme)  # type: ignore[arg-type]
        found = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (luminance(found) < 128) is is_dark


# Widths and paper


def test_a_window_that_changes_its_width_gets_the_other_figure(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, example_url, "light", NARROW)
    assert as_asked(example_site(), page, NARROW) == []
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(600)
        assert as_asked(example_site(), page, width) == []


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("path", ["index.html", "analysis.html"])
def test_on_paper_each_chart_is_its_svg(
    browser: Browser, example_url: str, path: str, width: int
) -> None:
    page = opened(browser, example_url + path, "light", width)
    drawn(page)
    page.emulate_media(media="print")
    shown = page.evaluate(
        """[...document.querySelectorAll(".picture")].map(picture =>
            [...picture.children].filter(
                each => each.getBoundingClientRect().height > 50)
                .map(each => each.className))"""
    )
    assert shown
    # Paper is as wide as the reader chooses: one of the two, and never none.
    assert all(each in (["wide"], ["narrow"]) for each in shown), shown


@pytest.mark.parametrize("chosen", ["by the system", "by the button"])
def test_a_dark_page_is_printed_dark_on_white(
    browser: Browser, example_url: str, chosen: str
) -> None:
    page = opened(browser, example_url, "dark")
    for _ in range(2 if chosen == "by the button" else 0):
        page.get_by_role("button", name="Theme").click()
    drawn(page)
    page.emulate_media(media="print")
    found = page.evaluate(COLOURS, FILLS)
    assert luminance(found["svg text"]) < 140, found
