"""Laws of fair numbers: nobody gains by repeating, renaming or standing beside."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_bench.schema import Record
from sitegen.keys import ComboKey
from sitegen.policy import Policy
from sitegen.stats.counts import counts
from sitegen.stats.intervals import wilson
from sitegen.stats.results import Scope
from sitegen.stats.trials import trials
from tests.records import grid, record, scope_of

HARNESSES, TASKS = "xyz", "abcde"


@st.composite
def sweeps(draw: st.DrawFn) -> list[Record]:
    """Two models in some harnesses, every combo on the same tasks."""
    tasks = TASKS[: draw(st.integers(2, len(TASKS)))]
    combos = [f"{m}//{h}" for m in "mn" for h in HARNESSES[: draw(st.integers(1, 3))]]
    marks = st.text("+-", min_size=1, max_size=3)
    return grid({c: {task: draw(marks) for task in tasks} for c in combos})


def order(scope: Scope) -> list[object]:
    """All that is said of who is better than whom."""
    return [
        (s.key, s.rate, s.rank, s.rank_range, s.tier)
        for standings in (scope.combos, scope.model_quants, scope.harnesses)
        for s in standings
    ]


def verdicts(scope: Scope) -> list[object]:
    return [(p.kind, p.a, p.b, p.found.mean, p.p) for p in scope.pairs]


@settings(max_examples=40)
@given(sweeps(), st.data(), st.integers(2, 40))
def test_repeating_the_trials_of_a_task_changes_no_rate_and_no_rank(
    records: list[Record], data: st.DataObject, times: int
) -> None:
    chosen = data.draw(st.sampled_from(records))
    cell = [r for r in records if (r.harness, r.task) == (chosen.harness, chosen.task)]
    cell = [r for r in cell if r.model == chosen.model]
    again = [
        replace(r, seed=100 * n + r.seed) for n in range(1, times + 1) for r in cell
    ]
    before, after = scope_of(records), scope_of(records + again)
    assert order(before) == order(after)
    assert verdicts(before) == verdicts(after)
    # However often it is run, a task is never worth more than it would be if all its
    # trials were known without end: the number of tasks over the pooled correlation.
    found = trials(records + again, Policy())
    of = counts(found, found.combo)
    rho = of.agreement.cautious
    for standing in after.combos:
        if standing.interval is None or not rho:
            continue
        endless = float(standing.n_across / rho)
        least = wilson(float(standing.rate or 0) * endless, endless)
        assert least is not None
        assert standing.interval.low <= least.low + 1e-12
        assert standing.interval.high >= least.high - 1e-12


@settings(max_examples=25)
@given(sweeps(), st.integers(1, 2))
def test_entries_that_share_nothing_change_no_ranking(
    records: list[Record], n: int
) -> None:
    others = [
        record(f"other{i}//elsewhere{i}", f"own{i}{t}", passed=True)
        for i in range(n if len({r.harness for r in records}) > 1 else 1)
        for t in range(3)
    ]
    before, after = scope_of(records), scope_of(records + others)
    theirs = {r.harness for r in others} | {r.model for r in others}

    def ours(found: list[object]) -> list[object]:
        return [one for one in found if not any(name in str(one) for name in theirs)]

    assert ours(order(after)) == order(before)
    assert verdicts(after) == verdicts(before)


@settings(max_examples=25)
@given(sweeps(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    records: list[Record], chance: Random
) -> None:
    shuffled = records[:]
    chance.shuffle(shuffled)
    before, after = scope_of(records), scope_of(shuffled)
    assert order(after) == order(before)
    # All but the axes, which hold arrays.
    assert replace(after, axes=None) == replace(before, axes=None)


@settings(max_examples=25)
@given(sweeps(), st.permutations(HARNESSES), st.permutations(TASKS))
def test_other_names_change_no_number(
    records: list[Record], harnesses: list[str], tasks: list[str]
) -> None:
    new = {
        **dict(zip(HARNESSES, harnesses, strict=True)),
        **{f"t{old}": f"t{name}" for old, name in zip(TASKS, tasks, strict=True)},
    }
    renamed = [
        replace(r, harness=new[r.harness], task=new[f"t{r.task}"][1:]) for r in records
    ]

    def numbers(scope: Scope) -> dict[ComboKey, object]:
        return {
            s.key: (s.rate, s.interval, s.rank, s.rank_range, s.fresh)
            for s in scope.combos
        }

    before, after = numbers(scope_of(records)), numbers(scope_of(renamed))
    assert after == {
        replace(key, harness=new[key.harness]): value for key, value in before.items()
    }


def test_one_task_repeated_without_end_is_worth_one_task() -> None:
    few = grid({c: dict.fromkeys(TASKS, "+-") for c in ("m//x", "m//y")})
    much = [record("m//x", "a", seed=n, passed=n % 2 == 0) for n in range(2, 1_000)]
    before, after = scope_of(few), scope_of(few + much)
    widths = [
        s.interval.high - s.interval.low
        for scope in (before, after)
        for s in scope.combos
        if s.key.harness == "x" and s.interval
    ]
    assert widths[1] == pytest.approx(widths[0], rel=0.35)
