"""Mean scores, where the grader gives marks between 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sitegen.keys import Key
from sitegen.kinds import COMPARED
from sitegen.measures import SCORE
from sitegen.stats.means import Mean, by_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.stats.trials import Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The mean score of one entity."""

    key: Key
    found: Mean


def scores(trials: Trials) -> tuple[Score, ...]:
    """Of every model, harness and combo with a score.

    Empty where no score says more than pass or fail.
    """
    marks = trials.measures[SCORE]
    if not (marks.known & (marks.steps > 0) & (marks.steps < SCORE.steps)).any():
        return ()
    return tuple(_scores(trials))


def _scores(trials: Trials) -> Iterator[Score]:
    marks = trials.measures[SCORE]
    for kind in COMPARED:
        axis = trials.axis(kind)
        found = by_task(trials, axis, marks, SCORE.steps)
        for row, key in enumerate(axis.labels):
            if mean := found.mean(row, SCORE.most):
                yield Score(key=key, found=mean)
