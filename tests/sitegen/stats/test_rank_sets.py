"""Rank sets: laws, pinned cases, and a slow step-down test with signs of its own."""

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.keys import ComboKey
from sitegen.stats.joint_test import FLIPS, LEVEL
from sitegen.stats.ranking import Ranking, ranking
from tests.records import counts_of, grid, scope_of

Tasks = list[tuple[int, int]]
RankSets = list[tuple[int, int] | None]

a_count = st.integers(0, 4).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@st.composite
def tables(draw: st.DrawFn) -> list[Tasks]:
    n_tasks = draw(st.integers(1, 6))
    row = st.lists(a_count, min_size=n_tasks, max_size=n_tasks)
    return draw(st.lists(row, min_size=1, max_size=5))


@st.composite
def full_tables(draw: st.DrawFn) -> list[Tasks]:
    """Without a gap, so that everyone is ranked where there are two."""
    n_tasks = draw(st.integers(1, 9))
    cell = st.integers(1, 4).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    row = st.lists(cell, min_size=n_tasks, max_size=n_tasks)
    return draw(st.lists(row, min_size=2, max_size=5))


def name(index: int) -> ComboKey:
    return ComboKey(f"g{index:02d}", "", "")


def of(groups: Sequence[Tasks]) -> Ranking[ComboKey]:
    counts = counts_of({name(i).model: tasks for i, tasks in enumerate(groups)})
    return ranking(counts, ComboKey, Fraction(9, 10))


def sets(groups: Sequence[Tasks]) -> RankSets:
    verdicts = of(groups).verdicts()
    return [verdicts.rank_set(name(i)) for i in range(len(groups))]


def row(marks: str) -> Tasks:
    return [(int(mark == "+"), 1) for mark in marks]


@settings(max_examples=50)
@given(tables())
def test_a_rank_set_holds_the_rank_and_only_the_ranked_have_one(
    groups: list[Tasks],
) -> None:
    found = of(groups)
    ranks, verdicts = found.ranks(), found.verdicts()
    for index in range(len(groups)):
        rank_set = verdicts.rank_set(name(index))
        if name(index) not in ranks:
            assert rank_set is None
        else:
            assert rank_set is not None
            low, high = rank_set
            assert 1 <= low <= ranks[name(index)] <= high <= len(ranks)


@settings(max_examples=50)
@given(full_tables(), st.randoms())
def test_the_order_of_groups_changes_no_rank_set(
    groups: list[Tasks], chance: random.Random
) -> None:
    order = list(range(len(groups)))
    chance.shuffle(order)
    before = sets(groups)
    assert sets([groups[index] for index in order]) == [before[i] for i in order]


@settings(max_examples=50)
@given(full_tables(), st.data())
def test_groups_with_equal_counts_get_equal_rank_sets(
    groups: list[Tasks], data: st.DataObject
) -> None:
    twin = data.draw(st.sampled_from(groups))
    found = sets([*groups, twin])
    assert found[-1] == found[groups.index(twin)]


@settings(max_examples=50)
@given(tables())
def test_groups_without_trials_have_no_rank_set_and_take_no_place(
    groups: list[Tasks],
) -> None:
    absent: Tasks = [(0, 0)] * len(groups[0])
    found = sets([absent, *groups, absent])
    assert found[0] is found[-1] is None
    assert found[1:-1] == sets(groups)


@settings(max_examples=50)
@given(tables())
def test_repeating_every_trial_adds_no_certainty(groups: list[Tasks]) -> None:
    again = [[(3 * x, 3 * n) for x, n in tasks] for tasks in groups]
    assert sets(again) == sets(groups)
    assert of(again).rates == of(groups).rates


def test_one_task_tells_nothing_about_ranks() -> None:
    groups = [[(1, 1)], [(0, 1)], [(1, 2)], [(1, 1)]]
    assert list(of(groups).ranks().values()) == [1, 4, 3, 1]
    assert sets(groups) == [(1, 4)] * 4


def test_a_group_that_is_better_on_every_task_is_surely_first() -> None:
    assert sets([row("++++++"), row("------")]) == [(1, 1), (2, 2)]
    # On five tasks chance would do it in 2 of 32 sweeps.
    assert sets([row("+++++"), row("-----")]) == [(1, 2), (1, 2)]


def test_a_group_alone_has_no_rank() -> None:
    assert of([row("+-+-")]).ranks() == {}
    assert sets([row("+-+-")]) == [None]


def test_whoever_missed_half_the_tasks_has_no_rank_and_takes_no_place() -> None:
    everywhere, half = row("++++++++"), [*row("++++"), *[(0, 0)] * 4]
    failing = row("--------")
    assert sets([everywhere, half, failing]) == [(1, 1), None, (2, 2)]


