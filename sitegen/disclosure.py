"""Which numbers that mix a task with another key may be shown.

A group of few cells tells each of them almost outright, so it is shown only
from `min_cells` distinct cells on. What is hidden must not come back by
subtraction either: the total of the task is always public, so the hidden
groups together must hold as many cells too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sitegen.config import Publish
    from sitegen.stats.standings import Standing


def disclosed(groups: Iterable[Standing], publish: Publish) -> tuple[Standing, ...]:
    """The groups of one task that may be shown, in the order given."""
    present = [group for group in groups if group.n_cells]
    if publish.cells:
        return tuple(present)
    shown = [group for group in present if group.n_cells >= publish.min_cells]
    hidden = sum(group.n_cells for group in present if group not in shown)
    while shown and 0 < hidden < publish.min_cells:
        smallest = min(shown, key=lambda group: (group.n_cells, group.key))
        shown.remove(smallest)
        hidden += smallest.n_cells
    return tuple(shown)


def may_show(n_cells: int, publish: Publish) -> bool:
    """Whether a number over `n_cells` cells of one task may be shown alone."""
    return publish.cells or n_cells >= publish.min_cells
