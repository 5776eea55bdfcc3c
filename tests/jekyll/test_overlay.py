"""Posts of a Jekyll blog that quote a site by its includes."""

import csv
import gzip
import html
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page

from sitegen.build import build
from sitegen.inputs import read_inputs
from sitegen.jekyll import overlay
from sitegen.new_post import draft
from sitegen.pins import snapshot
from sitegen.publish import MANIFEST, publish
from sitegen.published import Published
from sitegen.quotes import Quote, at, quoted, quotes
from sitegen.render import includes
from sitegen.site import Site
from tests.blogs import TROUBLE, jekyll, write_blog
from tests.needs import needs
from tests.odd_names import ODD, written
from tests.sites import (
    EXAMPLE,
    NARROW,
    WIDE,
    as_asked,
    broken_links,
    chromium,
    example_site,
    served,
    watched,
)

pytestmark = [pytest.mark.jekyll, pytest.mark.browser]

FOLDER = "bench"
URL = "https://blog.example"
LINES = [
    (
        'Pi: {% include harness-bench/value.html of="q4/harnesses" harness="pi"'
        ' field="rate" %}, {% include harness-bench/value.html of="q4/tasks"'
        ' task="pt7_prompt_blend" field="rate" digits=0 %} and {% include'
        ' harness-bench/value.html of="quant_pairs" model="gpt-oss-20b" task=""'
        ' field="delta" %}.'
    ),
    '{% include harness-bench/chart.html id="speed_vs_accuracy" %}',
    '{% include harness-bench/chart.html id="q8/audit" theme="dark" %}',
    (
        '{% include harness-bench/table.html of="combos" top=8'
        ' columns="model, quant, harness, passed, agent_time_mean_s:Mean time" %}'
    ),
    '{% include harness-bench/table.html of="audit" harness="Qwen Code" %}',
    (
        "| a | b |\n|---|---|\n| x | {% include harness-bench/value.html"
        ' of="q4/models" model="Qwen3.6-27B" field="passed" %} |'
    ),
]
ANALYSIS = next((EXAMPLE.parent / "posts").iterdir())
COUNTS = {"figure.harness-bench": 8, "div.harness-bench": 6}
COUNTS |= {".hb-value": 53, ".hb-claim": 12}
"""What the analysis shows in a blog, where two charts more are under it."""
MORE = (
    '\n\n{% include harness-bench/chart.html id="success_within_budget" %}\n\n'
    '{% include harness-bench/chart.html id="q8/audit" theme="dark" %}\n'
)


def put(site: Site, blog: Path, folder: str = FOLDER) -> None:
    """A site and what posts include, in the source of a blog."""
    publish(site, blog / folder)
    put_includes(site, blog, folder)


def put_includes(site: Site, blog: Path, folder: str = FOLDER) -> None:
    """Only what posts include: all that Jekyll needs to make a post of them."""
    for name, files in overlay(site, folder, includes(None)).items():
        publish(files, blog / name)


def post_of(out: Path) -> str:
    [path] = out.rglob("which-model.html")
    return path.read_text("utf-8")


def quotes_of(markup: str) -> list[str]:
    """What the includes made, without the spelling that kramdown gives it."""
    plain = html.unescape(markup.replace(" />", ">")).replace('defer=""', "defer")
    found = re.findall(
        r'<span class="hb-value">.*?</span>|<(?:figure|div) class="harness-bench".*?'
        r"</script>\s*(?:</figcaption>)?\s*</(?:figure|div)>",
        plain,
        re.DOTALL,
    )
    return [
        " ".join(re.sub(r"(?<=>)\s+|\s+(?=<)", " ", each).split()) for each in found
    ]


