"""Policies: which trials count, and how."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness_bench.schema import GraderAccess, Record, Status
from sitegen.measures import COST, SCORE, TOKENS
from sitegen.policy import Policy
from sitegen.stats.counts import counts
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
    scope, own = scope_of(short(found)), trials(short(found), Policy())
    counted_by = [
        counts(own, axis)
        for axis in (own.combo, own.quant, own.model, own.harness, own.task)
    ]
    totals = {
        (sum(s.passed for s in group), sum(s.n_trials for s in group))
        for group in (
            scope.models,
            scope.tasks,
            [s for per_task in scope.task_combos.values() for s in per_task],
            [s for per_task in scope.task_harnesses.values() for s in per_task],
            [s for per_task in scope.task_model_quants.values() for s in per_task],
        )
    } | {(int(c.passed.sum()), int(c.trials.sum())) for c in counted_by}
    assert len(totals) == 1
    assert totals.pop()[1] == scope.size.trials


@settings(max_examples=20)
@given(plain)
def test_who_stands_apart_keeps_all_of_its_trials_and_the_ranked_the_shared_ones(
    found: list[Record],
) -> None:
    scope, own = scope_of(short(found)), trials(short(found), Policy())
    for standings, axis in (
        (scope.combos, own.combo),
        (scope.model_quants, own.quant),
        (scope.harnesses, own.harness),
    ):
        by_hand = counts(own, axis)
        assert sorted(s.key for s in standings) == sorted(by_hand.labels)
        for standing in standings:
            row = by_hand.labels.index(standing.key)
            n_trials, passed = by_hand.trials[row].sum(), by_hand.passed[row].sum()
            if standing.rank is None:
                assert (standing.n_trials, standing.passed) == (n_trials, passed)
            else:
                assert 0 < standing.n_trials <= n_trials
                assert standing.passed <= passed
                assert standing.n_trials - standing.passed <= n_trials - passed


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


def test_amounts_are_known_only_where_measured_and_a_cheat_scores_nothing() -> None:
    found = trials(
        [
            record(score=0.25, tokens_in=3, tokens_out=4, seed=0),
            record(score=0.5, tokens_in=3, seed=1, status=Status.FAIL),
            record(score=1.0, cost_usd=0.5, seed=2, status=Status.VOID_CHEAT),
            record(score=1.0, cost_usd=9.0, seed=3, status=Status.INFRA_SERVER),
        ],
        Policy(),
    )
    assert found.measures[SCORE].known.tolist() == [True, True, True, False]
    marks = found.measures[SCORE].steps / SCORE.steps
    assert marks.tolist()[:3] == [0.25, 0.5, 0.0]
    assert found.measures[TOKENS].known.tolist() == [True, False, False, False]
    assert found.measures[TOKENS].steps[0] == 7
    assert found.measures[COST].known.tolist() == [False, False, True, False]


def test_a_trial_that_a_limit_ended_is_known_from_one_that_failed() -> None:
    ends = [Status.FAIL, Status.AGENT_TIMEOUT, Status.AGENT_IDLE, Status.AGENT_BUDGET]
    found = trials([record(status=s, seed=i) for i, s in enumerate(ends)], Policy())
    assert found.stopped.tolist() == [False, True, True, True]


def test_a_sandbox_is_known_to_confine_known_not_to_or_not_recorded() -> None:
    words = [None, "bubblewrap", "none", "Unsafe"]
    found = trials([record(sandbox=w, seed=i) for i, w in enumerate(words)], Policy())
    assert found.confined.tolist() == [-1, 1, 0, 0]
