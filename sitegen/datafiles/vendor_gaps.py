"""The table of harnesses on their maker's models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.fields import HARNESS
from sitegen.datafiles.findings import DIFFERENCE, difference_values
from sitegen.datafiles.format import DataFile, Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.stats.vendors import VendorGap


def vendor_gaps_file(gaps: Sequence[VendorGap]) -> DataFile:
    """Two rows a harness at most: its maker's models, and local ones."""
    return DataFile(
        name="vendor_gaps",
        title="Harnesses against the others, on their maker's models and on local ones",
        fields=(
            HARNESS,
            Field("vendor", "string", "Who makes it, and hosts models"),
            Field("models", "string", "own: of the vendor; local"),
            Field("n_models", "integer", "Models of that sort"),
            Field("n_cells", "integer", "Cells that another harness has too"),
            *DIFFERENCE,
        ),
        rows=tuple(
            (
                gap.harness,
                gap.vendor,
                of,
                found.n_models,
                found.n_cells,
                *difference_values(found.found),
            )
            for gap in gaps
            for of, found in (("own", gap.own), ("local", gap.local))
            if found
        ),
    )
