"""The pooled correlation against the textbook formula, and what trials are worth."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.stats.intraclass import Agreement, agreement, intraclass, worth


def effective_trials(trials: npt.NDArray[np.int64], rho: Fraction | None) -> Fraction:
    """Of one cell a task."""
    ran = trials[trials > 0]
    inverse = sum((Fraction(1, int(n)) for n in ran), start=Fraction(0))
    return worth((trials > 0).astype(np.int64), inverse, Agreement(rho, rho)).trials


def test_with_equal_repeats_it_is_the_balanced_estimator() -> None:
    draw = np.random.default_rng(1)
    k, t, s = 4, 9, 5
    passed = draw.binomial(s, draw.beta(0.5, 0.5, size=(k, t)))
    y = passed / s
    msb = s * ((y - y.mean(axis=1, keepdims=True)) ** 2).sum() / (k * (t - 1))
    msw = s * (y * (1 - y)).sum() / (k * t * (s - 1))
    found = intraclass(passed, np.full((k, t), s))
    assert found is not None
    assert float(found) == pytest.approx((msb - msw) / (msb + (s - 1) * msw))


def test_it_finds_the_correlation_that_unequal_trials_were_drawn_with() -> None:
    draw = np.random.default_rng(2)
    trials = draw.integers(1, 7, size=(60, 40))
    passed = draw.binomial(trials, draw.beta(1, 1, size=(60, 40)))
    # Beta(1, 1): the variance between tasks is 1/12, of 1/4 in all.
    assert float(intraclass(passed, trials) or 0) == pytest.approx(1 / 3, abs=0.03)


def test_it_is_unknown_where_every_task_was_tried_once() -> None:
    assert intraclass(np.array([[1, 0, 1]]), np.array([[1, 1, 1]])) is None


def test_it_is_known_from_those_who_ran_some_task_twice() -> None:
    passed, trials = np.array([[2, 0, 1], [1, 0, 1]]), np.array([[2, 2, 2], [1, 1, 1]])
    found = intraclass(passed, trials)
    assert found is not None
    assert 0 < found < 1


def test_where_nothing_varies_it_is_the_cautious_1() -> None:
    assert intraclass(np.array([[3, 3]]), np.array([[3, 3]])) == 1


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_trials_are_never_worth_more_than_their_number_nor_than_endless_repeats(
    sizes: list[int],
) -> None:
    trials = np.array(sizes)
    n_tasks = int((trials > 0).sum())
    for rho in (Fraction(0), Fraction(1, 3), Fraction(1)):
        found = effective_trials(trials, rho)
        assert 0 <= found <= int(trials.sum())
        assert rho * found <= n_tasks


def test_one_trial_a_task_is_worth_one_whatever_the_correlation() -> None:
    assert effective_trials(np.array([1, 1, 0, 1]), Fraction(1, 2)) == 3
    assert effective_trials(np.array([1, 1, 0, 1]), None) == 3


def test_one_task_repeated_a_thousand_times_adds_nearly_nothing() -> None:
    trials = np.array([1000] + [1] * 15)
    assert float(effective_trials(trials, Fraction(1, 2))) == pytest.approx(
        16.5, abs=0.02
    )


def test_for_intervals_some_of_an_easy_and_of_a_hard_task_is_added() -> None:
    passed = np.array([[0, 0, 1, 0], [0, 1, 0, 0]])
    found = agreement(passed, np.full((2, 4), 5))
    # Six times over: of each entity six copies of its tasks and one of each added.
    six = np.hstack([passed] * 6 + [np.array([[5, 0]] * 2)])
    y, n = six / 5, 4 + 1 / 3
    mean = y.mean(axis=1, keepdims=True)
    msb = 5 * ((y - mean) ** 2).sum() / 6 / (2 * (n - 1))
    msw = 5 * (y * (1 - y)).sum() / 6 / (2 * n * 4)
    assert found.estimate == intraclass(passed, np.full((2, 4), 5)) == 0
    assert found.cautious is not None
    assert float(found.cautious) == pytest.approx((msb - msw) / (msb + 4 * msw))


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=3
        ),
        min_size=1,
        max_size=4,
    )
)
def test_caution_never_makes_trials_worth_more(
    sweep: list[list[tuple[int, int]]],
) -> None:
    trials = np.array([[max(a, b) for a, b in row] for row in sweep])
    passed = np.array([[min(a, b) for a, b in row] for row in sweep])
    found = agreement(passed, trials)
    if found.estimate is None:
        assert found.cautious is None
    else:
        assert found.cautious is not None
        assert 0 <= found.estimate <= found.cautious <= 1
