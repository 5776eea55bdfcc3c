"""An embedded chart fits the frame whose height its index states."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from sitegen.build import build
from sitegen.publish import publish
from sitegen.site import Site
from tests.records import grid, inputs
from tests.sites import drawn, example_site, served

pytestmark = pytest.mark.browser

SMALLEST = 320
BLOG = 740
"""The column of a widespread theme."""


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


def too_high(browser: Browser, site: Site, url: str, width: int) -> list[str]:
    """The embedded charts that need more height than the index of charts says."""
    problems = []
    with browser.new_context() as context:
        page = context.new_page()
        for chart in json.loads(site["data/charts.json"])["charts"]:
            page.set_viewport_size({"width": width, "height": chart["height"]})
            page.goto(url + chart["embed"])
            drawn(page)
            used: float = page.evaluate("document.body.getBoundingClientRect().height")
            if used > chart["height"]:
                problems.append(f"{chart['id']}: {used:.0f} px in {chart['height']}")
    return problems
