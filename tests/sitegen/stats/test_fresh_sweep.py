"""What another sweep would bring: drawn sweeps, and the limits."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from sitegen.stats.fresh_sweep import fresh_sweep
from sitegen.stats.intervals import Z95, rate_interval
from sitegen.stats.intraclass import Worth, agreement, worth

SWEEPS, TASKS, SEEDS = 400, 16, 3


def test_a_second_sweep_falls_where_it_was_predicted_nine_times_in_ten() -> None:
    draw = np.random.default_rng(4)
    new = same = 0
    for _ in range(SWEEPS):
        chance = draw.beta(0.5, 0.5, size=(8, TASKS))
        passed = draw.binomial(SEEDS, chance)
        trials = np.full_like(passed, SEEDS)
        own = worth(
            np.ones(TASKS, dtype=np.int64),
            Fraction(TASKS, SEEDS),
            agreement(passed, trials),
        )
        found = fresh_sweep(
            Fraction(int(passed[0].sum()), TASKS * SEEDS),
            own,
            seeds_known=True,
            n_tasks=TASKS,
        )
        again = draw.binomial(SEEDS, chance[0]).mean() / SEEDS
        other = draw.binomial(SEEDS, draw.beta(0.5, 0.5, size=TASKS)).mean() / SEEDS
        assert found.same_tasks is not None
        same += found.same_tasks.low <= again <= found.same_tasks.high
        new += found.new_tasks.low <= other <= found.new_tasks.high
    assert 0.9 <= same / SWEEPS <= 0.99
    assert 0.9 <= new / SWEEPS <= 0.99


def test_a_rate_at_the_ends_of_the_interval_is_what_the_score_test_still_allows() -> (
    None
):
    found = fresh_sweep(
        Fraction(1, 2), Worth(Fraction(40), None), seeds_known=True, n_tasks=TASKS
    )
    for q in (found.new_tasks.low, found.new_tasks.high):
        middle = (0.5 + q) / 2
        score = (q - 0.5) / np.sqrt(middle * (1 - middle) * 2 / 40)
        assert abs(score) == pytest.approx(Z95)


def test_the_prediction_is_wider_than_the_interval_of_the_rate() -> None:
    own = Worth(Fraction(16), Fraction(1, 3))
    found = fresh_sweep(Fraction(3, 4), own, seeds_known=True, n_tasks=TASKS)
    interval = rate_interval(Fraction(3, 4), own, 48)
    assert interval is not None
    assert found.new_tasks.low < interval.low
    assert found.new_tasks.high > interval.high


def test_what_seeds_bring_is_not_guessed() -> None:
    rate = Fraction(1, 2)
    once = fresh_sweep(rate, Worth(Fraction(16), None), seeds_known=True, n_tasks=TASKS)
    mixed = fresh_sweep(
        rate, Worth(Fraction(16), Fraction(1, 3)), seeds_known=False, n_tasks=TASKS
    )
    assert once.same_tasks is None
    assert mixed.same_tasks is None


def test_where_trials_of_a_task_all_agree_the_same_tasks_bring_the_same_rate() -> None:
    own = Worth(Fraction(16), Fraction(0))
    found = fresh_sweep(Fraction(1, 4), own, seeds_known=True, n_tasks=TASKS)
    assert found.same_tasks is not None
    assert (found.same_tasks.low, found.same_tasks.high) == (0.25, 0.25)


def test_noise_of_seeds_that_was_measured_on_few_tasks_is_less_sure() -> None:
    own = Worth(Fraction(16), Fraction(1, 3))
    few, many = (
        fresh_sweep(Fraction(1, 2), own, seeds_known=True, n_tasks=n) for n in (6, 600)
    )
    assert few.same_tasks is not None
    assert many.same_tasks is not None
    assert few.same_tasks.high > many.same_tasks.high
    assert few.same_tasks.low < many.same_tasks.low
    assert few.same_tasks.low + few.same_tasks.high == pytest.approx(1)
    assert few.new_tasks == many.new_tasks
    q = few.same_tasks.high
    middle = (0.5 + q) / 2
    score = (q - 0.5) / np.sqrt(middle * (1 - middle) * 2 / (16 * 3))
    assert score == pytest.approx(stats.t.ppf(0.975, 5))
