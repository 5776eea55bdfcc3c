"""The table of how models answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.fields import ENTITY, spelled
from sitegen.datafiles.format import DataFile, Field, Value
from sitegen.measures import Answer, Pace, Peak, shown
from sitegen.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sitegen.stats.results import Scope
    from sitegen.stats.speed import Speed

_MIXED = "; null too where they ran on different hardware"


def speed_file(scope: Scope) -> DataFile:
    """A row for each model at a quant, harness and combo of which it is known."""
    paces, peaks = shown(Pace, ()), shown(Peak, ())
    # After the columns that every site has.
    others = [m for m in shown(Answer, scope.recorded) if not m.always]
    return DataFile(
        name="speed",
        title="How fast answers came, in how much context, with what calls of tools",
        fields=(
            *ENTITY,
            *_fields(paces),
            Field(
                "mixed_hardware",
                "boolean",
                "Whether the trials with a known speed or wait ran on different "
                "hardware",
            ),
            *_fields(peaks),
            Field(
                "n_calls",
                "integer",
                "Trials with a call whose malformed calls are known",
            ),
            Field("calls", "integer", "Calls of the model in them"),
            Field(
                "malformed_calls",
                "integer",
                "Calls of tools in them whose arguments were no JSON object",
            ),
            Field(
                "malformed_per_100",
                "number",
                "100 times malformed_calls over calls; null without a call",
                nullable=True,
            ),
            *_fields(others),
        ),
        rows=tuple(
            (
                *spelled(each.key),
                *_values(each, paces),
                each.mixed,
                *_values(each, peaks),
                each.n_calls,
                each.calls,
                each.malformed,
                plain(each.malformed_per_100),
                *_values(each, others),
            )
            for each in scope.speeds
        ),
    )


def _fields(measures: Sequence[Answer]) -> Iterator[Field]:
    for each in measures:
        yield Field(f"n_{each.name}", "integer", each.counted)
        said = each.described + (_MIXED if isinstance(each, Pace) else "")
        kind = "integer" if _is_count(each) else "number"
        yield Field(each.field, kind, said, nullable=True)


def _values(found: Speed, measures: Sequence[Answer]) -> Iterator[Value]:
    for each in measures:
        figure = found.figures[each]
        yield figure.n_trials
        yield plain(figure.value, 0 if _is_count(each) else 6)


def _is_count(measure: Answer) -> bool:
    """The largest of whole numbers is one; the median of two need not be."""
    return isinstance(measure, Peak) and measure.steps == 1
