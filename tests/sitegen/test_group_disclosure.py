"""What is told of groups of tasks gives no cell away, nor any few of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness_bench.schema import Record
from sitegen.config import Publish
from sitegen.disclosure import publishable
from sitegen.keys import ComboKey, GroupKey, HarnessKey, Key, QuantKey, TaskKey
from sitegen.policy import Policy
from sitegen.stats.results import Results, results
from tests.records import grid, record

_ZERO = 1e-9
"""Far above rounding, far below what whole counts can differ by."""

Told = Mapping[str, Mapping[str, str]]

COMBOS = [
    f"{model}/{quant}/{harness}"
    for model, quant, harness in product("ab", ("Q4", "Q8"), ("h1", "h2", "h3"))
]
TASKS = [f"t{i}" for i in range(7)]
tables = st.fixed_dictionaries(
    {combo: st.sets(st.sampled_from(TASKS), min_size=0) for combo in COMBOS}
).filter(lambda cells: any(cells.values()))
grids = st.lists(st.sampled_from(COMBOS), min_size=1, unique=True).map(
    lambda combos: {combo: set(TASKS) for combo in combos}
)
said = st.fixed_dictionaries(
    {
        column: st.dictionaries(
            st.sampled_from(TASKS), st.sampled_from("xyz"), min_size=4
        )
        for column in ("language", "category")
    }
)


def _belongs(combo: ComboKey, group: Key) -> bool:
    return group.parts.items() <= combo.parts.items()


def determined(
    sums: Sequence[Sequence[float]], asked: Sequence[Sequence[float]]
) -> NDArray[np.bool_]:
    """Which sums follow from others, whatever the values.

    Args:
        sums: What is known: a row each, with the share of every value in it.
        asked: Rows that are not all 0.

    Returns:
        Shape (asked,): whether the row lies in the space that `sums` span.
    """
    if not sums:
        return np.zeros(len(asked), dtype=bool)
    _, sizes, directions = np.linalg.svd(np.array(sums), full_matrices=False)
    spanned = directions[sizes > _ZERO * sizes[0]]
    rows = np.array(asked)
    length = np.square(rows).sum(axis=1)
    found: NDArray[np.bool_] = np.square(rows @ spanned.T).sum(axis=1) > length - _ZERO
    return found


def records_of(cells: Mapping[str, set[str]], *, swept: bool) -> list[Record]:
    return [
        record(
            combo,
            task,
            passed=(index + int(task[1:])) % 3 > 0,
            sweep=combo.split("/")[1] if swept else "",
        )
        for index, (combo, tasks) in enumerate(cells.items())
        for task in sorted(tasks)
    ]


def computed(records: list[Record], told: Told) -> Results:
    return results(records, Policy(), default_sweep=None, told=told, totals_only=True)


Cell = tuple[ComboKey, TaskKey]


def cells_of(raw: Results) -> list[Cell]:
    return [(s.key, t) for t, found in raw.all.task_combos.items() for s in found]


def totals(raw: Results, found: Results, cells: list[Cell]) -> list[list[float]]:
    """Every published number that is no group's, as the cells that it adds up."""
    rows = [
        [float(_belongs(c, s.key)) for c, _ in cells]
        for s in (*found.all.combos, *found.all.harnesses, *found.all.model_quants)
    ]
    for scope in found.scopes:
        inside = {
            (s.key, task)
            for part in raw.scopes
            if part.sweep == scope.sweep
            for task, own in part.task_combos.items()
            for s in own
        }
        rows += [
            [float(_belongs(c, s.key) and (c, t) in inside) for c, t in cells]
            for s in scope.combos
        ]
        rows += [
            [float(t == s.key and (c, t) in inside) for c, t in cells]
            for s in scope.tasks
        ]
        for by_task in (
            scope.task_model_quants,
            scope.task_harnesses,
            scope.task_combos,
        ):
            rows += [
                [
                    float(t == task and _belongs(c, s.key) and (c, t) in inside)
                    for c, t in cells
                ]
                for task, own in by_task.items()
                for s in own
            ]
    return [row for row in rows if any(row)]


def told_of(found: Results) -> list[tuple[Key, GroupKey, int]]:
    return [
        (s.key, group, s.n_cells)
        for group, own in found.all.in_groups.items()
        for s in (*own.model_quants, *own.harnesses, *own.combos)
    ]


def check(
    cells_by_combo: Mapping[str, set[str]], told: Told, least: int, *, swept: bool
) -> None:
    raw = computed(records_of(cells_by_combo, swept=swept), told)
    found = publishable(raw, Publish(min_cells=least))
    cells = cells_of(raw)
    entries = told_of(found)
    members = {group: set(own.tasks) for group, own in raw.all.in_groups.items()}
    size = {
        s.key: s.n_cells
        for s in (*raw.all.combos, *raw.all.harnesses, *raw.all.model_quants)
    }
    for key, _, n in entries:
        assert n >= least
        assert size[key] - n == 0 or size[key] - n >= least
    if not entries:
        return
    known = totals(raw, found, cells)
    rows = [
        [float(_belongs(c, key) and t in members[group]) for c, t in cells]
        for key, group, _ in entries
    ]
    single = np.eye(len(cells)).tolist()
    before, after = determined(known, single), determined([*known, *rows], single)
    assert not (after & ~before).any()


