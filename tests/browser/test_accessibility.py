"""axe finds no serious fault, in the light and in the dark."""

from collections.abc import Callable
from importlib.resources import files
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.sites import NARROW, WIDE, drawn, example_site

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")

SERIOUS = """async () => (await axe.run()).violations
  .filter(each => ["serious", "critical"].includes(each.impact))
  .flatMap(each => each.nodes.map(
    node => `${each.id}: ${node.target} ${node.failureSummary}`))"""


def one_of(kind: str) -> str:
    """A page of this kind, whichever comes first."""
    return next(
        path
        for path in sorted(example_site())
        if path.startswith(f"{kind}/") and not path.endswith("index.html")
    )


PAGES: dict[str, Callable[[], str]] = {
    "board": lambda: "index.html",
    "a model": lambda: one_of("models"),
    "a combo": lambda: one_of("combos"),
    "a task": lambda: one_of("tasks"),
    "tasks": lambda: "tasks/index.html",
    "analysis": lambda: "analysis.html",
    "data": lambda: "data.html",
    "methodology": lambda: "methodology.html",
    "an embedded chart": lambda: "embed/speed_vs_accuracy.html",
    "an unknown page": lambda: "404.html",
}


@pytest.mark.parametrize(("scheme", "width"), [("light", WIDE), ("dark", NARROW)])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(
    browser: Browser,
    example_url: str,
    name: str,
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    with browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}
    ) as context:
        page = context.new_page()
        page.goto(example_url + PAGES[name]())
        drawn(page)
        page.evaluate("document.querySelectorAll('details').forEach(e => e.open = 1)")
        page.add_script_tag(content=AXE)
        found = page.evaluate(SERIOUS)
    assert not found, "\n".join(found)


def test_axe_does_find_what_is_wrong(browser: Browser, example_url: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(example_url)
        page.evaluate(
            """() => {
                document.querySelector(".lead").style.color = "#ccc";
                document.querySelector("main").append(document.createElement("img"));
            }"""
        )
        page.add_script_tag(content=AXE)
        found = page.evaluate(SERIOUS)
    assert {each.split(":")[0] for each in found} == {"color-contrast", "image-alt"}
