"""The table of claims and verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.column import integer, table, text
from sitegen.judge.verdict import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.datafiles.format import DataFile
    from sitegen.judge.verdict import Judged


def claims_file(judged: Sequence[Judged]) -> DataFile:
    """One row a claim; over all trials, whatever scope a claim is judged in."""
    private = any(PRIVATE in found.figures for found in judged)
    return table(
        "claims",
        f"The author's claims, judged{f'. {PRIVATE}' * private}",
        list(enumerate(judged, start=1)),
        integer("number", "Its place in the claims file", lambda line: line[0]),
        text("name?", "What posts call it", lambda line: line[1].claim.name),
        text("kind", "Kind of claim", lambda line: line[1].kind),
        text("claim", "In the author's words", lambda line: line[1].claim.says),
        text(
            "verdict",
            "holds, holds in part, not settled, does not hold or not judged",
            lambda line: line[1].verdict.value,
        ),
        text(
            "figures?",
            "What the verdict rests on; null where it would tell of single cells",
            lambda line: " ".join(line[1].figures).replace(PRIVATE, "") or None,
        ),
    )