@example(  # Combos with a single cell have no total that is told.
    {
        **{f"{m}/h{i}": set[str]() for m in ("a/Q4", "a/Q8") for i in (1, 2, 3)},
        "b/Q4/h1": set(),
        "b/Q4/h2": {"t0"},
        "b/Q4/h3": {"t0"},
        "b/Q8/h1": {"t1"},
        "b/Q8/h2": {"t3"},
        "b/Q8/h3": {"t0", "t1", "t2", "t3", "t4"},
    },
    {
        "language": {"t0": "x", "t1": "x", "t2": "x", "t3": "x"},
        "category": {"t0": "x", "t1": "x", "t2": "y", "t3": "x"},
    },
    2,
    False,  # noqa: FBT003 - as drawn
)
@settings(max_examples=50, deadline=None)
@given(tables, said, st.integers(2, 5), st.booleans())
def test_with_gaps_groups_determine_no_cell_that_the_totals_had_not(
    cells: dict[str, set[str]],
    told: Told,
    least: int,
    swept: bool,  # noqa: FBT001 - drawn
) -> None:
    check(cells, told, least, swept=swept)


@settings(max_examples=30, deadline=None)
@given(grids, said, st.integers(2, 5), st.booleans())
def test_on_a_full_grid_groups_determine_no_cell_that_the_totals_had_not(
    cells: dict[str, set[str]],
    told: Told,
    least: int,
    swept: bool,  # noqa: FBT001 - drawn
) -> None:
    check(cells, told, least, swept=swept)


def full(told: Told, tasks: list[str], least: int = 5) -> set[tuple[Key, GroupKey]]:
    cells = {combo: dict.fromkeys(tasks, "+") for combo in COMBOS}
    raw = computed(grid(cells), told)
    found = publishable(raw, Publish(min_cells=least))
    return {(key, group) for key, group, _ in told_of(found)}


def test_a_group_of_enough_cells_with_a_large_rest_is_told_of_everyone() -> None:
    tasks = [f"t{i}" for i in range(12)]
    told = {"language": {t: "c" if i < 6 else "sql" for i, t in enumerate(tasks)}}
    found = full(told, tasks)
    assert len(found) == 2 * (12 + 3 + 4)


def test_what_tells_of_cells_combo_by_combo_is_told_where_it_does_not_by_task() -> None:
    """Two combos of two tasks each: less than three cells, and together four."""
    tasks = ["t0", "t1", "t2", "t3"]
    told = {"language": dict(zip(tasks, ("c", "sql", "c", "sql"), strict=True))}
    combos = ["a/Q4/h1", "a/Q4/h2", "a/Q4/h3", "b/Q8/h2", "b/Q8/h3"]
    cells = {
        combo: dict(zip(tasks, "+--+" if place % 2 else "-+-+", strict=True))
        for place, combo in enumerate(combos)
    }
    found = publishable(computed(grid(cells), told), Publish(min_cells=3))
    assert {(key, group) for key, group, _ in told_of(found)} == {
        (key, GroupKey("language", value))
        for key in (QuantKey("a", "Q4"), QuantKey("b", "Q8"), HarnessKey("h3"))
        for value in ("c", "sql")
    }


def test_a_group_that_leaves_a_small_rest_is_told_of_nobody_it_would_tell_of() -> None:
    tasks = [f"t{i}" for i in range(12)]
    told = {"language": {t: "c" if i < 10 else "sql" for i, t in enumerate(tasks)}}
    found = full(told, tasks)
    # Two tasks in SQL: of a combo that is two cells, of a harness eight.
    assert {type(key) for key, _ in found} == {HarnessKey, QuantKey}


def test_of_two_columns_whose_difference_is_one_task_combos_are_told_by_one() -> None:
    tasks = [f"t{i}" for i in range(16)]
    told = {
        "language": {t: "c" if i < 8 else "sql" for i, t in enumerate(tasks)},
        "category": {t: "web" if i < 7 else "games" for i, t in enumerate(tasks)},
    }
    found = full(told, tasks)
    columns = {group.group for key, group in found if isinstance(key, ComboKey)}
    assert columns == {"language"}


def test_a_combo_that_ran_in_two_sweeps_is_not_told_through_one_of_them() -> None:
    tasks = [f"t{i}" for i in range(12)]
    told = {"language": {t: "c" if i < 6 else "sql" for i, t in enumerate(tasks)}}
    # In sweep s1 the six tasks in C, in s2 one more task in C and all in SQL.
    everyone = [record(combo, t, sweep="s1") for combo in COMBOS for t in tasks[:5]]
    everyone += [record(combo, t, sweep="s2") for combo in COMBOS for t in tasks[5:]]
    raw = computed(everyone, told)
    found = publishable(raw, Publish())
    # The total of s1 is five of the six cells in C.
    assert not [1 for key, _, _ in told_of(found) if isinstance(key, ComboKey)]


def test_no_interval_is_told_of_a_group_where_cells_are_private() -> None:
    tasks = [f"t{i}" for i in range(12)]
    told = {"language": {t: "c" if i < 6 else "sql" for i, t in enumerate(tasks)}}
    raw = computed(grid({c: dict.fromkeys(tasks, "+") for c in COMBOS}), told)
    for publish, private in ((Publish(), True), (Publish(cells=True), False)):
        for own in publishable(raw, publish).all.in_groups.values():
            for s in (*own.combos, *own.harnesses, *own.model_quants):
                assert (s.interval is None) == private


def test_sweeps_tell_of_no_groups_where_cells_are_private() -> None:
    tasks = [f"t{i}" for i in range(12)]
    told = {"language": {t: "c" if i < 6 else "sql" for i, t in enumerate(tasks)}}
    records = [
        replace(r, sweep=r.quant)
        for r in grid({c: dict.fromkeys(tasks, "+") for c in COMBOS})
    ]
    raw = computed(records, told)
    assert [bool(s.in_groups) for s in raw.scopes] == [True, True, True]
    private = publishable(raw, Publish())
    assert [bool(s.in_groups) for s in private.scopes] == [True, False, False]
