"""Paired differences, against enumeration, scipy and statsmodels."""

from fractions import Fraction
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.power import TTestPower

from sitegen.stats.joint_test import LEVEL
from sitegen.stats.paired import FEWEST, Z80, difference, sign_flip_p

small = st.lists(st.integers(-6, 6), min_size=1, max_size=10)
signs = st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=60)


def test_the_quantile_is_that_of_the_normal_distribution() -> None:
    assert pytest.approx(stats.norm.ppf(0.8), abs=1e-15) == Z80


@given(small)
def test_p_is_the_share_of_all_choices_of_signs(steps: list[int]) -> None:
    seen = abs(sum(steps))
    flips = list(product((-1, 1), repeat=len(steps)))
    far = sum(
        abs(sum(s * x for s, x in zip(flip, steps, strict=True))) >= seen
        for flip in flips
    )
    assert sign_flip_p(steps) == Fraction(far, len(flips))


@given(small)
def test_p_is_scipys_permutation_test(steps: list[int]) -> None:
    assume(len(steps) > 1)
    theirs = stats.permutation_test(
        (np.array(steps),),
        np.sum,
        permutation_type="samples",
        n_resamples=np.inf,
        vectorized=True,
    )
    assert float(sign_flip_p(steps)) == pytest.approx(theirs.pvalue, abs=1e-9)


@given(signs)
def test_with_one_trial_a_cell_it_is_mcnemars_exact_test(steps: list[int]) -> None:
    wins, losses = steps.count(1), steps.count(-1)
    theirs = mcnemar([[0, wins], [losses, 0]], exact=True).pvalue
    expected = 1.0 if wins + losses == 0 else min(1.0, theirs)
    assert float(sign_flip_p(steps)) == pytest.approx(expected, abs=1e-9)


@given(small, st.integers(1, 10**6), st.randoms())
def test_neither_order_nor_unit_nor_side_changes_p(
    steps: list[int], unit: int, chance: Random
) -> None:
    other = [-unit * step for step in steps]
    chance.shuffle(other)
    if unit * sum(map(abs, steps)) <= 20_000:
        assert sign_flip_p(other) == sign_flip_p(steps)


@settings(max_examples=30)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=4, max_size=12))
def test_rounded_steps_make_p_larger_never_smaller(steps: list[int]) -> None:
    flips = np.array(list(product((-1, 1), repeat=len(steps))), dtype=np.int64)
    far = np.abs(flips @ np.array(steps, dtype=np.int64)) >= abs(sum(steps))
    exact = Fraction(int(far.sum()), len(flips))
    assert exact <= sign_flip_p(steps) <= 1


def test_many_tasks_with_fine_steps_agree_with_the_normal_limit() -> None:
    chance = Random(5)  # noqa: S311 - made-up differences
    steps = [chance.randrange(-(10**12), 10**12 + 10**11) for _ in range(60)]
    z = sum(steps) / np.sqrt(sum(float(s) ** 2 for s in steps))
    assert float(sign_flip_p(steps)) == pytest.approx(
        2 * stats.norm.sf(abs(z)), abs=2e-2
    )


@given(small, st.integers(6, 12))
def test_mean_and_interval_are_those_of_a_paired_t_test(
    steps: list[int], unit: int
) -> None:
    found = difference(steps, unit, seed_noise=None, seeds=1)
    values = np.array(steps) / unit
    assert float(found.mean) == pytest.approx(values.mean(), abs=1e-12)
    assert (found.wins, found.losses, found.ties) == (
        (values > 0).sum(),
        (values < 0).sum(),
        (values == 0).sum(),
    )
    if len(set(steps)) == 1:
        assert found.interval is None
        return
    theirs = stats.ttest_1samp(values, 0).confidence_interval()
    low, high = max(-1, theirs.low), min(1, theirs.high)
    if found.p > LEVEL:
        low, high = min(low, 0), max(high, 0)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (low, high), abs=1e-9
    )


def test_an_interval_reaches_0_where_the_exact_test_does_not_rule_it_out() -> None:
    # Five of a hundred tasks differ, all to one side: 2 of 32 choices of signs.
    found = difference([-1] * 5 + [0] * 95, 1, seed_noise=None, seeds=1)
    assert found.p == Fraction(1, 16)
    assert found.interval is not None
    assert found.interval.low < -0.05
    assert found.interval.high == 0.0
    # Six of them: 2 of 64.
    found = difference([-1] * 6 + [0] * 94, 1, seed_noise=None, seeds=1)
    assert found.p == Fraction(1, 32)
    assert found.interval is not None
    assert found.interval.high < 0.0


@settings(max_examples=50)
@given(st.lists(st.integers(-3, 4), min_size=3, max_size=40))
def test_so_many_tasks_give_the_power_that_was_asked_for(steps: list[int]) -> None:
    found = difference(steps, 5, seed_noise=None, seeds=1)
    values = np.array(steps) / 5
    assume(found.mean != 0)
    assume(values.std() > 0)
    effect = abs(values.mean() / values.std(ddof=1))
    assume(0.05 < effect < 1)
    expected = TTestPower().solve_power(effect, power=0.8, alpha=0.05)
    assert found.tasks_needed == pytest.approx(max(FEWEST, expected), rel=0.05, abs=3)


def test_fewer_tasks_than_six_can_show_nothing() -> None:
    assert (
        sign_flip_p([1] * FEWEST) <= Fraction(1, 20) < sign_flip_p([1] * (FEWEST - 1))
    )


def test_where_nothing_was_seen_nothing_would_settle_it() -> None:
    found = difference([1, -1, 0, 0, 1, -1], 1, seed_noise=0.1, seeds=3)
    assert found.tasks_needed is found.seeds_needed is None
    assert found.p == 1


def test_one_task_tells_neither_an_interval_nor_what_would_settle_it() -> None:
    found = difference([1], 1, seed_noise=None, seeds=1)
    assert found.interval is None
    assert found.tasks_needed is found.seeds_needed is None
    assert found.p == 1


def test_more_seeds_help_only_against_the_noise_of_seeds() -> None:
    steps = [3, 1, -1, 2, 0, 1, 2, -1, 3, 1, 0, 2, 1, -2, 1, 2]
    noisy = difference(steps, 6, seed_noise=0.045, seeds=3)
    assert noisy.seeds_needed is not None
    assert noisy.tasks_needed is not None
    assert noisy.tasks_needed > len(steps)
    assert noisy.seeds_needed > 3
    few = [3, -3, 3, -3, 3, 0, 0, 1]
    assert difference(few, 3, seed_noise=0.0, seeds=3).seeds_needed is None
    assert difference(few, 3, seed_noise=None, seeds=3).seeds_needed is None
    some = difference(few, 3, seed_noise=0.5, seeds=3).seeds_needed
    assert some is None or some > 3
