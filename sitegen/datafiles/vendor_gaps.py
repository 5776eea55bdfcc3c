"""The table of harnesses on their maker's models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.column import columns, inside, integer, table, text
from sitegen.datafiles.fields import DIFFERENCE, HARNESS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.datafiles.column import Column
    from sitegen.datafiles.format import DataFile
    from sitegen.stats.vendors import Gap, VendorGap

_GAP: tuple[Column[Gap], ...] = columns(
    integer("n_models", "Models of that sort"),
    integer("n_cells", "Cells that another harness has too"),
    inside(lambda gap: gap.found, DIFFERENCE),
)


def vendor_gaps_file(gaps: Sequence[VendorGap]) -> DataFile:
    """Two rows a harness at most: its maker's models, and local ones."""
    return table(
        "vendor_gaps",
        "Harnesses against the others, on their maker's models and on local ones",
        [
            (gap, of, found)
            for gap in gaps
            for of, found in (("own", gap.own), ("local", gap.local))
            if found
        ],
        text("harness", HARNESS.field.description, lambda line: line[0].harness),
        text("vendor", "Who makes it, and hosts models", lambda line: line[0].vendor),
        text("models", "own: of the vendor; local", lambda line: line[1]),
        inside(lambda line: line[2], _GAP),
    )
