"""The example, dropped as it is into a blog that a real Jekyll builds."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page

from sitegen.publish import MANIFEST, publish
from tests.blogs import TROUBLE, jekyll, write_blog
from tests.needs import needs
from tests.sites import (
    NARROW,
    WIDE,
    Document,
    as_asked,
    broken_links,
    chromium,
    example_site,
    pages_of,
    served,
    types_asked,
    watched,
)

pytestmark = [pytest.mark.jekyll, pytest.mark.browser]

FOLDER = "bench"
CHARTS = ("speed_vs_accuracy", "model_harness_heatmap")
"""In the post: the first by `--jekyll`, the second by its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blog:
    """A blog with our site in it, built."""

    baseurl: str
    out: Path
    """What Jekyll wrote."""
    said: str
    """Everything that Jekyll said, on both streams."""
    said_without_us: str
    """What it says of the same blog without our site and charts."""
    url: str
    """Where it is served, with a slash."""


def embed_line(site: Path, chart: str, *options: str) -> str:
    """The line that the command prints for a post."""
    program = (sys.executable, "-m", "harness_bench", "embed")
    done = subprocess.run(
        [*program, chart, "--site", site, *options],
        capture_output=True,
        text=True,
        check=True,
    )
    [line] = done.stdout.splitlines()
    return line


@pytest.fixture(scope="module", params=["", "/x/y"], ids=["at-the-root", "below-x-y"])
def blog(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Blog]:
    needs("jekyll")
    baseurl: str = request.param
    folder = tmp_path_factory.mktemp("jekyll")
    site, source, plain = folder / "site", folder / "source", folder / "plain"
    publish(example_site(), site)
    lines = [
        embed_line(site, CHARTS[0], "--jekyll", f"/{FOLDER}"),
        embed_line(site, CHARTS[1], "--base-url", f"{baseurl}/{FOLDER}/"),
    ]
    write_blog(source, baseurl, lines)
    write_blog(plain, baseurl, ["One line.", "Another line."])
    site.rename(source / FOLDER)
    out = folder / f"served{baseurl}"
    said = jekyll(source, out)
    said_without_us = jekyll(plain, folder / "plain_out")
    # Minima has no icon, so that browsers ask for this one.
    (folder / "served" / "favicon.ico").touch()
    with served(folder / "served") as url:
        yield Blog(
            baseurl=baseurl,
            out=out,
            said=said,
            said_without_us=said_without_us,
            url=f"{url.rstrip('/')}{baseurl}/",
        )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": WIDE, "height": 900}) as context:
        yield context.new_page()


def post_path(blog: Blog) -> str:
    """Where Jekyll put the post."""
    [path] = blog.out.rglob("which-model.html")
    return path.relative_to(blog.out).as_posix()


def test_jekyll_says_nothing_that_it_does_not_say_without_us(blog: Blog) -> None:
    assert blog.said == blog.said_without_us
    assert TROUBLE.findall(blog.said) == []


def test_every_file_comes_out_as_it_went_in(blog: Blog) -> None:
    ours = blog.out / FOLDER
    found = {
        path.relative_to(ours).as_posix(): path.read_bytes()
        for path in ours.rglob("*")
        if path.is_file()
    }
    site = example_site()
    assert sorted(found.keys() - {MANIFEST}) == sorted(site)
    assert [path for path in site if found[path] != site[path]] == []


def test_every_link_leads_to_a_file(blog: Blog) -> None:
    files = [
        path.relative_to(blog.out).as_posix()
        for path in blog.out.rglob("*")
        if path.is_file()
    ]
    ours = {f"{FOLDER}/{path}" for path in pages_of(example_site())}
    pages = {path: (blog.out / path).read_bytes() for path in [*ours, post_path(blog)]}
    problems = broken_links(pages, files, blog.baseurl)
    assert not problems, "\n".join(problems)


def test_the_post_holds_both_frames_at_their_addresses(blog: Blog) -> None:
    document = Document((blog.out / post_path(blog)).read_bytes())
    frames = [each for each in document.addresses if "/embed/" in each]
    expected = [f"{blog.baseurl}/{FOLDER}/embed/{chart}.html" for chart in CHARTS]
    assert frames == expected


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_both_charts_of_the_post_are_drawn(blog: Blog, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    watch = watched(page, blog.url)
    page.goto(blog.url + post_path(blog))
    for chart in CHARTS:
        element = page.locator(f"iframe[src*='embed/{chart}']")
        element.scroll_into_view_if_needed()
        frame = element.element_handle().content_frame()
        assert frame is not None
        room = frame.evaluate("innerWidth")
        wanted = types_asked(example_site(), chart, 390 if room <= 736 else WIDE)
        assert drawn_types(frame) == wanted
        frame_is_full = frame.evaluate(
            "document.documentElement.scrollHeight <= innerHeight"
            " && document.documentElement.scrollWidth <= innerWidth"
        )
        assert frame_is_full, f"{chart}: the frame scrolls"
    assert watch.faults == []


def drawn_types(frame: Frame) -> list[str]:
    """The trace types of the one chart in a frame."""
    frame.hover(".picture")
    frame.wait_for_selector("figure[data-drawn=true]", timeout=30_000)
    types: list[str] = frame.evaluate(
        "document.querySelector('.live')._fullData.map(trace => trace.type)"
    )
    return types


@pytest.mark.parametrize("path", ["index.html", "analysis.html", "404.html"])
def test_pages_work_where_the_blog_stands(blog: Blog, page: Page, path: str) -> None:
    watch = watched(page, blog.url)
    page.goto(f"{blog.url}{FOLDER}/{path}")
    assert as_asked(example_site(), page, WIDE) == []
    assert watch.faults == []


def test_the_navigation_leads_through_the_site(blog: Blog, page: Page) -> None:
    watch = watched(page, blog.url)
    page.goto(f"{blog.url}{FOLDER}/")
    for section in ("Models", "Harnesses", "Tasks", "Analysis", "Data", "Method"):
        page.get_by_role("navigation").get_by_role("link", name=section).click()
        here = page.locator(".top [aria-current=page]")
        assert here.inner_text() == section
    page.locator("a.brand").click()
    page.wait_for_url(f"{blog.url}{FOLDER}/index.html")
    assert watch.faults == []
