"""Policies: which trials count, and how."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness_bench.schema import GraderAccess, Record, Status
from sitegen.config import Policy
from sitegen.stats.trials import trials
from tests import strategies
from tests.records import UNMEASURED, record, scope_of

FAILURES = set(Status) - set(UNMEASURED) - {Status.PASS}


def counted(records: list[Record], **policy: object) -> tuple[int, int]:
    """(passed, measured)."""
    found = trials(records, Policy(**policy))  # type: ignore[arg-type]  # by name
    return int(found.passed.sum()), int(found.measured.sum())


@pytest.mark.parametrize("status", sorted(UNMEASURED))
def test_what_says_nothing_of_the_agent_leaves_the_denominator(status: Status) -> None:
    assert counted([record(status=status), record(seed=1)]) == (1, 1)


@pytest.mark.parametrize("status", sorted(FAILURES))
def test_every_other_end_counts_as_failed(status: Status) -> None:
    assert counted([record(status=status)]) == (0, 1)


def test_a_status_of_pass_counts_as_passed() -> None:
    assert counted([record(status=Status.PASS)]) == (1, 1)


@pytest.mark.parametrize("status", [Status.AGENT_TIMEOUT, Status.AGENT_IDLE])
def test_time_outs_can_be_dropped(status: Status) -> None:
    assert counted([record(status=status)], timeout="drop") == (0, 0)
    assert counted([record(status=status)], timeout="fail") == (0, 1)


def test_dropping_time_outs_drops_no_other_failure() -> None:
    others = FAILURES - {Status.AGENT_TIMEOUT, Status.AGENT_IDLE}
    records = [record(status=s, seed=i) for i, s in enumerate(sorted(others))]
    assert counted(records, timeout="drop") == (0, len(others))


def test_a_voided_trial_counts_as_failed_even_where_it_passed() -> None:
    assert counted([record(status=Status.VOID_CHEAT, passed=True)]) == (0, 1)


@pytest.mark.parametrize(
    ("score", "pass_score", "passed"),
    [(1.0, 1.0, 1), (0.999, 1.0, 0), (0.5, 0.5, 1), (0.0, 0.5, 0), (0.0, 0.0, 1)],
)
def test_a_score_passes_from_the_pass_score_on(
    score: float, pass_score: float, passed: int
) -> None:
    assert counted([record(score=score)], pass_score=pass_score) == (passed, 1)


def test_a_verdict_goes_before_a_score() -> None:
    assert counted([record(passed=False, score=1.0)]) == (0, 1)
    assert counted([record(status=Status.FAIL, score=1.0)]) == (0, 1)
    assert counted([record(passed=True, score=0.0)]) == (1, 1)


@pytest.mark.parametrize("access", [GraderAccess.RAN, GraderAccess.READ])
def test_accessing_trials_follow_the_policy(access: GraderAccess) -> None:
    found = [record(grader_access=access)]
    assert counted(found) == (1, 1)
    assert counted(found, grader_access="fail") == (0, 1)
    assert counted(found, grader_access="drop") == (0, 0)


@pytest.mark.parametrize("access", [GraderAccess.NONE, GraderAccess.MENTIONED, None])
def test_a_mere_mention_is_no_access(access: GraderAccess | None) -> None:
    found = [record(grader_access=access)]
    assert counted(found, grader_access="fail") == (1, 1)
    assert counted(found, grader_access="drop") == (1, 1)


plain = strategies.tables(name=st.sampled_from(["a", "b", "c"]), max_size=12)


def short(found: list[Record]) -> list[Record]:
    """With times of a length that occurs."""
    return [
        replace(
            r, agent_time_s=None if r.agent_time_s is None else r.agent_time_s % 1e6
        )
        for r in found
    ]


@settings(max_examples=20)
@given(plain)
def test_every_row_is_measured_or_lost_and_only_measured_ones_pass(
    found: list[Record],
) -> None:
    scope = scope_of(short(found))
    assert sum(line.rows for line in scope.coverage) == len(found)
    for line in scope.coverage:
        assert line.rows == line.measured + line.infra + line.cancelled
        assert line.void <= line.measured
        assert line.tasks <= line.tasks_in_scope == scope.size.tasks
    assert scope.size.trials == sum(line.measured for line in scope.coverage)


@settings(max_examples=20)
@given(plain)
def test_every_way_of_grouping_adds_up_to_the_same_total(found: list[Record]) -> None:
    scope = scope_of(short(found))
    totals = {
        (sum(s.passed for s in group), sum(s.n_trials for s in group))
        for group in (
            scope.combos,
            scope.models,
            scope.model_quants,
            scope.harnesses,
            scope.tasks,
            [s for per_task in scope.task_combos.values() for s in per_task],
            [s for per_task in scope.task_harnesses.values() for s in per_task],
            [s for per_task in scope.task_model_quants.values() for s in per_task],
        )
    }
    assert len(totals) == 1
    assert totals.pop()[1] == scope.size.trials


@settings(max_examples=12)
@given(plain, st.randoms())
def test_the_order_of_rows_changes_no_number(
    found: list[Record], chance: Random
) -> None:
    assume(len(found) > 1)
    records = short(found)
    before = scope_of(records)
    chance.shuffle(records)
    assert scope_of(records) == before


@settings(max_examples=40)
@given(plain)
def test_fewer_trials_pass_the_stricter_the_policy(found: list[Record]) -> None:
    kept, n = counted(short(found))
    failed, n_failed = counted(short(found), grader_access="fail")
    dropped, n_dropped = counted(short(found), grader_access="drop")
    assert kept >= failed == dropped
    assert n == n_failed >= n_dropped
