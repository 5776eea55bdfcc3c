"""How far a rank could have come out otherwise, had the tasks been others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sitegen.stats.counts import Counts
    from sitegen.stats.trials import IntArray

DRAWS = 1000
_SEED = 2026
_SCALE = 720_720
"""Divisible by 1..16: rates of up to 16 trials a task stay exact integers."""
_TAIL = 25
"""Draws cut off at each end: 2.5 % of 1000."""


def rank_ranges(counts: Counts) -> tuple[tuple[int, int] | None, ...]:
    """The 95 % range of each group's rank over resampled tasks.

    Every draw takes as many tasks as there are, with replacement, the same
    ones for all groups (they are compared on the same tasks), and ranks the
    groups by their mean over the drawn tasks. A tie takes the best of its
    places for the lower end and the worst for the upper one. The range always
    contains the rank in the data. Draws and sums are integers: the same on
    every machine.

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
    trials = counts.trials[present]
    has = (trials > 0).astype(np.int64)
    rate = counts.passed[present] * _SCALE // np.maximum(trials, 1)
    total = weights @ rate.T
    drawn = weights @ has.T
    # A group none of whose tasks was drawn has no mean in that draw: last.
    mean = np.where(drawn > 0, total / np.maximum(drawn, 1), -1.0)
    ordered = np.sort(mean, axis=1)
    n_groups = mean.shape[1]
    best, worst = np.empty_like(total), np.empty_like(total)
    for draw in range(len(mean)):
        above = np.searchsorted(ordered[draw], mean[draw], side="right")
        below = np.searchsorted(ordered[draw], mean[draw], side="left")
        best[draw] = n_groups - above + 1
        worst[draw] = n_groups - below
    return best, worst
