"""Long tables go on, on further pages."""

import re
from dataclasses import replace

import pytest

from sitegen.build import build
from sitegen.inputs import read_inputs
from sitegen.parts import FIRST
from sitegen.site import Site
from tests.records import grid, inputs, with_publish
from tests.sites import EXAMPLE, Document, broken_links, example_site, page_text

N = 460
MOST_BYTES = 300_000


@pytest.fixture(scope="module")
def site() -> Site:
    models = {f"model-{i:03d}//h": {"t": "+", "u": "-+"[i % 2]} for i in range(N)}
    rows = grid(models)
    timed = [
        replace(row, agent_time_s=float(20 + at * 7919 % 500))
        for at, row in enumerate(rows)
    ]
    return build(inputs(timed))


def test_every_row_is_on_one_page_and_each_page_leads_on(site: Site) -> None:
    def rows(path: str) -> list[str]:
        return re.findall(r'href="[./]*combos/([^"]+)\.html"', site[path].decode())

    parts = ["index.html", "more/index/board-2.html", "more/index/board-3.html"]
    assert "more/index/board-4.html" not in site
    found = [rows(path) for path in parts]
    listed = [[row for row in part if row.startswith("model-")] for part in found]
    assert len(set(listed[0])) >= FIRST
    assert len({row for part in listed for row in part}) == N
    assert "Rows 151 to 400 of 460" in page_text(site, parts[1])
    assert "more/index/board-2.html" in Document(site["index.html"]).addresses
    assert "board-3.html" in Document(site[parts[1]]).addresses
    aims = ("methodology.html", "analysis.html", "data.html")
    pages = {path: site[path] for path in (*parts, *aims)}
    assert not broken_links(pages, site)


def test_the_boards_script_gets_the_rows_that_are_not_on_the_page(site: Site) -> None:
    script = site["board/all-rows.js"].decode()
    assert script.count("combos/model-") == N - FIRST
    assert b'data-rows="board/all-rows.js"' in site["index.html"]


@pytest.mark.parametrize("which", ["made", "example", "example, cells private"])
def test_no_page_is_larger_than_a_phone_cares_to_load(site: Site, which: str) -> None:
    found = site if which == "made" else example_site()
    if "private" in which:
        found = build(with_publish(read_inputs([EXAMPLE]), cells=False))
    large = {
        path: len(content)
        for path, content in found.items()
        if path.endswith(".html") and len(content) > MOST_BYTES
    }
    assert not large


def test_a_table_that_fits_stays_whole() -> None:
    few = build(inputs(grid({f"m{i}//h": {"t": "+", "u": "-"} for i in range(30)})))
    assert not [path for path in few if path.startswith("more/")]
    assert b"data-rows" not in few["index.html"]
