"""The few distributions that the estimators need, in plain Python.

Importing scipy costs more than a second, and its results may differ in the last
digit between builds; these are sums in a fixed order. The tests hold them against
scipy.
"""

from __future__ import annotations

from functools import cache
from math import atan, cbrt, cos, erfc, exp, fsum, inf, lgamma, log, pi, sin, sqrt

_STEPS = 512
"""Steps of Simpson's rule; halving them changes no result by 1e-12."""
_REACH = 10.0
"""Standard deviations integrated over, on each side."""


def normal_cdf(z: float) -> float:
    """P(Z <= z) of a standard normal Z."""
    return erfc(-z / sqrt(2)) / 2


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


def noncentral_t_above(t: float, df: int, shift: float) -> float:
    """P(T > t) of the t distribution with noncentrality `shift`.

    T = (Z + shift) / U with U² = chi²(df) / df: the chance given U, averaged
    over U with Simpson's rule in its cube root, which is fine enough near 0.
    """
    spread = 1 / sqrt(2 * df)
    low, high = max(0.0, 1 - _REACH * spread), 1 + _REACH * spread
    if df < 3:  # noqa: PLR2004 the density of U does not vanish at 0
        high = _REACH
    low, high = cbrt(low), cbrt(high)
    step = (high - low) / _STEPS
    constant = log(2) + df / 2 * log(df / 2) - lgamma(df / 2)

    def at(root: float) -> float:
        if root == 0:
            return 0.0
        u = root * root * root
        density = exp(constant + (df - 1) * log(u) - df * u * u / 2)
        return 3 * root * root * density * normal_cdf(shift - t * u)

    ends = at(low) + at(high)
    odd = fsum(at(low + i * step) for i in range(1, _STEPS, 2))
    even = fsum(at(low + i * step) for i in range(2, _STEPS, 2))
    return (ends + 4 * odd + 2 * even) * step / 3


def t_test_power(effect: float, n: int, level: float = 0.05) -> float:
    """The chance that a two-sided one-sample t test of `n` values finds a mean.

    Args:
        effect: The true mean over the standard deviation of one value.
        n: How many values; with fewer than two there is no test, and no power.
        level: The chance of a false alarm that the test allows.

    Source:
        The noncentral t distribution; Cohen (1988), section 2.3.
    """
    if n <= 1:
        return 0.0
    if effect == inf:
        return 1.0
    critical = t_quantile(1 - level / 2, n - 1)
    shift = abs(effect) * sqrt(n)
    upper = noncentral_t_above(critical, n - 1, shift)
    return upper + noncentral_t_above(critical, n - 1, -shift)
