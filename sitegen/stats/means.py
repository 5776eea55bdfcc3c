"""The mean of a quantity whose trials are clustered by task."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf, sqrt
from typing import TYPE_CHECKING

import numpy as np

from sitegen.stats.distributions import t_quantile
from sitegen.stats.intervals import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.keys import Key
    from sitegen.stats.trials import Axis, BoolArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean over trials, with its 95 % interval over tasks like these."""

    n_trials: int
    n_tasks: int
    mean: Fraction
    interval: Interval | None
    """None with one task, and where nothing varies."""


def clustered_mean(
    sums: Sequence[int], trials: Sequence[int], unit: int, *, most: float = inf
) -> Mean | None:
    """A mean with Student's interval on its cluster-robust standard error.

    Args:
        sums: Of each task, the sum over its trials in whole steps.
        trials: Of each task, how many there are.
        unit: How many steps make 1.
        most: The largest value there can be; the smallest is 0.

    Returns:
        None without trials.

    Source:
        Liang & Zeger (1986), with the factor C/(C - 1) and C - 1 degrees of
        freedom for C tasks (Cameron & Miller 2015, J. Human Resources 50(2)).
    """
    used = [(x, m) for x, m in zip(sums, trials, strict=True) if m]
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
    return Mean(n_trials=n, n_tasks=clusters, mean=mean, interval=interval)


def by_task(
    axis: Axis[Key], task: Axis[Key], steps: IntArray, known: BoolArray
) -> tuple[IntArray, IntArray]:
    """Sums and numbers of trials, both of shape (groups, tasks)."""
    shape = (len(axis), len(task))
    position = (axis.codes * len(task) + task.codes)[known]
    sums = np.zeros(shape[0] * shape[1], dtype=np.int64)
    np.add.at(sums, position, steps[known])
    trials = np.bincount(position, minlength=len(sums))
    return sums.reshape(shape), trials.reshape(shape)
