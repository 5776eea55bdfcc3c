"""The few distributions that the estimators need, in plain Python.

Importing scipy costs more than a second, and its results may differ in the last
digit between builds; these are sums in a fixed order. The tests hold them against
scipy.
"""

from __future__ import annotations

from functools import cache
from math import atan, cos, pi, sin, sqrt


def t_cdf(t: float, df: int) -> float:
    """P(T <= t) of Student's T with a whole number of degrees of freedom.

    Source:
        Abramowitz & Stegun (1964), 26.7.3 and 26.7.4: finite sums in the angle
        atan(t / sqrt(df)).
    """
    angle = atan(t / sqrt(df))
    square = cos(angle) ** 2
    total, term = 0.0, 1.0
    if df % 2:
        if df > 1:
            term = cos(angle)
            for j in range(1, (df - 1) // 2 + 1):
                total += term
                term *= square * (2 * j) / (2 * j + 1)
        share = 2 / pi * (angle + sin(angle) * total)
    else:
        for j in range(1, df // 2 + 1):
            total += term
            term *= square * (2 * j - 1) / (2 * j)
        share = sin(angle) * total
    return (1 + share) / 2


@cache
def t_quantile(p: float, df: int) -> float:
    """The t with P(T <= t) = p, for p in (1/2, 1); by bisection."""
    low, high = 0.0, 1.0
    while t_cdf(high, df) < p:
        high *= 2
    while (middle := (low + high) / 2) not in {low, high}:
        if t_cdf(middle, df) < p:
            low = middle
        else:
            high = middle
    return high
