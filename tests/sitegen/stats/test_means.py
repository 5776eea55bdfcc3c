"""Means over clustered trials, against statsmodels."""

from fractions import Fraction
from math import inf

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from sitegen.keys import ComboKey, HarnessKey, QuantKey
from sitegen.stats.means import Mean, clustered_mean
from tests.records import grid, record, scope_of


def mean_of(
    sums: list[int], cells: list[int], unit: int, most: float = inf
) -> Mean | None:
    return clustered_mean(sums, cells, unit, n_trials=sum(cells), most=most)


tasks = st.lists(
    st.lists(st.integers(0, 1000), min_size=1, max_size=5), min_size=2, max_size=12
)


@given(tasks)
def test_mean_and_interval_are_those_of_a_clustered_regression(
    found: list[list[int]],
) -> None:
    values = np.array([x for task in found for x in task]) / 1000
    groups = np.repeat(np.arange(len(found)), [len(task) for task in found])
    ours = mean_of([sum(t) for t in found], [len(t) for t in found], 1000)
    assert ours is not None
    assert float(ours.mean) == pytest.approx(values.mean(), abs=1e-12)
    if ours.interval is None:
        return
    fitted = sm.OLS(values, np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    c = len(found)
    se = fitted.bse[0] * np.sqrt(c / (c - 1))
    assume(se > 1e-9)
    half = stats.t.ppf(0.975, c - 1) * se
    low, high = max(0, values.mean() - half), values.mean() + half
    assert (ours.interval.low, ours.interval.high) == pytest.approx(
        (low, high), abs=1e-9
    )


@given(tasks, st.integers(2, 5))
def test_repeating_every_trial_adds_no_certainty(
    found: list[list[int]], times: int
) -> None:
    once = mean_of([sum(t) for t in found], [len(t) for t in found], 1000)
    again = mean_of(
        [sum(t) * times for t in found], [len(t) * times for t in found], 1000
    )
    assert once is not None
    assert again is not None
    assert again.mean == once.mean
    assert (again.interval is None) == (once.interval is None)
    if once.interval is not None and again.interval is not None:
        assert again.interval.high == pytest.approx(once.interval.high, rel=1e-12)


def test_where_nothing_varies_or_one_task_ran_there_is_no_interval() -> None:
    assert mean_of([0, 0], [0, 0], 1) is None
    for sums, n in (([5], [2]), ([2, 4], [1, 2])):
        found = mean_of(sums, n, 1, most=inf)
        assert found is not None
        assert found.interval is None


def test_scores_are_shown_only_where_they_say_more_than_pass_or_fail() -> None:
    plain = [record(task=f"t{i}", score=float(i % 2)) for i in range(4)]
    assert scope_of(plain).scores == ()
    assert scope_of(grid({"m//h": {"t": "+"}})).scores == ()
    marks = [record(task=f"t{i}", score=i / 4) for i in range(5)]
    found = {type(score.key): score.found for score in scope_of(marks).scores}
    assert set(found) == {QuantKey, HarnessKey, ComboKey}
    combo = found[ComboKey]
    assert combo.mean == Fraction(1, 2)
    assert combo.interval is not None
    assert combo.interval.high < 1
