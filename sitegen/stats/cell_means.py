"""Means over cells of the mean over a cell's trials, exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.stats.trials import IntArray


def sums(
    group: IntArray, total: IntArray, size: IntArray, n_groups: int
) -> list[Fraction]:
    """Sums over the cells of each group of total / size.

    Args:
        group: Shape (n_cells,): the group of each cell.
        total: Shape (n_cells,): what its trials add up to.
        size: Shape (n_cells,): how many they are; 0 for one that is not known.
        n_groups: How many groups there are.
    """
    found = [Fraction(0)] * n_groups
    for each in np.unique(size[size > 0]):
        own = size == each
        whole = np.zeros(n_groups, dtype=np.int64)
        np.add.at(whole, group[own], total[own])
        for index in np.flatnonzero(whole):
            found[index] += Fraction(int(whole[index]), int(each))
    return found


def means(
    sums: Sequence[Fraction], n: IntArray, unit: int
) -> tuple[Fraction | None, ...]:
    """Of each group, the mean over its `n` cells, in steps of 1/unit."""
    return tuple(
        total / (int(count) * unit) if count else None
        for total, count in zip(sums, n, strict=True)
    )
