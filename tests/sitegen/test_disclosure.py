"""Nobody who has every published number can work out a single cell."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.schema import Record
from sitegen.build import build
from sitegen.config import Publish
from sitegen.disclosure import TABLES, WITHHELD, publishable
from sitegen.keys import ComboKey, GroupKey, HarnessKey, Key, TaskKey
from sitegen.kinds import COMBO, COMPARED, HARNESS, QUANT, TASK
from sitegen.policy import Policy
from sitegen.stats.fresh_sweep import fresh_sweep
from sitegen.stats.intervals import rate_interval
from sitegen.stats.intraclass import Worth
from sitegen.stats.provenance import Provenance
from sitegen.stats.results import Results, Scope, results
from sitegen.suppression import shown
from tests.records import EXAMPLE, grid, read, record, with_publish

Cell = tuple[str, str, str]

GRIDS = st.sets(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.sampled_from(["Q4", "Q8"]),
        st.sampled_from(["h1", "h2", "h3", "h4"]),
    ),
    min_size=2,
)


def _records(cells: Sequence[Cell], *, swept: bool) -> list[Record]:
    return [
        Record(
            model=model,
            quant=quant,
            harness=harness,
            task=task,
            sweep=quant if swept else "",
            passed=(index + place) % 3 > 0,
        )
        for index, (model, quant, harness) in enumerate(cells)
        for place, task in enumerate(("t1", "t2"))
    ]


def _equations(found: Results, cells: Sequence[Cell], task: str) -> list[list[float]]:
    """Every published count of a task, as the cells that it adds up."""
    rows: list[list[float]] = []

    def add(
        scope: Scope, model: str | None, quant: str | None, where: str | None
    ) -> None:
        sweep = scope.sweep
        rows.append(
            [
                float(
                    (sweep is None or cell[1] == sweep)
                    and model in {None, cell[0]}
                    and quant in {None, cell[1]}
                    and where in {None, cell[2]}
                )
                for cell in cells
            ]
        )

    for scope in found.scopes:
        for _ in (s for s in scope.tasks if s.key.task == task):
            add(scope, None, None, None)
        for quant in scope.task_model_quants.get(TaskKey(task), ()):
            add(scope, quant.key.model, quant.key.quant, None)
        for harness in scope.task_harnesses.get(TaskKey(task), ()):
            add(scope, None, None, harness.key.harness)
        for combo in scope.task_combos.get(TaskKey(task), ()):
            add(scope, *combo.key.values)
        for pair in scope.quant_pairs:
            if pair.task == task and pair.model is not None:
                both = {c[2] for c in cells if c[:2] == (pair.model, pair.quant_a)} & {
                    c[2] for c in cells if c[:2] == (pair.model, pair.quant_b)
                }
                rows += [
                    [
                        float(c[:2] == (pair.model, quant) and c[2] in both)
                        for c in cells
                    ]
                    for quant in (pair.quant_a, pair.quant_b)
                ]
    return rows


@given(grid=GRIDS, min_cells=st.integers(2, 5), swept=st.booleans())
def test_no_cell_follows_from_the_published_counts(
    grid: set[Cell], min_cells: int, *, swept: bool
) -> None:
    cells = sorted(grid)
    found = publishable(
        results(_records(cells, swept=swept), Policy(), default_sweep=None),
        Publish(min_cells=min_cells),
    )
    for task in ("t1", "t2"):
        known = np.array(_equations(found, cells, task)).reshape(-1, len(cells))
        rank = np.linalg.matrix_rank(known)
        for unit in np.eye(len(cells)):
            assert np.linalg.matrix_rank(np.vstack([known, unit])) > rank


def test_a_sweep_of_one_combo_does_not_tell_its_cells() -> None:
    cells = [("a", "Q4", f"h{i}") for i in range(6)] + [("b", "Q8", "h1")]
    found = publishable(
        results(_records(cells, swept=True), Policy(), default_sweep=None),
        Publish(min_cells=5),
    )
    assert [len(scope.tasks) for scope in found.sweeps] == [0, 0]
    assert len(found.all.tasks) == 2


def test_with_cells_published_nothing_is_withheld() -> None:
    before = results(
        _records([("a", "Q4", "h1"), ("a", "Q8", "h1")], swept=True),
        Policy(),
        default_sweep=None,
    )
    assert publishable(before, Publish(cells=True)) is before
    assert publishable(before, replace(Publish(), min_cells=5)) != before


@pytest.mark.parametrize(
    ("cells", "outside", "expected"),
    [
        ({"a": 5, "b": 5}, 0, {"a", "b"}),
        ({"a": 5, "b": 4}, 0, set()),
        ({"a": 9, "b": 6, "c": 1}, 0, {"a"}),
        ({"a": 9, "b": 3, "c": 3}, 0, {"a"}),
        ({"a": 9}, 2, set()),
        ({"a": 9}, 5, {"a"}),
    ],
)
def test_what_is_hidden_holds_as_many_cells_as_what_may_be_shown(
    cells: dict[str, int], outside: int, expected: set[str]
) -> None:
    assert shown(cells, 5, outside) == expected


def test_what_a_task_discriminates_is_a_number_of_single_cells() -> None:
    cells = [("a", "Q4", f"h{i}") for i in range(4)] + [
        ("b", "Q4", f"h{i}") for i in range(4)
    ]
    before = results(_records(cells, swept=False), Policy(), default_sweep=None)
    assert before.all.discrimination
    assert publishable(before, Publish(min_cells=2)).all.discrimination == ()
    assert publishable(before, Publish(cells=True)).all.discrimination


def test_nothing_that_depends_on_the_rows_of_two_is_told() -> None:
    tasks = {f"t{i}": "+-"[i % 3 > 1] for i in range(6)}
    cells = {f"{m}/{q}/h{i}": tasks for m in "ab" for q in ("Q4", "Q8") for i in "12"}
    before = results(grid(cells), Policy(), default_sweep=None).all
    assert before.pairs
    assert before.axes
    assert before.ladders.pooled
    assert any(rung.paired for rung in before.ladders.rungs)
    found = results(grid(cells), Policy(), default_sweep=None)
    told = publishable(found, Publish(min_cells=2)).all
    for name, nothing in WITHHELD.items():
        if name != "pairs":
            assert getattr(told, name) == nothing
    # Of each model is told what it did on each task, and so whom that tells apart.
    assert {pair.kind for pair in told.pairs} == {"model", "quant"}
    assert told.ladders.pooled == told.ladders.by_task == ()
    assert [rung.paired for rung in told.ladders.rungs] == [None] * 4
    for kind in COMPARED:
        for standing in told.standings(kind):
            assert bool(standing.rank_range and standing.tier) == (kind is QUANT)
            assert standing.rank is not None


@given(grid=GRIDS, min_cells=st.integers(2, 5))
def test_a_change_by_task_is_shown_only_with_its_counts(
    grid: set[Cell], min_cells: int
) -> None:
    found = publishable(
        results(_records(sorted(grid), swept=True), Policy(), default_sweep=None),
        Publish(min_cells=min_cells),
    )
    for scope in found.scopes:
        counted = {(p.task, p.quant_a, p.n_cells) for p in scope.quant_pairs}
        assert {
            (change.task, change.quant, change.n_cells)
            for change in scope.ladders.by_task
        } <= counted


def test_what_is_withheld_is_not_computed_first() -> None:
    cells = {f"{m}//h": dict.fromkeys("123456", "+-") for m in "ab"}
    found = results(grid(cells), Policy(), default_sweep=None, without=WITHHELD).all
    for name, nothing in WITHHELD.items():
        assert getattr(found, name) is nothing


def test_every_part_of_a_scope_is_on_the_list_or_withheld() -> None:
    """To publish something new, add it to the list, and to what the attacker reads."""
    told = (
        "audit combos coverage frontier harnesses in_groups ladders model_quants "
        "models one_hardware quant_pairs recorded scores size speeds spending sweep "
        "task_combos task_harnesses task_model_quants tasks"
    )
    assert {f.name for f in fields(Scope)} == {
        *WITHHELD,
        *told.split(),
    }


def test_with_private_cells_every_number_is_a_total_over_an_entitys_own_cells() -> None:
    tasks = dict.fromkeys(map(str, range(20)), "+")
    some = {task: "-" for task in tasks if task != "7"}
    cells = {"a//h": tasks, "b//h": tasks | {"7": "-"}, "c//h": some}
    shared = results(grid(cells), Policy(), default_sweep=None).all
    # On what all three ran a and b are equal: b's total less that is its cell of 7.
    assert [s.n_cells for s in shared.combos] == [19, 19, 19]
    totals = results(grid(cells), Policy(), default_sweep=None, totals_only=True).all
    assert [s.n_cells for s in totals.combos] == [20, 20, 19]
    assert [s.rank for s in totals.combos] == [1, 2, None]


# What is told, and that all of it is.


def both(
    records: Sequence[Record],
    *,
    least: int = 2,
    default_sweep: str | None = None,
    told: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[Results, Results]:
    """The results of a private site, before and after what may not leave is gone."""
    found = results(
        records,
        Policy(),
        default_sweep=default_sweep,
        told=told,
        totals_only=True,
        without=WITHHELD,
    )
    return found, publishable(found, Publish(min_cells=least))


TASKS = [f"t{i}" for i in range(6)]
EVEN = {
    combo: dict(zip(TASKS, marks, strict=True))
    for combo, marks in {
        "a/Q4/h1": "++-+++",
        "a/Q8/h1": "+-+-+-",
        "b/Q4/h1": "--+--+",
        "a/Q4/h2": "+++-++",
        "a/Q8/h2": "++--+-",
        "b/Q4/h2": "-----+",
    }.items()
}
UNEVEN = EVEN | {
    "a/Q8/h2": dict(zip(TASKS[:5], "++--+", strict=True)),
    "b/Q4/h1": EVEN["b/Q4/h1"] | {"t0": "+-"},
}


def effective(records: Sequence[Record], kind: type[Key]) -> dict[Key, Fraction]:
    """Of each entity, what its cells are worth if those of one task are one."""
    parts: Counter[tuple[Key, Key]] = Counter()
    for combo, task in {
        (ComboKey(r.model, r.quant, r.harness), TaskKey(r.task)) for r in records
    }:
        part = (task, combo) if kind is TaskKey else (combo.part(kind), task)
        parts[part] += 1
    cells: Counter[Key] = Counter()
    squares: Counter[Key] = Counter()
    for (key, _), n in parts.items():
        cells[key] += n
        squares[key] += n * n
    return {key: Fraction(n * n, squares[key]) for key, n in cells.items()}


@pytest.mark.parametrize("cells", [EVEN, UNEVEN])
def test_what_is_told_of_an_entity_is_all_that_its_totals_tell(
    cells: Mapping[str, Mapping[str, str]],
) -> None:
    records = grid(cells)
    before, told = both(records)
    for kind in (*COMPARED, TASK):
        worth = effective(records, kind.key)
        found = told.all.standings(kind)
        was = before.all.standings(kind)
        assert [s.key for s in found] == [s.key for s in was]
        for now, old in zip(found, was, strict=True):
            own = Worth(worth[now.key], None)
            assert old.rate is not None
            whole = old.n_trials == old.n_cells == old.n_across
            assert replace(now, rank_range=None, tier="") == replace(
                old,
                effective=float(own.trials),
                interval=rate_interval(old.rate, own, old.n_trials),
                noise=None,
                fresh=fresh_sweep(
                    old.rate, own, seeds_known=False, n_tasks=old.n_across
                ),
                missed=old.missed if whole else None,
                rank_range=None,
                tier="",
            )
    for combo in told.all.combos:
        assert (combo.rank_range, combo.tier) == (None, "")
    assert any(s.missed for s in told.all.combos)
    assert any(s.missed for s in told.all.tasks)
    assert {s.missed for s in told.all.model_quants} == {None}


@pytest.mark.parametrize(
    ("touched", "told"),
    [
        ({"a": 6, "b": 7}, ["all", "a", "b"]),
        ({"a": 6}, ["all", "a", "b"]),
        ({"a": 5, "b": 1}, ["all"]),
        ({"a": 5, "": 4}, ["all"]),
        ({"a": 5, "": 5}, ["all", "a", "b"]),
        ({"a": 17, "b": 20}, ["all"]),
        ({"a": 16, "b": 20, "": 20}, []),
        ({"b": 4}, []),
        ({"": 16}, ["all"]),
        ({"": 15}, ["all", "a", "b"]),
    ],
)
def test_how_many_passed_of_few_that_touched_the_grader_is_not_told(
    touched: Mapping[str, int], told: Sequence[str]
) -> None:
    records = [
        record(
            f"m{place % 4}//h",
            f"t{place // 4}",
            sweep=sweep,
            passed=place % 3 > 0,
            grader_access="read" if place < touched.get(sweep, 0) else "none",
        )
        for sweep in ("a", "b", "")
        for place in range(20)
    ]
    # A cell of each sweep is another one.
    records = [replace(r, task=f"{r.task}{r.sweep}") for r in records]
    found = publishable(
        results(records, Policy(), default_sweep=None), Publish(min_cells=5)
    )
    assert [s.sweep or "all" for s in found.scopes if s.audit] == told


def test_of_one_trial_and_of_none_no_interval_is_told() -> None:
    nothing = [record("c/Q4/h3", task, status="infra_server") for task in TASKS]
    once = record("d/Q4/h4", "t0")
    before, found = both([*grid(EVEN), *nothing, once], least=1)
    for kind in COMPARED:
        told = found.all.standings(kind)
        assert [s.key for s in told] == [s.key for s in before.all.standings(kind)]
        lone = [s for s in told if s.n_trials <= 1]
        assert sorted((s.n_trials, s.rate) for s in lone) == [(0, None), (1, 1)]
        assert {(s.interval, s.fresh) for s in lone} == {(None, None)}
        assert all(s.interval and s.fresh for s in told if s.n_trials > 1)


@pytest.mark.parametrize(("touched", "told"), [(4, False), (5, True), (16, False)])
def test_where_cells_ran_twice_few_are_twice_as_many_trials(
    touched: int, *, told: bool
) -> None:
    records = [
        record(
            f"m{place % 4}//h",
            f"t{place // 4}",
            seed=seed,
            grader_access="read" if place < touched else "none",
        )
        for place in range(20)
        for seed in (0, 1)
    ]
    assert bool(both(records, least=5)[1].all.audit) == told


def few(**more: object) -> list[Record]:
    """Four combos, of which one ran three tasks of ten."""
    tasks = dict.fromkeys((f"t{i}" for i in range(10)), "+")
    cells = {
        "x/q/h1": tasks,
        "y/q/h1": tasks | {"t1": "-"},
        "z/q/h2": tasks | {"t2": "-", "t3": "-"},
        "w/q/g": {"t4": "+", "t5": "-", "t6": "+"},
    }
    return grid(cells, **more)


def test_nothing_is_told_of_whom_no_total_is_told() -> None:
    records = few(
        agent_time_s=2.0,
        tokens_per_s=3.0,
        grader_mentions=False,
        score=0.5,
        hardware="x",
    )
    records = [replace(r, harness_version=str(r.task > "t5")) for r in records]
    before, found = both(records, least=5)
    whole = results(records, Policy(), default_sweep=None)
    told = found.all
    # With x, the largest by name, hidden, three cells of w hide among thirteen.
    assert [s.key.model for s in before.all.combos] == ["x", "y", "z", "w"]
    assert [(s.key.model, s.rank) for s in told.combos] == [("y", 1), ("z", 2)]
    keys = {s.key for kind in COMPARED for s in told.standings(kind)}
    assert keys == {
        ComboKey("y", "q", "h1"),
        ComboKey("z", "q", "h2"),
        ComboKey("y", "q", "h1").quant_of,
        ComboKey("z", "q", "h2").quant_of,
        HarnessKey("h2"),
    }
    assert {s.key.model for s in told.models} == {"y", "z"}
    assert {line.key for line in told.coverage} == {s.key for s in told.combos}
    assert {line.harness for line in told.audit} == {"h2"}
    for lines in (told.scores, told.spending, told.speeds):
        assert {line.key for line in lines} == keys
    assert {step.standing.key for step in told.frontier} <= keys
    assert whole.provenance != Provenance()
    told_of_whole = publishable(whole, Publish(min_cells=5))
    assert (told_of_whole.provenance, told_of_whole.subsets) == (Provenance(), ())


def test_those_that_are_told_of_share_a_rank_as_before() -> None:
    records = [r for r in few() if r.model != "z"]
    records += [replace(r, model="z") for r in records if r.model == "y"]
    before, found = both(records, least=5)
    assert [s.rank for s in before.all.combos] == [1, 2, 2, None]
    assert [s.rank for s in found.all.combos] == [1, 1]


def test_who_stands_apart_has_no_rank_among_those_that_are_told() -> None:
    cells = EVEN | {"a/Q8/h2": dict(zip(TASKS[:2], "++", strict=True))}
    _, found = both(grid(cells))
    assert [s.rank for s in found.all.combos] == [1, 1, 3, 4, 5, None]


def test_a_middle_is_told_of_twice_as_many_trials_as_a_total_needs() -> None:
    cells = EVEN | {
        "c/Q4/h3": dict.fromkeys(TASKS[:4], "+"),
        "d/Q4/h4": dict.fromkeys(TASKS[:3], "+"),
    }
    records = grid(cells, agent_time_s=2.0, tokens_per_s=3.0)
    before, found = both(records)
    assert {line.key for line in found.all.spending} == {
        line.key for line in before.all.spending
    }
    for now, was in zip(found.all.spending, before.all.spending, strict=True):
        assert now.mean == replace(was.mean, interval=None)
        if "d" in now.key.values or "h4" in now.key.values:
            assert now.mean.n_trials == 3
            assert (now.median.value, now.median.low, now.median.high) == (None,) * 3
        else:
            assert now.mean.n_trials >= 4
            assert now.median == was.median
            assert now.median.value == 2
    for speed in found.all.speeds:
        known = "d" not in speed.key.values and "h4" not in speed.key.values
        for figure in speed.figures.values():
            assert (figure.value is not None) == (known and figure.n_trials > 0)


def test_a_mean_score_so_near_an_end_that_it_tells_scores_is_counted() -> None:
    scores = {
        "p/q/h1": (1.0, 1.0, 0.95, 0.95),
        "q/q/h1": (0.5, 0.5, 0.25, 1.0),
        "r/q/h2": (0.0, 0.05, 0.05, 0.0),
        "s/q/h2": (0.0, 0.06, 0.05, 0.0),
    }
    records = [
        record(combo, f"t{i}", score=score)
        for combo, own in scores.items()
        for i, score in enumerate(own)
    ]
    _, found = both(records)
    assert found.told is not None
    assert found.told.by_scores == 8, "of p and r"
    assert {s.key for s in found.all.scores} >= {s.key for s in found.all.combos}
    assert {s.found.interval for s in found.all.scores} == {None}
    plainly = [record(f"x/q/h{i}", f"t{i}", sweep="plain") for i in range(4)]
    _, found = both([*(replace(r, sweep="scored") for r in records), *plainly])
    assert [bool(scope.scores) for scope in found.sweeps] == [False, True]
    assert found.told is not None
    assert found.told.by_scores == 8
    whole = [replace(r, score=None, passed=True) for r in records]
    _, plain = both(whole)
    assert plain.told is not None
    assert plain.told.by_scores == 0


def test_a_group_is_told_without_intervals_where_all_its_tasks_are() -> None:
    language = {task: "py" if task < "t3" else "c" for task in TASKS}
    records = grid(EVEN, sweep="s")
    before, found = both(records, told={"language": language})
    py, c = (GroupKey("language", value) for value in ("py", "c"))
    assert found.all.in_groups.keys() == {py, c}
    assert [scope.in_groups for scope in found.sweeps] == [{}]
    for group, own in found.all.in_groups.items():
        was = before.all.in_groups[group]
        assert own.tasks == was.tasks
        for now, old in (
            (own.whole, was.whole),
            *zip(own.model_quants, was.model_quants, strict=True),
            *zip(own.harnesses, was.harnesses, strict=True),
            *zip(own.combos, was.combos, strict=True),
        ):
            assert (now.passed, now.n_trials) == (old.passed, old.n_trials)
            assert (now.interval, now.fresh, now.noise) == (None, None, None)
    # A task of one cell: with t0 hidden beside it, python has two that are not told.
    lonely = [*records, record("a/Q4/h1", "t6", sweep="s")]
    _, found = both(lonely, told={"language": language | {"t6": "py"}})
    assert found.all.in_groups.keys() == {c}


@pytest.mark.parametrize(
    ("ungrouped", "few", "told"),
    [
        (2, [], (6, 0)),  # with the smaller group they are seven
        (5, [], (6, 6)),
        (0, ["g/q/h"], (5, 5)),  # beside three cells another combo is hidden
        (0, ["g/q/h", "i/q/k"], (6, 6)),
    ],
)
def test_beside_what_is_told_of_groups_no_few_cells_are_left(
    ungrouped: int, few: Sequence[str], told: Sequence[int]
) -> None:
    chance = random.Random(0)  # noqa: S311 - outcomes of trials
    tasks = [f"t{i}" for i in range(11 + (ungrouped or 2))]
    language = {t: "x" if i < 6 else "y" for i, t in enumerate(tasks)}
    for task in tasks[11 : 11 + ungrouped]:
        del language[task]
    cells = {
        combo: {t: chance.choice("+-") for t in tasks}
        for combo in ("a/q/h", "b/q/h", "c/q/h", "d/q/k", "e/q/k", "f/q/k")
    }
    cells |= {
        combo: {t: chance.choice("+-") for t in (*tasks[:3], *tasks[6:10])}
        for combo in few
    }
    _, found = both(grid(cells), least=5, told={"language": language})
    groups = [found.all.in_groups[GroupKey("language", of)] for of in "xy"]
    assert tuple(len(group.combos) for group in groups) == told
    assert tuple(len(group.model_quants) for group in groups) == told


def test_a_pair_of_quants_is_told_where_its_counts_are_the_quants_own() -> None:
    def pairs(found: Results) -> set[tuple[str | None, str | None]]:
        return {(pair.model, pair.task) for pair in found.all.quant_pairs}

    more = {combo.replace("a/", "c/"): own for combo, own in EVEN.items()}
    _, found = both(grid(EVEN | more))
    assert pairs(found) == {
        (model, task) for model in ("a", "c", None) for task in (None, *TASKS)
    }
    # Of single tasks no quant has five cells: their pairs are no part of the pool.
    _, found = both(grid(EVEN | more), least=5)
    assert pairs(found) == {(model, None) for model in ("a", "c", None)}
    # A harness that one quant alone met: the pair is of fewer cells than the quant.
    alone = {"a/Q4/h3": EVEN["a/Q4/h1"]}
    _, found = both(grid(EVEN | more | alone))
    assert ("c", None) in pairs(found)
    assert not {("a", None), (None, None)} & pairs(found)
    assert {rung.model for rung in found.all.ladders.rungs} == {"a", "c"}


def test_the_main_sweep_is_the_one_that_was_named_where_it_is_told_of() -> None:
    first = [r for r in grid(EVEN, sweep="s1") if r.model == "a"]
    second = [r for r in grid(EVEN, sweep="s2") if r.model == "b"]
    for named in ("s1", "s2"):
        before, found = both([*first, *second], default_sweep=named)
        assert before.main.sweep == found.main.sweep == named
        assert any(found.main is scope for scope in found.sweeps)
    _, found = both(grid(EVEN))
    assert found.main is found.all


def test_of_a_task_in_a_sweep_only_what_is_the_same_everywhere_is_told() -> None:
    a4, a8, b4 = (
        [r for r in grid(EVEN) if (r.model, r.quant) == own]
        for own in (("a", "Q4"), ("a", "Q8"), ("b", "Q4"))
    )
    records = [replace(r, sweep="s1") for r in (*a4, *a8)]
    records += [replace(r, sweep="s2", seed=1) for r in (*a4, *b4)]
    _, found = both(records)
    assert any(found.all.task_model_quants.values())
    for scope in found.sweeps:
        for task, own in scope.task_model_quants.items():
            everywhere = {
                (s.key, s.n_cells, s.n_trials)
                for s in found.all.task_model_quants[task]
            }
            assert {(s.key, s.n_cells, s.n_trials) for s in own} <= everywhere
            assert ("a", "Q4") not in {s.key.values for s in own}
        assert any(scope.task_model_quants.values())
        assert not any(scope.task_combos.values())


@pytest.mark.parametrize("least", [2, 3, 4])
def test_of_a_full_grid_all_of_enough_cells_is_told(least: int) -> None:
    cells = {
        f"{m}/{q}/h{i}": dict(zip(TASKS, "+-+-++" if i % 2 else "-+--+-", strict=True))
        for m in "ab"
        for q in ("Q4", "Q8")
        for i in range(3)
    }
    _, found = both(grid(cells), least=least)
    for kind in (*COMPARED, TASK):
        number = {COMBO: 12, QUANT: 4, TASK: 6}.get(kind, 3)
        assert len(found.all.standings(kind)) == number
    for task in map(TaskKey, TASKS):
        # Models have three cells each and harnesses four; both would tell of cells.
        assert len(found.all.task_model_quants[task]) == (4 if least <= 3 else 0)
        assert len(found.all.task_harnesses[task]) == (0 if least <= 3 else 3)
    # Whoever is told of on each task is told apart, or not.
    kinds = {"model", "quant"} if least <= 3 else {"harness"}
    assert {pair.kind for pair in found.all.pairs} == kinds
    for kind in COMPARED:
        is_judged = kind is (QUANT if least <= 3 else HARNESS)
        assert {s.tier != "" for s in found.all.standings(kind)} == {is_judged}


def test_all_files_but_those_of_what_was_not_measured_are_written() -> None:
    site = build(with_publish(read(EXAMPLE), cells=False))
    written = {
        path.removeprefix("data/").removesuffix(".json")
        for path in site
        if path.startswith("data/") and path.endswith(".json") and path.count("/") == 1
    }
    assert written == TABLES - {"speed"} | {"charts"}


def test_the_list_of_files_that_leave_is_closed() -> None:
    """To publish something new, add it to both, and to what the attacker reads."""
    assert " ".join(sorted(TABLES)) == (
        "audit claims combos coverage frontier harnesses models pairs quant_ladder "
        "quant_pairs scores speed spending task_groups task_harnesses task_models tasks"
    )


def test_a_page_explains_tiers_only_where_it_shows_one() -> None:
    site = build(with_publish(read(EXAMPLE), cells=False))
    pages = {path: text.decode() for path, text in site.items() if ".html" in path}
    explains = {path for path, text in pages.items() if "#tier" in text}
    assert explains
    assert explains == {path for path, text in pages.items() if "and the tier" in text}
    of_combos = {path for path in pages if path.startswith("combos/")}
    assert of_combos
    assert not of_combos & explains
