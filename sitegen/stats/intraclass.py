"""How much the trials of one task agree, and what they are worth together."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sitegen.stats.trials import IntArray


def intraclass(passed: IntArray, trials: IntArray) -> Fraction | None:
    """The intra-class correlation of trials of one task, pooled over entities.

    Pooled, because the few passes of one entity say nearly nothing of it: on 16
    tasks with 10 trials each and a pass rate of 0.05, intervals with a
    correlation of their own held the truth in 84 % of sweeps instead of 95 %.

    Args:
        passed: Shape (n_entities, n_tasks).
        trials: The same shape; 0 where an entity did not run a task.

    Returns:
        In 0..1; None where no entity ran a task more than once, for then it
        cannot be told; 1 where nothing varies, which is the cautious end.

    Source:
        The one-way analysis-of-variance estimator for unequal groups (Donner
        1986, International Statistical Review 54(1)), sums of squares and
        degrees of freedom added up over entities.
    """
    n, x = trials.sum(axis=1), passed.sum(axis=1)
    used = np.count_nonzero(trials, axis=1)
    within_df = int((n - used).sum())
    between_df = int((used - 1)[used > 0].sum())
    if within_df == 0 or between_df == 0:
        return None
    # Sums over tasks of passed**2 / trials, and of trials**2 / all of the entity's.
    squares = sum(
        (
            Fraction(int((passed[trials == size] ** 2).sum()), int(size))
            for size in np.unique(trials[trials > 0])
        ),
        start=Fraction(0),
    )
    whole, uneven = Fraction(0), Fraction(0)
    for own, (passes, total) in enumerate(zip(x.tolist(), n.tolist(), strict=True)):
        if total:
            whole += Fraction(passes**2, total)
            uneven += Fraction(int((trials[own] ** 2).sum()), total)
    within = (int(x.sum()) - squares) / within_df
    between = (squares - whole) / between_df
    size = (int(n.sum()) - uneven) / between_df
    spread = between + (size - 1) * within
    if spread <= 0:
        return Fraction(1)
    return min(max((between - within) / spread, Fraction(0)), Fraction(1))


@dataclass(frozen=True, slots=True)
class Worth:
    """How many independent trials an entity's are worth, and what they lack."""

    trials: Fraction
    """0 without a trial."""
    seeds: Fraction | None
    """The share of the variance that more trials of each cell would take away; the
    rest only more tasks would. None where it is not known."""


def worth(cells: IntArray, inverse: Fraction, correlation: Fraction | None) -> Worth:
    """How many independent trials an entity's are worth at the mean over its cells.

    With one cell a task, T**2 / sum over tasks of (rho + (1 - rho) / S): trials of
    one task rise and fall together, and each weighs the same however often it ran.
    Never more than T / rho, however often tasks are repeated.

    Args:
        cells: Shape (n_tasks,): cells of each task.
        inverse: Sum over cells of 1 / trials.
        correlation: `intraclass`; None, not known, counts as 1: then the number of
            tasks is returned, which with one trial a task is exact.
    """
    n = int(cells.sum())
    if not n:
        return Worth(Fraction(0), None)
    rho = Fraction(1) if correlation is None else correlation
    tasks = rho * int((cells * cells).sum())
    seeds = (1 - rho) * inverse
    share = None if correlation is None else seeds / (tasks + seeds)
    return Worth(Fraction(n * n) / (tasks + seeds), share)
