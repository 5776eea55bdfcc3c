"""Counts of one grouping against another: all that the statistics start from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from sitegen.stats.trials import IntArray

if TYPE_CHECKING:
    from sitegen.stats.trials import Axis, BoolArray, Trials

_MICRO = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Integer counts, all of shape (groups, clusters).

    The clusters are tasks, except where the groups are tasks themselves; then
    they are combos.
    """

    labels: tuple[tuple[str, ...], ...]
    trials: IntArray
    """Measured trials."""
    passed: IntArray
    timed: IntArray
    """Measured trials whose time is known."""
    time_us: IntArray
    """Their summed time, in microseconds."""
    cells: IntArray
    """Distinct cells (combo and task) with a measured trial."""

    def group(self, index: int) -> tuple[int, int, int, int]:
        """(trials, passed, clusters, cells) of one group, over all clusters."""
        row = self.trials[index]
        return (
            int(row.sum()),
            int(self.passed[index].sum()),
            int(np.count_nonzero(row)),
            int(self.cells[index].sum()),
        )

    def time_mean_s(self, index: int) -> Fraction | None:
        """Mean agent time of one group, in seconds; None: not measured."""
        return mean_s(int(self.time_us[index].sum()), int(self.timed[index].sum()))


def mean_s(time_us: int, n: int) -> Fraction | None:
    """The exact mean, in seconds, of `n` times that add up to `time_us`."""
    return Fraction(time_us, n * _MICRO) if n else None


def counts(trials: Trials, axis: Axis, across: Axis | None = None) -> Counts:
    """Count every group of `axis` in every cluster, in one pass.

    Args:
        trials: The trials of the scope.
        axis: One of the axes of `trials`: the groups.
        across: Another one: the clusters; the tasks by default.
    """
    clusters = across or trials.task
    n_groups, n_clusters = len(axis), len(clusters)
    shape = (n_groups, n_clusters)
    position = axis.codes * n_clusters + clusters.codes
    measured, timed = trials.measured, trials.timed

    def tally(mask: BoolArray) -> IntArray:
        found = np.bincount(position[mask], minlength=n_groups * n_clusters)
        return found.reshape(shape)

    time_us = np.zeros(n_groups * n_clusters, dtype=np.int64)
    np.add.at(time_us, position[timed], trials.time_us[timed])
    # The first trial of each cell stands for it.
    cell = trials.combo.codes * len(trials.task) + trials.task.codes
    first = np.unique(cell[measured], return_index=True)[1]
    once = position[measured][first]
    return Counts(
        labels=axis.labels,
        trials=tally(measured),
        passed=tally(trials.passed),
        timed=tally(timed),
        time_us=time_us.reshape(shape),
        cells=np.bincount(once, minlength=n_groups * n_clusters).reshape(shape),
    )
