"""An embedded chart fits the frame whose height its index states."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, ViewportSize

from sitegen.build import build
from sitegen.embed import Form, find, line
from sitegen.publish import publish
from sitegen.published import Published
from sitegen.quotes import Quote, quoted, quotes
from sitegen.quotes import at as place_at
from sitegen.site import Site
from tests.records import grid, inputs
from tests.sites import drawn, example_site, served, watched

pytestmark = pytest.mark.browser

SOME = 1 if os.environ.get("HARNESS_BENCH_PAGES") == "all" else 3
"""Of how many charts of one kind one is measured; `make torture` measures all."""

SMALLEST = 320
BLOG = 740
"""The column of a widespread theme."""
ABOUT_ONE = {"groups", "harnesses", "models", "quants"}
"""Folders of charts that are alike, one for each of these."""


@pytest.mark.parametrize("width", [SMALLEST, BLOG])
def test_no_embedded_chart_scrolls_within_its_frame(
    browser: Browser, example_url: str, width: int
) -> None:
    assert too_high(browser, example_site(), example_url, width) == []


@pytest.mark.parametrize("names", [["oracle"], ["a-model-of-a-long-name-" * 4] * 9])
def test_a_notice_about_scripted_models_has_its_place_in_the_frame(
    browser: Browser, tmp_path: Path, names: list[str]
) -> None:
    combos = {f"{name}{n}//mini": {"t": "+", "u": "-"} for n, name in enumerate(names)}
    site = build(inputs(grid(combos, server_build="scripted 1")))
    publish(site, tmp_path / "site")
    with served(tmp_path / "site") as url:
        assert too_high(browser, site, url, SMALLEST) == []


SHOWN = (
    *("speed_vs_accuracy", "size_vs_pass_rate", "harness_ranking", "quant_pairs"),
    *("model_harness_heatmap", "task_difficulty", "audit", "success_within_budget"),
)
STRICT = '<meta http-equiv="Content-Security-Policy" content="default-src \'self\'">'


def line_of(chart: str, form: Form) -> str:
    site = Published(files=example_site())
    return line(site, find(site, chart), form, base_url="/site/")


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A light and a dark page of somebody else with eight charts, in both forms."""
    folder = tmp_path_factory.mktemp("hosts")
    publish(example_site(), folder / "site")
    (folder / "favicon.ico").touch()
    for name, ground in (("light", "#fff"), ("dark", "#161616")):
        (folder / f"{name}.css").write_text(
            f"body {{ background: {ground}; max-width: 740px; margin: 0 auto }}"
        )
    forms: tuple[Form, ...] = ("iframe", "html")
    for form in forms:
        charts = "\n".join(line_of(chart, form) for chart in SHOWN)
        for name in ("light", "dark", "strict"):
            head = STRICT if name == "strict" else ""
            head += f'<link rel="stylesheet" href="{name}.css">' if not head else ""
            head += '<meta name="viewport" content="width=device-width">'
            (folder / f"{form}-{name}.html").write_text(
                f"<!doctype html>{head}<title>t</title><body>{charts}"
            )
    with served(folder) as url:
        yield url


@pytest.mark.parametrize(
    ("width", "ground"),
    [
        *((1280, "light"), (BLOG, "dark"), (SMALLEST, "dark"), (SMALLEST, "strict")),
    ],
)
def test_eight_frames_have_the_height_and_the_light_that_they_need(
    browser: Browser, hosts: str, width: int, ground: str
) -> None:
    # The reader prefers the reverse of what the page is.
    scheme: Literal["light", "dark"] = "light" if ground == "dark" else "dark"
    size: ViewportSize = {"width": width, "height": 900}
    page = browser.new_page(viewport=size, color_scheme=scheme)
    watch = watched(page, hosts)
    page.goto(f"{hosts}iframe-{ground}.html")
    wanted = "dark" if ground == "dark" else "light"
    frames = page.locator("iframe")
    assert frames.count() == len(SHOWN)
    for at in range(len(SHOWN)):
        frames.nth(at).scroll_into_view_if_needed()
        frame = frames.nth(at).element_handle().content_frame()
        assert frame is not None
        frame.wait_for_function(
            "Math.abs(innerHeight - document.body.getBoundingClientRect().height) <= 8"
            f" && document.documentElement.dataset.theme === '{wanted}'"
        )
        frame.click("summary")
        frame.wait_for_function(
            "innerHeight - document.body.getBoundingClientRect().height >= 0"
            " && document.querySelector('details').open"
        )
        frame.click("summary")
        frame.wait_for_function(
            "Math.abs(innerHeight - document.body.getBoundingClientRect().height) <= 8"
        )
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert watch.faults == []
    page.close()


