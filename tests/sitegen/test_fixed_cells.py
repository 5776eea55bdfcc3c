"""Cells that are the same in every table with the same sums, against all tables."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sitegen.fixed_cells import alone, fixed, told
from sitegen.stats.trials import IntArray
from tests.records import ints

Cell = tuple[int, int, int, int]
"""Row, column, trials, passed."""

cells = st.lists(
    st.tuples(
        st.integers(0, 3), st.integers(0, 3), st.sampled_from([1, 1, 1, 2]), st.just(0)
    ).flatmap(lambda c: st.tuples(*map(st.just, c[:3]), st.integers(0, c[2]))),
    min_size=1,
    max_size=10,
)


def columns(given_: list[Cell]) -> tuple[list[int], ...]:
    return tuple(map(list, zip(*given_, strict=True)))


def same_in_all(given_: list[Cell]) -> list[bool]:
    """By listing every table there is."""
    row, column, n, passed = columns(given_)

    def sums(values: tuple[int, ...]) -> list[int]:
        return [
            sum(v for v, own in zip(values, axis, strict=True) if own == one)
            for axis in (row, column)
            for one in range(4)
        ]

    fitting = [
        table
        for table in product(*(range(most + 1) for most in n))
        if sums(table) == sums(tuple(passed))
    ]
    return [len(set(values)) == 1 for values in zip(*fitting, strict=True)]


@given(cells)
def test_a_cell_is_fixed_where_all_tables_agree_and_nowhere_else(
    drawn: list[Cell],
) -> None:
    row, column, n, passed = (ints(values) for values in columns(drawn))
    assert fixed(passed, n, row, column, np.arange(len(n))).tolist() == same_in_all(
        drawn
    )


def test_a_cell_that_alone_joins_two_parts_is_fixed_whatever_its_value() -> None:
    # Rows 0 and 1 with columns 0 and 1, rows 2 and 3 with columns 2 and 3, and a cell
    # with one pass of two between: the sums of the first part tell it.
    block = [(0, 0, 1, 1), (0, 1, 1, 0), (1, 0, 1, 0), (1, 1, 1, 1)]
    other = [(r + 2, c + 2, n, p) for r, c, n, p in block]
    drawn = [*block, (1, 2, 2, 1), *other]
    row, column, n, passed = (ints(values) for values in columns(drawn))
    assert np.flatnonzero(
        fixed(passed, n, row, column, np.arange(len(n)))
    ).tolist() == [4]


def test_a_group_that_passed_or_failed_whole_tells_its_cells_and_what_follows() -> None:
    drawn = [(r, c, 1, int(r == c)) for r in range(3) for c in range(3)]
    row, column, n, passed = (ints(values) for values in columns(drawn))
    assert not fixed(passed, n, row, column, np.arange(len(n))).any()

    # Cells (0, 1) and (1, 0) failed: then (0, 2) and (0, 0) are still open.
    def groups(*places: int) -> list[IntArray]:
        return [ints([0 if i in places else -1 for i in range(9)])]

    some = told(passed, n, row, column, groups(1, 3))
    assert np.flatnonzero(some).tolist() == [1, 3]
    # With (0, 2) too, row 0 is known, and with it column 0.
    more = told(passed, n, row, column, groups(1, 2, 3))
    assert np.flatnonzero(more).tolist() == [0, 1, 2, 3, 6]
    assert told(passed, n, row, column, groups(0, 4)).sum() == 9
    assert not told(passed, n, row, column, groups(0, 1)).any()


def test_of_a_cell_in_two_sweeps_the_sum_is_told_though_neither_part_is() -> None:
    # It passed once in two sweeps, alone in its row and column.
    passed, n, both = ints([1, 0]), ints([1, 1]), ints([0, 0])
    assert fixed(passed, n, both, both, ints([0, 0])).all()
    assert not fixed(passed, n, both, both, ints([0, 1])).any()
    assert told(passed, n, both, both, cells=ints([0, 0])).all()
    assert not told(passed, n, both, both).any()


def test_what_has_no_total_may_gain_what_others_lose() -> None:
    passed, n = ints([1, 0]), ints([1, 1])
    row, cells = ints([0, 0]), ints([0, 1])
    # The columns have no total: which of the two passed is open.
    assert not fixed(passed, n, row, ints([-1, -1]), cells).any()
    # Of neither is anything told.
    assert not fixed(passed, n, ints([-1, -1]), ints([-1, -1]), cells).any()
    # A column with a total is a cell.
    assert fixed(passed, n, row, ints([0, -1]), cells).all()


def test_a_cell_on_no_cycle_follows_whatever_its_value() -> None:
    row, column = ints([0, 0, 1, 1, 2]), ints([0, 1, 0, 1, 1])
    assert np.flatnonzero(alone(row, column, np.arange(5))).tolist() == [4]
    # Without the total of its row, nothing tells it from the others.
    free = ints([0, 0, 1, 1, -1])
    assert np.flatnonzero(alone(free, column, np.arange(5))).tolist() == [4]
    assert not alone(free, ints([0, -1, 0, 1, 1]), np.arange(5)).any()


def test_no_cells_are_no_error() -> None:
    none = ints([])
    assert told(none, none, none, none).tolist() == []


ends = st.lists(
    st.tuples(st.integers(-1, 4), st.integers(-1, 4)), min_size=1, max_size=12
)


@given(ends)
def test_a_cell_is_alone_where_its_row_and_column_are_not_joined_without_it(
    drawn: list[tuple[int, int]],
) -> None:
    def joined(edges: list[tuple[int, int]], row: int, column: int) -> bool:
        # What has no total is one and the same end.
        near: dict[str, set[str]] = {}
        for r, c in edges:
            a, b = ("none" if r < 0 else f"r{r}"), ("none" if c < 0 else f"c{c}")
            near.setdefault(a, set()).add(b)
            near.setdefault(b, set()).add(a)
        start = "none" if row < 0 else f"r{row}"
        found, new = {start}, {start}
        while new := {b for a in new for b in near.get(a, ())} - found:
            found |= new
        return ("none" if column < 0 else f"c{column}") in found

    row, column = (ints(list(axis)) for axis in zip(*drawn, strict=True))
    expected = [
        not joined(drawn[:i] + drawn[i + 1 :], *own) for i, own in enumerate(drawn)
    ]
    assert alone(row, column, np.arange(len(drawn))).tolist() == expected
