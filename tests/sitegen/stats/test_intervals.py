"""The interval of a pass rate, against scipy, statsmodels and drawn sweeps."""

from fractions import Fraction
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

from sitegen.stats.intervals import Z95, Interval, Noise, noise, rate_interval, wilson
from sitegen.stats.intraclass import Agreement, Worth, intraclass, worth
from tests.records import ints

Cluster = tuple[int, int]
"""Passed trials and trials of one task."""

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
a_cluster = st.integers(1, 9).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.just(n))
)
clusters = st.lists(a_cluster, min_size=1, max_size=12)


def rate_of(found: list[Cluster]) -> Fraction:
    """The mean over tasks of the mean over a task's trials."""
    return sum((Fraction(x, n) for x, n in found), start=Fraction(0)) / len(found)


def worth_of(found: list[Cluster], correlation: Fraction | None) -> Worth:
    inverse = sum((Fraction(1, n) for _, n in found), start=Fraction(0))
    return worth(ints([1] * len(found)), inverse, Agreement(correlation, correlation))


def pooled(*entities: list[Cluster]) -> Fraction | None:
    passed = np.array([[x for x, _ in one] for one in entities], np.int64)
    return intraclass(passed, np.array([[n for _, n in one] for one in entities]))


def effective(found: list[Cluster]) -> Fraction:
    """What the trials of a lone entity are worth."""
    return worth_of(found, pooled(found)).trials


def interval_of(found: list[Cluster], correlation: Fraction | None) -> Interval | None:
    n = sum(n for _, n in found)
    return rate_interval(rate_of(found), worth_of(found, correlation), n)


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
    for correlation in (None, Fraction(0), Fraction(1)):
        agree = Agreement(correlation, correlation)
        nothing = worth(ints([0, 0]), Fraction(0), agree)
        assert nothing == Worth(Fraction(0), None)
        assert rate_interval(Fraction(0), nothing, 0) is None


def test_a_single_trial_has_no_interval_and_two_have_one() -> None:
    assert interval_of([(1, 1)], Fraction(1, 2)) is None
    assert interval_of([(0, 1)], None) is None
    assert interval_of([(1, 2)], Fraction(1, 2)) is not None
    assert interval_of([(1, 1), (0, 1)], None) is not None


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
    assert pooled(found) == 0
    n, harmonic = len(found), sum(Fraction(1, m) for _, m in found)
    assert effective(found) == n * n / harmonic


def test_a_single_task_is_worth_one_trial() -> None:
    assert effective([(3, 5)]) == 1


correlations = st.fractions(0, 1)


@given(clusters, correlations)
def test_effective_trials_are_those_of_the_variance_of_a_mean_of_task_means(
    found: list[Cluster], correlation: Fraction
) -> None:
    # Trials of one task have this correlation, those of two tasks none: the
    # covariance matrix of all trials, and the weights of a mean of means.
    sizes = [n for _, n in found]
    task = np.repeat(np.arange(len(sizes)), sizes)
    same = (task[:, None] == task[None, :]).astype(float)
    covariance = float(correlation) * same
    np.fill_diagonal(covariance, 1.0)
    weights = 1 / np.array(sizes)[task] / len(sizes)
    variance = weights @ covariance @ weights
    ours = float(worth_of(found, correlation).trials)
    assert ours == pytest.approx(1 / variance, rel=1e-9)


@given(st.integers(1, 9), st.integers(1, 20), correlations)
def test_with_equal_repeats_it_is_the_usual_design_effect(
    repeats: int, tasks: int, correlation: Fraction
) -> None:
    n = worth_of([(0, repeats)] * tasks, correlation).trials
    assert n == repeats * tasks / (1 + (repeats - 1) * correlation)


@given(clusters, st.integers(2, 5), correlations)
def test_repeating_trials_never_narrows_below_endless_repeats(
    found: list[Cluster], times: int, correlation: Fraction
) -> None:
    again = [(x * times, n * times) for x, n in found]
    assert rate_of(again) == rate_of(found)
    once, more = (worth_of(one, correlation).trials for one in (found, again))
    assert once <= more
    if correlation:
        assert more <= len(found) / correlation


@given(clusters, st.integers(2, 5))
def test_repeating_every_trial_with_the_same_outcome_adds_no_certainty(
    found: list[Cluster], times: int
) -> None:
    # Copies agree more than trials do: the correlation rises by what they add.
    assume(len(found) > 1)
    assume(max(n for _, n in found) > 1)
    m = found[0][1]
    equal_sizes = [(min(x, m), m) for x, _ in found]
    assume(0 < sum(x for x, _ in equal_sizes) < m * len(equal_sizes))
    assume(0 < (pooled(equal_sizes) or 0) < 1)
    again = [(x * times, n * times) for x, n in equal_sizes]
    assert effective(again) == effective(equal_sizes)


@given(clusters, st.randoms())
def test_the_order_of_tasks_and_tasks_without_trials_change_nothing(
    found: list[Cluster], chance: Random
) -> None:
    shuffled = [*found, (0, 0)]
    chance.shuffle(shuffled)
    rho = pooled(found)
    assert pooled(shuffled) == rho
    ran = [one for one in shuffled if one[1]]
    inverse = sum((Fraction(1, n) for _, n in ran), start=Fraction(0))
    cells = ints([int(n > 0) for _, n in shuffled])
    assert worth(cells, inverse, Agreement(rho, rho)) == worth_of(found, rho)


