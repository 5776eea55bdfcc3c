"""Rank ranges: laws, a pinned case, and a slow bootstrap with exact fractions."""

import random
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.stats.ranks import DRAWS, complete, rank_ranges, resampled, shared_ranks
from sitegen.stats.standings import standings
from tests.records import counts_of

Tasks = list[tuple[int, int]]

a_count = st.integers(0, 4).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@st.composite
def tables(draw: st.DrawFn) -> list[Tasks]:
    n_tasks = draw(st.integers(1, 6))
    row = st.lists(a_count, min_size=n_tasks, max_size=n_tasks)
    return draw(st.lists(row, min_size=1, max_size=5))


def ranges(groups: Sequence[Tasks]) -> list[tuple[int, int] | None]:
    return list(rank_ranges(counts_of({f"g{i}": g for i, g in enumerate(groups)})))


def row(marks: str) -> Tasks:
    return [(int(mark == "+"), 1) for mark in marks]


@settings(max_examples=50)
@given(tables())
def test_a_range_holds_the_rank_of_its_standing(groups: list[Tasks]) -> None:
    counts = counts_of({f"g{i}": g for i, g in enumerate(groups)})
    for standing in standings(counts):
        if standing.rate is None or not standing.complete:
            assert standing.rank is None
            assert standing.rank_range is None
        else:
            assert standing.rank is not None
            assert standing.rank_range is not None
            low, high = standing.rank_range
            assert 1 <= low <= standing.rank <= high <= len(groups)


@settings(max_examples=50)
@given(tables(), st.randoms())
def test_the_order_of_groups_changes_no_range(
    groups: list[Tasks], chance: random.Random
) -> None:
    order = list(range(len(groups)))
    chance.shuffle(order)
    moved = ranges([groups[index] for index in order])
    before = ranges(groups)
    assert moved == [before[index] for index in order]


@settings(max_examples=50)
@given(tables(), st.data())
def test_groups_with_equal_counts_get_equal_ranges(
    groups: list[Tasks], data: st.DataObject
) -> None:
    twin = data.draw(st.sampled_from(groups))
    found = ranges([*groups, twin])
    assert found[-1] == found[groups.index(twin)]


@settings(max_examples=50)
@given(tables())
def test_groups_without_trials_have_no_range_and_take_no_place(
    groups: list[Tasks],
) -> None:
    absent: Tasks = [(0, 0)] * len(groups[0])
    found = ranges([absent, *groups, absent])
    assert found[0] is found[-1] is None
    assert found[1:-1] == ranges(groups)


@settings(max_examples=50)
@given(tables())
def test_repeating_every_trial_adds_no_certainty(groups: list[Tasks]) -> None:
    assert ranges([[(3 * x, 3 * n) for x, n in tasks] for tasks in groups]) == ranges(
        groups
    )


def test_one_task_leaves_no_doubt_about_the_tasks() -> None:
    found = ranges([[(1, 1)], [(0, 1)], [(1, 2)], [(1, 1)]])
    assert found == [(1, 2), (4, 4), (3, 3), (1, 2)]


def test_a_group_that_is_better_on_every_task_is_surely_first() -> None:
    assert ranges([row("++++++"), row("------")]) == [(1, 1), (2, 2)]


def test_a_group_alone_is_first() -> None:
    assert ranges([row("+-+-")]) == [(1, 1)]


def test_whoever_missed_a_task_has_no_rank_and_takes_no_place() -> None:
    everywhere, half = row("++++++++"), [*row("++++"), *[(0, 0)] * 4]
    failing = row("++++----")
    assert ranges([everywhere, half, failing]) == [(1, 1), None, (2, 2)]


def test_a_task_that_nobody_was_measured_on_is_missed_by_nobody() -> None:
    groups = [[(1, 1), (0, 0)], [(0, 1), (0, 0)]]
    assert complete(counts_of({"a": groups[0], "b": groups[1]})).all()
    assert not complete(counts_of({"a": [(0, 0)], "b": [(0, 0)]})).any()


def test_the_draws_are_those_of_splitmix64() -> None:
    n_tasks, mask = 7, (1 << 64) - 1

    def splitmix(counter: int) -> int:
        z = (2026 + counter * 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    # The first output for the seed 1234567 that its authors' code prints.
    z = (1234567 + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    assert z ^ (z >> 31) == 6457827717110365317
    found = resampled(n_tasks)
    assert found.shape == (DRAWS, n_tasks)
    for draw in (0, 1, 999):
        tasks = [splitmix(1 + draw * n_tasks + i) % n_tasks for i in range(n_tasks)]
        assert found[draw].tolist() == [tasks.count(task) for task in range(n_tasks)]


def test_the_draws_are_the_same_on_every_machine() -> None:
    groups = [
        row("+++++++++-+++-++"),
        row("++++++-++-+++-++"),
        row("++-+++-++-++--+-"),
        row("+--+-+-+---+--+-"),
    ]
    assert ranges(groups) == [(1, 2), (1, 3), (2, 3), (4, 4)]
    assert ranges([row("+-+-++"), row("-+-+++"), row("++---+")]) == [(1, 3)] * 3


def slow_ranks(groups: list[Tasks], draws: int) -> list[tuple[list[int], list[int]]]:
    """Best and worst place of each group in every draw, sorted; exact and slow."""
    chance = random.Random(7)  # noqa: S311 - resampling, not secrets
    n_tasks = len(groups[0])
    found: list[tuple[list[int], list[int]]] = [([], []) for _ in groups]
    for _ in range(draws):
        tasks = [chance.randrange(n_tasks) for _ in range(n_tasks)]
        rates = []
        for group in groups:
            n = sum(group[task][1] for task in tasks)
            passed = sum(group[task][0] for task in tasks)
            rates.append(Fraction(passed, n) if n else Fraction(-1))
        for (best, worst), rate in zip(found, rates, strict=True):
            best.append(1 + sum(other > rate for other in rates))
            worst.append(sum(other >= rate for other in rates))
    return [(sorted(best), sorted(worst)) for best, worst in found]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_independent_bootstrap_agrees_within_its_own_chance(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a made-up table
    groups: list[Tasks] = []
    for group in range(6):
        trials = [chance.choice([1, 2, 3]) for _ in range(12)]
        groups.append(
            [
                (sum(chance.random() < 0.3 + 0.1 * group for _ in range(n)), n)
                for n in trials
            ]
        )
    draws = 2000
    for ours, (best, worst) in zip(
        ranges(groups), slow_ranks(groups, draws), strict=True
    ):
        assert ours is not None
        low, high = ours
        # Three standard errors of a 2.5 % tail, from our 1000 draws and theirs.
        slack = 3 * (0.025 * 0.975 * (1 / 1000 + 1 / draws)) ** 0.5
        assert best[int((0.025 - slack) * draws)] <= low
        assert low <= best[int((0.025 + slack) * draws)]
        assert worst[int((0.975 - slack) * draws)] <= high
        assert high <= worst[int((0.975 + slack) * draws)]


def test_equal_rates_share_a_rank_and_the_next_stands_behind_all_of_them() -> None:
    half, third = Fraction(1, 2), Fraction(1, 3)
    ranks = shared_ranks([third, half, Fraction(1), half])
    assert ranks == {Fraction(1): 1, half: 2, third: 4}
    assert shared_ranks([]) == {}
