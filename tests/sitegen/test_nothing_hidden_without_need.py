"""What may be shown is shown: a guard that hides too much is wrong as well."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from harness_bench.schema import Record
from sitegen.config import Publish
from sitegen.disclosure import publishable
from sitegen.keys import ComboKey, Key, TaskKey
from sitegen.kinds import KINDS
from sitegen.policy import Policy
from sitegen.stats.intervals import rate_interval
from sitegen.stats.intraclass import Worth
from sitegen.stats.results import Results, results
from sitegen.stats.standings import Standing
from sitegen.suppression import shown
from tests.records import record

MIN = 5
TASKS = ("t1", "t2", "t3", "t4", "t5", "t6")


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
    return results(list(records), Policy(), default_sweep=None, totals_only=True)


def told(records: Iterable[Record], *, min_cells: int = MIN) -> Results:
    return publishable(computed(records), Publish(min_cells=min_cells))


def counts(
    by_task: Mapping[TaskKey, Iterable[Standing[Key]]],
) -> set[tuple[object, ...]]:
    return {
        (task, s.key, s.passed, s.n_trials, s.rate, s.interval)
        for task, found in by_task.items()
        for s in found
    }


def test_of_a_full_grid_all_totals_are_shown_but_single_cells() -> None:
    everything = computed(full())
    before = everything.all
    found = publishable(everything, Publish(min_cells=MIN)).all

    for kind in KINDS:
        assert [(s.key, s.passed, s.rate, s.rank) for s in found.standings(kind)] == [
            (s.key, s.passed, s.rate, s.rank) for s in before.standings(kind)
        ]
    assert counts(found.task_model_quants) == counts(before.task_model_quants)
    assert found.frontier == before.frontier
    assert found.quant_pairs == before.quant_pairs
    assert any(pair.task and pair.model for pair in found.quant_pairs)
    assert any(pair.task and not pair.model for pair in found.quant_pairs)
    assert len(found.ladders.rungs) == len(before.ladders.rungs)
    assert not any(found.task_combos.values()), "a cell is a combo on a task"


def test_harnesses_are_told_by_task_where_models_have_too_few_cells() -> None:
    some = [each for each in full() if each.harness in {"h0", "h1"}]
    before, found = computed(some).all, told(some).all
    assert not any(found.task_model_quants.values())
    assert counts(found.task_harnesses) == counts(before.task_harnesses)


def test_all_of_it_is_shown_in_its_sweep_too() -> None:
    everything = computed(full(sweep="s"))
    found = publishable(everything, Publish(min_cells=MIN))
    (sweep,), (before,) = found.sweeps, everything.sweeps

    assert len(sweep.tasks) == len(before.tasks)
    assert len(sweep.combos) == len(before.combos)
    assert counts(sweep.task_model_quants) == counts(before.task_model_quants)
    assert sweep.quant_pairs == before.quant_pairs
    assert found.main is sweep


def test_a_group_one_cell_short_is_hidden_and_the_others_are_shown() -> None:
    short = [each for each in full() if (each.harness, each.model) != ("h4", "m0")]
    # h4 has eight cells left on each task, m0 four in each quant.
    found = told(short).all

    for groups in found.task_model_quants.values():
        assert len(groups) == 8


def test_a_pair_of_quants_is_told_only_where_it_covers_both() -> None:
    uneven = [
        each
        for each in full()
        if (each.model, each.quant, each.harness) != ("m0", "Q8_0", "h4")
    ]
    found = told(uneven, min_cells=4).all
    of_one = [pair for pair in found.quant_pairs if pair.task and pair.model]

    assert {pair.model for pair in of_one} == {"m1", "m2", "m3", "m4"}
    over_all = {pair.model for pair in found.quant_pairs if pair.task is None}
    assert over_all == {"m1", "m2", "m3", "m4"}
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


@settings(max_examples=15)
@given(
    st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from("12345678")), min_size=1),
    st.integers(1, 4),
)
def test_totals_are_shown_from_min_cells_on(
    combos: set[tuple[str, str]], min_cells: int
) -> None:
    tasks = TASKS[:2]
    records = [record(f"{m}/Q4/h{h}", task) for m, h in combos for task in tasks]
    before, found = computed(records).all, told(records, min_cells=min_cells).all

    assert bool(found.tasks) == (len(combos) >= min_cells)
    enough = len(tasks) >= min_cells
    assert len(found.combos) == (len(before.combos) if enough else 0)
    of_models = {m: sum(model == m for model, _ in combos) * 2 for m, _ in combos}
    assert {s.key.model for s in found.model_quants} == (
        set(of_models) if enough else shown(of_models, min_cells)
    )


def test_one_combo_that_ran_little_hides_nobody_else() -> None:
    more = [*full(), *(record("new/Q4_K_M/h0", task) for task in TASKS[:2])]
    found = told(more).all
    # Its two cells would be what the others leave of all: the first goes with it.
    assert len(found.combos) == len(computed(full()).all.combos) - 1
    assert len(found.tasks) == len(TASKS)
    assert len(found.harnesses) == 5


def test_a_sweep_large_enough_tells_its_tasks() -> None:
    other = [replace(each, quant="other", sweep="b") for each in full(sweep="a")[:150]]
    found = told([*full(sweep="a"), *other])
    assert [len(scope.tasks) for scope in found.sweeps] == [6, 6]


def test_the_interval_of_a_total_counts_tasks_and_that_of_a_task_its_combos() -> None:
    """How far the cells of one task agree is not told: they count as one."""
    found = told(full(seeds=2)).all
    for kind in KINDS:
        for s in found.standings(kind):
            assert s.rate is not None
            of = s.n_cells if isinstance(s.key, TaskKey) else len(TASKS)
            worth = Worth(Fraction(of), None)
            assert s.interval == rate_interval(s.rate, worth, s.n_trials)
            assert s.fresh is not None
            assert s.fresh.same_tasks is None


def test_a_median_of_few_trials_would_be_one_of_them_and_is_withheld() -> None:
    rows = [
        replace(each, agent_time_s=1.0 + place, tokens_per_s=2.0 + place, hardware="x")
        for place, each in enumerate(full())
    ]
    before = computed(rows).all
    n_of_combo, n_of_others = len(TASKS), {30, 60}
    for min_cells, combos_too in (
        (n_of_combo // 2, True),
        (n_of_combo // 2 + 1, False),
    ):
        found = told(rows, min_cells=min_cells).all
        assert len(found.spending) == len(before.spending) > 0
        assert len(found.speeds) == len(before.speeds) > 0
        for line, was in zip(found.spending, before.spending, strict=True):
            is_combo = isinstance(line.key, ComboKey)
            assert line.mean.n_trials in ({n_of_combo} if is_combo else n_of_others)
            assert line.mean == replace(was.mean, interval=None)
            assert (line.median == was.median) == (not is_combo or combos_too)
            assert line.median == was.median or line.median.value is None
        for speed, also in zip(found.speeds, before.speeds, strict=True):
            is_shown = not isinstance(speed.key, ComboKey) or combos_too
            assert (speed.figures == also.figures) == is_shown
            if not is_shown:
                assert {f.value for f in speed.figures.values()} == {None}
