"""Whether a paired difference is small enough to count as none."""

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Literal, TypeAlias

from sitegen.stats.distributions import t_cdf, t_quantile
from sitegen.stats.intervals import Interval
from sitegen.stats.paired import Difference

Finding: TypeAlias = Literal["equal", "different", "slightly different", "open"]
"""equal: surely within the margin; different: surely not 0; slightly different:
both; open: neither."""

_LEVEL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalence:
    """The answer of two one-sided tests."""

    margin: Fraction
    """Differences below it count as none."""
    interval: Interval | None
    """90 %: what the tests compare with the margin."""
    p: float | None
    """The larger of the two p values; None with one task, and where all tasks
    differ by the same."""

    @property
    def equal(self) -> bool:
        """Whether the difference is shown to be within the margin."""
        return self.p is not None and self.p <= _LEVEL


def equivalence(found: Difference, margin: Fraction) -> Equivalence:
    """Two one-sided t tests on the differences of tasks.

    Not to find a difference is no proof that there is none: here the burden is
    turned round. The difference is called equal only where both "at least
    margin too low" and "at least margin too high" are rejected at 5 %, which is
    where its 90 % interval lies within the margin.

    Source:
        Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics
        15(6).
    """
    n, mean = found.n_tasks, float(found.mean)
    if not found.variance:
        return Equivalence(margin=margin, interval=None, p=None)
    error = sqrt(found.variance / n)
    half = t_quantile(0.95, n - 1) * error
    below = 1 - t_cdf((mean + float(margin)) / error, n - 1)
    above = t_cdf((mean - float(margin)) / error, n - 1)
    return Equivalence(
        margin=margin,
        interval=Interval(max(-1.0, mean - half), min(1.0, mean + half)),
        p=min(max(below, above, 0.0), 1.0),
    )


def finding(*, equal: bool, different: bool) -> Finding:
    """Both tests in one word."""
    if equal:
        return "slightly different" if different else "equal"
    return "different" if different else "open"