@pytest.mark.parametrize("ground", ["light", "dark", "strict"])
def test_eight_charts_in_one_page_bring_plotly_once_and_only_when_asked(
    browser: Browser, hosts: str, ground: str
) -> None:
    page = browser.new_page()
    watch = watched(page, hosts)
    bodies: dict[str, int] = {}
    page.on("response", lambda r: bodies.update({r.url: len(gzip.compress(r.body()))}))
    page.goto(f"{hosts}html-{ground}.html")
    page.wait_for_selector(".explore", state="attached")
    page.wait_for_load_state("networkidle")
    assert not [url for url in bodies if "plotly" in url]
    assert sum(bodies.values()) <= len(SHOWN) * 25_000
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert ids == []
    for at in range(len(SHOWN)):
        figure = page.locator("figure.harness-bench").nth(at)
        shown = figure.locator("img").evaluate("e => e.complete && e.naturalWidth")
        assert shown
        figure.locator(".picture").hover()
        page.wait_for_function(
            "at => document.querySelectorAll('figure')[at].dataset.drawn", arg=at
        )
        assert figure.get_attribute("data-drawn") == "true"
    assert len([url for url in bodies if "plotly.min.js" in url]) == 1
    assert watch.faults == []
    page.close()


@pytest.mark.parametrize("width", [BLOG, SMALLEST])
def test_tables_in_frames_have_the_height_that_they_need(
    browser: Browser, hosts: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    watch = watched(page, hosts)
    site = Published(files=example_site())
    wanted = ("data/q4/harnesses", '{{ table("combos", top=8) }}', "data/claims")
    lines = [line(site, find(site, w), "iframe", base_url="/site/") for w in wanted]
    body = f"<!doctype html>{STRICT}<title>t</title><body>{''.join(lines)}"
    page.route(f"{hosts}t", lambda r: r.fulfill(body=body, content_type="text/html"))
    page.goto(f"{hosts}t")
    for at, rows in enumerate((5, 8, 12)):
        page.locator("iframe").nth(at).scroll_into_view_if_needed()
        frame = page.locator("iframe").nth(at).element_handle().content_frame()
        assert frame is not None
        frame.wait_for_function(
            "Math.abs(innerHeight - document.body.getBoundingClientRect().height) <= 1"
        )
        assert frame.locator("tbody tr").count() == rows
        assert frame.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert watch.faults == []
    page.close()


@pytest.mark.parametrize("form", ["iframe", "html"])
def test_a_theme_that_comes_later_reaches_every_chart(
    browser: Browser, hosts: str, form: Form
) -> None:
    page = browser.new_page(viewport={"width": BLOG, "height": 6000})
    page.goto(f"{hosts}{form}-light.html")
    frames = [each for each in page.frames if each.parent_frame or form == "html"]
    assert len(frames) == (len(SHOWN) if form == "iframe" else 1)
    themes = (
        "document.body.classList.contains('embedded')"
        " ? [document.documentElement.dataset.theme]"
        " : [...document.querySelectorAll('figure')].map(each => each.dataset.theme)"
    )

    def become(theme: str) -> None:
        for frame in frames:
            frame.wait_for_function(f"({themes}).every(each => each === '{theme}')")

    become("light")
    page.add_style_tag(content="body { background: #111 }")
    become("dark")
    if form == "html":  # what no element tells, the colour of the text does
        page.evaluate(
            "document.styleSheets[0].insertRule("
            "'body { background: #fff !important; color: #010101 }', 0)"
        )
        become("light")
    page.close()


@pytest.mark.parametrize(("ground", "ink"), [("#fff", "#111"), ("#000", "#eee")])
def test_a_wide_table_shows_without_a_script_where_it_can_be_scrolled(
    browser: Browser, hosts: str, ground: str, ink: str
) -> None:
    [quote] = quotes('{{ table("q4/models") }}')
    assert isinstance(quote, Quote)
    markup = quoted(quote, Published(files=example_site()), place_at("/site/"))
    style = f"background: {ground}; color: {ink}; margin: 20px"
    body = f'<!doctype html><body style="{style}">{markup}'
    page = browser.new_page(
        java_script_enabled=False, viewport={"width": SMALLEST, "height": 900}
    )
    page.route(f"{hosts}wide", lambda r: r.fulfill(body=body, content_type="text/html"))
    page.goto(f"{hosts}wide")
    found = page.locator(".scroll")
    box = found.bounding_box()
    assert box is not None

    def strip(x: float) -> bytes:
        """The pixels above the words, from which ends and ground are told apart."""
        return page.screenshot(
            clip={"x": x, "y": box["y"] + 1, "width": 3, "height": 2}
        )

    plain, left, right = 5, box["x"], box["x"] + box["width"] - 3
    assert strip(left) == strip(plain) != strip(right)
    found.evaluate("each => { each.scrollLeft = each.scrollWidth }")
    assert strip(left) != strip(plain) == strip(right)
    page.close()


def too_high(browser: Browser, site: Site, url: str, width: int) -> list[str]:
    """The embedded charts that need more height than the index of charts says."""
    problems = []
    kinds: dict[str, list[dict[str, Any]]] = {}
    for chart in json.loads(site["data/charts.json"])["charts"]:
        kinds.setdefault(chart["id"].rpartition("/")[0], []).append(chart)
    chosen = [
        chart
        for folder, charts in kinds.items()
        for chart in (charts[::SOME] if folder in ABOUT_ONE else charts)
    ]
    with browser.new_context() as context:
        page = context.new_page()
        for chart in chosen:
            page.set_viewport_size({"width": width, "height": chart["height"]})
            page.goto(url + chart["embed"])
            drawn(page)
            used: float = page.evaluate("document.body.getBoundingClientRect().height")
            if used > chart["height"]:
                problems.append(f"{chart['id']}: {used:.0f} px in {chart['height']}")
    return problems
