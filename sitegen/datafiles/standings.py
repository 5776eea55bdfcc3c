"""Data files of standings: who passed how much, ranked, and task by task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.fields import (
    COMBO,
    COUNTS,
    ENTITY,
    HARNESS,
    MODEL,
    N_TASKS,
    QUANT,
    RANKED,
    RATES,
    TASK,
    ends,
    spelled,
)
from sitegen.datafiles.format import DataFile, Field, Value
from sitegen.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sitegen.keys import ComboKey, HarnessKey, Key, TaskKey
    from sitegen.stats.difficulty import Discrimination
    from sitegen.stats.results import Scope
    from sitegen.stats.standings import Standing


def _numbers(standing: Standing[Key]) -> tuple[Value, ...]:
    return (
        standing.passed,
        plain(standing.rate),
        *ends(standing.interval),
        plain(standing.time_mean_s),
    )


def _ranking(standing: Standing[Key]) -> tuple[Value, ...]:
    low, high = standing.rank_range or (None, None)
    return standing.rank, low, high, standing.tier or None


def _noise(standing: Standing[Key]) -> tuple[Value, ...]:
    found = standing.noise
    return (plain(found.seeds), plain(found.tasks)) if found else (None, None)


def _ranked(standing: Standing[Key]) -> tuple[Value, ...]:
    return (
        standing.n_trials,
        standing.n_cells,
        standing.n_across,
        *_numbers(standing),
        *_noise(standing),
        *_ranking(standing),
        standing.missed,
    )


def combos(scope: Scope) -> DataFile:
    """Combos, in the order of the board."""
    on_frontier = {step.standing.key for step in scope.frontier}
    return DataFile(
        name="combos",
        title="Combos: a model at a quant in a harness",
        fields=(
            *COMBO,
            *RANKED,
            Field(
                "on_frontier",
                "boolean",
                "It passed something, and no combo is both better and faster",
            ),
        ),
        rows=tuple(
            (*s.key.values, *_ranked(s), s.key in on_frontier) for s in scope.combos
        ),
    )


def models(scope: Scope) -> DataFile:
    """Models at a quant, over all harnesses."""
    return DataFile(
        name="models",
        title="Models at a quant, over all harnesses",
        fields=(MODEL, QUANT, *RANKED),
        rows=tuple((*s.key.values, *_ranked(s)) for s in scope.model_quants),
    )


def harnesses(scope: Scope) -> DataFile:
    """Harnesses, over all models."""
    combos: dict[HarnessKey, list[Standing[ComboKey]]] = {}
    for standing in scope.combos:
        combos.setdefault(standing.key.harness_of, []).append(standing)

    def near_best(harness: HarnessKey) -> int:
        return sum(
            s.rate is not None and s.n_across == scope.size.tasks and s.missed <= 1
            for s in combos[harness]
        )

    return DataFile(
        name="harnesses",
        title="Harnesses, over all models",
        fields=(
            HARNESS,
            *RANKED,
            Field("n_combos", "integer", "Combos with this harness"),
            Field(
                "combos_near_perfect",
                "integer",
                "Combos that ran every task and missed at most one",
            ),
        ),
        rows=tuple(
            (*s.key.values, *_ranked(s), len(combos[s.key]), near_best(s.key))
            for s in scope.harnesses
        ),
    )


_DISCRIMINATION = (
    Field(
        "discrimination",
        "number",
        "Correlation with the combo's results elsewhere; null where it has none, "
        "and where cells are private",
        nullable=True,
    ),
    Field("discrimination_low", "number", "Lower end, 95 %", nullable=True),
    Field("discrimination_high", "number", "Upper end, 95 %", nullable=True),
)


def _discrimination(found: Discrimination | None) -> tuple[Value, ...]:
    if found is None:
        return None, None, None
    return tuple(plain(v) for v in (found.correlation, found.low, found.high))


def tasks(scope: Scope) -> DataFile:
    """Tasks, hardest first, with how well each tells combos apart."""
    known = {found.task: found for found in scope.discrimination}
    return DataFile(
        name="tasks",
        title="Tasks, hardest first",
        fields=(
            TASK,
            *COUNTS,
            Field("n_combos", "integer", "Combos that tried it"),
            *RATES,
            Field("always_passed", "boolean", "Every measured trial passed"),
            Field("never_passed", "boolean", "No measured trial passed"),
            *_DISCRIMINATION,
        ),
        rows=tuple(
            (
                *s.key.values,
                s.n_trials,
                s.n_cells,
                s.n_across,
                *_numbers(s),
                s.rate == 1,
                s.rate == 0,
                *_discrimination(known.get(s.key.task)),
            )
            for s in scope.tasks
        ),
    )


def frontier(scope: Scope) -> DataFile:
    """The combos that no other beats on both pass rate and time."""
    return DataFile(
        name="frontier",
        title="The Pareto frontier of pass rate and time, fastest first",
        fields=(
            *COMBO,
            Field("n_trials", "integer", "Measured trials"),
            *RATES,
            Field(
                "times_slower",
                "number",
                "Its mean time over that of the row before; null in the first",
                nullable=True,
            ),
        ),
        rows=tuple(
            (
                *step.standing.key.values,
                step.standing.n_trials,
                *_numbers(step.standing),
                plain(step.times_slower),
            )
            for step in scope.frontier
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
    keys = (MODEL, QUANT) if kind == "model-quant" else (HARNESS,)
    return DataFile(
        name=name,
        title=f"Each task by {kind}, where enough cells stand behind a number",
        fields=(TASK, *keys, *COUNTS, *RATES),
        rows=tuple(
            (*task.values, *s.key.values, s.n_trials, s.n_cells, *_numbers(s))
            for task, groups in by_task.items()
            for s in groups
        ),
    )


def task_groups(scope: Scope) -> DataFile:
    """Models, harnesses and combos on groups of tasks."""
    return DataFile(
        name="task_groups",
        title="Groups of tasks by model, harness and combo, where enough cells stand "
        "behind a number and behind what it leaves",
        fields=(
            *ENTITY,
            Field("group", "string", "The column of tasks.csv that groups them"),
            Field("value", "string", "What it says of the tasks of the group"),
            *COUNTS,
            N_TASKS,
            *RATES,
        ),
        rows=tuple(
            (
                *spelled(s.key),
                *group.values,
                s.n_trials,
                s.n_cells,
                s.n_across,
                *_numbers(s),
            )
            for group, found in scope.in_groups.items()
            for s in (*found.model_quants, *found.harnesses, *found.combos)
        ),
    )


def cells(scope: Scope) -> DataFile:
    """Every combo on every task."""
    return DataFile(
        name="cells",
        title="Every cell: a combo on a task",
        fields=(*COMBO, TASK, COUNTS[0], *RATES),
        rows=tuple(
            (*s.key.values, *task.values, s.n_trials, *_numbers(s))
            for task, groups in scope.task_combos.items()
            for s in groups
        ),
    )
