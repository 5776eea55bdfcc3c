"""Two ranked entities on the shared tasks, against counting by hand."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.schema import Record
from sitegen.keys import ComboKey, HarnessKey, Key
from sitegen.stats.joint_test import FLIPS
from sitegen.stats.pairs import MOST, Pair, pairs
from sitegen.stats.ranking import Ranking, ranking
from sitegen.stats.standings import Standing, standings
from tests.records import counts_of, grid, scope_of

Tasks = list[tuple[int, int]]

a_count = st.integers(0, 3).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
tables = st.integers(1, 5).flatmap(
    lambda n: st.lists(
        st.lists(a_count, min_size=n, max_size=n), min_size=1, max_size=4
    )
)


def ranked(groups: list[Tasks]) -> tuple[Ranking[ComboKey], list[Standing[ComboKey]]]:
    """The ranking, and standings of which the ranked ones have their rank."""
    counts = counts_of({f"g{i:03}": tasks for i, tasks in enumerate(groups)})
    found = ranking(counts, ComboKey, Fraction(9, 10))
    ranks = found.ranks()
    return found, [replace(s, rank=ranks.get(s.key)) for s in standings(counts)]


def found_in(groups: list[Tasks]) -> tuple[Pair[ComboKey], ...]:
    found, order = ranked(groups)
    return pairs("combo", found, found.verdicts(), order)


def scope_pairs(records: list[Record], kind: str) -> list[Pair[Key]]:
    return [pair for pair in scope_of(records).pairs if pair.kind == kind]


@given(tables)
def test_pairs_are_what_counting_by_hand_gives(groups: list[Tasks]) -> None:
    by_name = {f"g{i:03}": tasks for i, tasks in enumerate(groups)}
    own, _ = ranked(groups)
    shared = np.flatnonzero(own.shared[0]).tolist() if own.keys else []
    for pair in found_in(groups):
        both = [
            (Fraction(*by_name[pair.a.model][t]), Fraction(*by_name[pair.b.model][t]))
            for t in shared
        ]
        found = pair.found
        assert pair.n_cells == found.n_tasks == len(both) > 0
        assert found.wins == sum(a > b for a, b in both)
        assert found.losses == sum(a < b for a, b in both)
        assert found.ties == sum(a == b for a, b in both)
        assert found.mean == sum((a - b for a, b in both), Fraction(0)) / len(both)
        rates = dict(zip(own.keys, own.rates, strict=True))
        assert found.mean == rates[pair.a] - rates[pair.b]


@given(tables)
def test_every_two_that_are_ranked_are_paired_once(groups: list[Tasks]) -> None:
    own, _ = ranked(groups)
    found = found_in(groups)
    expected = {frozenset(two) for two in combinations(own.keys, 2)}
    assert {frozenset((p.a, p.b)) for p in found} == expected
    assert len(found) == len(expected)


@given(tables)
def test_seen_from_the_other_side_wins_are_losses_and_p_is_the_same(
    groups: list[Tasks],
) -> None:
    own, order = ranked(groups)
    verdicts = own.verdicts()
    there = pairs("combo", own, verdicts, order)
    back = pairs("combo", own, verdicts, order[::-1])
    turned = {
        (p.b, p.a): (p.found.losses, p.found.wins, -p.found.mean, p.found.p, p.p)
        for p in back
    }
    assert {
        (p.a, p.b): (p.found.wins, p.found.losses, p.found.mean, p.found.p, p.p)
        for p in there
    } == turned


@given(tables, st.integers(2, 5))
def test_repeating_every_trial_adds_no_certainty(
    groups: list[Tasks], times: int
) -> None:
    again = [[(x * times, n * times) for x, n in tasks] for tasks in groups]

    def told(found: tuple[Pair[ComboKey], ...]) -> list[object]:
        return [(p.a, p.b, p.found.mean, p.found.p, p.p) for p in found]

    assert told(found_in(again)) == told(found_in(groups))


@given(tables)
def test_p_is_the_one_verdict_adjusted_for_all_pairs_of_the_kind(
    groups: list[Tasks],
) -> None:
    own, _ = ranked(groups)
    verdicts = own.verdicts()
    for pair in found_in(groups):
        assert pair.p == verdicts.p(pair.a, pair.b) == verdicts.p(pair.b, pair.a)
        assert pair.separable == verdicts.apart(pair.a, pair.b)
        # At most five tasks are enumerated: then no pair does better in a family
        # than alone.
        assert pair.p >= float(pair.found.p) - 1e-12


def test_a_lone_pair_has_the_exact_p_of_the_sign_flip_test() -> None:
    (pair,) = found_in([[(1, 1)] * 9 + [(0, 1)], [(0, 1)] * 9 + [(1, 1)]])
    assert pair.found.p == Fraction(22, 1024)
    assert pair.p == pytest.approx(22 / 1024)
    assert pair.separable


def test_more_entities_never_tell_a_pair_apart_that_was_not() -> None:
    a, b = [(1, 1)] * 6 + [(0, 1)] * 4, [(0, 1)] * 9 + [(1, 1)]
    alone = found_in([a, b])
    (there,) = alone
    assert not there.separable
    others = [[((i * t) % 2, 1) for t in range(10)] for i in (1, 2, 3)]
    more = {(p.a.model, p.b.model): p.p for p in found_in([a, b, *others])}
    assert more["g000", "g001"] >= there.p


def test_models_are_compared_in_the_harnesses_that_both_ran_in() -> None:
    tasks = [f"t{i}" for i in range(8)]
    records = [
        *grid({"a/q/h": dict.fromkeys(tasks, "+")}),
        *grid({"b/q/h": dict.fromkeys(tasks, "+")}),
        *grid({"b/q/other": dict.fromkeys(tasks, "-")}),
    ]
    (pair,) = scope_pairs(records, "model")
    # By totals b looks worse; in the harness that both ran in they are equal.
    assert (pair.n_cells, pair.found.ties) == (8, 8)
    assert pair.found.mean == 0
    (pair,) = scope_pairs(records, "harness")
    assert (pair.a, pair.b) == (HarnessKey("h"), HarnessKey("other"))
    assert (pair.n_cells, pair.found.wins) == (8, 8)
    assert pair.found.mean == 1
    assert pair.found.p == Fraction(2, 2**8)


def test_harnesses_without_a_common_model_are_not_compared() -> None:
    records = [*grid({"a//h": {"t": "+"}}), *grid({"b//g": {"t": "-"}})]
    assert scope_pairs(records, "harness") == scope_pairs(records, "model") == []


def test_quants_are_compared_within_their_model() -> None:
    cells = {f"{m}/{q}/h": {"t": "+"} for m in "ab" for q in ("Q4", "Q8")}
    found = scope_pairs(grid(cells), "quant")
    assert [(p.a.parts["model"], p.b.parts["model"]) for p in found] == [
        ("a", "a"),
        ("b", "b"),
    ]
    assert len(scope_pairs(grid(cells), "model")) == 6


def test_unequal_and_huge_numbers_of_trials_are_compared_exactly() -> None:
    # The sixteen denominators have a common multiple of thirty digits.
    primes = [101, 103, 107, 109, 113, 127, 131, 137]
    groups = [[(n // 2, n) for n in primes], [(n // 3, n) for n in reversed(primes)]]
    (pair,) = found_in(groups)
    mean = sum(
        Fraction(n // 2, n) - Fraction(m // 3, m)
        for n, m in zip(primes, reversed(primes), strict=True)
    ) / len(primes)
    assert pair.found.mean == mean
    assert pair.found.wins == 8
    assert pair.found.p == Fraction(2, 2**8)
    assert pair.p == 2 / 2**8


def test_the_noise_of_seeds_is_known_where_every_cell_ran_twice() -> None:
    tasks = [[(3, 4)] * 8, [(1, 4), (2, 4)] * 4]
    (pair,) = found_in(tasks)
    assert pair.found.seeds_needed is not None
    tasks[0][3] = (1, 1)
    (pair,) = found_in(tasks)
    assert pair.found.seeds_needed is None
    assert pair.found.tasks_needed is not None


def test_only_the_first_of_a_long_ranking_are_compared() -> None:
    groups = [[(i, 100)] for i in range(MOST + 5)]
    found = found_in(groups)
    assert len(found) == MOST * (MOST - 1) // 2
    assert min(int(p.b.model[1:]) for p in found) == 5
    # The others are none the less of the family, and quants of one model are listed.
    own, order = ranked(groups)
    assert len(own.verdicts().rows) == MOST + 5
    last = {"g000", "g001", "g054"}

    def group(key: ComboKey) -> ComboKey:
        return ComboKey("in", "", "") if key.model in last else key

    told = pairs("combo", own, own.verdicts(), order, same=group)
    assert [(p.a.model, p.b.model) for p in told] == [
        ("g054", "g001"),
        ("g054", "g000"),
        ("g001", "g000"),
    ]


def test_cells_weigh_the_same_where_tasks_have_unlike_numbers_of_them() -> None:
    tasks = [f"t{i:02}" for i in range(20)]
    cells = {
        f"{m}//{h}": dict.fromkeys(tasks, "+" if (m, h) == ("a", "x") else "-")
        for m in "ab"
        for h in "xy"
    }
    del cells["b//y"]["t00"]
    (pair,) = scope_pairs(grid(cells), "model")
    # 20 cells in x, where a leads, and 19 in y, where nobody does.
    assert (pair.n_cells, pair.found.n_tasks) == (39, 20)
    assert pair.found.mean == Fraction(20, 39)
    assert (pair.found.wins, pair.found.losses) == (20, 0)
    assert pair.p == 1 / (FLIPS + 1)
