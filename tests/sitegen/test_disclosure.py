"""Nobody who has every published number can work out a single cell."""

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.schema import Record
from sitegen.config import Publish
from sitegen.disclosure import WITHHELD, publishable
from sitegen.keys import TaskKey
from sitegen.kinds import COMPARED, QUANT
from sitegen.policy import Policy
from sitegen.stats.results import Results, Scope, results
from sitegen.suppression import shown
from tests.records import grid

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
