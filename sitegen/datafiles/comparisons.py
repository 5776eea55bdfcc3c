"""Data files of comparisons: two of a kind on the cells that both ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.column import (
    columns,
    ends,
    flag,
    inside,
    integer,
    number,
    table,
    text,
)
from sitegen.datafiles.fields import LEAD, WON
from sitegen.numbers import significant

if TYPE_CHECKING:
    from sitegen.datafiles.column import Column
    from sitegen.datafiles.format import DataFile
    from sitegen.keys import Key
    from sitegen.stats.paired import Difference
    from sitegen.stats.results import Scope
    from sitegen.stats.times import Slower


def quant_pairs(scope: Scope) -> DataFile:
    """Two quants of a model, pooled and task by task."""
    return table(
        "quant_pairs",
        "Two quants of a model on the cells that both have",
        scope.quant_pairs,
        text("model?", "Model; null: pooled over models"),
        text(
            "quant_a", "The quant with fewer bits; where a name tells none, the first"
        ),
        text("quant_b", "The other quant"),
        text("task?", "Task; null: over all tasks"),
        integer("n_cells", "Shared cells (harness and task)"),
        integer("n_a", "Trials of quant_a on them"),
        integer("n_b", "Trials of quant_b on them"),
        integer("passed_a", "Passed trials of quant_a"),
        integer("passed_b", "Passed trials of quant_b"),
        integer("delta?", "passed_b - passed_a; null where n_a and n_b differ"),
        number("delta_rate", "Rate of quant_b minus that of quant_a"),
    )


_VARIANT = ", where it has one; all that differs between two of the kind variant"
_TIES: Column[Difference] = integer("ties", "Those without a difference")
_TO_SETTLE: tuple[Column[Difference], ...] = (
    integer(
        "tasks_needed?",
        "Tasks in all that would show this difference, if it is the true one, in 80 % "
        "of sweeps that look at this pair alone",
    ),
    integer(
        "seeds_needed?",
        "Trials a cell that would do so on these tasks; null where that is "
        "not known, and where none would",
    ),
)


_TIME: tuple[Column[Slower], ...] = columns(
    number(
        "time_ratio?",
        "Time of a over that of b where both passed: geometric mean over tasks",
        lambda t: t.ratio.value,
    ),
    ends("time_ratio", lambda t: t.ratio),
    integer(
        "time_tasks?", "Tasks with a cell that both passed", lambda t: t.ratio.n_tasks
    ),
    number(
        "time_p?",
        "Joint sign-flip test of the logs, adjusted for all pairs of the kind",
        lambda t: t.p,
        write=significant,
    ),
)


def _side(side: str) -> tuple[Column[Key], ...]:
    def part(name: str, more: str = "") -> Column[Key]:
        described = f"{name} of {side}{more}"
        return text(f"{name}_{side}?", described, lambda key: key.parts.get(name))

    return part("model"), part("quant"), part("harness"), part("variant", _VARIANT)


def pairs(scope: Scope) -> DataFile:
    """Two models, quants, harnesses or combos, with what tells them apart."""
    return table(
        "pairs",
        "Two ranked models, quants, harnesses or combos on the cells all share",
        scope.pairs,
        text("kind", "model, quant (of one model), harness or combo"),
        inside(lambda pair: pair.a, _side("a")),
        inside(lambda pair: pair.b, _side("b")),
        integer("n_tasks", "Shared tasks", lambda pair: pair.found.n_tasks),
        integer("n_cells", "Shared cells of each"),
        inside(lambda pair: pair.found, columns(WON, _TIES, LEAD)),
        number(
            "p",
            "Joint sign-flip test, adjusted for all pairs of the kind in the scope",
            write=significant,
        ),
        flag("separable", "p is at most 0.05"),
        inside(lambda pair: pair.found, _TO_SETTLE),
        inside(lambda pair: pair.time, _TIME),
    )
