"""What a sweep can find, against statsmodels, a published simulation, and drawing."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import TTestPower

from sitegen.stats.distributions import t_test_power
from sitegen.stats.power import (
    Spread,
    assumed,
    findable,
    measured,
    smallest_difference,
    tasks_needed,
)
from tests.records import METR, computed, grid, scope_of

USUAL = assumed(0.5, 0.5, 0.8)


@settings(max_examples=15)
@given(st.integers(6, 200), st.integers(1, 10), st.floats(0.1, 0.9))
@example(73, 1, 0.5)
def test_the_smallest_difference_is_that_of_statsmodels(
    tasks: int, seeds: int, rate: float
) -> None:
    spread = assumed(rate, 0.5, 0.8)
    ours = smallest_difference(spread, tasks=tasks, seeds=seeds)
    effect = TTestPower().solve_power(nobs=tasks, power=0.8, alpha=0.05)
    # Two-sided: their solver ends on either side of zero.
    theirs = np.abs(effect) * np.sqrt(spread.tasks + spread.seeds / seeds)
    if ours is None:
        assert theirs > 1
    else:
        assert ours == pytest.approx(theirs, rel=1e-5)


@pytest.mark.parametrize(
    ("difference", "seeds", "simulated"),
    [(0.1, 3, 0.16), (0.2, 3, 0.53), (0.3, 3, 0.88), (0.2, 5, 0.68)],
)
def test_power_is_near_what_a_simulation_of_sixteen_tasks_gave(
    difference: float, seeds: int, simulated: float
) -> None:
    # Beta(1/2, 1/2) difficulty, correlated 0.8 between two combos; 4,000 draws.
    effect = difference / USUAL.standard_deviation(seeds)
    assert t_test_power(effect, 16) == pytest.approx(simulated, abs=0.03)


def test_so_many_tasks_just_suffice() -> None:
    for difference in (0.1, 0.2, 0.4):
        for seeds in (1, 3):
            tasks = tasks_needed(USUAL, difference=difference, seeds=seeds)
            assert tasks is not None
            now = smallest_difference(USUAL, tasks=tasks, seeds=seeds)
            before = smallest_difference(USUAL, tasks=tasks - 1, seeds=seeds)
            assert now is not None
            assert now <= difference
            assert before is None or before > difference


def test_more_of_anything_finds_smaller_differences() -> None:
    found = [
        [smallest_difference(USUAL, tasks=t, seeds=s) or 1 for t in (8, 16, 32, 64)]
        for s in (1, 2, 5, 10)
    ]
    assert all(row == sorted(row, reverse=True) for row in found)
    assert all(
        list(column) == sorted(column, reverse=True)
        for column in zip(*found, strict=True)
    )
    many = smallest_difference(USUAL, tasks=32, seeds=3, comparisons=45)
    assert many is not None
    assert many > (smallest_difference(USUAL, tasks=32, seeds=3) or 1)


def test_too_few_tasks_find_nothing() -> None:
    assert smallest_difference(USUAL, tasks=5, seeds=100) is None
    assert smallest_difference(Spread(tasks=0, seeds=0), tasks=5, seeds=1) is None
    assert smallest_difference(Spread(tasks=0, seeds=0), tasks=6, seeds=1) is not None
    assert tasks_needed(USUAL, difference=1e-9, seeds=1) is None


def test_a_measured_spread_comes_from_the_pairs_of_combos() -> None:
    found = measured(computed(METR).all.pairs, USUAL)
    assert found is not None
    spread, split = found
    assert split
    assert 0 < spread.tasks < 1
    assert 0 < spread.seeds < 1


def test_where_every_cell_ran_once_its_parts_are_taken_from_the_fallback() -> None:
    marks = "++-+--+-"
    cells = {
        "a//h": {f"t{i}": mark for i, mark in enumerate(marks)},
        "b//h": {f"t{i}": mark for i, mark in enumerate(reversed(marks))},
    }
    found = measured(scope_of(grid(cells)).pairs, Spread(tasks=1, seeds=3))
    assert found is not None
    spread, split = found
    assert not split
    assert spread.seeds == pytest.approx(3 * spread.tasks)
    differences = [
        (a == "+") - (b == "+") for a, b in zip(marks, reversed(marks), strict=True)
    ]
    assert spread.tasks + spread.seeds == pytest.approx(np.var(differences, ddof=1))
    assert measured((), USUAL) is None


def test_the_assumed_spread_is_that_of_drawn_trials() -> None:
    draw = np.random.default_rng(3)
    shared = draw.normal(size=(200_000, 1)) * np.sqrt(0.8)
    own = draw.normal(size=(200_000, 2)) * np.sqrt(0.2)
    chance = stats.beta(0.5, 0.5).ppf(stats.norm.cdf(shared + own))
    trials = draw.random((200_000, 2)) < chance
    alike = float(np.var(chance) / 0.25)
    correlation = float(np.corrcoef(chance.T)[0, 1])
    spread = assumed(0.5, alike, correlation)
    difference = trials[:, 0].astype(float) - trials[:, 1]
    assert spread.tasks + spread.seeds == pytest.approx(np.var(difference), rel=0.02)


def test_what_a_sweep_can_find_follows_from_the_spread_of_its_pairs() -> None:
    marks = {"a": "+" * 16, "b": "+" * 14 + "--", "c": "+" * 15 + "-"}
    cells = {
        f"m//{name}": {f"t{i}": mark for i, mark in enumerate(row)}
        for name, row in marks.items()
    }
    pairs = scope_of(grid(cells)).pairs
    variances = [float(np.var([1] * n + [0] * (16 - n), ddof=1)) for n in (2, 1, 1)]
    effect = TTestPower().solve_power(nobs=16, power=0.8, alpha=0.05)
    assert findable(pairs, "harness") == pytest.approx(
        effect * np.sqrt(np.mean(variances)), rel=1e-5
    )
    assert findable(pairs, "model") is None
    assert findable(scope_of(grid({"a//h": {"t": "+"}})).pairs, "combo") is None
