"""The joint test against enumeration, and the laws that it must keep."""

from fractions import Fraction
from itertools import combinations, product
from math import lcm

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sitegen.stats.joint_test import in_steps, joint_contrasts, joint_test

Steps = npt.NDArray[np.int64]


def tables(most_entities: int = 5, most_tasks: int = 7) -> st.SearchStrategy[Steps]:
    shapes = st.tuples(st.integers(2, most_entities), st.integers(1, most_tasks))
    return shapes.flatmap(
        lambda shape: arrays(np.int64, shape, elements=st.integers(0, 4))
    )


def enumerated(steps: Steps) -> dict[tuple[int, int], float]:
    """The step-down p values, written from the definition over all 2**T signs."""
    pairs = list(combinations(range(len(steps)), 2))
    differences = np.array([steps[a] - steps[b] for a, b in pairs]).astype(float)
    squares = (differences**2).sum(axis=1)
    root = np.sqrt(squares + squares.mean())
    root[root == 0] = 1
    seen = np.abs(differences.sum(axis=1)) / root
    signs = np.array(list(product([1, -1], repeat=steps.shape[1])))
    flipped = np.abs(signs @ differences.T) / root
    order = np.argsort(-seen, kind="stable")
    found, least = {}, 0.0
    for place, pair in enumerate(order):
        largest = flipped[:, order[place:]].max(axis=1)
        least = max(least, float((largest >= seen[pair] - 1e-9).mean()))
        found[pairs[pair]] = least
    return found


@given(tables())
@example(np.array([[0, 1, 1], [2, 2, 0], [1, 2, 0]]))  # two differ by one step
@settings(max_examples=60, deadline=None)
def test_every_p_value_is_that_of_all_choices_of_signs(steps: Steps) -> None:
    test = joint_test(steps)
    for (a, b), p in enumerated(steps).items():
        assert test.p[a, b] == pytest.approx(p, abs=1e-12)
        assert test.p[b, a] == test.p[a, b]


def test_one_pair_on_ten_tasks_has_the_exact_sign_flip_p() -> None:
    steps = np.array([[1] * 9 + [0], [0] * 9 + [1]])
    # 10 discordant tasks, 9 to 1: 2 * (1 + 10) / 2**10.
    assert joint_test(steps).p[0, 1] == pytest.approx(22 / 1024)


def test_where_signs_are_drawn_p_is_near_the_exact_one_and_never_0() -> None:
    steps = np.array([[1] * 12 + [0] * 3, [0] * 12 + [1] * 3])
    exact = 2 * (1 + 15 + 105 + 455) / 2**15
    drawn = float(joint_test(steps).p[0, 1])
    assert drawn == pytest.approx(exact, abs=3 * (exact / 2000) ** 0.5)
    assert joint_test(np.array([[1] * 40, [0] * 40])).p[0, 1] == 1 / 2000


@given(tables(most_tasks=20), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_entities_changes_nothing(
    steps: Steps, random: object
) -> None:
    order = np.arange(len(steps))
    random.shuffle(order)  # type: ignore[attr-defined]
    straight, shuffled = joint_test(steps), joint_test(steps[order])
    assert np.array_equal(straight.p[np.ix_(order, order)], shuffled.p)


@given(tables())
@settings(max_examples=30, deadline=None)
def test_the_size_of_a_step_changes_nothing(steps: Steps) -> None:
    assert np.array_equal(joint_test(steps).p, joint_test(3 * steps + 7).p)


@given(tables())
@settings(max_examples=30, deadline=None)
def test_entities_that_are_equal_task_by_task_are_never_told_apart(
    steps: Steps,
) -> None:
    twice = np.concatenate([steps, steps[:1]])
    assert joint_test(twice).p[0, -1] == 1


def test_a_rank_set_counts_who_is_shown_better_and_worse() -> None:
    steps = np.repeat([[3], [2], [2], [0]], 12, axis=1)
    test = joint_test(steps)
    assert [test.rank_set(i) for i in range(4)] == [(1, 1), (2, 3), (2, 3), (4, 4)]
    assert test.ahead(0, 3)
    assert not test.ahead(3, 0)
    assert not test.apart(1, 2)


def test_one_task_tells_nobody_apart() -> None:
    test = joint_test(np.array([[0], [1], [4]]))
    assert (test.p == 1).all()
    assert test.rank_set(2) == (1, 3)


def test_nobody_and_one_entity_have_no_pair() -> None:
    assert joint_test(np.zeros((0, 5), dtype=np.int64)).p.shape == (0, 0)
    assert joint_test(np.zeros((1, 5), dtype=np.int64)).rank_set(0) == (1, 1)


def test_more_pairs_than_one_block_are_one_family() -> None:
    draw = np.random.default_rng(5)
    steps = (draw.random((24, 9)) < np.linspace(0.1, 0.9, 24)[:, None]).astype(np.int64)
    test = joint_test(steps)
    for (a, b), p in enumerated(steps).items():
        assert test.p[a, b] == pytest.approx(p, abs=1e-12)


def test_steps_too_fine_for_exact_sums_are_refused() -> None:
    with pytest.raises(ValueError, match="too fine"):
        joint_test(np.array([[0, 0], [2**27, 0]]))


@given(
    st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=9),
    st.integers(1, 2**40),
)
def test_steps_are_the_numbers_themselves_or_the_nearest_of_a_million(
    numbers: list[int], unit: int
) -> None:
    found = in_steps(np.array([numbers]), unit).ravel().tolist()
    exact = [Fraction(number, unit) for number in numbers]
    finest = min(2**20, lcm(*(each.denominator for each in exact)))
    assert found == [round(each * finest) for each in exact]


def test_one_contrast_on_ten_tasks_has_the_exact_sign_flip_p() -> None:
    """As of the pair that differs by as much on each."""
    found = joint_contrasts(np.array([[1] * 9 + [-1], [0] * 10]))
    assert found.tolist() == pytest.approx([22 / 1024, 1])
    assert joint_contrasts(np.zeros((2, 0), dtype=np.int64)).tolist() == [1, 1]
