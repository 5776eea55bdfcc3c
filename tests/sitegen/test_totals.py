"""Totals as boards publish them: shown as such, and never made into trials."""

import csv
import io
from pathlib import Path

import pytest

from harness_bench.errors import BenchError
from sitegen.build import build
from sitegen.inputs import read_inputs
from sitegen.notebook import standings
from sitegen.stats.intervals import wilson
from sitegen.totals_page import totals_file
from tests.sites import broken_links, page_text

BOARD = """\
model,test_cases,edit_format,pass_num_1,pass_num_2
small,225,whole,9,20
big,225,diff,90,198
"""
SETTINGS = """\
[input]
columns = { n = "test_cases", passed = "pass_num_2", passed_first = "pass_num_1" }
defaults = { harness = "aider" }
"""


def _board(folder: Path, rows: str = BOARD, settings: str = SETTINGS) -> Path:
    (folder / "site.toml").write_text(settings)
    path = folder / "board.csv"
    path.write_text(rows)
    return path


def _refused(*paths: Path) -> str:
    with pytest.raises(BenchError) as caught:
        read_inputs(paths)
    return str(caught.value)


def test_the_board_has_intervals_over_n_and_neither_rank_nor_tier(
    tmp_path: Path,
) -> None:
    inputs = read_inputs([_board(tmp_path)])
    site = build(inputs)

    assert [*inputs.records] == []
    assert site["data/totals.csv"] == totals_file(inputs.totals).csv()
    assert sorted(path for path in site if path.endswith(".html")) == [
        "404.html",
        "index.html",
    ]
    page = page_text(site, "index.html")
    assert "big passed 88.0 %, the highest rate of 2 entries. These are totals" in page
    assert not {"Rank", "Tier"} & set(page.split())
    first, second = csv.DictReader(io.StringIO(site["data/totals.csv"].decode()))
    assert (first["model"], first["harness"], first["passed_first"]) == (
        *("big", "aider"),
        "90",
    )
    found = wilson(20, 225)
    assert found is not None
    assert float(second["ci_low"]) == pytest.approx(found.low, abs=1e-6)
    assert float(second["ci_high"]) == pytest.approx(found.high, abs=1e-6)


def test_no_address_leads_nowhere_whatever_the_author_says(tmp_path: Path) -> None:
    said = (
        "[site]\nstatus = 'preliminary'\nnote = 'Of June.'\n"
        "base_url = 'https://example.org/b'\n"
    )
    site = build(read_inputs([_board(tmp_path, settings=said + SETTINGS)]))

    pages = {path: text for path, text in site.items() if path.endswith(".html")}
    assert broken_links(pages, site) == []
    assert "Preliminary. Of June." in page_text(site, "index.html")
    assert "https://example.org/b/" in site["sitemap.xml"].decode()


def test_entries_with_one_rate_are_in_no_order(tmp_path: Path) -> None:
    rows = "model,n,passed\na,10,5\nb,20,10\n"

    page = page_text(build(read_inputs([_board(tmp_path, rows, "")])), "index.html")

    assert "2 entries passed 50.0 %, the highest rate of 2 entries." in page


def test_totals_beside_trials_are_refused_and_what_to_do_is_said(
    tmp_path: Path,
) -> None:
    trials = tmp_path / "cells.csv"
    trials.write_text("model,harness,task,passed\nm,h,t,1\n")

    said = _refused(trials, _board(tmp_path, "model,n,passed\na,10,5\n", ""))

    assert said == (
        "board.csv:1: its rows are totals, but those of cells.csv are trials: no"
        " ranking can hold both; build a site of each"
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,10,11", "passed is 11 and n is 10, expected counts, passed of n"),
        ("a,0,0", "passed is 0 and n is 0, expected counts, passed of n"),
        ("a,10,", "passed is None and n is 10, expected counts, passed of n"),
        ("a,10,0.5", "passed is '0.5', expected a whole number"),
        (",10,5", "model is empty"),
        ("b,10,5", "'b' is there twice"),
    ],
)
def test_rows_that_are_no_totals_are_named(tmp_path: Path, row: str, said: str) -> None:
    path = _board(tmp_path, f"model,n,passed\nb,1,1\n{row}\n", "")

    assert _refused(path) == f"board.csv:3: {said}"


def test_small_totals_are_kept_back_while_cells_are_private(tmp_path: Path) -> None:
    rows = "model,n,passed\na,10,5\nb,4,2\n"
    path = _board(tmp_path, rows, "")

    assert [each.names[0] for each in read_inputs([path]).totals] == ["a"]
    _board(tmp_path, rows, "[publish]\ncells = true\n")
    assert {each.names[0] for each in read_inputs([path]).totals} == {"a", "b"}
    _board(tmp_path, "model,n,passed\nb,4,2\n", "")
    assert "totals of fewer than 5 kept back: 1" in _refused(path)


def test_a_notebook_has_no_standings_of_totals(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="its rows are totals, not trials"):
        standings(_board(tmp_path))
