"""What must be hidden with what is too small, so that it cannot be worked out."""

from collections.abc import Mapping
from typing import TypeVar

Group = TypeVar("Group")


def shown(cells: Mapping[Group, int], min_cells: int, outside: int = 0) -> set[Group]:
    """The groups to show of several that make up a public total.

    Args:
        cells: Distinct cells of each group.
        min_cells: The fewest that may be told.
        outside: Cells of the total that are in none of the groups.
    """
    kept = {key for key, n in cells.items() if n >= min_cells}
    hidden = outside + sum(n for key, n in cells.items() if key not in kept)
    if kept and 0 < hidden < min_cells:
        kept.remove(min(kept, key=lambda key: (cells[key], str(key))))
    return kept
