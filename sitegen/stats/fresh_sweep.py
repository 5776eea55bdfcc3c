"""What the rate of an entity would be, were the whole sweep run once more."""

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from sitegen.stats.distributions import t_quantile
from sitegen.stats.intervals import Z95, Interval
from sitegen.stats.intraclass import Worth


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshSweep:
    """Where a rate would lie in 95 % of fresh sweeps of the same size."""

    same_tasks: Interval | None
    """None where it cannot be told what seeds bring."""
    new_tasks: Interval
    """With other tasks of the same kind."""


def fresh_sweep(
    rate: Fraction, worth: Worth, *, seeds_known: bool, n_tasks: int
) -> FreshSweep:
    """Predict a rate, not the truth behind it: both sweeps have noise.

    Args:
        rate: In this sweep.
        worth: What its trials are worth, and which share of the noise seeds bring.
        seeds_known: Whether that share is of seeds alone.
        n_tasks: What the noise of seeds was measured on.

    Source:
        The joint-score interval of Krishnamoorthy & Peng (2011), Communications in
        Statistics 40(12), for a second sample of the same size: where the score
        test does not tell the two rates apart. On the same tasks only seeds vary, with
        Student's quantile, for entities differ in how much.
    """
    new_tasks = _predicted(float(rate), float(worth.trials), Z95)
    same = None
    if seeds_known and worth.seeds is not None:
        same = Interval(float(rate), float(rate))
        if worth.seeds:
            t = t_quantile(0.975, max(1, n_tasks - 1))
            found = _predicted(float(rate), float(worth.trials / worth.seeds), t)
            # The same tasks cannot bring more than others could.
            same = Interval(
                max(found.low, new_tasks.low), min(found.high, new_tasks.high)
            )
    return FreshSweep(same_tasks=same, new_tasks=new_tasks)


def _predicted(rate: float, n: float, z: float) -> Interval:
    """All q with (q - p)**2 <= 2 z**2 / n * m (1 - m), m = (p + q) / 2."""
    c = 2 * z * z / n
    # As a quadratic in q: a q**2 + b q + d <= 0.
    a, b = 1 + c / 4, -2 * rate - c / 2 + c * rate / 2
    d = rate * rate - c * rate / 2 + c * rate * rate / 4
    root = sqrt(max(0.0, b * b - 4 * a * d))
    low, high = (-b - root) / (2 * a), (-b + root) / (2 * a)
    return Interval(max(0.0, min(rate, low)), min(1.0, max(rate, high)))
