"""What a task tells: whether those who are better elsewhere are better here."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atanh, fsum, sqrt, tanh

import numpy as np

from sitegen.keys import ComboKey
from sitegen.stats.counts import Counts
from sitegen.stats.distributions import t_quantile
from sitegen.stats.trials import FloatArray, IntArray

_FEWEST = 3
"""Combos that a correlation needs, and models that its interval needs."""
_ZERO = 1e-12
"""Far above rounding, far below what counts can differ by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrimination:
    """The item-rest correlation of one task."""

    task: str
    correlation: float | None
    """Between a combo's rate here and its mean lead elsewhere; None with fewer
    than three combos, and where all did equally well, here or elsewhere."""
    low: float | None
    """Lower end of the 95 % interval; None with fewer than three models, and
    where without one of them nothing is left to correlate."""
    high: float | None

    @property
    def separates(self) -> bool:
        """Whether the whole interval lies above 0."""
        return self.low is not None and self.low > 0


def discrimination(
    combos: Counts[ComboKey], tasks: Sequence[str]
) -> tuple[Discrimination, ...]:
    """The item-rest correlation of every task, in the order of `tasks`.

    A combo's lead elsewhere is the mean, over the other tasks that it ran, of
    its rate minus the mean rate of all combos there: on a grid without gaps
    that is its rate elsewhere less a constant, and with gaps a combo is not
    taken for strong because it ran easy tasks. The interval is a jackknife over
    models on Fisher's z: combos of one model are alike, and the textbook
    interval would count them as independent.

    Source:
        Item-rest ("corrected item-total") correlation: Henrysson (1963);
        jackknife over groups: Efron & Tibshirani (1993), chapter 11.
    """
    there = combos.trials > 0
    rate = combos.passed / np.maximum(combos.trials, 1)
    tried = np.maximum(np.count_nonzero(there, axis=0), 1)
    mean = np.add.reduce(np.where(there, rate, 0.0), axis=0) / tried
    lead = np.where(there, rate - mean, 0.0)
    total, n_tasks = np.add.reduce(lead, axis=1), np.count_nonzero(there, axis=1)
    models = np.unique([label.model for label in combos.labels], return_inverse=True)[1]
    found = []
    for column, task in enumerate(tasks):
        used = np.flatnonzero(there[:, column] & (n_tasks > 1))
        rest = (total[used] - lead[used, column]) / (n_tasks[used] - 1)
        found.append(_estimate(task, rate[used, column], rest, models[used]))
    return tuple(found)


def _estimate(
    task: str, here: FloatArray, rest: FloatArray, models: IntArray
) -> Discrimination:
    sums = _sums(here, rest, models)
    whole = np.add.reduce(sums, axis=0)
    r = _correlation(whole)
    low, high = _interval(r, [_correlation(whole - part) for part in sums])
    return Discrimination(task=task, correlation=r, low=low, high=high)


def _sums(here: FloatArray, rest: FloatArray, models: IntArray) -> FloatArray:
    """n, and the sums of x, y, xx, yy and xy, of each model; (models, 6)."""
    n = max(len(here), 1)
    x, y = here - np.add.reduce(here) / n, rest - np.add.reduce(rest) / n
    groups = np.unique(models, return_inverse=True)[1]
    columns = (np.ones_like(x), x, y, x * x, y * y, x * y)
    found: FloatArray = np.stack(
        [np.bincount(groups, weights=column) for column in columns], axis=1
    )
    return found


def _correlation(sums: FloatArray) -> float | None:
    n, x, y, xx, yy, xy = (float(value) for value in sums)
    if n < _FEWEST:
        return None
    varies = (xx - x * x / n, yy - y * y / n)
    if min(varies) < _ZERO:
        return None
    r = (xy - x * y / n) / sqrt(varies[0] * varies[1])
    return min(max(r, -1.0), 1.0)


def _interval(
    r: float | None, without: Sequence[float | None]
) -> tuple[float | None, float | None]:
    """The jackknife interval, from the correlations without each model."""
    known = [value for value in without if value is not None]
    n = len(without)
    if r is None or n < _FEWEST or len(known) < n:
        return None, None
    if max(abs(value) for value in (r, *known)) > 1 - _ZERO:
        return None, None
    z = [atanh(value) for value in known]
    centre = fsum(z) / n
    spread = sqrt((n - 1) / n * fsum((value - centre) ** 2 for value in z))
    half = t_quantile(0.975, n - 1) * spread
    return tanh(atanh(r) - half), tanh(atanh(r) + half)
