"""How a trial ended, from what was seen."""

import json
import signal
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


FIRST_COMES_FIRST: tuple[tuple[Mapping[str, Any], Status], ...] = (
    ({"end": End.CANCELLED}, Status.CANCELLED),
    ({"server_failed_last": True}, Status.INFRA_SERVER),
    ({"end": End.SERVER}, Status.INFRA_SERVER),
    ({"killed_from_outside": True}, Status.INFRA_SANDBOX),
    ({"end": End.TIME}, Status.AGENT_TIMEOUT),
    ({"end": End.IDLE}, Status.AGENT_IDLE),
    ({"end": End.BUDGET}, Status.AGENT_BUDGET),
    ({"end": End.DISK}, Status.AGENT_BUDGET),
    ({"passed": None}, Status.INFRA_GRADER),
    ({"passed": True}, Status.PASS),
    ({"context_overflow": True}, Status.CONTEXT_OVERFLOW),
    ({"exit": Exit(code=1)}, Status.AGENT_CRASH),
    ({"changed": False}, Status.NO_CHANGE),
    ({}, Status.FAIL),
)
"""What was seen, and the status unless something further up was seen too."""


@pytest.mark.parametrize(("above", "below"), [*combinations(FIRST_COMES_FIRST, 2)])
def test_of_two_things_seen_the_one_further_up_decides(
    above: tuple[Mapping[str, Any], Status],
    below: tuple[Mapping[str, Any], Status],
) -> None:
    seen = {**below[0], **above[0]}
    assert status(replace(FAILED, **seen)) is above[1]


exits = st.one_of(
    st.builds(Exit, code=st.integers(0, 255)),
    st.builds(Exit, signal=st.sampled_from(list(signal.Signals))),
)


@given(
    st.builds(
        Evidence, end=st.sampled_from(End), exit=exits, passed=st.none() | st.booleans()
    )
)
def test_evidence_is_read_as_it_was_written(evidence: Evidence) -> None:
    assert Evidence.parse(evidence.text()) == evidence


def test_evidence_keeps_its_keys_for_the_runs_of_last_year() -> None:
    assert json.loads(replace(FAILED, exit=Exit(signal=signal.SIGKILL)).text()) == {
        "end": "itself",
        "exit": None,
        "signal": 9,
        "killed_from_outside": False,
        "server_failed_last": False,
        "context_overflow": False,
        "changed": True,
        "passed": False,
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        WORKED.text().replace("itself", "other"),
        WORKED.text().replace('"signal": null', '"signal": 0'),
        WORKED.text().replace('"changed": true, ', ""),
        WORKED.text().replace("}", ', "more": 1}'),
    ],
)
def test_what_is_no_evidence_is_told(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of JSON or ours
        Evidence.parse(text)
