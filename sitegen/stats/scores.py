"""Mean scores, where the grader gives marks between 0 and 1."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from harness_bench.schema import Record, Status
from sitegen.keys import Key
from sitegen.kinds import COMPARED
from sitegen.measures import SCORE, TRIES
from sitegen.records import Records
from sitegen.stats.means import Mean, by_task
from sitegen.stats.trials import Amounts, IntArray, Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The mean score of one entity."""

    key: Key
    found: Mean


def only_scores(records: Iterable[Record]) -> bool:
    """Whether rows tell how good an outcome is, and nothing of pass or fail."""
    found = Records.of(records)
    known = found.coded("passed").known
    known |= found.coded("status").among({Status.PASS, Status.FAIL})
    return bool(np.any(found.amounts("score") >= 0)) and not known.any()


def marks(trials: Trials) -> Amounts:
    """The score of every measured trial; without one 1 if it passed, else 0."""
    found = trials.measures[SCORE]
    steps = np.where(found.known, found.steps, trials.passed * SCORE.steps)
    return Amounts(
        steps=np.where(trials.measured, steps, 0),
        known=trials.measured,
        cut=np.zeros(len(trials), dtype=np.bool_),
    )


def mark_sums(trials: Trials) -> IntArray:
    """Of each combo and task the sum over its trials, in steps of a score."""
    n_tasks = len(trials.task)
    sums = np.zeros(len(trials.combo) * n_tasks, dtype=np.int64)
    places, cells = trials.cells(np.arange(len(trials)))
    np.add.at(sums, cells[places], marks(trials).steps)
    return sums.reshape(-1, n_tasks)


def scores(trials: Trials) -> tuple[Score, ...]:
    """Of every model, harness and combo with a score.

    Empty where no score says more than pass or fail.
    """
    marks = trials.measures[SCORE]
    if not (marks.known & (marks.steps > 0) & (marks.steps < SCORE.steps)).any():
        return ()
    return tuple(_scores(trials, marks))


def first_tries(trials: Trials) -> tuple[Score, ...]:
    """Pass rates at the first try, as mean scores; empty where tries are unknown."""
    tries = trials.measures[TRIES]
    if not tries.known.any():
        return ()
    first = tries.known & trials.passed & (tries.steps == 1)
    known = trials.measured & (tries.known | ~trials.passed)
    marks = Amounts(steps=first * SCORE.steps, known=known, cut=np.zeros_like(known))
    return tuple(_scores(trials, marks))


def _scores(trials: Trials, marks: Amounts) -> Iterator[Score]:
    for kind in COMPARED:
        axis = trials.axis(kind)
        found = by_task(trials, axis, marks, SCORE.steps)
        for row, key in enumerate(axis.labels):
            if mean := found.mean(row, SCORE.most):
                yield Score(key=key, found=mean)
