"""What must be hidden with what is too small, so that it cannot be worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sitegen.stats.trials import BoolArray

Group = TypeVar("Group")

_ZERO = 1e-9
"""Far above rounding, far below what whole counts can differ by."""


def shown(cells: Mapping[Group, int], min_cells: int, outside: int = 0) -> set[Group]:
    """The groups to show of several that make up a public total.

    Args:
        cells: Distinct cells of each group.
        min_cells: The fewest that may be told.
        outside: Cells of the total that are in none of the groups.
    """
    kept = {key for key, n in cells.items() if n >= min_cells}
    hidden = outside + sum(n for key, n in cells.items() if key not in kept)
    while kept and 0 < hidden < min_cells:
        smallest = min(kept, key=lambda key: (cells[key], str(key)))
        kept.remove(smallest)
        hidden += cells[smallest]
    return kept


def determined(
    sums: Sequence[Sequence[float]], asked: Sequence[Sequence[float]]
) -> BoolArray:
    """Which sums follow from others, whatever the values.

    Args:
        sums: What is known: a row each, with the share of every value in it.
        asked: Rows that are not all 0.

    Returns:
        Shape (asked,): whether the row lies in the space that `sums` span.
    """
    if not sums:
        return np.zeros(len(asked), dtype=bool)
    _, sizes, directions = np.linalg.svd(np.array(sums), full_matrices=False)
    spanned = directions[sizes > _ZERO * sizes[0]]
    rows = np.array(asked)
    length = np.square(rows).sum(axis=1)
    found: BoolArray = np.square(rows @ spanned.T).sum(axis=1) > length - _ZERO
    return found
