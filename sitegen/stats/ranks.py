"""How far a rank could have come out otherwise, had the tasks been others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from sitegen.keys import Key
    from sitegen.stats.counts import Counts
    from sitegen.stats.trials import BoolArray, IntArray

DRAWS = 1000
_SEED = np.uint64(2026)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_TAIL = 25
"""Draws cut off at each end: 2.5 % of 1000."""


def shared_ranks(rates: Iterable[Fraction]) -> dict[Fraction, int]:
    """The rank of each rate: 1 + how many are higher, so that equals share it."""
    ranks: dict[Fraction, int] = {}
    for place, rate in enumerate(sorted(rates, reverse=True), start=1):
        ranks.setdefault(rate, place)
    return ranks


def complete(counts: Counts[Key]) -> BoolArray:
    """The groups with a measured trial on every task that any group has one on."""
    ran = counts.trials > 0
    wanted = ran.any(axis=0)
    if not wanted.any():
        return np.zeros(len(ran), dtype=np.bool_)
    found: BoolArray = np.logical_and.reduce(ran | ~wanted, axis=1)
    return found


def resampled(n_tasks: int) -> IntArray:
    """How often each draw takes each task, shape (`DRAWS`, n_tasks).

    Each draw takes `n_tasks` tasks with replacement. The numbers are those of
    SplitMix64 on a counter (Steele, Lea & Flood 2014), whose every step is
    written here: no release of any library can change them.
    """
    z = np.arange(1, DRAWS * n_tasks + 1, dtype=np.uint64) * _GOLDEN + _SEED
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    draws = (z % np.uint64(n_tasks)).astype(np.int64)
    rows = np.repeat(np.arange(DRAWS), n_tasks) * n_tasks
    weights = np.bincount(rows + draws, minlength=DRAWS * n_tasks)
    return weights.reshape(DRAWS, n_tasks).astype(np.int64)


def rank_ranges(counts: Counts[Key]) -> tuple[tuple[int, int] | None, ...]:
    """The 95 % range of each complete group's rank over resampled tasks.

    Every draw takes as many tasks as there are, with replacement, the same
    ones for all groups (they are compared on the same tasks), and ranks the
    groups by their pass rate over the trials of the drawn tasks, which is the
    rate that ranks them in the data. A tie takes the best of its places for the
    lower end and the worst for the upper one. The range always contains the
    rank in the data. Draws and sums are integers: the same on every machine.

    Returns:
        `(low, high)` for each group, None for one that is not `complete`.

    Source:
        The percentile bootstrap of ranks: Goldstein & Spiegelhalter (1996),
        JRSS A 159(3); Hall & Miller (2009), Annals of Statistics 37(6B).
    """
    n_tasks = counts.trials.shape[1]
    weights = resampled(n_tasks)
    once = np.ones((1, n_tasks), dtype=np.int64)
    present = np.flatnonzero(complete(counts))
    best, worst = _places(counts, present, np.concatenate([once, weights]))
    low = np.minimum(np.sort(best[1:], axis=0)[_TAIL], best[0])
    high = np.maximum(np.sort(worst[1:], axis=0)[-1 - _TAIL], worst[0])
    ranges: list[tuple[int, int] | None] = [None] * len(counts.labels)
    for column, index in enumerate(present):
        ranges[index] = (int(low[column]), int(high[column]))
    return tuple(ranges)


def _places(
    counts: Counts[Key], present: IntArray, weights: IntArray
) -> tuple[IntArray, IntArray]:
    """The best and the worst place of each group in each draw, (draws, groups)."""
    passed = weights @ counts.passed[present].T
    drawn = weights @ counts.trials[present].T
    # A task that nobody was measured on may be all that was drawn: then all tie.
    rate = passed / np.maximum(drawn, 1)
    ordered = np.sort(rate, axis=1)
    n_groups = rate.shape[1]
    best, worst = np.empty_like(drawn), np.empty_like(drawn)
    for draw in range(len(rate)):
        above = np.searchsorted(ordered[draw], rate[draw], side="right")
        below = np.searchsorted(ordered[draw], rate[draw], side="left")
        best[draw] = n_groups - above + 1
        worst[draw] = n_groups - below
    return best, worst
