"""The table of claims and verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.format import DataFile, Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.judge.verdict import Judged


def claims_file(judged: Sequence[Judged]) -> DataFile:
    """One row a claim; over all trials, whatever scope a claim is judged in."""
    return DataFile(
        name="claims",
        title="The author's claims, judged",
        fields=(
            Field("number", "integer", "Its place in the claims file"),
            Field("kind", "string", "Kind of claim"),
            Field("claim", "string", "In the author's words"),
            Field(
                "verdict",
                "string",
                "holds, holds in part, not settled, does not hold or not judged",
            ),
            Field("figures", "string", "What the verdict rests on"),
        ),
        rows=tuple(
            (
                n,
                found.kind,
                found.claim.says,
                found.verdict.value,
                " ".join(found.figures),
            )
            for n, found in enumerate(judged, start=1)
        ),
    )