@pytest.fixture(scope="module", params=["", "/x/y"], ids=["at-the-root", "below-x-y"])
def blog(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str, str, str]]:
    needs("jekyll")
    baseurl: str = request.param
    folder = tmp_path_factory.mktemp("overlay")
    write_blog(folder / "source", baseurl, LINES)
    text = ANALYSIS.read_text("utf-8") + MORE
    (folder / "source" / "_posts" / ANALYSIS.name).write_text(text, "utf-8")
    write_blog(folder / "plain", baseurl, ["One line."])
    put(example_site(), folder / "source")
    out = folder / f"served{baseurl}"
    said = jekyll(folder / "source", out)
    assert said == jekyll(folder / "plain", folder / "plain_out")
    assert TROUBLE.findall(said) == []
    (folder / "served" / "favicon.ico").touch()
    with served(folder / "served") as url:
        yield out, baseurl, url.rstrip("/"), said


def test_includes_say_what_the_site_says(blog: tuple[Path, str, str, str]) -> None:
    out, baseurl, _, _ = blog
    published = Published(files=example_site())
    place = at(f"{baseurl}/{FOLDER}/")
    wanted = [
        quoted(each, published, place)
        for each in quotes("\n\n".join(LINES))
        if isinstance(each, Quote)
    ]
    whole = post_of(out).replace(URL, "")
    assert quotes_of(whole) == quotes_of("\n".join(wanted))
    assert len(wanted) == 8


def test_all_that_the_post_needs_is_there(blog: tuple[Path, str, str, str]) -> None:
    out, baseurl, _, _ = blog
    files = [p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()]
    markup = post_of(out).replace(URL, "")
    markup = re.sub(r'srcset="', 'src="', markup)
    assert broken_links({"post.html": markup.encode()}, files, baseurl) == []
    ours = {path for path in files if path.startswith(f"{FOLDER}/")}
    assert ours - {f"{FOLDER}/{MANIFEST}"} == {f"{FOLDER}/{p}" for p in example_site()}
    assert not any("harness-bench/" in path for path in files)


def test_the_feed_has_pictures_and_links_of_any_reader(
    blog: tuple[Path, str, str, str],
) -> None:
    out, baseurl, _, _ = blog
    feed = ET.parse(out / "feed.xml").getroot()  # noqa: S314 - our own blog's
    content = feed.findtext(".//{*}entry/{*}content") or ""
    pictures = re.findall(r'<img src="([^"]*)"', content)
    assert [each.removeprefix(f"{URL}{baseurl}/{FOLDER}/") for each in pictures] == [
        "charts/speed_vs_accuracy.svg",
        "charts/q8/audit.svg",
    ]
    shown = re.findall(r'srcset="([^"]*)"', content)
    assert len(shown) == 2 * len(pictures)
    assert all(each.startswith(f"{URL}{baseurl}/{FOLDER}/charts/") for each in shown)
    links = re.findall(r'<a href="([^"]*)"', content)
    assert links
    assert all(each.startswith(f"{URL}{baseurl}/{FOLDER}/") for each in links)


def test_a_post_that_the_data_start_is_whole_in_a_blog(tmp_path: Path) -> None:
    needs("jekyll")
    source = tmp_path / "source"
    write_blog(source, "", ["One line."])
    put_includes(example_site(), source)
    published = Published(files=example_site())
    name, text = draft(published, "A: first look", "2026-11-02")
    (source / "_posts" / name).write_text(text)
    assert TROUBLE.findall(jekyll(source, tmp_path / "out")) == []
    [path] = (tmp_path / "out").rglob("a-first-look.html")
    wanted = [
        quoted(each, published, at(f"/{FOLDER}/"))
        for each in quotes(text)
        if isinstance(each, Quote)
    ]
    whole = path.read_text("utf-8").replace(URL, "")
    assert quotes_of(whole) == quotes_of("\n".join(wanted))
    assert "<strong>Qwen3.6-27B UD-Q4_K_XL pi</strong>" in whole


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