@given(clusters, st.none() | correlations)
def test_the_interval_holds_the_rate_and_is_no_narrower_than_of_single_trials(
    found: list[Cluster], correlation: Fraction | None
) -> None:
    n = sum(m for _, m in found)
    assume(n > 1)
    rate = rate_of(found)
    interval = interval_of(found, correlation)
    independent = wilson(float(rate) * n, n)
    assert interval is not None
    assert independent is not None
    assert 0 <= interval.low <= float(rate) <= interval.high <= 1
    assert interval.high - interval.low >= (independent.high - independent.low) * (
        1 - 1e-12
    )


def test_a_known_interval() -> None:
    # Three trials on each of four tasks, none of which varies: rho = 1, n_eff = 4.
    found = [(3, 3), (3, 3), (0, 3), (0, 3)]
    assert pooled(found) == 1
    assert effective(found) == 4
    interval = interval_of(found, pooled(found))
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(
        proportion_confint(2, 4, method="wilson"), abs=1e-12
    )
    # At half that correlation 12 trials are worth 12 / (1 + 2 * 1/2) = 6.
    half = interval_of(found, Fraction(1, 2))
    assert half is not None
    assert (half.low, half.high) == pytest.approx(
        proportion_confint(3, 6, method="wilson"), abs=1e-12
    )


def test_a_correlation_is_pooled_so_that_one_pass_is_no_surer_than_none() -> None:
    # One pass of 160 says nothing of how trials of a task agree; the others do.
    rare, never = [(1, 10)] + [(0, 10)] * 15, [(0, 10)] * 16
    others = [[(10 * (t % 2), 10) for t in range(16)] for _ in range(8)]
    rho = pooled(rare, never, *others)
    assert rho is not None
    assert rho > Fraction(9, 10)
    once, none = interval_of(rare, rho), interval_of(never, rho)
    assert once is not None
    assert none is not None
    assert once.high > none.high > 0.18
    alone = interval_of(rare, pooled(rare))
    assert alone is not None
    assert alone.high < none.high / 3


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.5, 0.9])
def test_on_sixteen_tasks_of_ten_trials_it_holds_the_truth(rate: float) -> None:
    # Beta tasks, correlation 1/2, ten entities a sweep; it was 0.84 at 0.05.
    draw = np.random.default_rng(14)
    held, n = 0, 0
    trials = np.full((10, 16), 10)
    for _ in range(60):
        chance = draw.beta(rate, 1 - rate, size=(10, 16))
        passed = draw.binomial(trials, chance)
        rho = intraclass(passed, trials)
        for row in passed.tolist():
            found = interval_of([(x, 10) for x in row], rho)
            assert found is not None
            held += found.low <= rate <= found.high
            n += 1
    assert held / n >= 0.91


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
    rho = pooled(found)
    assert rho is not None
    split = noise(rate_of(found), worth_of(found, rho))
    assert split is not None
    # Shares of one variance: within tasks over its trials, and between tasks.
    parts = max(0, between - within) / m, within
    expected = 1 - parts[0] / (parts[0] + parts[1]) if sum(parts) else 0
    assert float(1 - rho) == pytest.approx(expected, abs=1e-9)
    whole = float(rate_of(found) * (1 - rate_of(found))) / n
    assert split.seeds**2 == pytest.approx(whole * (1 - float(rho)), abs=1e-9)
    assert split.tasks**2 == pytest.approx(whole * m * float(rho), abs=1e-9)


def test_noise_is_not_split_where_nothing_varies_or_seeds_are_unknown() -> None:
    two = [(1, 2), (2, 2)]
    assert noise(Fraction(1), worth_of(two, Fraction(1, 2))) is None
    assert noise(Fraction(0), worth_of(two, Fraction(1, 2))) is None
    assert noise(Fraction(3, 4), worth_of(two, None)) is None
    assert noise(Fraction(3, 4), worth_of(two, Fraction(1, 2))) is not None
    assert Noise(0.0, 0.0).seeds_share is None
    assert Noise(3.0, 4.0).seeds_share == pytest.approx(0.36)


@given(clusters, correlations)
def test_both_sources_of_noise_add_up_to_the_variance_of_the_rate(
    found: list[Cluster], correlation: Fraction
) -> None:
    rate, value = rate_of(found), worth_of(found, correlation)
    assume(0 < rate < 1)
    split = noise(rate, value)
    assert split is not None
    variance = float(rate * (1 - rate) / value.trials)
    assert split.seeds**2 + split.tasks**2 == pytest.approx(variance, rel=1e-9)
    if correlation in {0, 1}:
        assert (split.tasks, split.seeds)[int(correlation)] == 0


def test_trials_that_are_not_clustered_each_count() -> None:
    found = interval_of([(3, 3), (3, 3), (0, 3), (0, 3)], Fraction(0))
    other = wilson(6, 12)
    assert found is not None
    assert other is not None
    assert (found.low, found.high) == pytest.approx((other.low, other.high))


def test_another_estimate_of_the_rate_has_an_interval_on_the_same_trials() -> None:
    value = worth_of([(3, 3), (3, 3), (0, 3), (0, 3)], Fraction(1, 2))
    assert rate_interval(Fraction(1, 4), value, 12) == wilson(0.25 * 6, 6)
