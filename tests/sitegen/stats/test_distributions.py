"""The distributions, against scipy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sitegen.stats.distributions import t_cdf, t_quantile

degrees = st.integers(1, 400)


@given(st.floats(-50, 50), degrees)
def test_students_distribution_is_scipys(t: float, df: int) -> None:
    assert t_cdf(t, df) == pytest.approx(stats.t.cdf(t, df), abs=1e-12)


@given(degrees, st.sampled_from([0.9, 0.95, 0.975, 0.995, 0.9995]))
def test_its_quantile_is_scipys(df: int, p: float) -> None:
    assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-9)