_ILL_PLACED = """() => [...document.querySelectorAll("figure.harness-bench")].filter(
  figure => {
    const [picture, img, words] = [".picture", "img", "figcaption"].map(
      each => figure.querySelector(each).getBoundingClientRect());
    const {naturalWidth, naturalHeight} = figure.querySelector("img");
    const voids = [img.top - figure.getBoundingClientRect().top,
      picture.height - img.height, words.top - img.bottom];
    return !(Math.max(...voids) <= 8
      && Math.abs(img.width / img.height - naturalWidth / naturalHeight) < .01
      && img.right <= figure.parentElement.getBoundingClientRect().right + 1);
  }).map(each => each.dataset.chart)"""
"""The charts with more than 8 px of nothing around their picture, or with it cut."""


@pytest.mark.parametrize("turn", range(2))
def test_the_analysis_is_whole_in_a_blog_whatever_its_light_and_width(
    blog: tuple[Path, str, str, str], browser: Browser, turn: int
) -> None:
    _, baseurl, url, _ = blog
    # A place, a width and a light do not change what another does.
    width = ((NARROW, 740) if baseurl else (WIDE, 320))[turn]
    odd = turn == 0
    page: Page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if odd else "light",
    )
    # Its own address stands in for the one that the blog will have.
    page.route(
        f"{URL}/**",
        lambda r: r.fulfill(response=r.fetch(url=r.request.url.replace(URL, url))),
    )
    bodies: dict[str, int] = {}
    page.on("response", lambda r: bodies.update({r.url: len(gzip.compress(r.body()))}))
    watch = watched(page, url)
    page.goto(f"{url}{baseurl}/2026/04/28/{ANALYSIS.stem[11:]}.html")
    page.wait_for_selector(".harness-bench .explore", state="attached")
    page.wait_for_load_state("networkidle")
    assert not [each for each in bodies if "plotly" in each]
    assert sum(bodies.values()) <= 8 * 25_000
    shown = {each: page.locator(each).count() for each in COUNTS}
    assert shown == COUNTS
    assert page.evaluate(_ILL_PLACED) == []
    assert page.evaluate("[...document.querySelectorAll('main [id]')].length") == len(
        page.query_selector_all("main :is(h1, h2, h3)[id]")
    )
    themes = (
        "[...document.querySelectorAll('figure.harness-bench')]"
        ".map(each => each.dataset.theme)"
    )
    assert page.evaluate(themes) == ["light"] * 7 + ["dark"]
    page.add_style_tag(content="body { background: #111; }")
    page.wait_for_function(f"{themes}.every(each => each === 'dark')")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert as_asked(example_site(), page, NARROW if width <= 736 else WIDE) == []
    names = page.evaluate(
        "[...document.querySelectorAll('.live')].map(each => each.ariaLabel)"
    )
    assert [each for each in names if not re.match(r"\w.+\. Arrow keys", each)] == []
    assert sum("plotly" in each for each in scripts(page)) == 1
    own = f"other host: {URL}/"
    assert [each for each in watch.faults if not each.startswith(own)] == []
    page.close()


def scripts(page: Page) -> list[str]:
    """Addresses of the scripts that a page has."""
    found: list[str] = page.evaluate("[...document.scripts].map(each => each.src)")
    return found


