"""The table of how models answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.column import columns, flag, inside, integer, number, table
from sitegen.datafiles.fields import ENTITY
from sitegen.measures import Answer, Pace, Peak, shown

if TYPE_CHECKING:
    from sitegen.datafiles.column import Column
    from sitegen.datafiles.format import DataFile
    from sitegen.stats.results import Scope
    from sitegen.stats.speed import Figure, Speed

_MIXED = "; null too where they ran on different hardware"


def speed_file(scope: Scope) -> DataFile:
    """A row for each model at a quant, harness and combo of which it is known."""
    # After the columns that every site has.
    others = [m for m in shown(Answer, scope.recorded) if not m.always]
    return table(
        "speed",
        "How fast answers came, in how much context, with what calls of tools",
        scope.speeds,
        ENTITY,
        columns(*(_measured(each) for each in shown(Pace, ()))),
        flag(
            "mixed_hardware",
            "Whether the trials with a known speed or wait ran on different hardware",
            lambda each: each.mixed,
        ),
        columns(*(_measured(each) for each in shown(Peak, ()))),
        integer("n_calls", "Trials with a call whose malformed calls are known"),
        integer("calls", "Calls of the model in them"),
        integer(
            "malformed_calls",
            "Calls of tools in them whose arguments were no JSON object",
            lambda each: each.malformed,
        ),
        number(
            "malformed_per_100?",
            "100 times malformed_calls over calls; null without a call",
        ),
        columns(*(_measured(each) for each in others)),
    )


def _measured(measure: Answer) -> tuple[Column[Speed], ...]:
    # The largest of whole numbers is one; the median of two need not be.
    whole = isinstance(measure, Peak) and measure.steps == 1
    said = measure.described + (_MIXED if isinstance(measure, Pace) else "")
    value: Column[Figure] = (
        integer(
            f"{measure.field}?",
            said,
            lambda f: None if f.value is None else int(f.value),
        )
        if whole
        else number(f"{measure.field}?", said, lambda f: f.value)
    )
    count: Column[Figure] = integer(
        f"n_{measure.name}", measure.counted, lambda f: f.n_trials
    )
    return inside(lambda speed: speed.figures[measure], (count, value))
