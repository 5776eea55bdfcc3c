"""Pages of the example in a real browser: charts, errors, hosts, width.

Of a kind with many pages some are opened; `make torture` opens all.
"""

import os
from pathlib import PurePosixPath

import pytest
from playwright.sync_api import Browser, Page

from tests.sites import (
    NARROW,
    WIDE,
    as_asked,
    example_site,
    pages_of,
    watched,
)

pytestmark = pytest.mark.browser

ALL = os.environ.get("HARNESS_BENCH_PAGES") == "all"

SHARES = 10
"""Tests into which the pages are dealt, so that all processors have work."""

MANY = 10
"""Pages from which on a kind of them has many."""

SOME = 1 if ALL else 3
"""Of how many pages of such a kind one is opened."""

SMALLEST = 320
"""The narrowest window that accessibility guidelines know."""

SIDEWAYS = """() => {
  document.querySelectorAll("details").forEach(each => { each.open = true; });
  const room = document.documentElement.clientWidth;
  const wide = [document.documentElement, document.body].map(e => e.scrollWidth);
  return [room, Math.max(...wide)];
}"""


def dealt(share: int) -> list[tuple[int, str]]:
    """The pages of one share, each with the width of a window.

    Of a kind with many pages those that are opened are wide and narrow by turns; those
    of other kinds are both.
    """
    kinds: dict[PurePosixPath, list[str]] = {}
    for path in pages_of(example_site()):
        kinds.setdefault(PurePosixPath(path).parent, []).append(path)
    found = [
        (width, path)
        for pages in kinds.values()
        for at, path in enumerate(pages[:: SOME if len(pages) >= MANY else 1])
        for turn, width in enumerate((WIDE, NARROW))
        if turn == at % 2 or len(pages) < MANY
    ]
    return found[share::SHARES]


def sideways(page: Page, path: str) -> list[str]:
    """What is wrong with the width of a page, all its tables opened."""
    room, used = page.evaluate(SIDEWAYS)
    return [f"{path}: {used} px wide in {room}"] if used > room else []


@pytest.mark.parametrize("share", range(SHARES))
def test_every_chart_is_drawn_as_asked_and_nothing_goes_wrong(
    browser: Browser, example_url: str, share: int
) -> None:
    site, problems = example_site(), []
    with browser.new_context() as context:
        page = context.new_page()
        watch = watched(page, example_url)
        for width, path in sorted(dealt(share)):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(example_url + path)
            found = as_asked(site, page, width) + watch.faults
            problems += [f"{path}: {each}" for each in found]
            problems += sideways(page, path)
            watch.faults.clear()
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("share", range(6 if ALL else 1))
def test_no_page_scrolls_sideways_on_the_smallest_screen(
    browser: Browser, example_url: str, share: int
) -> None:
    problems = []
    size = {"width": SMALLEST, "height": 640}
    with browser.new_context(viewport=size) as context:  # type: ignore[arg-type]
        page = context.new_page()
        for path in pages_of(example_site())[share::6]:
            page.goto(example_url + path)
            assert as_asked(example_site(), page, SMALLEST) == []
            problems += sideways(page, path)
    assert not problems, "\n".join(problems)
