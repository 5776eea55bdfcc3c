"""Scores against verdicts."""

import pytest

from harness_bench.schema import Record, Status
from sitegen.contradictions import contradictions
from sitegen.raw_table import Origin
from sitegen.records import Records

WHERE = Origin("x.csv", 2)


def _row(score: float, *, status: Status | None = None, passed: bool | None) -> Record:
    return Record(
        model="m", harness="h", task="t", status=status, passed=passed, score=score
    )


@pytest.mark.parametrize(
    ("record", "verdict", "problems", "notices"),
    [
        (_row(0.5, passed=True), None, 0, 0),
        (_row(0.4, passed=True), None, 0, 1),
        (_row(0.6, passed=False), None, 0, 1),
        (_row(0.4, status=Status.PASS, passed=None), None, 1, 0),
        (_row(0.6, status=Status.FAIL, passed=None), None, 1, 0),
        (_row(0.6, status=Status.AGENT_CRASH, passed=None), None, 0, 0),
        (_row(0.0, passed=True), None, 1, 0),
        (_row(0.0, passed=True), "passed", 0, 0),
        (_row(0.0, passed=True), "status", 1, 0),
    ],
)
def test_a_score_is_held_against_the_verdict_beside_it(
    record: Record, verdict: str | None, problems: int, notices: int
) -> None:
    found = contradictions(
        Records.of([record]), lambda _: WHERE, verdict=verdict, pass_score=0.5
    )

    assert (len(found.problems), len(found.notices)) == (problems, notices)
