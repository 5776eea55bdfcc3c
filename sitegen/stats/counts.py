"""Counts of one grouping against another: all that the statistics start from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Generic

import numpy as np

from sitegen.keys import Key, KeyT, KeyT_co
from sitegen.measures import TIME
from sitegen.stats.hardware import alike, averaged
from sitegen.stats.intraclass import Agreement, Worth, agreement, worth
from sitegen.stats.trials import IntArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.stats.trials import Axis, BoolArray, Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts(Generic[KeyT_co]):
    """Integer counts, all of shape (groups, clusters), and means over cells.

    The clusters are tasks, except where the groups are tasks themselves; then
    they are combos.
    """

    labels: tuple[KeyT_co, ...]
    trials: IntArray
    """Measured trials."""
    passed: IntArray
    cells: IntArray
    """Distinct cells (combo and task) with a measured trial."""
    rates: tuple[Fraction | None, ...]
    """Of each group, the mean over its cells of the mean over a cell's trials: a cell
    weighs the same however often it ran. None without a measured trial."""
    times_s: tuple[Fraction | None, ...]
    """The same of the time in the agent, over the cells of which one is known; None
    where they ran on unlike hardware."""
    beside: tuple[bool, ...]
    """Whether these times were measured on what most of all were."""
    inverse: tuple[Fraction, ...]
    """Of each group, the sum over its cells of 1 / trials."""

    def group(self, index: int) -> tuple[int, int, int, int]:
        """(trials, passed, clusters, cells) of one group, over all clusters."""
        row = self.trials[index]
        return (
            int(row.sum()),
            int(self.passed[index].sum()),
            int(np.count_nonzero(row)),
            int(self.cells[index].sum()),
        )

    @property
    def agreement(self) -> Agreement:
        """How much the trials of one cluster agree, pooled over the groups."""
        return agreement(self.passed, self.trials)

    def worth(self, index: int, agree: Agreement) -> Worth:
        """What the trials of one group are worth together."""
        return worth(self.cells[index], self.inverse[index], agree)


def counts(
    trials: Trials, axis: Axis[KeyT], across: Axis[Key] | None = None
) -> Counts[KeyT]:
    """Count every group of `axis` in every cluster, in one pass.

    Args:
        trials: The trials of the scope.
        axis: One of the axes of `trials`: the groups.
        across: Another one: the clusters; the tasks by default.
    """
    clusters: Axis[Key] = across or trials.task
    n_groups, n_clusters = len(axis), len(clusters)
    shape = (n_groups, n_clusters)
    position = axis.codes * n_clusters + clusters.codes
    measured, hardware = trials.measured, alike(trials, axis, TIME)
    time = averaged(trials, axis, TIME)

    def tally(mask: BoolArray) -> IntArray:
        found = np.bincount(position[mask], minlength=n_groups * n_clusters)
        return found.reshape(shape)

    # The first trial of each cell stands for it.
    cell = trials.combo.codes * len(trials.task) + trials.task.codes
    _, first, inverse, ran = np.unique(
        cell[measured], return_index=True, return_inverse=True, return_counts=True
    )
    once = position[measured][first]
    group = once // n_clusters
    known = time.known[measured]
    timed = np.bincount(inverse[known], minlength=len(ran))
    spent = np.zeros(len(ran), dtype=np.int64)
    np.add.at(spent, inverse[known], time.steps[measured][known])
    won = np.bincount(inverse[trials.passed[measured]], minlength=len(ran))
    n_cells = np.bincount(group, minlength=n_groups)
    n_timed = np.bincount(group[timed > 0], minlength=n_groups)
    return Counts(
        labels=axis.labels,
        trials=tally(measured),
        passed=tally(trials.passed),
        cells=np.bincount(once, minlength=n_groups * n_clusters).reshape(shape),
        rates=means(sums(group, won, ran, n_groups), n_cells, 1),
        times_s=means(sums(group, spent, timed, n_groups), n_timed, TIME.steps),
        beside=tuple(hardware.compared.tolist()),
        inverse=tuple(sums(group, np.ones_like(ran), ran, n_groups)),
    )


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
    sizes = np.unique(size[size > 0]).tolist()
    unit = lcm(*sizes)
    found = [0] * n_groups
    for each in sizes:
        own = size == each
        whole = np.zeros(n_groups, dtype=np.int64)
        np.add.at(whole, group[own], total[own])
        for index in np.flatnonzero(whole).tolist():
            found[index] += int(whole[index]) * (unit // each)
    return [Fraction(each, unit) for each in found]


def means(
    sums: Sequence[Fraction], n: IntArray, unit: int
) -> tuple[Fraction | None, ...]:
    """Of each group, the mean over its `n` cells, in steps of 1/unit."""
    return tuple(
        total / (int(count) * unit) if count else None
        for total, count in zip(sums, n, strict=True)
    )
