"""The words and tables of `harness-bench power`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sitegen.numbers import UNKNOWN, count_of, listed
from sitegen.stats.power import WANTED, Plan, World, measured
from sitegen.stats.results import Scope

_SEEDS = (1, 3, 10)
_TIMES = (0.5, 1, 2, 4)
"""Columns of the tables, as multiples of the planned number of tasks."""
_IN_TABLES = 500
"""Sweeps drawn for each cell of a table, and `_TIMES_MORE` as many for the plan."""
_TIMES_MORE = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """What drawn sweeps say of a plan."""

    difference: float | None
    """The least that is found; None: nothing is."""
    first_is_best: float


def answer(plan: Plan, asked: Plan) -> Answer:
    """Draw sweeps of a plan: more of them of the one that was asked about."""
    sweeps = _IN_TABLES * (_TIMES_MORE if plan == asked else 1)
    return Answer(plan.smallest_difference(sweeps), plan.first_is_best())


def plans(asked: Plan) -> tuple[Plan, ...]:
    """The plan and what it is compared with, row by row: seeds by tasks."""
    columns = sorted({max(1, int(asked.tasks * times)) for times in _TIMES})
    return tuple(
        replace(asked, tasks=tasks, seeds=seeds)
        for seeds in sorted({*_SEEDS, asked.seeds})
        for tasks in columns
    )


def world_of(scope: Scope | None, assumed: World) -> tuple[World, str]:
    """What to draw from, and a line that says where it comes from."""
    said = {
        "rate": f"a pass rate of {assumed.rate:.0%}",
        "alike": f"an agreement of {assumed.alike:g} between trials of a task",
        "correlation": f"of {assumed.correlation:g} between combos on which tasks are "
        "hard",
        "spread": f"true rates that are spread by {assumed.spread * 100:g} points",
    }
    if scope is None:
        return assumed, f"assumed: {listed(list(said.values()))}"
    world, missing = measured(scope, assumed)
    if len(missing) == len(said):
        return assumed, (
            "the results show no variation to measure; assumed: "
            f"{listed(list(said.values()))}"
        )
    rest = f"; assumed: {listed([said[name] for name in missing])}" if missing else ""
    return world, (
        f"measured: a pass rate of {world.rate:.0%}, and how far trials of a task and "
        f"combos agree{rest}"
    )


def advice(asked: Plan, answers: Mapping[Plan, Answer], source: str) -> list[str]:
    """The answer, then two tables by tasks and seeds."""
    found = answers[asked]
    plan = ", ".join(
        (
            count_of(asked.tasks, "task"),
            count_of(asked.seeds, "seed"),
            count_of(asked.combos, "combo"),
        )
    )
    difference = (
        f"two that truly differ by {_points(found.difference)} points or more are told "
        f"apart in {WANTED:.0%} of such sweeps"
        if found.difference is not None
        else f"no difference would be found in {WANTED:.0%} of such sweeps"
    )
    first = f"{found.first_is_best:.0%}"
    tasks = sorted({one.tasks for one in answers})
    seeds = sorted({one.seeds for one in answers})
    head = ["seeds", *(count_of(n, "task") for n in tasks)]

    def rows(cell: Callable[[Answer], str]) -> list[list[str]]:
        return [
            [
                f"{row:,}",
                *(cell(answers[replace(asked, tasks=n, seeds=row)]) for n in tasks),
            ]
            for row in seeds
        ]

    return [
        f"{plan}: {difference}; the first is truly the best in {first}",
        source,
        "",
        "smallest true difference that is found, in points",
        *_columns(head, rows(lambda one: _points(one.difference))),
        "",
        "the first is truly the best, in % of sweeps",
        *_columns(head, rows(lambda one: f"{one.first_is_best * 100:.0f}")),
    ]


def _points(difference: float | None) -> str:
    return UNKNOWN if difference is None else f"{difference * 100:.0f}"


def _columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Right-aligned columns, two blanks apart."""
    lines = [head, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return [
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    ]
