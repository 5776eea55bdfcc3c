"""The distributions, against scipy and statsmodels."""

from math import inf, isnan

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import TTestPower

from sitegen.stats.distributions import (
    noncentral_t_above,
    normal_cdf,
    t_cdf,
    t_quantile,
    t_test_power,
)

degrees = st.integers(1, 400)


@given(st.floats(-30, 30))
def test_the_normal_distribution_is_scipys(z: float) -> None:
    assert normal_cdf(z) == pytest.approx(stats.norm.cdf(z), rel=1e-12, abs=1e-300)


@given(st.floats(-50, 50), degrees)
def test_students_distribution_is_scipys(t: float, df: int) -> None:
    assert t_cdf(t, df) == pytest.approx(stats.t.cdf(t, df), abs=1e-12)


@given(degrees, st.sampled_from([0.9, 0.95, 0.975, 0.995, 0.9995]))
def test_its_quantile_is_scipys(df: int, p: float) -> None:
    assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-9)


@settings(max_examples=60)
@given(st.floats(0, 6), degrees, st.floats(-6, 6))
def test_the_noncentral_distribution_is_scipys(t: float, df: int, shift: float) -> None:
    expected = stats.nct.sf(t, df, shift)
    assert noncentral_t_above(t, df, shift) == pytest.approx(expected, abs=1e-8)


@settings(max_examples=60)
@given(st.floats(0, 3), st.integers(2, 200), st.sampled_from([0.01, 0.05, 0.1]))
def test_power_is_that_of_statsmodels(effect: float, n: int, level: float) -> None:
    theirs = TTestPower().power(effect, n, level, alternative="two-sided")
    assume(not isnan(theirs))  # where scipy gives up
    assert t_test_power(effect, n, level) == pytest.approx(theirs, abs=1e-8)


def test_without_an_effect_the_power_is_the_level_and_without_spread_it_is_one() -> (
    None
):
    assert t_test_power(0, 16) == pytest.approx(0.05, abs=1e-10)
    assert t_test_power(inf, 16) == 1.0
    assert t_test_power(5, 1) == 0.0
