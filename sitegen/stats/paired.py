"""Paired differences, one a task: how large, how sure, and what would settle it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import ceil, gcd, lcm, sqrt

from sitegen.stats.distributions import t_quantile
from sitegen.stats.intervals import Z95, Interval
from sitegen.stats.joint_test import LEVEL

Z80 = 0.8416212335729143
"""The 80 % quantile of the standard normal distribution."""

FEWEST = 6
"""Tasks with which the exact test can reach 5 % at all."""

_FINEST = 20_000
"""Steps that the sum of all differences is divided into at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the paired differences of two entities tell."""

    n_tasks: int
    wins: int
    losses: int
    ties: int
    mean: Fraction
    interval: Interval | None
    """95 %; None with one task, or where every task differs by the same. It reaches 0
    wherever `p` does not rule 0 out."""
    variance: float | None
    """Of one task's difference; None with one task."""
    seed_noise: float | None
    """The part of it that comes from trials being few; None where a cell ran
    once."""
    seeds: float
    """Trials that a cell has, on average."""
    p: Fraction
    """Of the two-sided sign-flip test."""
    tasks_needed: int | None
    """Tasks in all with which the difference seen would be found in 80 % of
    sweeps, alone; None where none was seen."""
    seeds_needed: int | None
    """Trials of each cell, on these tasks, that would do; None where unknown
    (some cell ran once), and where no number of them would do."""

    @property
    def turned(self) -> Difference:
        """The other way round."""
        return replace(
            self,
            wins=self.losses,
            losses=self.wins,
            mean=-self.mean,
            interval=self.interval and self.interval.turned,
        )


def difference(
    steps: Sequence[int],
    unit: int,
    *,
    seed_noise: float | None,
    seeds: float,
) -> Difference:
    """Everything about differences `steps[t] / unit`, one for each task.

    Args:
        steps: The differences in whole steps; at least one.
        unit: How many steps make 1.
        seed_noise: Variance of one task's difference that comes from its
            trials being few; None: not known.
        seeds: Trials that a cell has now.
    """
    n, total = len(steps), sum(steps)
    squares = n * sum(step * step for step in steps) - total * total
    variance = squares / (n * (n - 1)) / unit**2 if n > 1 else None
    mean = Fraction(total, n * unit)
    p = sign_flip_p(steps)
    return Difference(
        n_tasks=n,
        wins=sum(step > 0 for step in steps),
        losses=sum(step < 0 for step in steps),
        ties=steps.count(0),
        mean=mean,
        interval=_interval(float(mean), variance, n, reaches_0=p > LEVEL),
        variance=variance,
        seed_noise=seed_noise,
        seeds=seeds,
        p=p,
        tasks_needed=_tasks_needed(float(mean), variance),
        seeds_needed=None
        if n < FEWEST
        else _seeds_needed(float(mean), variance, n, seed_noise, seeds),
    )


def of_leads(leads: Sequence[Fraction]) -> Difference:
    """The same of exact differences, one for each task, whose noise is not known."""
    return of_steps(*whole(leads))


def of_steps(steps: Sequence[int], unit: int) -> Difference:
    """The same of differences `steps[t] / unit`, whatever the unit."""
    common = gcd(unit, *steps)
    own = [step // common for step in steps]
    return difference(own, unit // common, seed_noise=None, seeds=1)


def whole(leads: Sequence[Fraction]) -> tuple[list[int], int]:
    """Exact numbers as whole steps, and how many steps make 1."""
    unit = lcm(*(lead.denominator for lead in leads))
    return [int(lead * unit) for lead in leads], unit


def sign_flip_p(steps: Sequence[int]) -> Fraction:
    """The two-sided p value of the sign-flip permutation test of a mean of 0.

    If neither side were better, each task's difference could as well have had
    the other sign: p is the share of all 2**T choices of signs whose sum is at
    least as far from 0. It is counted, not drawn: the sums of chosen
    differences are the exponents of the product of (1 + x**step), held in one
    large integer. With one trial a cell this is McNemar's exact test.

    Where the steps add up to more than 20,000, they are rounded to that many,
    and every choice that rounding could have moved counts against the
    difference: then p is slightly too large, never too small.

    Source:
        Fisher (1935), The Design of Experiments, section 21; Pitman (1937).
        The counting: Pagano & Tritchler (1983), JASA 78(382).
    """
    sizes = sorted(abs(step) for step in steps if step)
    if not sizes:
        return Fraction(1)
    common = gcd(*sizes)
    return _flips(tuple(size // common for size in sizes), abs(sum(steps)) // common)


@lru_cache(maxsize=4096)
def _flips(sizes: tuple[int, ...], total: int) -> Fraction:
    if total == 0:
        return Fraction(1)
    n, whole = len(sizes), sum(sizes)
    if whole == n:
        # All are 1: how many are positive is binomial.
        term = found = 1
        for k in range(n, (n + total) // 2, -1):
            term = term * k // (n - k + 1)
            found += term
        return min(Fraction(1), Fraction(2 * found, 1 << n))
    # A sum of +-sizes is at least `total` where the positive ones make up this:
    least = (whole + total) // 2
    if whole > _FINEST:
        least = least * _FINEST // whole - (n + 1) // 2
        sizes = tuple(round(Fraction(size * _FINEST, whole)) for size in sizes)
    # One counter of `width` bits for each sum; no counter can overflow.
    width = n + 2
    counters = 1
    for size in sizes:
        counters += counters << (size * width)
    # Adding up all digits of a number in base b is taking it modulo b - 1.
    found = (counters >> (max(least, 0) * width)) % ((1 << width) - 1)
    return min(Fraction(1), Fraction(2 * found, 1 << n))


def _interval(
    mean: float, variance: float | None, n: int, *, reaches_0: bool
) -> Interval | None:
    """Student's interval of the mean difference, kept within -1..1.

    Where few tasks differ at all it is too narrow: it can leave out 0 where the exact
    test does not, and a reader would be told two things of one difference.
    """
    if not variance:
        return None
    half = t_quantile(0.975, n - 1) * sqrt(variance / n)
    low, high = max(-1.0, mean - half), min(1.0, mean + half)
    return Interval(min(low, 0.0), max(high, 0.0)) if reaches_0 else Interval(low, high)


def _tasks_needed(mean: float, variance: float | None) -> int | None:
    """How many tasks a paired t test needs for 80 % power at this difference.

    Source:
        Guenther (1981), The American Statistician 35(4): the normal formula and
        half the squared quantile.
    """
    if variance is None or mean == 0:
        return None
    needed = ((Z95 + Z80) / mean) ** 2 * variance + Z95**2 / 2
    return max(FEWEST, ceil(needed))


def _seeds_needed(
    mean: float,
    variance: float | None,
    n: int,
    seed_noise: float | None,
    seeds: float,
) -> int | None:
    """The same formula solved for the trials of a cell, on the same tasks."""
    if variance is None or mean == 0 or seed_noise is None:
        return None
    bearable = (n - Z95**2 / 2) * (mean / (Z95 + Z80)) ** 2
    between = max(0.0, variance - seed_noise)
    if bearable <= between:
        return None
    return max(1, ceil(seeds * seed_noise / (bearable - between)))
