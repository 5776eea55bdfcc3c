"""The table of how models answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.fields import ENTITY, spelled
from sitegen.datafiles.format import DataFile, Field
from sitegen.measures import CONTEXT, FIRST_TOKEN, SPEED
from sitegen.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.stats.speed import Speed

_MIXED = "; null too where they ran on different hardware"


def speed_file(found: Sequence[Speed]) -> DataFile:
    """A row for each model at a quant, harness and combo of which it is known."""
    return DataFile(
        name="speed",
        title="How fast answers came, in how much context, with what calls of tools",
        fields=(
            *ENTITY,
            Field("n_speed", "integer", "Trials of which tokens a second are known"),
            Field(
                "tokens_per_s_median",
                "number",
                f"Median over them, of tokens a second after the first{_MIXED}",
                nullable=True,
            ),
            Field("n_first_token", "integer", "Trials of which the wait is known"),
            Field(
                "first_token_median_s",
                "number",
                f"Median over them, of seconds to the first output{_MIXED}",
                nullable=True,
            ),
            Field(
                "mixed_hardware",
                "boolean",
                "Whether the trials with a known speed or wait ran on different "
                "hardware",
            ),
            Field("n_context", "integer", "Trials of which the context is known"),
            Field(
                "context_peak",
                "integer",
                "The most tokens that one call of them held, prompt and answer",
                nullable=True,
            ),
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
        ),
        rows=tuple(
            (
                each.kind,
                *spelled(each.key),
                each.figures[SPEED].n_trials,
                plain(each.figures[SPEED].value),
                each.figures[FIRST_TOKEN].n_trials,
                plain(each.figures[FIRST_TOKEN].value),
                each.mixed,
                each.figures[CONTEXT].n_trials,
                plain(each.figures[CONTEXT].value, 0),
                each.n_calls,
                each.calls,
                each.malformed,
                plain(each.malformed_per_100),
            )
            for each in found
        ),
    )
