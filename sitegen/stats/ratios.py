"""How many times as much one takes as the other, task by task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import exp, fsum, log, sqrt

from sitegen.stats.distributions import t_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio of two amounts over shared tasks, with its 95 % interval."""

    n_tasks: int
    value: float
    """The geometric mean over tasks of a's amount over b's."""
    low: float | None
    """None with one task, and where every task has the same ratio."""
    high: float | None

    @property
    def turned(self) -> Ratio:
        """B's amount over a's."""
        return replace(
            self,
            value=1 / self.value,
            low=1 / self.high if self.high else None,
            high=1 / self.low if self.low else None,
        )


def ratio(a: Sequence[Fraction], b: Sequence[Fraction]) -> Ratio | None:
    """The ratio of two lists of mean amounts, one of each for every shared task.

    On a log scale, because a task that takes ten times as long would drown all
    others in a difference; Student's interval over tasks.

    Returns:
        None without a task, and where an amount is 0: it has no ratio.

    Source:
        The ratio of geometric means of paired data: Bland & Altman (1996),
        BMJ 312:1153.
    """
    if not a or not all(a) or not all(b):
        return None
    return of_logs([log(x / y) for x, y in zip(a, b, strict=True)])


def of_logs(logs: Sequence[float]) -> Ratio:
    """The same from the logarithms of the ratios; at least one."""
    n = len(logs)
    mean = fsum(logs) / n
    squares = fsum((value - mean) ** 2 for value in logs)
    if n == 1 or squares < _ZERO:
        return Ratio(n_tasks=n, value=exp(mean), low=None, high=None)
    half = t_quantile(0.975, n - 1) * sqrt(squares / (n - 1) / n)
    return Ratio(
        n_tasks=n, value=exp(mean), low=exp(mean - half), high=exp(mean + half)
    )


_ZERO = 1e-18
"""Squared logs below it are rounding."""
