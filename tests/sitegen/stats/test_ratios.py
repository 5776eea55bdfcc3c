"""The ratio of geometric means against scipy."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from sitegen.stats.ratios import ratio

amounts = st.integers(1, 10**6).map(Fraction)
both = st.lists(st.tuples(amounts, amounts), min_size=2, max_size=20)


@given(both)
def test_value_and_interval_are_those_of_scipy(
    found: list[tuple[Fraction, Fraction]],
) -> None:
    logs = np.log([float(a / b) for a, b in found])
    assume(np.ptp(logs) > 1e-6)
    ours = ratio([a for a, _ in found], [b for _, b in found])
    low, high = stats.t.interval(0.95, len(logs) - 1, logs.mean(), stats.sem(logs))
    assert ours is not None
    assert ours.value == pytest.approx(
        stats.gmean([float(a / b) for a, b in found]), rel=1e-9
    )
    assert ours.low == pytest.approx(np.exp(low), rel=1e-9)
    assert ours.high == pytest.approx(np.exp(high), rel=1e-9)


@given(both, st.integers(1, 1000))
def test_a_faster_clock_changes_nothing(
    found: list[tuple[Fraction, Fraction]], scale: int
) -> None:
    ours = ratio([a for a, _ in found], [b for _, b in found])
    scaled = ratio([a * scale for a, _ in found], [b * scale for _, b in found])
    assert scaled == ours


def test_nothing_is_claimed_of_amounts_of_zero_or_without_tasks() -> None:
    one = Fraction(1)
    assert ratio([], []) is None
    assert ratio([Fraction(0)], [one]) is None
    assert ratio([one], [Fraction(0)]) is None
    assert ratio([one, Fraction(0)], [one, one]) is None
    assert ratio([one, one], [Fraction(0), one]) is None


def test_the_same_ratio_on_every_task_has_no_interval() -> None:
    found = ratio([Fraction(2)] * 5, [Fraction(6)] * 5)
    assert found is not None
    assert found.value == pytest.approx(1 / 3)
    assert (found.low, found.high) == (None, None)
