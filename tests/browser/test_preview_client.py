"""What an open page of `serve` does in a real browser."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from harness_bench.errors import SchemaError
from sitegen.serve import previewing
from sitegen.site import Site
from tests.needs import needs

pytestmark = pytest.mark.browser

BANNER = "#harness-bench-problems"


@pytest.fixture
def page() -> Iterator[Page]:
    chromium = needs("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        yield browser.new_page()
        browser.close()


@contextmanager
def previewed(csv: Path, port: int = 0) -> Iterator[str]:
    """A preview of a site with one page, which shows the file and a frame."""

    def build() -> tuple[Site, Sequence[Path]]:
        text = csv.read_text()
        if text.startswith("broken"):
            raise SchemaError(f"cells.csv:2: <b>{text}</b>, expected 0 or 1")
        frames = '<iframe src="embed/a.html"></iframe>' * 8
        policy = (
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'self'; style-src 'self'\">"
        )
        page = f"<!doctype html>{policy}<body><h1>{text}</h1>{frames}</body>"
        embed = f"<!doctype html>{policy}<body>{text}</body>"
        site = {"index.html": page.encode(), "embed/a.html": embed.encode()}
        return {**site, "favicon.ico": b""}, [csv]

    with previewing(build, watch=[csv], port=port, say=print) as url:
        yield url


def test_a_change_reloads_the_page_and_a_failure_is_told_in_it(
    tmp_path: Path, page: Page
) -> None:
    csv = tmp_path / "cells.csv"
    csv.write_text("one")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    with previewed(csv) as url:
        page.goto(url)
        for text in ("two", "three"):
            csv.write_text(text)
            expect(page.locator("h1")).to_have_text(text)
        csv.write_text("broken")
        expect(page.locator(BANNER)).to_contain_text("cells.csv:2: <b>broken</b>")
        expect(page.locator("h1")).to_have_text("three")
        box = page.locator(BANNER).bounding_box()
        assert box is not None
        assert box["y"] > 300, "the banner lies in a lower corner"
        page.reload()
        expect(page.locator(BANNER)).to_be_visible()
        csv.write_text("three")
        expect(page.locator(BANNER)).to_have_count(0)
    assert errors == []


def test_a_page_of_problems_becomes_the_site(tmp_path: Path, page: Page) -> None:
    csv = tmp_path / "cells.csv"
    csv.write_text("broken at first")
    with previewed(csv) as url:
        page.goto(url)
        expect(page.locator("li")).to_have_text(
            "cells.csv:2: <b>broken at first</b>, expected 0 or 1"
        )
        csv.write_text("broken again")
        expect(page.locator("li")).to_contain_text("broken again")
        csv.write_text("good")
        expect(page.locator("h1")).to_have_text("good")


def test_a_page_finds_the_preview_that_was_started_again(
    tmp_path: Path, page: Page
) -> None:
    csv = tmp_path / "cells.csv"
    csv.write_text("before")
    with previewed(csv) as url:
        page.goto(url)
        expect(page.locator("h1")).to_have_text("before")
    expect(page.locator(BANNER)).to_contain_text("the preview was stopped")
    csv.write_text("after")
    with previewed(csv, port=int(url.rstrip("/").rpartition(":")[2])):
        expect(page.locator("h1")).to_have_text("after", timeout=30_000)
        expect(page.locator(BANNER)).to_have_count(0)
