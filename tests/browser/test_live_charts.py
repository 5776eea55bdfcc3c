"""A picture becomes a live chart when a reader turns to it, and not before."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from sitegen.publish import publish
from tests.sites import NARROW, WIDE, example_site, watched

pytestmark = pytest.mark.browser

CHART = "figure[data-chart=speed_vs_accuracy]"
LIVE = f"{CHART}[data-drawn=true]"
PAGES = ("index.html", "embed/speed_vs_accuracy.html")
MOST_PX = 1

PLACES = """() => [...document.querySelectorAll(
  "h1, h2, p:not(.said, .source, .tools), .tools > *, figure summary, footer a")]
  .filter(each => each.checkVisibility()).map(each => {
    const box = each.getBoundingClientRect();
    return [each.textContent, box.top + scrollY, box.left];
  }).filter(([name]) => name && name !== "Explore")"""


def by_pointer(page: Page) -> None:
    page.hover(f"{CHART} .picture")


def by_focus(page: Page) -> None:
    page.focus(f"{CHART} .explore, .source .explore")


def by_the_word(page: Page) -> None:
    page.get_by_role("button", name="Explore").first.click()


def by_touch(page: Page) -> None:
    page.tap(f"{CHART} .picture")


@contextmanager
def opened(
    browser: Browser, url: str, width: int = WIDE, **more: bool
) -> Iterator[Page]:
    size = {"width": width, "height": 800}
    context: BrowserContext = browser.new_context(viewport=size, **more)  # type: ignore[arg-type]
    with context:
        page = context.new_page()
        page.goto(url)
        yield page


def asked_for(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "performance.getEntriesByType('resource').map(each => each.name)"
    )
    return found


@pytest.mark.parametrize("path", PAGES)
def test_nothing_of_plotly_is_loaded_until_a_reader_turns_to_a_chart(
    browser: Browser, example_url: str, path: str
) -> None:
    with opened(browser, example_url + path) as page:
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_load_state("networkidle")
        before = [name for name in asked_for(page) if "plotly" in name]
        figures = [name for name in asked_for(page) if "/charts/" in name]
        assert before + figures == []
        by_pointer(page)
        page.wait_for_selector(LIVE)
        by_focus(page)
        by_pointer(page)
        after = [name for name in asked_for(page) if "plotly.min" in name]
        assert len(after) == 1


@pytest.mark.parametrize(
    ("turn", "path", "width"),
    [
        (by_pointer, PAGES[0], WIDE),
        (by_focus, PAGES[0], 800),
        (by_the_word, PAGES[0], 320),
        (by_touch, PAGES[0], NARROW),
        (by_the_word, PAGES[1], 740),
        (by_touch, PAGES[1], 320),
    ],
)
def test_a_chart_comes_alive_in_place(
    browser: Browser,
    example_url: str,
    turn: Callable[[Page], None],
    path: str,
    width: int,
) -> None:
    touch = turn is by_touch
    with opened(browser, example_url + path, width, has_touch=touch) as page:
        before = {name: place for name, *place in page.evaluate(PLACES)}
        turn(page)
        page.wait_for_selector(LIVE)
        after = {name: place for name, *place in page.evaluate(PLACES)}
        moved = {
            name: (place, after[name])
            for name, place in before.items()
            if max(abs(a - b) for a, b in zip(place, after[name], strict=True))
            > MOST_PX
        }
        assert moved == {}
        sizes = page.evaluate(
            f"""() => [...document.querySelectorAll("{CHART} .picture svg.main-svg, \
{CHART} .picture > div:not(.live) > svg")].map(each => each.getBoundingClientRect())
            .filter(box => box.width).map(box => [box.left, box.top, box.width,
            box.height].map(Math.round))"""
        )
        assert len(sizes) >= 2
        assert len({tuple(size) for size in sizes}) == 1, sizes


DRAWINGS = """() => {
  window.drawings = [];
  let plotly;
  const counted = name => {
    const own = plotly[name];
    plotly[name] = (...given) => {
      drawings.push(name);
      return own(...given);
    };
  };
  Object.defineProperty(window, "Plotly", {
    get: () => plotly,
    set: value => {
      plotly = value;
      ["react", "restyle", "relayout", "redraw"].forEach(counted);
    },
  });
}"""


FILLS = f"""() => [
  getComputedStyle(document.body).backgroundColor,
  [...document.querySelectorAll("{CHART} .live .point")].map(
    each => getComputedStyle(each).fill),
]"""


@pytest.mark.parametrize("asked", ["", "#find=pi"])
def test_a_chart_is_drawn_once_with_the_filter_in_it(
    browser: Browser, example_url: str, asked: str
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(f"({DRAWINGS})()")
        page.goto(f"{example_url}index.html{asked}")
        page.wait_for_selector("[data-board] thead button")
        by_pointer(page)
        page.wait_for_selector(LIVE)
        assert page.evaluate("drawings") == ["react"]
        paper, filled = page.evaluate(FILLS)
        outside = page.locator(f"{CHART} .wide .outside").count()
        assert filled.count(paper) == outside
        assert bool(outside) == bool(asked)


def test_what_is_pointed_at_is_fetched_and_drawn_only_when_pressed(
    browser: Browser, example_url: str
) -> None:
    with opened(browser, example_url) as page:
        page.hover(f"{CHART} .explore")
        page.wait_for_function("window.Plotly")
        assert page.locator(f"{CHART} .live").count() == 0
        by_the_word(page)
        page.wait_for_selector(LIVE)
        assert sum("plotly.min" in name for name in asked_for(page)) == 1


def test_arrow_keys_walk_the_marks_and_enter_opens_the_page_of_one(
    browser: Browser, example_url: str
) -> None:
    with opened(browser, example_url) as page:
        by_the_word(page)
        page.wait_for_selector(LIVE)
        said = []
        for _ in range(3):
            page.keyboard.press("ArrowRight")
            said.append(page.inner_text(f"{CHART} .said"))
        assert len(set(said)) == 3
        assert all("passed" in each for each in said)
        assert page.locator(f"{CHART} .hoverlayer .hovertext").count() == 1
        page.keyboard.press("End")
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        page.wait_for_url("**/combos/*.html")
        assert page.inner_text("h1").split()[0] in page.title()


def test_a_click_on_a_mark_opens_its_page_and_a_first_tap_only_names_it(
    browser: Browser, example_url: str
) -> None:
    middle = f"""() => {{
      const mark = [...document.querySelectorAll("{CHART} .live .point")].at(-1);
      const box = mark.getBoundingClientRect();
      return [box.left + box.width / 2, box.top + box.height / 2];
    }}"""
    with opened(browser, example_url) as page:
        by_pointer(page)
        page.wait_for_selector(LIVE)
        page.mouse.move(*page.evaluate(middle))
        page.wait_for_selector(f"{CHART} .live.leads")
        page.mouse.down()
        page.mouse.up()
        page.wait_for_url("**/combos/*.html")
    with opened(browser, example_url, NARROW, has_touch=True, is_mobile=True) as page:
        by_touch(page)
        page.wait_for_selector(LIVE)
        place = page.evaluate(middle)
        page.touchscreen.tap(*place)
        page.wait_for_selector(f"{CHART} .hoverlayer .hovertext")
        assert page.url == example_url
        page.wait_for_timeout(500)
        page.touchscreen.tap(*place)
        page.wait_for_url("**/combos/*.html")


def test_a_reader_can_zoom_and_go_back(browser: Browser, example_url: str) -> None:
    span = f"""() => {{
      const {{range}} = document.querySelector("{CHART} .live")._fullLayout.xaxis;
      return range[1] - range[0];
    }}"""
    with opened(browser, example_url) as page:
        by_the_word(page)
        page.wait_for_selector(LIVE)
        whole = page.evaluate(span)
        page.get_by_role("button", name="Zoom in").first.click()
        assert page.evaluate(span) == pytest.approx(whole * 0.6)
        page.get_by_role("button", name="Reset the zoom").first.click()
        assert page.evaluate(span) == pytest.approx(whole)


@pytest.mark.parametrize(("width", "least"), [(1280, 23), (390, 44), (320, 44)])
def test_buttons_to_zoom_are_large_enough_to_hit(
    browser: Browser, example_url: str, width: int, least: int
) -> None:
    with opened(browser, example_url, width=width) as page:
        by_the_word(page)
        page.wait_for_selector(LIVE)
        buttons = page.locator(".zoom button").all()
        boxes = [
            button.bounding_box() or {"width": 0, "height": 0} for button in buttons
        ]
        assert len(boxes) == 3
        assert min(min(box["width"], box["height"]) for box in boxes) >= least
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide == width


@contextmanager
def served_under(policy: str, folder: Path) -> Iterator[str]:
    """A folder behind a web server that sends a content policy."""

    class Strict(SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", policy)
            super().end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    handler = partial(Strict, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


@pytest.mark.parametrize("chart", ["model_harness_heatmap", "speed_vs_accuracy"])
def test_charts_are_live_under_a_strict_policy_without_a_word(
    browser: Browser, tmp_path: Path, chart: str
) -> None:
    publish(example_site(), tmp_path / "site")
    with (
        served_under("default-src 'self'", tmp_path / "site") as url,
        opened(browser, f"{url}embed/{chart}.html") as page,
    ):
        watch = watched(page, url)
        page.reload()
        page.hover(".picture")
        page.wait_for_selector("figure[data-drawn=true]")
        page.mouse.move(0, 0)
        page.locator(".live").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(".hoverlayer .hovertext", state="attached")
        seen = page.evaluate(
            """() => [...document.querySelectorAll(".picture > .wide, .cartesianlayer")]
            .filter(each => each.checkVisibility(
              {visibilityProperty: true, opacityProperty: true}))
            .map(each => each.getAttribute("class").split(" ")[0])"""
        )
        # A bitmap would be refused: a heatmap is live over its picture.
        flat = chart == "model_harness_heatmap"
        assert seen == (["wide"] if flat else ["cartesianlayer"])
        page.goto(url)
        band, dot = page.locator(".span").first.locator("line").all()
        assert band.evaluate("each => each.getBoundingClientRect().width") > 9
        assert dot.evaluate("each => getComputedStyle(each).strokeWidth") == "9px"
        assert watch.faults == []


def test_where_plotly_cannot_be_had_the_picture_stays_until_it_can(
    browser: Browser, example_url: str
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        watch = watched(page, example_url)
        page.route("**/plotly.min.js", lambda route: route.abort())
        page.goto(example_url)
        by_focus(page)
        page.wait_for_selector(f"{CHART}[data-drawn=failed]")
        assert page.locator(f"{CHART} .wide svg").is_visible()
        page.unroute("**/plotly.min.js")
        by_pointer(page)
        page.wait_for_selector(LIVE)
        assert [fault for fault in watch.faults if "plotly" not in fault] == [
            "console error: Failed to load resource: net::ERR_FAILED"
        ]
