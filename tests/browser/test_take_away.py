"""What a reader takes away: a table as Markdown, a chart as PNG."""

import struct
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.sites import NARROW, WIDE, example_site

pytestmark = pytest.mark.browser


def opened(browser: Browser, url: str, width: int = WIDE) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 800})
    if url.startswith("http"):
        context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(url)
    return page


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as files, without a server."""
    made = tmp_path_factory.mktemp("site")
    for path, content in example_site().items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_bytes(content)
    return made


def test_a_table_is_copied_with_the_rows_that_are_shown(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, example_url)
    box = page.locator("[data-board]")
    page.get_by_role("searchbox", name="Find rows").fill("gpt-oss-120b")
    box.locator(".copy").click()
    box.locator(".copy", has_text="Copied").wait_for()
    lines = str(page.evaluate("navigator.clipboard.readText()")).splitlines()
    assert lines[0].startswith("| ")
    assert set(lines[1]) <= set("| -:")
    assert lines[2:]
    assert len(lines) - 2 == box.locator("tbody tr:visible").count()
    rows = [line for line in lines[2:] if "](" in line]
    assert len(rows) == 5
    assert all("gpt-oss-120b" in line for line in rows)
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
    assert f"]({example_url.rsplit('/', 1)[0]}/" in rows[0]


def png_of(page: Page) -> tuple[str, bytes]:
    with page.expect_download() as waited:
        page.locator("figure .png").first.click()
    return waited.value.suggested_filename, Path(waited.value.path()).read_bytes()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_chart_is_saved_as_png_from_a_folder_too(
    browser: Browser, folder: Path, width: int
) -> None:
    page = opened(browser, (folder / "index.html").as_uri(), width)
    name, content = png_of(page)
    assert name == "speed_vs_accuracy.png"
    assert content.startswith(b"\x89PNG")
    across, down = struct.unpack(">II", content[16:24])
    assert across == 2 * 920
    assert down > 500
    assert len(content) > 20_000


def test_the_picture_is_the_same_in_the_dark(browser: Browser, folder: Path) -> None:
    page = opened(browser, (folder / "index.html").as_uri())
    light = png_of(page)
    page.emulate_media(color_scheme="dark")
    assert png_of(page) == light
