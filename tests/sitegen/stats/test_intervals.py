"""The interval of a pass rate, against scipy and statsmodels."""

from math import isclose
from random import Random

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm
from statsmodels.formula.api import ols
from statsmodels.stats.proportion import proportion_confint

from sitegen.stats.intervals import (
    Z95,
    Noise,
    effective_trials,
    noise,
    rate_interval,
    wilson,
)
from tests.records import ints

Cluster = tuple[int, int]
"""Passed trials and trials of one task."""

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
a_cluster = st.integers(1, 9).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.just(n))
)
clusters = st.lists(a_cluster, min_size=1, max_size=12)


def effective(found: list[Cluster]) -> float:
    return effective_trials(ints([x for x, _ in found]), ints([n for _, n in found]))


def test_the_quantile_is_that_of_the_normal_distribution() -> None:
    assert pytest.approx(norm.ppf(0.975), abs=1e-15) == Z95


@given(counts)
def test_wilson_agrees_with_scipy_and_statsmodels(count: Cluster) -> None:
    passed, n = count
    ours = wilson(passed, n)
    assert ours is not None
    scipy = binomtest(passed, n).proportion_ci(method="wilson")
    assert (ours.low, ours.high) == pytest.approx((scipy.low, scipy.high), abs=1e-9)
    other = proportion_confint(passed, n, method="wilson")
    assert (ours.low, ours.high) == pytest.approx(other, abs=1e-9)


@given(st.integers(1, 10**9))
def test_wilson_ends_exactly_at_0_and_1(n: int) -> None:
    nothing, everything = wilson(0, n), wilson(n, n)
    assert nothing is not None
    assert everything is not None
    assert nothing.low == 0.0
    assert everything.high == 1.0
    assert 0 < nothing.high < 1
    assert isclose(nothing.high, 1 - everything.low, abs_tol=1e-12)


@pytest.mark.parametrize("n", [0, 0.0, -1, float("nan")])
def test_without_trials_there_is_no_interval(n: float) -> None:
    assert wilson(0, n) is None
    assert rate_interval(ints([0, 0]), ints([0, 0])) is None
    assert rate_interval(ints([]), ints([])) is None


@given(st.lists(st.integers(0, 1), min_size=1, max_size=30))
def test_with_one_trial_a_task_every_trial_counts(passed: list[int]) -> None:
    assert effective([(x, 1) for x in passed]) == len(passed)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20))
def test_where_all_pass_or_all_fail_each_task_counts_once(trials: list[int]) -> None:
    assume(max(trials) > 1)
    assert effective([(n, n) for n in trials]) == len(trials)
    assert effective([(0, n) for n in trials]) == len(trials)


@pytest.mark.parametrize("found", [[(1, 2)] * 4, [(1, 3)] * 4, [(3, 9), (1, 3)]])
def test_tasks_of_one_and_the_same_rate_show_no_clustering(
    found: list[Cluster],
) -> None:
    assert effective(found) == sum(n for _, n in found)


def test_a_single_task_is_worth_one_trial() -> None:
    assert effective([(3, 5)]) == 1.0


@given(clusters)
def test_effective_trials_follow_from_the_cluster_robust_variance(
    found: list[Cluster],
) -> None:
    n, passed = sum(m for _, m in found), sum(x for x, _ in found)
    assume(len(found) > 1)
    assume(max(m for _, m in found) > 1)
    assume(0 < passed < n)
    outcomes = np.concatenate([np.repeat([1.0, 0.0], [x, m - x]) for x, m in found])
    tasks = np.repeat(np.arange(len(found)), [m for _, m in found])
    fitted = sm.OLS(outcomes, np.ones(n)).fit(
        cov_type="cluster", cov_kwds={"groups": tasks, "use_correction": False}
    )
    # Its own correction also has (n - 1)/(n - 1): written out, to be C/(C - 1).
    variance = fitted.bse[0] ** 2 * len(found) / (len(found) - 1)
    p = passed / n
    assume(variance > 1e-12)
    expected = min(max(p * (1 - p) / variance, 1.0), n)
    assert effective(found) == pytest.approx(expected, rel=1e-9)


