"""The interval of a pass rate."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sitegen.stats.trials import IntArray

Z95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval of a proportion, both ends in 0..1."""

    low: float
    high: float


def wilson(passed: float, n: float) -> Interval | None:
    """The score interval of a binomial proportion.

    Args:
        passed: Successes; need not be whole when `n` is an effective number.
        n: Trials, or an effective number of them; None is returned for 0.

    Source:
        Wilson (1927); recommended for small n by Brown, Cai & DasGupta (2001).
    """
    if not n > 0:
        return None
    p, z2 = passed / n, Z95 * Z95
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low = 0.0 if passed <= 0 else max(0.0, centre - half)
    high = 1.0 if passed >= n else min(1.0, centre + half)
    return Interval(low, high)


def effective_trials(passed: IntArray, trials: IntArray) -> float:
    """How many independent trials the clustered ones are worth.

    Trials of one task rise and fall together, so 80 trials on 16 tasks say
    less than 80 independent ones. With one trial a task nothing is clustered
    and the number is n itself; where all pass or all fail the data cannot
    show how strongly tasks cluster, and the number of tasks is returned.

    Args:
        passed: Shape (n_tasks,), passed trials of each task.
        trials: Shape (n_tasks,), trials of each task; 0 where there is none.

    Source:
        p(1 - p) over the cluster-robust variance (Miller 2024,
        arXiv:2411.00640, with the factor C/(C - 1)), clipped to [1, n]; the
        design effect of Korn & Graubard (1998).
    """
    used = trials > 0
    x, m = passed[used], trials[used]
    n, clusters, total = int(m.sum()), len(m), int(x.sum())
    if n == 0 or m.max() <= 1:
        return float(n)
    if clusters == 1 or total in {0, n}:
        return float(clusters)
    # Residuals times n, so that a variance of 0 is found to be 0.
    squares = sum((int(a) * n - total * int(b)) ** 2 for a, b in zip(x, m, strict=True))
    if squares == 0:
        return float(n)
    robust = Fraction(squares * clusters, (clusters - 1) * n**4)
    found = Fraction(total * (n - total), n * n) / robust
    return min(max(float(found), 1.0), float(n))


def rate_interval(passed: IntArray, trials: IntArray) -> Interval | None:
    """The 95 % interval of a pass rate whose trials are clustered by task.

    Wilson's interval on `effective_trials`; None without trials.
    """
    n = float(trials.sum())
    if n == 0:
        return None
    n_eff = effective_trials(passed, trials)
    return wilson(float(passed.sum()) / n * n_eff, n_eff)
