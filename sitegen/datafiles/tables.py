"""The published data: which tables there are, and what is in them.

One set under `data/` over all trials and one under `data/<sweep>/`. A row
carries its keys, then its numbers: proportions in 0..1, times in seconds,
unknown is null (JSON) or empty (CSV), never 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles import accounts, comparisons, standings
from sitegen.datafiles.findings import finding_files
from sitegen.datafiles.speed import speed_file
from sitegen.disclosure import TABLES

if TYPE_CHECKING:
    from sitegen.datafiles.format import DataFile
    from sitegen.stats.results import Scope


def data_files(
    scope: Scope, *, cells: bool, variants: bool = True
) -> tuple[DataFile, ...]:
    """Every table of one scope, which holds only what may be published.

    Args:
        scope: After `disclosure.publishable`.
        cells: Whether cells are published; if not, tables on no list are left out.
        variants: Whether any combo of the site has a variant.
    """
    found = (
        standings.combos(scope),
        standings.models(scope),
        standings.harnesses(scope),
        standings.tasks(scope),
        comparisons.quant_pairs(scope),
        accounts.audit(scope),
        standings.frontier(scope),
        comparisons.pairs(scope),
        accounts.scores(scope),
        accounts.spending(scope),
        accounts.coverage(scope),
        accounts.consistency(scope),
        standings.task_by("task_models", "model-quant", scope.task_model_quants),
        standings.task_by("task_harnesses", "harness", scope.task_harnesses),
        *((standings.task_groups(scope),) if scope.in_groups else ()),
        *finding_files(scope),
        *((speed_file(scope),) if scope.speeds else ()),
        *((standings.cells(scope),) if cells else ()),
    )
    if not cells:
        found = tuple(file for file in found if file.name in TABLES)
    if variants:
        return found
    return tuple(file.without("variant", "variant_a", "variant_b") for file in found)