@given(clusters, st.integers(2, 5))
def test_repeating_every_trial_adds_no_certainty(
    found: list[Cluster], times: int
) -> None:
    once = effective(found)
    # At the upper end the number is clipped: there the tasks differ by less than
    # chance would have them differ, and copies look like still less.
    assume(once < sum(n for _, n in found) or max(n for _, n in found) == 1)
    again = effective([(x * times, n * times) for x, n in found])
    assert again <= once * (1 + 1e-12)
    if max(n for _, n in found) > 1:
        assert again == pytest.approx(once, rel=1e-12)


@given(clusters, st.randoms())
def test_the_order_of_tasks_and_tasks_without_trials_change_nothing(
    found: list[Cluster], chance: Random
) -> None:
    shuffled = [*found, (0, 0)]
    chance.shuffle(shuffled)
    assert effective(shuffled) == effective(found)


@given(clusters)
def test_the_interval_holds_the_rate_and_is_no_narrower_than_of_single_trials(
    found: list[Cluster],
) -> None:
    passed, n = sum(x for x, _ in found), sum(m for _, m in found)
    interval = rate_interval(ints([x for x, _ in found]), ints([m for _, m in found]))
    independent = wilson(passed, n)
    assert interval is not None
    assert independent is not None
    assert 0 <= interval.low <= passed / n <= interval.high <= 1
    assert interval.high - interval.low >= (independent.high - independent.low) * (
        1 - 1e-12
    )


def test_a_known_interval() -> None:
    # Three trials on each of four tasks: p = 1/2; residuals 3/2, 3/2, -3/2, -3/2;
    # variance 9/144 * 4/3 = 1/12, so n_eff = (1/4) / (1/12) = 3.
    found = [(3, 3), (3, 3), (0, 3), (0, 3)]
    assert effective(found) == 3.0
    interval = rate_interval(ints([3, 3, 0, 0]), ints([3] * 4))
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(
        proportion_confint(1.5, 3, method="wilson"), abs=1e-12
    )


equal = st.tuples(st.integers(2, 12), st.integers(2, 6)).flatmap(
    lambda shape: st.lists(
        st.integers(0, shape[1]), min_size=shape[0], max_size=shape[0]
    ).map(lambda passed: [(x, shape[1]) for x in passed])
)


@given(equal)
def test_noise_is_split_as_an_analysis_of_variance_splits_it(
    found: list[Cluster],
) -> None:
    passed, n = sum(x for x, _ in found), sum(m for _, m in found)
    assume(0 < passed < n)
    m = found[0][1]
    rows = [[1.0] * x + [0.0] * (m - x) for x, _ in found]
    frame = pd.DataFrame(
        [(task, y) for task, row in enumerate(rows) for y in row], columns=["t", "y"]
    )
    table = sm.stats.anova_lm(ols("y ~ C(t)", frame).fit())
    between, within = table["mean_sq"]["C(t)"], table["mean_sq"]["Residual"]
    seed_variance = sum(x * (m - x) / (m - 1) for x, m in found) / n**2
    split = noise(ints([x for x, _ in found]), ints([m] * len(found)), seed_variance)
    assert split is not None
    assert split.seeds**2 == pytest.approx(within / n, abs=1e-9)
    assert split.tasks**2 == pytest.approx(max(0, between - within) / n, abs=1e-9)


def test_noise_is_not_split_where_nothing_varies_or_seeds_are_unknown() -> None:
    assert noise(ints([2, 2]), ints([2, 2]), 0.0) is None
    assert noise(ints([1]), ints([2]), 0.1) is None
    assert noise(ints([1, 0]), ints([2, 2]), None) is None
    assert Noise(0.0, 0.0).seeds_share is None
    assert Noise(3.0, 4.0).seeds_share == pytest.approx(0.36)


def test_trials_that_are_not_clustered_each_count() -> None:
    passed, trials = ints([3, 3, 0, 0]), ints([3] * 4)
    found = rate_interval(passed, trials, clustered=False)
    other = wilson(6, 12)
    assert found is not None
    assert other is not None
    assert (found.low, found.high) == pytest.approx((other.low, other.high))


def test_another_estimate_of_the_rate_has_an_interval_on_the_same_trials() -> None:
    passed, trials = ints([3, 3, 0, 0]), ints([3] * 4)
    n = effective_trials(passed, trials)
    assert rate_interval(passed, trials, rate=0.25) == wilson(0.25 * n, n)
