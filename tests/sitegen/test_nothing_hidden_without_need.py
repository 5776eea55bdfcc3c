"""What may be shown is shown: a guard that hides too much is wrong as well."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_bench.schema import Record
from sitegen.config import Publish
from sitegen.disclosure import publishable
from sitegen.policy import Policy
from sitegen.stats.results import Results, results
from tests.records import record

MIN = 5
TASKS = ("t1", "t2", "t3")


def full(*, sweep: str = "", seeds: int = 1) -> list[Record]:
    """Five models in two quants, in five harnesses: each group has five cells."""
    return [
        record(
            f"m{m}/{quant}/h{h}",
            task,
            passed=(m + h + len(quant) + seed) % 3 > 0,
            seed=seed,
            sweep=sweep,
        )
        for m in range(5)
        for quant in ("Q4_K_M", "Q8_0")
        for h in range(5)
        for task in TASKS
        for seed in range(seeds)
    ]


def computed(records: Iterable[Record]) -> Results:
    return results(list(records), Policy(), default_sweep=None)


def told(records: Iterable[Record], *, min_cells: int = MIN) -> Results:
    return publishable(computed(records), Publish(min_cells=min_cells))


def test_of_a_full_grid_all_is_shown_but_single_cells() -> None:
    everything = computed(full())
    before = everything.all
    found = publishable(everything, Publish(min_cells=MIN)).all

    assert found.task_harnesses == before.task_harnesses
    assert found.task_model_quants == before.task_model_quants
    assert found.pairs == before.pairs
    assert found.quant_pairs == before.quant_pairs
    assert any(pair.task and pair.model for pair in found.quant_pairs)
    assert any(pair.task and not pair.model for pair in found.quant_pairs)
    assert found.ladders == before.ladders
    assert found.ladders.by_task
    assert found.axes is before.axes is not None
    assert not any(found.task_combos.values()), "a cell is a combo on a task"


def test_all_of_it_is_shown_in_its_sweep_too() -> None:
    everything = computed(full(sweep="s"))
    found = publishable(everything, Publish(min_cells=MIN))
    (sweep,), (before,) = found.sweeps, everything.sweeps

    assert sweep.tasks == before.tasks
    assert sweep.task_harnesses == before.task_harnesses
    assert sweep.task_model_quants == before.task_model_quants
    assert sweep.quant_pairs == before.quant_pairs
    assert sweep.ladders == before.ladders
    assert sweep.pairs == before.pairs
    assert sweep.axes is before.axes is not None
    assert found.main is sweep


def test_a_group_one_cell_short_is_hidden_and_the_others_are_shown() -> None:
    short = [each for each in full() if (each.harness, each.model) != ("h4", "m0")]
    # h4 has eight cells left on each task, m0 four in each quant.
    found = told(short).all

    for task, groups in found.task_model_quants.items():
        assert len(found.task_harnesses[task]) == 5
        assert len(groups) == 8


def test_a_pair_of_quants_is_told_only_where_it_covers_both() -> None:
    uneven = [
        each
        for each in full()
        if (each.model, each.quant, each.harness) != ("m0", "Q8_0", "h4")
    ]
    before, found = computed(uneven).all, told(uneven, min_cells=4).all
    of_one = [pair for pair in found.quant_pairs if pair.task and pair.model]

    assert {pair.model for pair in of_one} == {"m1", "m2", "m3", "m4"}
    assert [pair for pair in found.quant_pairs if pair.task is None] == [
        pair for pair in before.quant_pairs if pair.task is None
    ]
    assert not any(pair.task and not pair.model for pair in found.quant_pairs), (
        "a pool is told where every pair in it is"
    )
    assert found.ladders.by_task == ()


def test_a_pool_is_hidden_for_no_pair_but_its_own() -> None:
    """A gap in one quant on one task hides neither other quants nor other tasks."""
    more = [
        record(f"m{m}/Q6_K/h{h}", task, passed=(m + h) % 2 > 0)
        for m in range(5)
        for h in range(5)
        for task in TASKS
        if (m, h, task) != (0, 4, "t1")
    ]
    found = told([*full(), *more], min_cells=4).all
    pools = {
        (pair.task, pair.quant_a, pair.quant_b)
        for pair in found.quant_pairs
        if pair.task and not pair.model
    }
    bits = {(a, b) for task, a, b in pools if task == "t2"}
    assert len(bits) == 3
    assert {(a, b) for task, a, b in pools if task == "t3"} == bits
    (whole,) = {(a, b) for task, a, b in pools if task == "t1"}
    assert whole in bits
    assert "6" not in "".join(whole)


def test_a_pair_is_told_only_with_all_trials_of_both() -> None:
    more = [*full(), replace(full()[0], seed=1)]
    found = told(more).all

    of_one = {
        (pair.task, pair.model)
        for pair in found.quant_pairs
        if pair.task and pair.model
    }
    assert ("t2", "m0") in of_one
    counts = {
        pair.n_a for pair in found.quant_pairs if pair.task == "t1" and pair.model
    }
    shown = {
        group.n_trials
        for groups in found.task_model_quants.values()
        for group in groups
    }
    assert counts <= shown


@pytest.mark.parametrize(
    ("extra", "shown"),
    [
        ([], True),
        (["x/Q4/h8"], False),
        (["x/Q4/h8", "y/Q4/h8"], False),
        (["x/Q4/h8", "y/Q4/h8", "z/Q4/h8"], True),
    ],
)
@pytest.mark.parametrize("tasks", [("t1",), ("t1", "t2"), TASKS])
def test_effects_are_shown_unless_they_tell_a_few_cells_of_a_task(
    extra: list[str], tasks: tuple[str, ...], *, shown: bool
) -> None:
    """Combos outside of the complete part ran some tasks of it."""
    more = [record(combo, task) for combo in extra for task in tasks]
    before = computed([*full(), *more])
    assert before.all.axes is not None
    assert not any(before.all.axes.grid.outside_combo)

    found = publishable(before, Publish(min_cells=3))

    assert (found.all.axes is not None) == shown
    assert [scope.axes is not None for scope in found.sweeps] == [
        shown for _ in found.sweeps
    ]


def test_effects_are_hidden_where_one_combo_of_many_ran_more() -> None:
    more = [*full(), record("m0/Q4_K_M/h0", "t9")]
    assert computed(more).all.axes is not None
    assert told(more).all.axes is None


@settings(max_examples=15)
@given(
    st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from("12345678")), min_size=1),
    st.integers(1, 4),
)
def test_totals_of_tasks_are_always_shown(
    combos: set[tuple[str, str]], min_cells: int
) -> None:
    records = [record(f"{m}/Q4/h{h}", task) for m, h in combos for task in TASKS[:2]]
    before, found = computed(records).all, told(records, min_cells=min_cells).all

    assert found.tasks == before.tasks
    assert found.combos == before.combos
    assert found.model_quants == before.model_quants
    assert found.harnesses == before.harnesses


def test_a_sweep_large_enough_tells_its_tasks() -> None:
    other = [replace(each, quant="other", sweep="b") for each in full(sweep="a")[:75]]
    found = told([*full(sweep="a"), *other])
    assert [len(scope.tasks) for scope in found.sweeps] == [3, 3]
