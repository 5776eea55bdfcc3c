"""The interval of a pass rate."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Final

from sitegen.numbers import points
from sitegen.stats.intraclass import Worth

Z95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval: of a proportion in 0..1, of a difference in -1..1."""

    low: float
    high: float

    @property
    def in_points(self) -> str:
        """Both ends in percentage points: "−1.2 to +3.4"."""
        return f"{points(self.low)} to {points(self.high)}"

    @property
    def turned(self) -> Interval:
        """Of the difference the other way round."""
        return Interval(-self.high, -self.low)


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


RATE_INTERVAL: Final = (
    "Wilson's score interval (Wilson 1927) on the effective number of trials: "
    "trials of one task rise and fall together. How much they do, the intra-class "
    "correlation, is pooled over all entries of the kind (analysis of variance, "
    "Donner 1986). Where trials agree much or tasks are few, it is cautious: as if "
    "each entry had also run a third of a task, half of which always passes and half "
    "always fails. On a task's own page combos stand for tasks. The interval speaks "
    "of tasks like these, not of these tasks alone. A single trial has none."
)
"""What the methodology page says of `rate_interval`."""


def rate_interval(rate: Fraction, worth: Worth, n_trials: int) -> Interval | None:
    """The 95 % interval of a pass rate, wherever a page or a file shows one."""
    n = float(worth.trials)
    return None if n_trials <= 1 else wilson(float(rate) * n, n)


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


def noise(rate: Fraction, worth: Worth) -> Noise | None:
    """The two sources of the noise of a pass rate.

    Returns:
        None where all pass or all fail, and where the two cannot be told apart.
    """
    if rate in {0, 1} or worth.seeds is None:
        return None
    variance = float(rate * (1 - rate) / worth.trials)
    seeds = float(worth.seeds)
    return Noise(sqrt(variance * seeds), sqrt(variance * (1 - seeds)))
