"""The mean over cells of a quantity, whose cells are clustered by task."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, lcm, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from sitegen.keys import Key
from sitegen.stats.distributions import t_quantile
from sitegen.stats.intervals import Interval
from sitegen.stats.trials import Amounts, Axis, IntArray, Trials
from sitegen.texts import firsts

_MOST = 2**62
"""Sums below it fit 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean over cells of the mean over a cell's trials.

    With its 95 % interval over tasks like these.
    """

    n_trials: int
    n_tasks: int
    mean: Fraction
    interval: Interval | None
    """None with one task, and where nothing varies."""


def clustered_mean(
    sums: Sequence[int],
    cells: Sequence[int],
    unit: int,
    *,
    n_trials: int,
    most: float = inf,
) -> Mean | None:
    """A mean with Student's interval on its cluster-robust standard error.

    Args:
        sums: Of each task, the sum over its cells in whole steps.
        cells: Of each task, how many there are.
        unit: How many steps make 1.
        n_trials: How many trials are behind it.
        most: The largest value there can be; the smallest is 0.

    Returns:
        None without cells.

    Source:
        Liang & Zeger (1986), with the factor C/(C - 1) and C - 1 degrees of
        freedom for C tasks (Cameron & Miller 2015, J. Human Resources 50(2)).
    """
    used = [(x, m) for x, m in zip(sums, cells, strict=True) if m]
    n, clusters = sum(m for _, m in used), len(used)
    if not n:
        return None
    total = sum(x for x, _ in used)
    mean = Fraction(total, n * unit)
    # Residuals times n, so that a variance of 0 is found to be 0.
    squares = sum((x * n - m * total) ** 2 for x, m in used)
    interval = None
    if clusters > 1 and squares:
        scale = (n * n * unit) ** 2 * (clusters - 1)
        half = t_quantile(0.975, clusters - 1) * sqrt(
            float(Fraction(squares * clusters, scale))
        )
        interval = Interval(max(0.0, float(mean) - half), min(most, float(mean) + half))
    return Mean(n_trials=n_trials, n_tasks=clusters, mean=mean, interval=interval)


@dataclass(frozen=True, slots=True)
class ByTask:
    """The means of cells (combo and task), added up by group and task."""

    sums: npt.NDArray[Any]
    """Shape (groups, tasks), in whole steps: of 64 bits, or of Python where they
    would not fit."""
    cells: IntArray
    """The same shape: cells of which something is known."""
    trials: IntArray
    """Shape (groups,): trials of which it is known."""
    unit: int
    """How many steps make 1."""

    def mean(self, row: int, most: float = inf) -> Mean | None:
        """Of one group; see `clustered_mean`."""
        return clustered_mean(
            self.sums[row].tolist(),
            self.cells[row].tolist(),
            self.unit,
            n_trials=int(self.trials[row]),
            most=most,
        )


def by_task(trials: Trials, axis: Axis[Key], amounts: Amounts, steps: int) -> ByTask:
    """Each cell's mean over its trials, added up by group of `axis` and task."""
    known, n_tasks = amounts.known, len(trials.task)
    inverse, used = trials.cells(known)
    first, size = firsts(inverse), np.bincount(inverse, minlength=len(used))
    total = np.zeros(len(size), dtype=np.int64)
    np.add.at(total, inverse, amounts.steps[known])
    each = lcm(*(int(n) for n in np.unique(size)))
    most = int(total.max(initial=0)) * each * max(1, len(size))
    exact: Any = np.int64 if most < _MOST else object
    codes = axis.codes[known]
    position = codes[first] * n_tasks + trials.task.codes[known][first]
    sums = np.zeros(len(axis) * n_tasks, dtype=exact)
    np.add.at(sums, position, total.astype(exact) * (each // size.astype(exact)))
    shape = (len(axis), n_tasks)
    return ByTask(
        sums=sums.reshape(shape),
        cells=np.bincount(position, minlength=len(sums)).reshape(shape),
        trials=np.bincount(codes, minlength=len(axis)),
        unit=each * steps,
    )
