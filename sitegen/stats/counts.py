"""Counts of one grouping against another: all that the statistics start from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Generic

import numpy as np

from sitegen.keys import Key, KeyT, KeyT_co
from sitegen.measures import TIME
from sitegen.stats.trials import FloatArray, IntArray

if TYPE_CHECKING:
    from sitegen.stats.trials import Axis, BoolArray, Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts(Generic[KeyT_co]):
    """Integer counts, all of shape (groups, clusters).

    The clusters are tasks, except where the groups are tasks themselves; then
    they are combos.
    """

    labels: tuple[KeyT_co, ...]
    trials: IntArray
    """Measured trials."""
    passed: IntArray
    timed: IntArray
    """Measured trials whose time is known."""
    time_us: IntArray
    """Their summed time in the agent, in microseconds."""
    cells: IntArray
    """Distinct cells (combo and task) with a measured trial."""
    seed_variance: FloatArray
    """Shape (groups,): the variance of each group's pass rate that comes from
    the seeds of its cells; NaN where a cell ran once, or none did."""

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
        n = int(self.timed[index].sum())
        return Fraction(int(self.time_us[index].sum()), n * TIME.steps) if n else None


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
    measured, time = trials.measured, trials.measures[TIME]

    def tally(mask: BoolArray) -> IntArray:
        found = np.bincount(position[mask], minlength=n_groups * n_clusters)
        return found.reshape(shape)

    time_us = np.zeros(n_groups * n_clusters, dtype=np.int64)
    np.add.at(time_us, position[time.known], time.steps[time.known])
    # The first trial of each cell stands for it.
    cell = trials.combo.codes * len(trials.task) + trials.task.codes
    _, first, inverse, ran = np.unique(
        cell[measured], return_index=True, return_inverse=True, return_counts=True
    )
    once = position[measured][first]
    won = np.bincount(inverse[trials.passed[measured]], minlength=len(ran))
    n = tally(measured)
    return Counts(
        labels=axis.labels,
        trials=n,
        passed=tally(trials.passed),
        timed=tally(time.known),
        time_us=time_us.reshape(shape),
        cells=np.bincount(once, minlength=n_groups * n_clusters).reshape(shape),
        seed_variance=_seed_variance(
            once // n_clusters, won, ran, n.sum(axis=1), n_groups
        ),
    )


def _seed_variance(
    group: IntArray,
    passed: IntArray,
    trials: IntArray,
    n: IntArray,
    n_groups: int,
) -> FloatArray:
    """Sum over cells of (n_cell / n)**2 p (1 - p) / (n_cell - 1), a group.

    The unbiased variance of the mean of a cell's trials, weighted as the cell is
    in the rate. Added up cell by cell in their order: the same on every machine.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        # 0 / 0, which is NaN, for a cell that ran once.
        each = passed * (trials - passed) / (trials - 1)
        summed = np.bincount(group, weights=each, minlength=n_groups)
        found: FloatArray = summed / (n * n)
    return found
