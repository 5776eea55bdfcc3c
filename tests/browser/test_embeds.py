"""An embedded chart fits the frame whose height its index states."""

import json

import pytest
from playwright.sync_api import Browser

from tests.sites import drawn, example_site

pytestmark = pytest.mark.browser

SMALLEST = 320
BLOG = 740
"""The column of a widespread theme."""


@pytest.mark.parametrize("width", [SMALLEST, BLOG])
def test_no_embedded_chart_scrolls_within_its_frame(
    browser: Browser, example_url: str, width: int
) -> None:
    problems = []
    with browser.new_context() as context:
        page = context.new_page()
        for chart in json.loads(example_site()["data/charts.json"])["charts"]:
            page.set_viewport_size({"width": width, "height": chart["height"]})
            page.goto(example_url + chart["embed"])
            drawn(page)
            used: float = page.evaluate("document.body.getBoundingClientRect().height")
            if used > chart["height"]:
                problems.append(f"{chart['id']}: {used:.0f} px in {chart['height']}")
    assert not problems, "\n".join(problems)
