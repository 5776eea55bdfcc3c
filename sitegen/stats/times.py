"""Who takes longer, where both passed: all pairs of a ranking tested at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Generic

import numpy as np

from sitegen.keys import KeyT, KeyT_co
from sitegen.measures import TIME
from sitegen.stats.hardware import on_commonest
from sitegen.stats.joint_test import LEVEL, joint_contrasts
from sitegen.stats.ranking import Ranking
from sitegen.stats.ratios import Ratio, of_logs
from sitegen.stats.trials import FloatArray, Trials

MOST = 100
"""Entities of one kind whose times are compared: the first of the ranking."""
_STEPS = 2**14
"""Steps of a logarithm: fine enough for a ratio, coarse enough for exact sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slower:
    """How many times as long one takes as another."""

    ratio: Ratio
    """Geometric mean over tasks; above 1 where the first takes longer."""
    p: float
    """That it is 1; adjusted for all pairs whose times are compared."""

    @property
    def separable(self) -> bool:
        """Whether the data tell the two times apart."""
        return self.p <= float(LEVEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times(Generic[KeyT_co]):
    """The one verdict on the times of each pair."""

    rows: Mapping[KeyT_co, int]
    leads: Mapping[tuple[int, int], tuple[FloatArray, float]]
    """Of each pair, the log of the ratio on each task that both have, and p."""

    def of(self, a: KeyT_co, b: KeyT_co) -> Slower | None:  # type: ignore[misc]
        """How `a` compares with `b`; None where the two share no passed cell."""
        first, second = self.rows.get(a, -1), self.rows.get(b, -1)
        sign = 1 if first < second else -1
        found = self.leads.get((min(first, second), max(first, second)))
        if found is None:
            return None
        return Slower(ratio=of_logs((sign * found[0]).tolist()), p=found[1])


def times(
    trials: Trials, kind: type[KeyT], ranking: Ranking[KeyT], keys: Sequence[KeyT]
) -> Times[KeyT]:
    """Compare times on the cells of the common ground that both of a pair passed.

    Only trials that passed enter: one that gives up soon is not fast, and one that a
    limit stopped would have gone on. A cell's time is the mean over these trials; of
    a pair, a task's difference is the mean over its cells of the difference of logs.
    A task on which either passed no cell tells nothing of the pair, whatever its sign.
    Only trials on the hardware on which most were timed enter.
    """
    rows = {key: row for row, key in enumerate(keys[:MOST])}
    logs = _logs(trials, kind, ranking, rows)
    first, second = np.triu_indices(len(rows), k=1)
    total = np.zeros((len(first), len(trials.task)))
    n = np.zeros_like(total)
    for partner in range(logs.shape[1]):
        lead = logs[first, partner] - logs[second, partner]
        known = ~np.isnan(lead)
        total[known] += lead[known]
        n += known
    mean = total / np.maximum(n, 1)
    used = np.flatnonzero(n.any(axis=1))
    steps = np.rint(mean[used] * _STEPS).astype(np.int64)
    found = joint_contrasts(steps[:, n.any(axis=0)]).tolist() if len(used) else []
    return Times(
        rows=rows,
        leads={
            (int(first[pair]), int(second[pair])): (mean[pair][n[pair] > 0], p)
            for pair, p in zip(used.tolist(), found, strict=True)
        },
    )


def _logs(
    trials: Trials, kind: type[KeyT], ranking: Ranking[KeyT], rows: Mapping[KeyT, int]
) -> FloatArray:
    """The log of each cell's time, shape (rows, partners, tasks); NaN: none passed."""
    amounts, n_tasks = trials.measures[TIME], len(trials.task)
    used = trials.passed & amounts.known & (amounts.steps > 0) & ranking.holds(trials)
    used &= on_commonest(trials, TIME)
    inverse, cells = trials.cells(used)
    n = np.bincount(inverse, minlength=len(cells))
    spent = np.zeros(len(cells), dtype=np.int64)
    np.add.at(spent, inverse, amounts.steps[used])
    found = np.full((len(rows), max(1, len(ranking.partners)), n_tasks), np.nan)
    for place, whole, size in zip(
        cells.tolist(), spent.tolist(), n.tolist(), strict=True
    ):
        combo = trials.combo.labels[place // n_tasks]
        if (row := rows.get(combo.part(kind))) is not None:
            found[row, ranking.combos[combo], place % n_tasks] = log(whole / size)
    return found
