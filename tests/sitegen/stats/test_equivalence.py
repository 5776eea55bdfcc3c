"""Two one-sided tests against statsmodels."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from sitegen.stats.equivalence import Equivalence, finding
from sitegen.stats.equivalence import equivalence as of_difference
from sitegen.stats.paired import difference

steps = st.lists(st.integers(-20, 20), min_size=2, max_size=30)
MARGIN = Fraction(1, 20)


def equivalence(found: list[int], unit: int) -> Equivalence:
    """Of differences `found[t] / unit`."""
    return of_difference(difference(found, unit, seed_noise=None, seeds=1), MARGIN)


@given(steps, st.integers(1, 40))
def test_p_and_interval_are_those_of_statsmodels_and_scipy(
    found: list[int], unit: int
) -> None:
    assume(len(set(found)) > 1)
    ours = equivalence(found, unit)
    values = np.array(found) / unit
    p, _, _ = ttost_paired(values, np.zeros(len(values)), -0.05, 0.05)
    assert ours.p == pytest.approx(p, abs=1e-9)
    error = stats.sem(values)
    low, high = stats.t.interval(0.9, len(values) - 1, values.mean(), error)
    assert ours.interval is not None
    assert ours.interval.low == pytest.approx(max(low, -1), abs=1e-9)
    assert ours.interval.high == pytest.approx(min(high, 1), abs=1e-9)


@given(steps, st.integers(1, 40))
def test_equal_is_where_the_interval_lies_within_the_margin(
    found: list[int], unit: int
) -> None:
    ours = equivalence(found, unit)
    if ours.p is not None and abs(ours.p - 0.05) > 1e-9:
        assert ours.interval is not None
        inside = ours.interval.low > -0.05 and ours.interval.high < 0.05
        assert ours.equal == inside


@given(steps, st.integers(1, 40))
def test_the_direction_of_the_difference_is_irrelevant(
    found: list[int], unit: int
) -> None:
    ours = equivalence(found, unit)
    theirs = equivalence([-step for step in found], unit)
    assert theirs.p == (None if ours.p is None else pytest.approx(ours.p, abs=1e-9))


def test_one_task_and_constant_differences_show_nothing() -> None:
    for found in ([0], [3], [0, 0, 0], [2, 2]):
        ours = equivalence(found, 10)
        assert (ours.p, ours.interval, ours.equal) == (None, None, False)


def test_a_small_but_certain_difference_is_both() -> None:
    assert finding(equal=True, different=True) == "slightly different"
    assert finding(equal=True, different=False) == "equal"
    assert finding(equal=False, different=True) == "different"
    assert finding(equal=False, different=False) == "open"
