"""The words and tables of `harness-bench power`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from sitegen.numbers import UNKNOWN, count_of, distance
from sitegen.stats.power import (
    MOST_TASKS,
    assumed,
    measured,
    smallest_difference,
    tasks_needed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.stats.power import Spread
    from sitegen.stats.results import Scope

_SEEDS = (1, 2, 3, 5, 10)
_TIMES = (Fraction(1, 2), 1, 2, 4)
"""Columns of the table, as multiples of the planned number of tasks."""
_DIFFERENCES = (5, 10, 15, 20, 30)
"""In points."""
_MEASURED = (
    "measured: how much the difference between two combos varies from task to task"
)


def spread_of(
    scope: Scope | None, *, rate: float, alike: float, correlation: float
) -> tuple[Spread, str]:
    """The spread to plan with, and a line that says where it comes from."""
    assumption = assumed(rate, alike, correlation)
    found = measured(scope.pairs, assumption) if scope else None
    if found is None:
        return assumption, (
            f"assumed: a pass rate of {rate:.0%}, an agreement of {alike:g} between "
            f"trials of a task, and of {correlation:g} between combos on which tasks "
            "are hard"
        )
    spread, split = found
    if split:
        return spread, _MEASURED
    return spread, (
        f"{_MEASURED}; every cell ran once, so the effect of more seeds is assumed"
    )


def advice(
    spread: Spread, source: str, *, tasks: int, seeds: int, comparisons: int
) -> list[str]:
    """The answer, then two tables: by tasks and seeds, and by difference."""
    found = smallest_difference(
        spread, tasks=tasks, seeds=seeds, comparisons=comparisons
    )
    plan = f"{count_of(tasks, 'task')}, {count_of(seeds, 'seed')}"
    family = f", one of {comparisons:,} comparisons" if comparisons > 1 else ""
    answer = (
        f"{plan}{family}: two combos that differ by {_points(found)} points or more "
        "are told apart in 80 % of such sweeps"
        if found is not None
        else f"{plan}{family}: no difference would be found in 80 % of such sweeps"
    )
    columns = sorted({max(1, int(tasks * times)) for times in _TIMES})
    rows = sorted({*_SEEDS, seeds})
    by_size = [
        [
            f"{row:,}",
            *(
                _points(
                    smallest_difference(
                        spread, tasks=column, seeds=row, comparisons=comparisons
                    )
                )
                for column in columns
            ),
        ]
        for row in rows
    ]
    by_difference = [
        [
            f"{points}",
            *(
                _whole(
                    tasks_needed(
                        spread,
                        difference=points / 100,
                        seeds=row,
                        comparisons=comparisons,
                    )
                )
                for row in rows
            ),
        ]
        for points in _DIFFERENCES
    ]
    return [
        answer,
        source,
        "",
        "smallest difference, in points",
        *_columns(["seeds", *(count_of(n, "task") for n in columns)], by_size),
        "",
        "tasks needed",
        *_columns(["points", *(count_of(n, "seed") for n in rows)], by_difference),
    ]


def _points(difference: float | None) -> str:
    return UNKNOWN if difference is None else distance(difference)


def _whole(count: int | None) -> str:
    return f"over {MOST_TASKS:,}" if count is None else f"{count:,}"


def _columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Right-aligned columns, two blanks apart."""
    lines = [head, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    ]
