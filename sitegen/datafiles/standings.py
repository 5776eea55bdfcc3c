"""Data files of standings: who passed how much, ranked, and task by task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.column import (
    Column,
    columns,
    ends,
    flag,
    inside,
    integer,
    number,
    table,
    text,
)
from sitegen.datafiles.fields import (
    COMBO,
    COUNTS,
    ENTITY,
    HARNESS,
    MODEL,
    N_TASKS,
    N_TRIALS,
    QUANT,
    RANKED,
    RATES,
    TASK,
    keyed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sitegen.datafiles.format import DataFile
    from sitegen.keys import ComboKey, HarnessKey, Key, TaskKey
    from sitegen.stats.difficulty import Discrimination
    from sitegen.stats.results import Scope
    from sitegen.stats.standings import Standing


def combos(scope: Scope) -> DataFile:
    """Combos, in the order of the board."""
    on_frontier = {step.standing.key for step in scope.frontier}
    return table(
        "combos",
        "Combos: a model at a quant in a harness",
        scope.combos,
        COMBO,
        RANKED,
        flag(
            "on_frontier",
            "It passed something, and no combo is both better and faster",
            lambda s: s.key in on_frontier,
        ),
    )


def models(scope: Scope) -> DataFile:
    """Models at a quant, over all harnesses."""
    title = "Models at a quant, over all harnesses"
    return table("models", title, scope.model_quants, keyed(MODEL, QUANT), RANKED)


def harnesses(scope: Scope) -> DataFile:
    """Harnesses, over all models."""
    combos: dict[HarnessKey, list[Standing[ComboKey]]] = {}
    for standing in scope.combos:
        combos.setdefault(standing.key.harness_of, []).append(standing)

    def near_best(harness: HarnessKey) -> int | None:
        ran = [s for s in combos.get(harness, ()) if s.rate is not None]
        missed = [s.missed for s in ran if s.n_across == scope.size.tasks]
        known = [n for n in missed if n is not None]
        return sum(n <= 1 for n in known) if len(known) == len(missed) else None

    return table(
        "harnesses",
        "Harnesses, over all models",
        scope.harnesses,
        keyed(HARNESS),
        RANKED,
        integer(
            "n_combos",
            "Combos with this harness",
            lambda s: len(combos.get(s.key, ())),
        ),
        integer(
            "combos_near_perfect?",
            "Combos that ran every task and missed at most one; null where cells are "
            "private and a task has several trials",
            lambda s: near_best(s.key),
        ),
    )


_DISCRIMINATION: tuple[Column[Discrimination], ...] = columns(
    number(
        "discrimination?",
        "Correlation with the combo's results elsewhere; null where it has none, "
        "and where cells are private",
        lambda found: found.correlation,
    ),
    ends("discrimination", lambda found: found, ", 95 %"),
)


def tasks(scope: Scope) -> DataFile:
    """Tasks, hardest first, with how well each tells combos apart."""
    known = {found.task: found for found in scope.discrimination}
    return table(
        "tasks",
        "Tasks, hardest first",
        scope.tasks,
        keyed(TASK),
        COUNTS,
        integer("n_combos", "Combos that tried it", lambda s: s.n_across),
        RATES,
        flag("always_passed", "Every measured trial passed", lambda s: s.rate == 1),
        flag("never_passed", "No measured trial passed", lambda s: s.rate == 0),
        inside(lambda s: known.get(s.key.task), _DISCRIMINATION),
    )


def frontier(scope: Scope) -> DataFile:
    """The combos that no other beats on both pass rate and time."""
    ran: Column[Standing[Key]] = integer("n_trials", "Measured trials")
    return table(
        "frontier",
        "The Pareto frontier of pass rate and time, fastest first",
        scope.frontier,
        inside(lambda step: step.standing, columns(COMBO, ran, RATES)),
        number(
            "times_slower?",
            "Its mean time over that of the row before; null in the first",
        ),
    )


def task_by(
    name: str,
    kind: str,
    by_task: Mapping[TaskKey, Sequence[Standing[Key]]],
) -> DataFile:
    """Each task by model-quant or by harness.

    Args:
        name: Of the file.
        kind: What it is by: "model-quant" or "harness".
        by_task: The groups of each task that may be published.
    """
    key = keyed(MODEL, QUANT) if kind == "model-quant" else keyed(HARNESS)
    return table(
        name,
        f"Each task by {kind}, where enough cells stand behind a number",
        [(task, s) for task, groups in by_task.items() for s in groups],
        inside(lambda line: line[0], (TASK,)),
        inside(lambda line: line[1], columns(key, COUNTS, RATES)),
    )


def task_groups(scope: Scope) -> DataFile:
    """Models, harnesses and combos on groups of tasks."""
    return table(
        "task_groups",
        "Groups of tasks by model, harness and combo, where enough cells stand "
        "behind a number and behind what it leaves",
        [
            (group, s)
            for group, found in scope.in_groups.items()
            for s in (*found.model_quants, *found.harnesses, *found.combos)
        ],
        inside(lambda line: line[1], ENTITY),
        text(
            "group",
            "The column of tasks.csv that groups them",
            lambda line: line[0].group,
        ),
        text(
            "value",
            "What it says of the tasks of the group",
            lambda line: line[0].value,
        ),
        inside(lambda line: line[1], columns(COUNTS, N_TASKS, RATES)),
    )


def cells(scope: Scope) -> DataFile:
    """Every combo on every task."""
    return table(
        "cells",
        "Every cell: a combo on a task",
        [(task, s) for task, groups in scope.task_combos.items() for s in groups],
        inside(lambda line: line[1], COMBO),
        inside(lambda line: line[0], (TASK,)),
        inside(lambda line: line[1], columns(N_TRIALS, RATES)),
    )
