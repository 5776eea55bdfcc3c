"""Cells: what they show, and what their column is sorted by."""

from dataclasses import replace
from fractions import Fraction
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.keys import HarnessKey
from sitegen.names import Entity, Names
from sitegen.stats.intervals import Interval
from sitegen.stats.standings import Standing
from sitegen.table import (
    EMPTY,
    MEASURES,
    Cell,
    Column,
    Table,
    count_cell,
    interval_cell,
    measures,
    percent_cell,
    plain_cell,
    rank_cell,
    task_results,
    time_cell,
)

NOTHING = Standing(
    key=HarnessKey("x"),
    n_trials=0,
    n_cells=0,
    n_across=0,
    passed=0,
    rate=None,
    interval=None,
    time_mean_s=None,
    missed=0,
)


def test_what_was_not_measured_is_a_dash_that_sorts_last() -> None:
    assert (EMPTY.text, EMPTY.sort) == ("–", None)
    assert set(measures(NOTHING)) == {EMPTY}
    assert rank_cell(NOTHING, 3) == EMPTY
    assert plain_cell(None) == plain_cell("") == EMPTY


def test_a_ranking_ends_with_the_same_columns_of_which_two_fold() -> None:
    titles = ["Passed", "Rate", "95 % interval", "Time"]
    assert [column.title for column in MEASURES] == titles
    assert [column.title for column in MEASURES if column.folds] == titles[2:]
    own = {NOTHING.key: Entity(label="x", href="")}
    tasks = task_results("", cast("Names", own), [(NOTHING.key, NOTHING)])
    assert [column.title for column in tasks.columns] == ["Task", *titles]
    assert {column.sorted for column in tasks.columns} == {""}


def test_nothing_measured_is_told_from_a_measured_zero() -> None:
    assert count_cell(0, 0) == EMPTY
    assert (count_cell(0, 4).text, count_cell(0, 4).muted) == ("0", "/4")
    assert percent_cell(Fraction(0)).text == "0.0"
    assert time_cell(Fraction(0)).text == "0"
    assert plain_cell(0).text == "0"


def test_counts_are_sorted_by_their_share() -> None:
    assert count_cell(9, 10).key > count_cell(80, 100).key


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_sort_keys_are_numbers_and_tell_rows_apart(passed: int, n: int) -> None:
    key = count_cell(passed, n).key
    assert float(key) == pytest.approx(passed / n, rel=1e-8)


def test_an_interval_is_drawn_and_written() -> None:
    cell = interval_cell(Fraction(1, 2), Interval(0.123456, 0.87654))
    assert cell.text == "12–88"
    assert cell.span is not None
    assert (cell.span.low, cell.span.at, cell.span.high) == (12.35, 50.0, 87.65)
    assert cell.sort == 0.123456


def test_columns_in_which_nothing_was_measured_are_left_out() -> None:
    name = Column(title="Name", kind="name")
    rows = (
        (Cell(text="a"), *measures(NOTHING)),
        (EMPTY, EMPTY, EMPTY, EMPTY, Cell(text="1")),
    )
    table = Table(caption="c", columns=(name, *MEASURES), rows=rows).tidy
    assert [column.title for column in table.columns] == ["Name", "Time"]
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["a", "–"],
        ["–", "1"],
    ]


def test_a_full_table_stays_as_it_is() -> None:
    table = Table(caption="c", columns=(Column(title="a"),), rows=((Cell(text="1"),),))
    assert table.tidy == table


def test_a_rank_is_a_range_and_a_tier_or_the_tasks_that_were_run() -> None:
    ranked = replace(
        NOTHING, rate=Fraction(1), rank=2, rank_range=(1, 3), tier="ab", n_across=4
    )
    shown = rank_cell(ranked, 4)
    assert (shown.text, shown.muted, shown.sort) == ("1–3", " · ab", 2)
    assert rank_cell(replace(ranked, rank_range=(2, 2), tier=""), 4).text == "2"
    apart = replace(ranked, rank=None, rank_range=None, n_across=3)
    assert (rank_cell(apart, 4).text, rank_cell(apart, 4).muted) == ("–", " 3/4")
    assert float(rank_cell(apart, 4).key) > 10**6