def test_a_task_that_nobody_was_measured_on_is_missed_by_nobody() -> None:
    found = of([[(1, 1), (0, 0)], [(0, 1), (0, 0)]])
    assert (len(found.keys), found.n_tasks) == (2, 1)
    nobody = of([[(0, 0)], [(0, 0)]])
    assert (nobody.keys, nobody.n_tasks, nobody.ranks()) == ((), 0, {})


def test_equal_rates_share_a_rank_and_the_next_stands_behind_all_of_them() -> None:
    groups = [row("+--"), row("++-"), row("+++"), row("-++")]
    assert list(of(groups).ranks().values()) == [4, 2, 1, 2]


def test_the_drawn_signs_are_the_same_on_every_machine() -> None:
    groups = [
        row("+++++++++-+++-++"),
        row("++++++-++-+++-++"),
        row("++-+++-++-++--+-"),
        row("+--+-+-+---+--+-"),
    ]
    test = of(groups).verdicts().test
    drawn = {(a, b): float(test.p[a, b]) for a, b in combinations(range(4), 2)}
    assert {pair: round(p * (FLIPS + 1)) for pair, p in drawn.items()} == {
        (0, 1): 2000,
        (0, 2): 482,
        (0, 3): 17,
        (1, 2): 482,
        (1, 3): 32,
        (2, 3): 482,
    }
    assert sets(groups) == [(1, 3), (1, 3), (1, 4), (3, 4)]


def slow_p(groups: list[Tasks], draws: int) -> dict[tuple[int, int], float]:
    """The step-down p values with signs of its own, in exact fractions, and slow."""
    chance = random.Random(7)  # noqa: S311 - resampling, not secrets
    pairs = list(combinations(range(len(groups)), 2))
    lead = [
        [Fraction(*x) - Fraction(*y) for x, y in zip(groups[a], groups[b], strict=True)]
        for a, b in pairs
    ]

    squares = [sum((x * x for x in own), start=Fraction(0)) for own in lead]
    noise = [own + sum(squares, start=Fraction(0)) / len(pairs) for own in squares]

    def squared(k: int, differences: list[Fraction]) -> Fraction:
        return sum(differences, start=Fraction(0)) ** 2 / (noise[k] or 1)

    seen = [squared(k, own) for k, own in enumerate(lead)]
    order = sorted(range(len(pairs)), key=lambda k: -seen[k])
    at_least = [1] * len(pairs)
    for _ in range(draws):
        signs = [chance.choice((-1, 1)) for _ in groups[0]]
        flipped = [
            squared(k, [s * x for s, x in zip(signs, own, strict=True)])
            for k, own in enumerate(lead)
        ]
        largest = Fraction(0)
        for k in reversed(order):
            largest = max(largest, flipped[k])
            at_least[k] += largest >= seen[k]
    found, least = {}, 0.0
    for k in order:
        least = max(least, at_least[k] / (draws + 1))
        found[pairs[k]] = least
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_independent_signs_agree_within_their_own_chance(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a made-up table
    groups: list[Tasks] = []
    for group in range(4):
        trials = [chance.choice([1, 2, 3]) for _ in range(12)]
        groups.append(
            [
                (sum(chance.random() < 0.1 + 0.25 * group for _ in range(n)), n)
                for n in trials
            ]
        )
    draws, test = 1000, of(groups).verdicts().test
    for (a, b), theirs in slow_p(groups, draws).items():
        ours = float(test.p[a, b])
        # Four standard errors of both, and of a p value that could be theirs.
        error = (max(ours, 0.002) * (1 / FLIPS + 1 / draws)) ** 0.5
        assert abs(ours - theirs) < 4 * error


@settings(max_examples=30)
@given(full_tables())
def test_ranges_count_who_is_shown_better_and_worse_at_five_percent(
    groups: list[Tasks],
) -> None:
    found = of(groups)
    verdicts, rates = found.verdicts(), found.rates
    for i, key in enumerate(found.keys):
        apart = [
            rates[j] - rates[i]
            for j, other in enumerate(found.keys)
            if other != key and (verdicts.p(key, other) or 0) <= LEVEL
        ]
        better, worse = sum(x > 0 for x in apart), sum(x < 0 for x in apart)
        assert better + worse == len(apart)
        assert verdicts.rank_set(key) == (1 + better, len(groups) - worse)


def test_a_standing_shows_the_rank_set_and_an_apart_one_shows_none() -> None:
    tasks = [f"t{i}" for i in range(8)]
    cells = {
        "a//h": dict.fromkeys(tasks, "+"),
        "b//h": dict.fromkeys(tasks, "-"),
        "c//h": dict.fromkeys(tasks[:3], "+"),
    }
    found = scope_of(grid(cells)).combos
    assert [(s.key.model, s.rank, s.rank_range) for s in found] == [
        ("a", 1, (1, 1)),
        ("b", 2, (2, 2)),
        ("c", None, None),
    ]