def test_500_names_are_shown_as_they_are_in_jekyll_and_nothing_runs(
    tmp_path: Path, browser: Browser
) -> None:
    names = [f"{name} {number}" for number in range(10) for name in ODD[:50]]
    keys = {"model": names[:167], "harness": names[167:333], "task": names[333:]}
    cells = written(tmp_path, models=(), harnesses=(), tasks=())
    with cells.open("a", encoding="utf-8", newline="") as file:
        for row in zip_longest(*keys.values(), fillvalue="last"):
            csv.writer(file).writerow(["", row[0], "", *row[1:], "1", "9", "1", "read"])
    site = build(read_inputs([cells]))
    published = Published(files=site)
    lines, wanted = [], []
    for table, key in (
        ("models", "model"),
        ("harnesses", "harness"),
        ("tasks", "task"),
    ):
        shown = [row[key] for row in published.rows(table)]
        assert {*shown} - {"last"} == {each.strip() for each in keys[key]}
        lines.append(
            f'{{% include harness-bench/table.html of="{table}" columns="{key}" %}}'
        )
        wanted += shown
    write_blog(tmp_path / "blog", "", lines)
    put_includes(site, tmp_path / "blog")
    assert TROUBLE.findall(jekyll(tmp_path / "blog", tmp_path / "out")) == []
    page = browser.new_page()
    ran: list[str] = []

    def note(each: Dialog) -> None:
        ran.append(each.message)
        each.dismiss()

    page.on("dialog", note)
    [path] = (tmp_path / "out").rglob("which-model.html")
    page.goto(path.as_uri())
    cells_shown = "[...document.querySelectorAll('td')]"
    assert page.evaluate(f"{cells_shown}.map(each => each.textContent)") == wanted
    assert page.evaluate(f"{cells_shown}.every(each => !each.children.length)")
    assert ran == []
    page.close()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{% include harness-bench/chart.html id="adit" %}', "no-chart-adit"),
        ('{% include harness-bench/table.html of="adit" %}', "no-table-adit"),
        (
            '{% include harness-bench/value.html of="audit" harness="x" field="ran" %}',
            "no-row-of-audit-with-harness-x",
        ),
        (
            '{% include harness-bench/value.html of="audit" field="ran" %}',
            "several-rows-of-audit",
        ),
        ('{% include harness-bench/claim.html id="x" %}', "no-claim-x"),
        (
            '{% include harness-bench/chart.html id="audit" theme="pink" %}',
            "no-theme-pink",
        ),
        *(
            (
                f'{{% include harness-bench/table.html of="audit" top="{top}" %}}',
                f"top-is-no-whole-number-{top}",
            )
            for top in ("x", "0", "1.5")
        ),
    ],
)
def test_a_mistake_ends_the_build_of_the_blog(
    tmp_path: Path, line: str, told: str
) -> None:
    write_blog(tmp_path / "blog", "", [line])
    put_includes(example_site(), tmp_path / "blog")
    with pytest.raises(AssertionError, match=f"harness-bench/{told}"):
        jekyll(tmp_path / "blog", tmp_path / "out")


def test_a_post_of_a_day_keeps_its_numbers(tmp_path: Path) -> None:
    site = dict(example_site())
    kept = snapshot(site)
    then = kept["data/q4/harnesses.json"].replace(b'"passed": 123', b'"passed": 99')
    kept["data/q4/harnesses.json"] = then
    site |= {f"pins/2026-04-28/{path}": content for path, content in kept.items()}
    line = (
        '{% include harness-bench/value.html of="q4/harnesses" harness="pi"'
        ' field="passed" %} {% include harness-bench/chart.html id="audit" %}'
    )
    write_blog(tmp_path / "blog", "", [line])
    [post] = (tmp_path / "blog" / "_posts").iterdir()
    post.write_text(post.read_text().replace("---\n", "---\ndata: 2026-04-28\n", 1))
    put(site, tmp_path / "blog")
    jekyll(tmp_path / "blog", tmp_path / "out")
    markup = post_of(tmp_path / "out")
    assert '<span class="hb-value">99</span>' in markup
    assert f"{FOLDER}/pins/2026-04-28/charts/audit.svg" in markup


def test_nothing_is_left_of_an_overlay_that_is_removed(tmp_path: Path) -> None:
    program = (sys.executable, "-m", "harness_bench")
    write_blog(tmp_path, "", ["One line."])
    (tmp_path / "cells.csv").write_text("model,harness,task,passed\nm,h,t,1\n")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    done = subprocess.run(
        [*program, "build", "cells.csv", "--out", FOLDER, "--target", "jekyll"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "values: {sitemap: false}" in done.stderr
    made = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    ours = (FOLDER, "_includes/harness-bench", "_data/harness-bench")
    assert made
    assert all(
        any(path.is_relative_to(tmp_path / folder) for folder in ours) for path in made
    )
