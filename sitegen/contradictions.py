"""Rows whose outcome columns say two things: a mistake in the table or in `[input]`."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness_bench.errors import Problem
from harness_bench.schema import Status
from sitegen.raw_table import Origin
from sitegen.records import Records

Verdict = str | None
"""The column that decides, where the author said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradictions:
    """What scores say against verdicts."""

    problems: tuple[Problem, ...]
    notices: tuple[str, ...]


def contradictions(
    records: Records,
    origin: Callable[[int], Origin],
    *,
    verdict: Verdict,
    pass_score: float,
) -> Contradictions:
    """Where a score and the verdict beside it cannot both be true.

    No score can pass with nothing or fail with full marks. Between the two a `passed`
    column may draw a line of its own, task by task, and is only told of; a status
    alone may not, for it is often just the word for "it ended". A trial that was
    stopped, cheated or broke has a score and a status for good reasons.

    Args:
        records: Of trials.
        origin: From the number of one to where it stands.
        verdict: Rows in which this column is filled are settled.
        pass_score: Of the policy.
    """
    status, passed = records.coded("status"), records.coded("passed")
    score = records.amounts("score")
    open_ = status.among({None, Status.PASS, Status.FAIL})
    open_ &= status.known | passed.known
    if verdict == "score":
        open_ &= np.isnan(score)
    elif verdict is not None:
        open_ &= ~records.coded(verdict).known
    passes = np.where(passed.known, passed.among({True}), status.among({Status.PASS}))
    differs = open_ & (score >= 0) & (passes != (score >= pass_score))
    told = differs & passed.known & (score != np.where(passes, 0, 1))
    otherwise = np.count_nonzero(told)
    problems = []
    for number in np.flatnonzero(differs & ~told).tolist():
        row = np.array([number])
        column = "passed" if passed.known[number] else "status"
        (said,) = records.coded(column).at(row)
        said = f"{said:d}" if column == "passed" else said
        what = f"{column} is {said} but score is {score[number]:g}"
        problems.append(origin(number).problem(f"score against {column}", what))
    notice = (
        f"rows whose passed differs from what [policy] pass_score ({pass_score:g})"
        f" makes of their score, and decides: {otherwise:,}"
    )
    return Contradictions(
        problems=tuple(problems), notices=(notice,) if otherwise else ()
    )
