"""Rows whose outcome columns say two things: a mistake in the table or in `[input]`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness_bench.errors import Problem
from harness_bench.schema import Record, Status
from sitegen.raw_table import Origin

Verdict = str | None
"""The column that decides, where the author said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradictions:
    """What scores say against verdicts."""

    problems: tuple[Problem, ...]
    notices: tuple[str, ...]


def contradictions(
    records: Iterable[Record],
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
    problems, otherwise = [], 0
    for number, record in enumerate(records):
        settled = verdict is not None and getattr(record, verdict) is not None
        if settled or record.score is None:
            continue
        if record.status not in (None, Status.PASS, Status.FAIL):
            continue
        if record.passed is None and record.status is None:
            continue
        passes = (
            record.status is Status.PASS if record.passed is None else record.passed
        )
        by_score = record.score >= pass_score
        if passes == by_score:
            continue
        end = record.score == 0 if passes else record.score == 1
        if record.passed is not None and not end:
            otherwise += 1
            continue
        column = "status" if record.passed is None else "passed"
        said = record.status if record.passed is None else f"{record.passed:d}"
        what = f"{column} is {said} but score is {record.score:g}"
        problems.append(origin(number).problem(f"score against {column}", what))
    notice = (
        f"rows whose passed differs from what [policy] pass_score ({pass_score:g})"
        f" makes of their score, and decides: {otherwise:,}"
    )
    return Contradictions(
        problems=tuple(problems), notices=(notice,) if otherwise else ()
    )
