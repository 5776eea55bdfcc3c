"""The interval of a pass rate."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sitegen.stats.trials import IntArray

Z95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval: of a proportion in 0..1, of a difference in -1..1."""

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


def robust_variance(passed: IntArray, trials: IntArray) -> Fraction | None:
    """Variance of a pass rate whose trials are clustered by task.

    Args:
        passed: Shape (n_tasks,), passed trials of each task.
        trials: Shape (n_tasks,), trials of each task; 0 where there is none.

    Returns:
        None with fewer than two tasks, and where all pass or all fail: then the
        data cannot show it.

    Source:
        Miller (2024), arXiv:2411.00640, with the factor C/(C - 1).
    """
    used = trials > 0
    x, m = passed[used], trials[used]
    n, clusters, total = int(m.sum()), len(m), int(x.sum())
    if clusters <= 1 or total in {0, n}:
        return None
    # Residuals times n, so that a variance of 0 is found to be 0.
    squares = sum((int(a) * n - total * int(b)) ** 2 for a, b in zip(x, m, strict=True))
    return Fraction(squares * clusters, (clusters - 1) * n**4)


def effective_trials(passed: IntArray, trials: IntArray) -> float:
    """How many independent trials the clustered ones are worth.

    Trials of one task rise and fall together, so 80 trials on 16 tasks say
    less than 80 independent ones. With one trial a task nothing is clustered
    and the number is n itself; where all pass or all fail the data cannot
    show how strongly tasks cluster, and the number of tasks is returned.

    Args:
        passed: As for `robust_variance`.
        trials: The same.

    Source:
        p(1 - p) over `robust_variance`, clipped to [1, n]; the design effect of
        Korn & Graubard (1998).
    """
    n, total = int(trials.sum()), int(passed.sum())
    if n == 0 or trials.max() <= 1:
        return float(n)
    robust = robust_variance(passed, trials)
    if robust is None:
        return float((trials > 0).sum())
    if robust == 0:
        return float(n)
    found = Fraction(total * (n - total), n * n) / robust
    return min(max(float(found), 1.0), float(n))


RATE_INTERVAL: Final = (
    "Wilson's score interval (Wilson 1927) on the effective number of trials: "
    "trials of one task rise and fall together, so the tasks are the clusters "
    "(Miller 2024, arXiv:2411.00640; Korn & Graubard 1998). On a task's own page "
    "the combos are. It speaks of tasks like these, not of these tasks alone."
)
"""What the methodology page says of `rate_interval`."""


def rate_interval(
    passed: IntArray,
    trials: IntArray,
    *,
    clustered: bool = True,
    rate: float | None = None,
) -> Interval | None:
    """The 95 % interval of a pass rate, wherever a page or a file shows one.

    Wilson's interval on `effective_trials`; None without trials.

    Args:
        passed: As for `robust_variance`.
        trials: The same.
        clustered: Whether the trials of one cluster rise and fall together.
        rate: Of what the rate is another estimate than passed over trials.
    """
    n = float(trials.sum())
    if n == 0:
        return None
    n_eff = effective_trials(passed, trials) if clustered else n
    return wilson((float(passed.sum()) / n if rate is None else rate) * n_eff, n_eff)


@dataclass(frozen=True, slots=True)
class Noise:
    """Standard errors of a pass rate by where they come from, in its units."""

    seeds: float
    """From running each cell a few times only; more seeds make it smaller."""
    tasks: float
    """From the choice of tasks; only more tasks make it smaller."""

    @property
    def seeds_share(self) -> float | None:
        """The share of the variance that seeds bring; None where there is none."""
        whole = self.seeds**2 + self.tasks**2
        return self.seeds**2 / whole if whole else None


def noise(
    passed: IntArray, trials: IntArray, seed_variance: float | None
) -> Noise | None:
    """The two sources of the noise of a pass rate.

    What `robust_variance` holds beyond the variance from seeds comes from the
    tasks; where chance made it smaller than that, nothing is left for them.

    Args:
        passed: As for `robust_variance`.
        trials: The same.
        seed_variance: Variance of the rate that comes from seeds; None where a
            cell ran only once, for then the two cannot be told apart.

    Source:
        The law of total variance; Wang (2025), arXiv:2512.21326.
    """
    whole = robust_variance(passed, trials)
    if whole is None or seed_variance is None:
        return None
    return Noise(sqrt(seed_variance), sqrt(max(0.0, float(whole) - seed_variance)))
