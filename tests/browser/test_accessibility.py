"""axe finds no serious fault, in the light and in the dark."""

from collections.abc import Callable
from importlib.resources import files
from typing import Literal

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.sites import NARROW, WIDE, drawn, example_site

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")

SERIOUS = """async rules => (await axe.run(rules)).violations
  .filter(each => ["serious", "critical"].includes(each.impact))
  .flatMap(each => each.nodes.map(
    node => `${each.id}: ${node.target} ${node.failureSummary}`))"""


BY_SIGHT = ["color-contrast", "link-in-text-block"]
"""Rules that ask of each element what is drawn behind it: most of the time by far."""

IN_THE_OTHER = [*BY_SIGHT, "scrollable-region-focusable"]
"""Rules that may find something in another light or width alone."""

ONE_OF_EACH = """() => {
  const told = new Set(["class", "role", "style", "type"]);
  const shape = node => node.nodeType !== 1 ? (node.data.trim() ? "text" : "")
    : `<${node.tagName} ${[...node.attributes].map(
      each => each.name + (told.has(each.name) ? each.value : ""))}>`
      + [...node.childNodes].map(shape).join("");
  for (const body of document.querySelectorAll("tbody")) {
    const known = new Set();
    for (const row of [...body.rows]) {
      if (known.size === known.add(shape(row)).size) row.remove();
    }
  }
}"""
"""Leaves of the rows of a table that have the same elements, classes and styles one."""


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
        found = page.evaluate(SERIOUS, but(BY_SIGHT)) if scheme == "light" else []
        page.evaluate(ONE_OF_EACH)
        by_sight = BY_SIGHT if scheme == "light" else IN_THE_OTHER
        found += page.evaluate(SERIOUS, {"runOnly": by_sight})
    assert not found, "\n".join(found)


def but(rules: list[str]) -> dict[str, object]:
    """What to tell axe, so that it follows all its rules but these."""
    return {"rules": {rule: {"enabled": False} for rule in rules}}


def test_axe_does_find_what_is_wrong(browser: Browser, example_url: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(example_url)
        page.evaluate(
            """() => {
                document.querySelector(".lead").style.color = "#ccc";
                document.querySelector("main").append(document.createElement("img"));
                const rows = [...document.querySelectorAll("tbody tr")];
                const last = rows.findLast(row => row.checkVisibility());
                last.cells[0].innerHTML = "<em style='color: #ccc'>odd</em>";
            }"""
        )
        page.add_script_tag(content=AXE)
        found = page.evaluate(SERIOUS, but(BY_SIGHT))
        page.evaluate(ONE_OF_EACH)
        found += page.evaluate(SERIOUS, {"runOnly": BY_SIGHT})
    kinds = [each.split(":")[0] for each in found]
    assert sorted(kinds) == ["color-contrast", "color-contrast", "image-alt"]


@pytest.mark.parametrize("width", [WIDE, NARROW, 320])
@pytest.mark.parametrize("name", ["board", "analysis", "data"])
def test_what_is_pressed_is_large_enough_with_a_live_chart_too(
    browser: Browser, example_url: str, name: str, width: int
) -> None:
    size: ViewportSize = {"width": width, "height": 900}
    with browser.new_context(viewport=size) as context:
        page = context.new_page()
        page.goto(example_url + PAGES[name]())
        if name != "data":
            page.locator("[data-chart] .explore").first.click()
            page.wait_for_selector(".zoom button")
        page.evaluate("document.querySelectorAll('details').forEach(e => e.open = 1)")
        page.evaluate(AXE)
        rules = {"runOnly": {"type": "rule", "values": ["target-size"]}}
        assert page.evaluate(SERIOUS, rules) == []
