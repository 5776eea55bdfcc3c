"""Times of unlike hardware are neither averaged nor put beside each other."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.schema import Record
from sitegen.measures import ENERGY, TIME, TOKENS
from sitegen.policy import Policy
from sitegen.stats.hardware import alike, averaged, compared, on_commonest
from sitegen.stats.trials import Trials, trials
from tests.records import record, scope_of


def ran(combo: str, task: str, hardware: str | None, **more: float | None) -> Record:
    given_time = {"agent_time_s": 10.0} if "agent_time_s" not in more else {}
    return record(combo, task, hardware=hardware, **given_time, **more)


MIXED = [
    *(ran("m//pi", f"t{i}", "gpu") for i in range(3)),
    *(ran("m//pi", f"t{i}", "cpu", agent_time_s=900.0) for i in range(3, 6)),
    *(ran("k//pi", f"t{i}", "gpu", agent_time_s=15.0) for i in range(6)),
    *(ran("z//pi", f"t{i}", "cpu", agent_time_s=800.0) for i in range(6)),
]


def table(records: list[Record]) -> Trials:
    return trials(records, Policy())


def test_only_those_of_one_kind_have_a_mean_and_only_the_commonest_kind_compares() -> (
    None
):
    found = table([*MIXED, ran("z//pi", "t6", "gpu", agent_time_s=None)])
    of = alike(found, found.combo, TIME)
    assert [c.model for c in found.combo.labels] == ["k", "m", "z"]
    assert of.one.tolist() == [True, False, True]
    # The two kinds have nine timed trials each: the first by name is the one.
    assert of.compared.tolist() == [False, False, True]
    more = table([*MIXED, ran("k//pi", "t7", "gpu")])
    assert alike(more, more.combo, TIME).compared.tolist() == [True, False, False]
    assert averaged(more, more.combo, TIME).known.sum() == 13
    assert compared(more, more.combo, TIME).known.sum() == 7
    assert on_commonest(more, TIME).sum() == 10


def test_a_mean_of_time_is_given_where_all_of_it_is_of_one_kind() -> None:
    scope = scope_of(MIXED)
    times = {s.key.model: s.time_mean_s for s in scope.combos}
    assert times == {"m": None, "k": 15, "z": 800}
    assert [s.time_mean_s for s in scope.harnesses] == [None]
    assert {s.key.task: s.time_mean_s for s in scope.tasks}["t0"] is None
    assert {line.key for line in scope.spending if line.measure is TIME} >= {
        s.key for s in scope.combos if s.key.model != "m"
    }
    assert not any(line.key == scope.harnesses[0].key for line in scope.spending)


def test_one_frontier_holds_times_of_one_kind_and_so_do_budgets() -> None:
    scope = scope_of([*MIXED, ran("k//pi", "t6", "gpu")])
    assert [step.standing.key.model for step in scope.frontier] == ["k"]
    assert [place.key.model for place in scope.places] == ["k"]
    assert {curve.key.model for curve in scope.model_curves} == {"k"}
    assert not scope.harness_curves


def test_times_are_put_together_where_hardware_is_forgotten() -> None:
    scope = scope_of([replace(each, hardware=None) for each in MIXED])
    assert {s.key.model: s.time_mean_s for s in scope.combos}["m"] == 455
    assert [step.standing.key.model for step in scope.frontier] == ["k"]
    assert len(scope.places) == 3
    assert all(s.beside for s in scope.combos)


def test_hardware_that_is_not_recorded_may_be_another() -> None:
    found = table([ran("m//pi", "a", None), ran("m//pi", "b", "gpu")])
    assert not alike(found, found.combo, TIME).one.any()
    silent = table([ran("m//pi", "a", None), ran("m//pi", "b", None)])
    assert alike(silent, silent.combo, TIME).compared.all()


def test_tokens_are_of_no_machine_and_energy_is() -> None:
    rows = [
        replace(each, tokens_in=5, tokens_out=5, energy_wh=2.0, agent_time_s=None)
        for each in MIXED
    ]
    found = table(rows)
    assert alike(found, found.combo, TOKENS).compared.all()
    assert on_commonest(found, TOKENS).all()
    assert alike(found, found.combo, ENERGY).one.tolist() == [True, False, True]
    # Nothing is known of time: nothing is of unlike hardware.
    assert alike(found, found.combo, TIME).compared.all()
    assert on_commonest(found, TIME).all()


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=6))
def test_times_of_one_quant_are_set_against_those_of_another_on_one_kind_only(
    kinds: list[str],
) -> None:
    rows = [
        ran(f"m/{quant}/pi", f"t{i}", kind, agent_time_s=time)
        for quant, time in (("Q4", 10.0), ("Q8", 20.0))
        for i, kind in enumerate(kinds)
    ]
    (change,) = (r.paired for r in scope_of(rows).ladders.rungs if r.paired)
    (cost,) = change.costs
    assert (float(cost.a), float(cost.b)) == (10, 20)
    apart = [replace(each, hardware=each.quant) for each in rows]
    (change,) = (r.paired for r in scope_of(apart).ladders.rungs if r.paired)
    assert not change.costs


@pytest.mark.parametrize("mixed", [False, True])
def test_of_equals_the_faster_comes_first_only_on_one_kind(*, mixed: bool) -> None:
    rows = [
        *(ran("a//pi", f"t{i}", "gpu", agent_time_s=50.0) for i in range(3)),
        *(ran("b//pi", f"t{i}", "cpu", agent_time_s=5.0) for i in range(2)),
    ]
    rows += [ran("b//pi", "t2", "cpu", agent_time_s=5.0)]
    rows += [ran("a//pi", "t3", "gpu"), ran("b//pi", "t3", None, agent_time_s=None)]
    if not mixed:
        rows = [replace(each, hardware=None) for each in rows]
    order = [s.key.model for s in scope_of(rows).combos]
    assert order == (["a", "b"] if mixed else ["b", "a"])
