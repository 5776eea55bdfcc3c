"""How far a rank could have come out otherwise, had the tasks been others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sitegen.stats.counts import Counts
    from sitegen.stats.trials import IntArray

DRAWS = 1000
_SEED = 2026
_TAIL = 25
"""Draws cut off at each end: 2.5 % of 1000."""


def rank_ranges(counts: Counts) -> tuple[tuple[int, int] | None, ...]:
    """The 95 % range of each group's rank over resampled tasks.

    Every draw takes as many tasks as there are, with replacement, the same
    ones for all groups (they are compared on the same tasks), and ranks the
    groups by their pass rate over the trials of the drawn tasks, which is the
    rate that ranks them in the data. A tie takes the best of its places for the
    lower end and the worst for the upper one. The range always contains the
    rank in the data. Draws and sums are integers: the same on every machine.

    Returns:
        `(low, high)` for each group, None for a group without trials.
    """
    n_tasks = counts.trials.shape[1]
    draws = np.random.default_rng(_SEED).integers(0, n_tasks, size=(DRAWS, n_tasks))
    rows = np.repeat(np.arange(DRAWS), n_tasks) * n_tasks
    weights = np.bincount(rows + draws.ravel(), minlength=DRAWS * n_tasks)
    weights = weights.reshape(DRAWS, n_tasks).astype(np.int64)
    once = np.ones((1, n_tasks), dtype=np.int64)
    present = np.flatnonzero(counts.trials.sum(axis=1))
    best, worst = _places(counts, present, np.concatenate([once, weights]))
    low = np.minimum(np.sort(best[1:], axis=0)[_TAIL], best[0])
    high = np.maximum(np.sort(worst[1:], axis=0)[-1 - _TAIL], worst[0])
    ranges: list[tuple[int, int] | None] = [None] * len(counts.labels)
    for column, index in enumerate(present):
        ranges[index] = (int(low[column]), int(high[column]))
    return tuple(ranges)


def _places(
    counts: Counts, present: IntArray, weights: IntArray
) -> tuple[IntArray, IntArray]:
    """The best and the worst place of each group in each draw, (draws, groups)."""
    passed = weights @ counts.passed[present].T
    drawn = weights @ counts.trials[present].T
    # A group none of whose tasks was drawn has no rate in that draw: last.
    rate = np.where(drawn > 0, passed / np.maximum(drawn, 1), -1.0)
    ordered = np.sort(rate, axis=1)
    n_groups = rate.shape[1]
    best, worst = np.empty_like(drawn), np.empty_like(drawn)
    for draw in range(len(rate)):
        above = np.searchsorted(ordered[draw], rate[draw], side="right")
        below = np.searchsorted(ordered[draw], rate[draw], side="left")
        best[draw] = n_groups - above + 1
        worst[draw] = n_groups - below
    return best, worst
