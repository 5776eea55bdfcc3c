"""The item-rest correlation against scipy's and a jackknife by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sitegen.keys import ComboKey
from sitegen.stats.counts import Counts
from sitegen.stats.difficulty import Discrimination, discrimination
from sitegen.stats.trials import IntArray
from tests.records import counts_of


def counts(passed: IntArray, trials: IntArray, harnesses: int = 2) -> Counts[ComboKey]:
    """Combos m0/h0, m0/h1, m1/h0, ... by task."""
    labels = tuple(
        ComboKey(f"m{i // harnesses}", "q", f"h{i % harnesses}")
        for i in range(len(passed))
    )
    rows = [
        list(zip(x, n, strict=True))
        for x, n in zip(passed.tolist(), trials.tolist(), strict=True)
    ]
    found = counts_of({f"c{i}": row for i, row in enumerate(rows)})
    return replace(found, labels=labels)


def of(passed: IntArray, trials: IntArray) -> tuple[Discrimination, ...]:
    return discrimination(
        counts(passed, trials), [f"t{i}" for i in range(passed.shape[1])]
    )


def random(seed: int, combos: int = 12, tasks: int = 7) -> tuple[IntArray, IntArray]:
    rng = np.random.default_rng(seed)
    skill = rng.normal(0, 1.5, (combos, 1))
    chance = 1 / (1 + np.exp(rng.normal(0, 1, (1, tasks)) - skill))
    trials = np.full((combos, tasks), 3)
    return rng.binomial(trials, chance), trials


@pytest.mark.parametrize("seed", range(5))
def test_on_a_full_grid_it_is_the_correlation_with_the_rate_elsewhere(
    seed: int,
) -> None:
    passed, trials = random(seed)
    rate = passed / trials
    for column, found in enumerate(of(passed, trials)):
        rest = np.delete(rate, column, axis=1).mean(axis=1)
        expected = stats.pearsonr(rate[:, column], rest).statistic
        assert found.correlation == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_is_the_jackknife_over_models_by_hand(seed: int) -> None:
    passed, trials = random(seed)
    rate = passed / trials
    model = np.arange(len(rate)) // 2
    for column, found in enumerate(of(passed, trials)):
        rest = np.delete(rate, column, axis=1).mean(axis=1)
        z = np.array(
            [
                np.arctanh(
                    np.corrcoef(rate[model != m, column], rest[model != m])[0, 1]
                )
                for m in range(6)
            ]
        )
        spread = np.sqrt(5 / 6 * ((z - z.mean()) ** 2).sum())
        centre = np.arctanh(np.corrcoef(rate[:, column], rest)[0, 1])
        half = stats.t.ppf(0.975, 5) * spread
        assert found.low == pytest.approx(np.tanh(centre - half), abs=1e-9)
        assert found.high == pytest.approx(np.tanh(centre + half), abs=1e-9)


def test_a_task_that_everyone_passes_discriminates_nothing() -> None:
    passed, trials = random(3)
    passed[:, 2] = trials[:, 2]
    found = of(passed, trials)[2]
    assert (found.correlation, found.low, found.high) == (None, None, None)
    assert not found.separates


def test_a_combo_is_not_strong_for_having_run_easy_tasks() -> None:
    """Two halves of the combos ran two halves of the tasks, and all ran the last."""
    rng = np.random.default_rng(5)
    trials = np.zeros((40, 41), dtype=np.int64)
    trials[:20, :20] = trials[20:, 20:40] = trials[:, 40] = 1
    chance = np.where(np.arange(41) < 20, 0.95, 0.2)
    passed = (rng.random((40, 41)) < chance).astype(np.int64) * trials
    passed[:, 40] = np.arange(40) % 2
    found = of(passed, trials)[40].correlation
    assert found is not None
    assert abs(found) < 0.35


@given(
    st.integers(1, 6).flatmap(
        lambda tasks: st.lists(
            st.lists(
                st.sampled_from([(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)]),
                min_size=tasks,
                max_size=tasks,
            ),
            min_size=1,
            max_size=9,
        )
    )
)
def test_whatever_the_table_the_interval_holds_the_correlation_or_is_none(
    table: list[list[tuple[int, int]]],
) -> None:
    passed = np.array([[p for p, _ in row] for row in table], dtype=np.int64)
    trials = np.array([[n for _, n in row] for row in table], dtype=np.int64)
    for found in of(passed, trials):
        if found.correlation is not None:
            assert -1 <= found.correlation <= 1
        if found.low is not None and found.high is not None:
            assert found.correlation is not None
            assert -1 <= found.low <= found.correlation <= found.high <= 1


def test_repeating_every_trial_changes_nothing() -> None:
    passed, trials = random(9)
    assert of(passed * 2, trials * 2) == of(passed, trials)
