"""What a task's groups tell of single cells when cells are private."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sitegen.config import Publish
from sitegen.disclosure import disclosed
from sitegen.keys import HarnessKey
from sitegen.stats.standings import Standing


def group(name: str, n_cells: int) -> Standing[HarnessKey]:
    return Standing(
        key=HarnessKey(name),
        n_trials=n_cells,
        n_cells=n_cells,
        n_across=n_cells,
        passed=0,
        rate=Fraction(0) if n_cells else None,
        interval=None,
        time_mean_s=None,
        missed=n_cells,
    )


def shown(sizes: list[int], *, cells: bool = False, min_cells: int = 5) -> list[int]:
    found = disclosed(
        [group(f"g{i:02d}", n) for i, n in enumerate(sizes)],
        Publish(cells=cells, min_cells=min_cells),
    )
    return [int(standing.key.harness.removeprefix("g")) for standing in found]


many = st.lists(st.integers(0, 12), max_size=10)


@given(many, st.integers(1, 8))
def test_neither_a_group_nor_the_hidden_rest_is_small(
    sizes: list[int], min_cells: int
) -> None:
    kept = shown(sizes, min_cells=min_cells)
    assert all(sizes[index] >= min_cells for index in kept)
    rest = sum(sizes) - sum(sizes[index] for index in kept)
    assert rest == 0 or rest >= min_cells or not kept


@given(many, st.integers(1, 8))
def test_the_order_stays_and_nothing_is_shown_twice(
    sizes: list[int], min_cells: int
) -> None:
    kept = shown(sizes, min_cells=min_cells)
    assert kept == sorted(set(kept))


@given(many)
def test_where_cells_are_published_every_group_with_a_cell_is_shown(
    sizes: list[int],
) -> None:
    assert shown(sizes, cells=True) == [i for i, n in enumerate(sizes) if n]


def test_the_smallest_group_joins_what_would_be_too_small_a_rest() -> None:
    assert shown([9, 6, 8, 2]) == [0, 2]
    assert shown([6, 2]) == []
    assert shown([6, 5]) == [0, 1]
    assert shown([6, 3, 2]) == [0]
