"""Mean scores, where the grader gives marks between 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sitegen.stats.means import Mean, by_task, clustered_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.stats.trials import Trials

_STEPS = 10**12
"""A score is counted in these parts of 1, so that sums do not depend on order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The mean score of one entity."""

    kind: str
    key: tuple[str, ...]
    found: Mean


def scores(trials: Trials) -> tuple[Score, ...]:
    """Of every model, harness and combo with a score.

    Empty where no score says more than pass or fail.
    """
    values, known = trials.score.values, trials.score.known
    if not (known & (values > 0) & (values < 1)).any():
        return ()
    return tuple(_scores(trials))


def _scores(trials: Trials) -> Iterator[Score]:
    steps = np.rint(trials.score.values * _STEPS).astype(np.int64)
    for kind, axis in trials.kinds:
        sums, n = by_task(axis, trials.task, steps, trials.score.known)
        for row, key in enumerate(axis.labels):
            found = clustered_mean(sums[row].tolist(), n[row].tolist(), _STEPS, most=1)
            if found:
                yield Score(kind=kind, key=key, found=found)
