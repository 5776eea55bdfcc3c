"""How a trial ended, from what was seen."""

import signal
from dataclasses import replace

import pytest

from harness_bench.schema import Status
from runner.judging.status import End, Evidence, status
from runner.sandboxes.sandbox import Exit

WORKED = Evidence(
    end=End.ITSELF,
    exit=Exit(code=0),
    killed_from_outside=False,
    server_failed_last=False,
    context_overflow=False,
    changed=True,
    passed=True,
)
FAILED = replace(WORKED, passed=False)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (WORKED, Status.PASS),
        (replace(WORKED, exit=Exit(code=53)), Status.PASS),
        (FAILED, Status.FAIL),
        (replace(FAILED, changed=False), Status.NO_CHANGE),
        (replace(FAILED, exit=Exit(code=1), changed=False), Status.AGENT_CRASH),
        (replace(FAILED, exit=Exit(signal=signal.SIGSEGV)), Status.AGENT_CRASH),
        (replace(FAILED, context_overflow=True), Status.CONTEXT_OVERFLOW),
        (replace(FAILED, passed=None), Status.INFRA_GRADER),
        (replace(FAILED, end=End.TIME), Status.AGENT_TIMEOUT),
        (replace(FAILED, end=End.IDLE), Status.AGENT_IDLE),
        (replace(FAILED, end=End.BUDGET), Status.AGENT_BUDGET),
        (replace(FAILED, end=End.DISK), Status.AGENT_BUDGET),
        (replace(FAILED, end=End.SERVER), Status.INFRA_SERVER),
        (replace(FAILED, server_failed_last=True), Status.INFRA_SERVER),
        (replace(FAILED, killed_from_outside=True), Status.INFRA_SANDBOX),
        (replace(WORKED, killed_from_outside=True), Status.INFRA_SANDBOX),
        (replace(FAILED, end=End.CANCELLED), Status.CANCELLED),
    ],
)
def test_the_status_follows_from_the_evidence(
    evidence: Evidence, expected: Status
) -> None:
    assert status(evidence) is expected


@pytest.mark.parametrize("end", [End.TIME, End.IDLE, End.BUDGET, End.DISK])
def test_no_work_passes_after_a_limit(end: End) -> None:
    assert status(replace(WORKED, end=end)) is not Status.PASS


def test_a_failed_server_is_not_the_agents_failure_even_where_the_work_passes() -> None:
    assert status(replace(WORKED, server_failed_last=True)) is Status.INFRA_SERVER
