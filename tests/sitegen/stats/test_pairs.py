"""Two entities on shared tasks, against counting by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from harness_bench.schema import Record
from sitegen.keys import ComboKey, HarnessKey, Key
from sitegen.stats.pairs import MOST, Pair, pairs
from sitegen.stats.standings import standings
from tests.records import counts_of, grid, scope_of

Tasks = list[tuple[int, int]]

a_count = st.integers(0, 3).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
tables = st.integers(1, 5).flatmap(
    lambda n: st.lists(
        st.lists(a_count, min_size=n, max_size=n), min_size=1, max_size=4
    )
)


def found_in(groups: list[Tasks]) -> tuple[Pair[ComboKey], ...]:
    counts = counts_of({f"g{i}": tasks for i, tasks in enumerate(groups)})
    return pairs("combo", counts, standings(counts))


def scope_pairs(records: list[Record], kind: str) -> list[Pair[Key]]:
    return [pair for pair in scope_of(records).pairs if pair.kind == kind]


@given(tables)
def test_pairs_are_what_counting_by_hand_gives(groups: list[Tasks]) -> None:
    by_name = {f"g{i}": tasks for i, tasks in enumerate(groups)}
    for pair in found_in(groups):
        both = [
            (Fraction(*a), Fraction(*b))
            for a, b in zip(by_name[pair.a.model], by_name[pair.b.model], strict=True)
            if a[1] and b[1]
        ]
        found = pair.found
        assert pair.n_cells == found.n_tasks == len(both) > 0
        assert found.wins == sum(a > b for a, b in both)
        assert found.losses == sum(a < b for a, b in both)
        assert found.ties == sum(a == b for a, b in both)
        assert found.mean == sum((a - b for a, b in both), Fraction(0)) / len(both)


@given(tables)
def test_every_two_that_share_a_task_are_paired_once(groups: list[Tasks]) -> None:
    sharing = {
        frozenset((f"g{i}", f"g{j}"))
        for i in range(len(groups))
        for j in range(i)
        if any(a and b for (_, a), (_, b) in zip(groups[i], groups[j], strict=True))
    }
    found = found_in(groups)
    assert {frozenset((p.a.model, p.b.model)) for p in found} == sharing
    assert len(found) == len(sharing)


@given(tables)
def test_seen_from_the_other_side_wins_are_losses_and_p_is_the_same(
    groups: list[Tasks],
) -> None:
    counts = counts_of({f"g{i}": tasks for i, tasks in enumerate(groups)})
    order = standings(counts)
    there, back = pairs("combo", counts, order), pairs("combo", counts, order[::-1])
    turned = {
        (p.b, p.a): (p.found.losses, p.found.wins, -p.found.mean, p.found.p, p.p_holm)
        for p in back
    }
    assert {
        (p.a, p.b): (p.found.wins, p.found.losses, p.found.mean, p.found.p, p.p_holm)
        for p in there
    } == turned


@given(tables, st.integers(2, 5))
def test_repeating_every_trial_adds_no_certainty(
    groups: list[Tasks], times: int
) -> None:
    again = [[(x * times, n * times) for x, n in tasks] for tasks in groups]

    def told(found: tuple[Pair[ComboKey], ...]) -> list[object]:
        return [(p.a, p.b, p.found.mean, p.found.p, p.p_holm) for p in found]

    assert told(found_in(again)) == told(found_in(groups))


@given(tables)
def test_p_is_adjusted_for_all_pairs_of_the_kind(groups: list[Tasks]) -> None:
    found = found_in(groups)
    ps = [float(pair.found.p) for pair in found]
    expected = multipletests(ps, method="holm")[1] if ps else []
    assert [float(pair.p_holm) for pair in found] == pytest.approx(expected, abs=1e-9)


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


def test_the_noise_of_seeds_is_known_where_every_cell_ran_twice() -> None:
    tasks = [[(3, 4)] * 8, [(1, 4), (2, 4)] * 4]
    (pair,) = found_in(tasks)
    assert pair.found.seeds_needed is not None
    tasks[0][3] = (1, 1)
    (pair,) = found_in(tasks)
    assert pair.found.seeds_needed is None
    assert pair.found.tasks_needed is not None


def test_only_the_first_of_a_long_ranking_are_compared() -> None:
    found = found_in([[(i, 100)] for i in range(MOST + 5)])
    assert len(found) == MOST * (MOST - 1) // 2
    assert min(int(p.b.model[1:]) for p in found) == 5
