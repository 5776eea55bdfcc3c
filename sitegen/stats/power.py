"""What a planned sweep can find: drawn sweeps, judged by the test that sites use."""

from dataclasses import dataclass
from functools import cached_property
from math import pi, sin, sqrt
from statistics import NormalDist, fmean, pvariance

import numpy as np

from sitegen.stats.joint_test import joint_test
from sitegen.stats.results import Scope
from sitegen.stats.trials import FloatArray, IntArray

WANTED = 0.8
"""A difference counts as findable when it is found in this share of sweeps."""
MOST_COMBOS = 50
"""More are not drawn."""

_NORMAL = NormalDist()
_SEED = 2026
_LEAST, _MOST = 0.01, 0.99
"""Of pass rates."""
_NEVER = 0.95
"""A difference from which on none is said to be found."""
_FINEST = 0.999
"""Of correlations: at 1 nothing would be left to chance."""
_WORK = 800
"""Squared combos and tasks up to which as many sweeps are drawn as are wanted."""


@dataclass(frozen=True)
class World:
    """What sweeps are drawn from."""

    rate: float = 0.5
    """The pass rate that entries have about."""
    alike: float = 0.5
    """How much the trials of a task agree: 0 not, 1 always."""
    correlation: float = 0.8
    """How far two entries agree on which tasks are hard."""
    spread: float = 0.1
    """Standard deviation of the entries' true pass rates."""

    @cached_property
    def _latent(self) -> tuple[float, float]:
        """The spread of tasks on the probit scale, and its share that all share.

        With a rate of a half, the covariance of two chances to pass is
        asin(correlation) / (2 pi) of what lies behind them.
        """
        whole = pi / 2 * min(self.alike, _FINEST)
        behind = sin(whole)
        shared = sin(whole * self.correlation) / behind if behind else 0.0
        return sqrt(behind / (1 - behind)), shared

    def sweep(
        self, draw: np.random.Generator, rates: FloatArray, tasks: int, seeds: int
    ) -> IntArray:
        """Passed trials by entry and task, of entries with these true pass rates.

        A task's chance is a normal score of difficulty, shared and of the entry's own,
        on the probit scale: then the mean over all tasks is the rate, exactly.
        """
        spread, shared = self._latent
        score = sqrt(shared) * draw.normal(size=tasks)
        score = score + sqrt(1 - shared) * draw.normal(size=(len(rates), tasks))
        level = np.array([_NORMAL.inv_cdf(rate) for rate in rates.tolist()])
        found: IntArray = draw.binomial(
            seeds, _cdf(level[:, None] * sqrt(1 + spread**2) + spread * score)
        )
        return found


def _cdf(z: FloatArray) -> FloatArray:
    """Of the standard normal distribution, to three digits (Page 1977)."""
    found: FloatArray = 1 / (1 + np.exp(-1.5976 * z - 0.07056 * z**3))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A sweep that is planned."""

    world: World
    combos: int
    tasks: int
    seeds: int

    def rates(self, difference: float) -> FloatArray:
        """Two that differ by so much, and the others at the rate of all."""
        found = np.full(self.combos, self.world.rate)
        low = min(max(_LEAST, self.world.rate - difference / 2), _MOST - difference)
        found[:2] = low + difference, low
        within: FloatArray = np.clip(found, _LEAST, _MOST)
        return within

    def finds(self, draw: np.random.Generator, difference: float) -> bool:
        """Whether a sweep tells two apart that differ by so much, the right way."""
        rates = self.rates(difference)
        sweep = self.world.sweep(draw, rates, self.tasks, self.seeds)
        return joint_test(sweep).ahead(0, 1)

    def sweeps(self, wanted: int) -> int:
        """So many sweeps, or fewer where each is a lot of work."""
        work = self.combos**2 + self.tasks
        return max(100, wanted * _WORK // max(_WORK, work))

    def smallest_difference(self, wanted: int = 3_000) -> float | None:
        """The least true difference of two entries that `WANTED` of sweeps find.

        After each sweep the difference tried becomes a little larger or smaller, so
        that it settles where that share is found; the mean of its later values.

        Returns:
            In 0..1; None where no difference would be found.

        Source:
            Robbins & Monro (1951); the mean: Polyak & Juditsky (1992), SIAM Journal on
            Control and Optimization 30(4).
        """
        draw = np.random.default_rng(_SEED)
        tried, later, n = 0.3, list[float](), self.sweeps(wanted)
        for index in range(n):
            step = 0.4 * (index + 1) ** -0.6
            tried += step * (WANTED - self.finds(draw, tried))
            tried = min(max(tried, 0.0), _MOST - _LEAST)
            if index >= n // 4:
                later.append(tried)
        found = fmean(later)
        return found if found < _NEVER else None

    def first_is_best(self, wanted: int = 2_000) -> float:
        """How often the first of a sweep is truly the best."""
        draw = np.random.default_rng(_SEED)
        hits = 0.0
        for _ in range(wanted):
            rates = draw.normal(self.world.rate, self.world.spread, self.combos)
            rates = np.clip(rates, _LEAST, _MOST)
            passed = self.world.sweep(draw, rates, self.tasks, self.seeds).sum(axis=1)
            first = passed == passed.max()
            hits += np.count_nonzero(first & (rates == rates.max())) / first.sum()
        return hits / wanted


def measured(scope: Scope, assumed: World) -> tuple[World, tuple[str, ...]]:
    """What the ranked combos of a sweep tell, and the names of what they do not.

    Where nothing varies, or every cell ran once, the assumption stays: nothing is
    ever taken to vary by 0.
    """
    ranked = [s for s in scope.combos if s.rank is not None and s.rate is not None]
    pairs = [pair.found for pair in scope.pairs if pair.kind == "combo"]
    variances = [found.variance for found in pairs if found.variance is not None]
    rates = [float(s.rate or 0) for s in ranked]
    rate = fmean(rates) if rates else 0.0
    whole = rate * (1 - rate)
    if not whole or not any(variances):
        return assumed, ("rate", "alike", "correlation", "spread")
    missing = []
    noise = [f.seed_noise * f.seeds for f in pairs if f.seed_noise is not None]
    # Of one trial: what is not chance within a cell is how its task is.
    alike = 1 - fmean(noise) / 2 / whole if noise else assumed.alike
    if not 0 < alike < 1:
        alike = assumed.alike
        missing.append("alike")
    elif not noise:
        missing.append("alike")
    variance = fmean(variances)
    seeds = fmean(found.seeds for found in pairs)
    apart = (variance - 2 * (1 - alike) * whole / seeds) / (2 * alike * whole)
    spread = pvariance(rates) - variance / 2 / pairs[0].n_tasks
    if spread <= 0:
        missing.append("spread")
    return World(
        rate=min(max(rate, _LEAST), _MOST),
        alike=alike,
        correlation=min(max(0.0, 1 - apart), _FINEST),
        spread=sqrt(spread) if spread > 0 else assumed.spread,
    ), tuple(missing)
