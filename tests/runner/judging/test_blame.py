"""Who failed and how a trial ended, from what was seen."""

import json
import signal
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.schema import Status
from runner.judging.blame import (
    RULES,
    Again,
    Blame,
    End,
    Evidence,
    Failure,
    Judgement,
    Probe,
    believed,
    judge,
)
from runner.proxy.wordings import Meaning, understood
from runner.sandboxes.sandbox import Exit

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "who-failed.md"
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
        (replace(WORKED, slept=True), Status.INFRA_SANDBOX),
        (replace(FAILED, slept=True, end=End.TIME), Status.INFRA_SANDBOX),
        (replace(FAILED, slept=True, end=End.CANCELLED), Status.CANCELLED),
    ],
)
def test_the_status_follows_from_the_evidence(
    evidence: Evidence, expected: Status
) -> None:
    assert judge(evidence).status is expected


@pytest.mark.parametrize("end", [End.TIME, End.IDLE, End.BUDGET, End.DISK])
def test_no_work_passes_after_a_limit(end: End) -> None:
    assert judge(replace(WORKED, end=end)).status is not Status.PASS


def test_a_failed_server_is_not_the_agents_failure_even_where_the_work_passes() -> None:
    assert judge(replace(WORKED, server_failed_last=True)).status is Status.INFRA_SERVER


FIRST_COMES_FIRST: tuple[tuple[Mapping[str, Any], Status], ...] = (
    ({"end": End.CANCELLED}, Status.CANCELLED),
    ({"end": End.BUDGET}, Status.AGENT_BUDGET),
    ({"end": End.DISK}, Status.AGENT_BUDGET),
    ({"server_failed_last": True}, Status.INFRA_SERVER),
    ({"end": End.SERVER}, Status.INFRA_SERVER),
    ({"end": End.TIME}, Status.AGENT_TIMEOUT),
    ({"end": End.IDLE}, Status.AGENT_IDLE),
    ({"killed_from_outside": True}, Status.INFRA_SANDBOX),
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
    assert judge(replace(FAILED, **seen)).status is above[1]


exits = st.one_of(
    st.builds(Exit, code=st.integers(0, 255)),
    st.builds(Exit, signal=st.sampled_from(list(signal.Signals))),
)


meanings = st.none() | st.sampled_from(Meaning)
evidences = st.builds(
    Evidence,
    end=st.sampled_from(End),
    exit=exits,
    passed=st.none() | st.booleans(),
    failure=st.none() | st.builds(Failure, means=meanings),
    probe=st.none() | st.builds(Probe, is_well=st.none() | st.booleans()),
    waiting=st.booleans(),
    overflow_in_doubt=st.booleans(),
    cut_by_us=st.booleans(),
    memory_ran_out=st.booleans(),
    alone=st.booleans(),
    renewed=st.booleans(),
)


@given(evidences)
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
        "failure": None,
        "probe": None,
        "waiting": False,
        "overflow_in_doubt": False,
        "cut_by_us": False,
        "memory_ran_out": False,
        "alone": False,
        "slept": False,
        "renewed": False,
    }


def test_evidence_of_older_versions_is_read_and_judged_as_before() -> None:
    old = json.loads(replace(WORKED, server_failed_last=True).text())
    first = ("end", "exit", "signal", "killed_from_outside", "server_failed_last")
    kept = {key: old[key] for key in (*first, "context_overflow", "changed", "passed")}
    found = Evidence.parse(json.dumps(kept))
    assert found == replace(WORKED, server_failed_last=True)
    assert judge(found).status is Status.INFRA_SERVER


def test_a_failure_that_does_not_say_so_was_no_first_call() -> None:
    values = json.loads(failed(Meaning.REFUSAL).text())
    del values["failure"]["is_first"]
    assert Evidence.parse(json.dumps(values)) == failed(Meaning.REFUSAL)


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


# A server that failed last, and what else is known of it.

WELL = Probe(is_well=True)
UNWELL = Probe(is_well=False, words="Loading model", means=Meaning.LOADING)


_LIMIT = {End.TIME: Status.AGENT_TIMEOUT, End.IDLE: Status.AGENT_IDLE}


def failed(
    means: Meaning | None, *, status: int | None = 400, is_first: bool = False
) -> Evidence:
    """A trial whose tests fail, and whose last call was refused in such words."""
    failure = Failure(status=status, means=means, words="words", is_first=is_first)
    return replace(FAILED, server_failed_last=True, failure=failure, probe=WELL)


def test_a_server_that_fails_a_probe_is_to_blame_and_may_be_given_up() -> None:
    for means in (None, *Meaning):
        if means is Meaning.QUOTA:
            continue
        for alone in (False, True):
            seen = replace(failed(means), probe=UNWELL, alone=alone)
            found = judge(seen)
            assert found == Judgement(
                status=Status.INFRA_SERVER,
                blame=Blame.SERVER,
                again=Again.LAST_ALONE,
                gives_up=True,
            )


@pytest.mark.parametrize("status", [400, 404, 422, 500, 503, None])
def test_words_that_nobody_knows_are_decided_by_one_execution_alone(
    status: int | None,
) -> None:
    seen = failed(None, status=status)
    first = judge(seen)
    assert first.status is Status.INFRA_SERVER
    assert first.again is Again.ALONE
    assert not first.gives_up
    again = judge(replace(seen, alone=True))
    assert again == Judgement(status=Status.FAIL, blame=Blame.AGENT)


def test_a_server_that_gives_up_a_call_is_judged_like_one_that_refuses_it() -> None:
    hung = replace(FAILED, end=End.SERVER, probe=WELL)
    assert judge(hung).again is Again.ALONE
    assert judge(replace(hung, alone=True)).status is Status.FAIL
    assert judge(replace(hung, probe=Probe(is_well=None))).gives_up


@pytest.mark.parametrize("means", [Meaning.BREAKAGE, Meaning.BUSY, Meaning.LOADING])
@pytest.mark.parametrize("alone", [False, True])
def test_a_server_that_says_it_is_broken_is_believed_but_not_given_up(
    means: Meaning, *, alone: bool
) -> None:
    found = judge(replace(failed(means), alone=alone))
    assert found.status is Status.INFRA_SERVER
    assert found.again is Again.LAST_ALONE
    assert not found.gives_up


@pytest.mark.parametrize("means", Meaning)
def test_a_request_that_breaks_a_server_twice_is_the_agents_and_alone_only(
    means: Meaning,
) -> None:
    seen = failed(means)
    assert seen.failure is not None
    failure = replace(seen.failure, again=True)
    twice = replace(seen, failure=failure)
    taken = replace(twice, failure=replace(failure, status=200), alone=True)
    assert judge(taken) == judge(replace(seen, alone=True)), "it took the request"
    assert judge(twice) == judge(seen), "neighbours may have broken it"
    found, before = judge(replace(twice, alone=True)), judge(replace(seen, alone=True))
    if means in {Meaning.BREAKAGE, Meaning.LOADING}:
        assert found == Judgement(status=Status.FAIL, blame=Blame.AGENT)
        unwell = replace(twice, alone=True, probe=UNWELL)
        assert judge(unwell).blame is Blame.SERVER
    else:
        assert found == before


def test_a_spent_quota_is_the_vendors_and_is_not_tried_again() -> None:
    found = judge(failed(Meaning.QUOTA, status=429))
    assert found.blame is Blame.VENDOR
    assert found.status is Status.INFRA_SERVER
    assert found.again is Again.NO


def test_a_malformed_last_request_is_the_harnesss_failure() -> None:
    found = judge(failed(Meaning.REFUSAL))
    assert found == Judgement(status=Status.AGENT_CRASH, blame=Blame.HARNESS)
    assert judge(replace(failed(Meaning.REFUSAL), passed=True)).status is Status.PASS


def test_a_request_refused_for_what_we_set_is_set_up() -> None:
    refused = Probe(is_well=False, means=Meaning.REFUSAL, names_ours=True)
    found = judge(replace(failed(Meaning.REFUSAL), probe=refused))
    assert found.status is Status.INFRA_SETUP
    assert found.blame is Blame.SETUP
    assert found.again is Again.NO
    everything = replace(refused, names_ours=False)
    found = judge(replace(failed(Meaning.REFUSAL), probe=everything))
    assert found.blame is Blame.SERVER, "it refuses everything"


@pytest.mark.parametrize("passed", [True, False])
@pytest.mark.parametrize("probe", [WELL, UNWELL])
@pytest.mark.parametrize("means", [None, Meaning.BREAKAGE, Meaning.BUSY])
def test_what_ends_alike_on_a_fresh_server_of_ours_is_the_agents(
    means: Meaning | None, probe: Probe, *, passed: bool
) -> None:
    seen = replace(failed(means), probe=probe, alone=True, passed=passed)
    found = judge(replace(seen, renewed=True))
    assert found.status is (Status.PASS if passed else Status.FAIL)
    assert found.blame is Blame.AGENT
    theirs = judge(seen)
    is_theirs = probe is UNWELL or means is not None
    assert (theirs.blame is Blame.SERVER) is is_theirs
    timed_out = replace(seen, end=End.TIME, waiting=True)
    assert judge(replace(timed_out, renewed=True)).status is Status.AGENT_TIMEOUT


def test_a_request_refused_before_the_model_has_said_anything_is_set_up() -> None:
    found = judge(failed(Meaning.REFUSAL, is_first=True))
    assert found.status is Status.INFRA_SETUP
    assert found.blame is Blame.SETUP


@pytest.mark.parametrize("end", [End.TIME, End.IDLE, End.BUDGET, End.DISK])
@pytest.mark.parametrize("means", [None, Meaning.REFUSAL, Meaning.BREAKAGE])
def test_a_limit_that_was_passed_comes_before_a_request_that_was_refused(
    end: End, means: Meaning | None
) -> None:
    found = judge(replace(failed(means), end=end))
    assert found.blame is Blame.AGENT
    assert found.again is Again.NO
    assert found.status.is_measured


@pytest.mark.parametrize("end", [End.TIME, End.IDLE])
def test_waiting_for_a_server_that_then_fails_a_probe_passes_no_limit(end: End) -> None:
    assert judge(replace(failed(None), end=end, probe=UNWELL)).blame is Blame.SERVER
    waiting = replace(FAILED, end=End.TIME, waiting=True, probe=UNWELL)
    assert judge(waiting).status is Status.INFRA_SERVER


def test_a_server_that_is_only_slow_leaves_the_limit_as_it_is() -> None:
    slow = replace(FAILED, end=End.TIME, waiting=True, probe=WELL)
    assert judge(slow).status is Status.AGENT_TIMEOUT


@pytest.mark.parametrize("end", [End.TIME, End.IDLE])
@pytest.mark.parametrize("seen", [{"waiting": True}, {"server_failed_last": True}])
def test_waiting_for_a_server_that_leaves_a_probe_unanswered_is_believed_once(
    end: End, seen: dict[str, Any]
) -> None:
    silent = replace(FAILED, end=end, probe=Probe(is_well=None), **seen)
    first = judge(silent)
    assert (first.status, first.again) == (Status.INFRA_SERVER, Again.ALONE)
    assert not first.gives_up
    assert judge(replace(silent, alone=True)).status is _LIMIT[end]
    not_waiting = replace(FAILED, end=end, probe=Probe(is_well=None))
    assert judge(not_waiting).status is _LIMIT[end]


@pytest.mark.parametrize("end", [End.BUDGET, End.DISK])
def test_a_spent_budget_is_no_waiting_for_a_server(end: End) -> None:
    for probe in (UNWELL, Probe(is_well=None)):
        spent = replace(failed(None), end=end, probe=probe, waiting=True)
        assert judge(spent).status is Status.AGENT_BUDGET


@pytest.mark.parametrize("what", ["overflow_in_doubt", "cut_by_us"])
def test_what_a_neighbour_or_we_may_have_caused_is_tried_again_alone(what: str) -> None:
    doubt: dict[str, Any] = {what: True, "context_overflow": True}
    found = judge(replace(FAILED, **doubt))
    assert found.again is Again.ALONE
    assert found.status is Status.INFRA_SERVER
    again = judge(replace(FAILED, **doubt, alone=True))
    assert again.status is Status.CONTEXT_OVERFLOW
    assert judge(replace(WORKED, **doubt)).status is Status.PASS


@pytest.mark.parametrize(
    "seen",
    [
        {"exit": Exit(code=124), "memory_ran_out": True},
        {"exit": Exit(code=137), "killed_from_outside": True, "memory_ran_out": True},
    ],
)
def test_what_was_killed_for_want_of_memory_perhaps_is_believed_once(
    seen: dict[str, Any],
) -> None:
    killed = replace(FAILED, **seen)
    first = judge(killed)
    assert first.status is Status.INFRA_SANDBOX
    assert first.blame is Blame.MACHINE
    assert first.again is Again.ALONE
    assert judge(replace(killed, alone=True)).status is Status.AGENT_CRASH


@given(evidences)
def test_only_infrastructure_is_tried_again_and_only_it_is_given_up(
    evidence: Evidence,
) -> None:
    found = judge(evidence)
    if found.again is not Again.NO or found.gives_up:
        assert found.status.is_infra
    assert (found.blame in {Blame.AGENT, Blame.HARNESS}) == found.status.is_measured


@given(evidences)
def test_nobody_ends_in_doubt_twice(evidence: Evidence) -> None:
    assert judge(replace(evidence, alone=True)).again is not Again.ALONE


@given(evidences)
def test_a_model_is_given_up_only_where_it_failed_a_probe_or_said_it_is_spent(
    evidence: Evidence,
) -> None:
    found = judge(replace(evidence, probe=WELL))
    if found.gives_up and found.status is Status.INFRA_SERVER:
        assert found.blame is Blame.VENDOR


@given(evidences)
def test_what_passes_after_a_limit_or_without_a_verdict_is_no_pass(
    evidence: Evidence,
) -> None:
    if judge(evidence).status is Status.PASS:
        assert evidence.passed
        assert not evidence.has_limit


@pytest.mark.parametrize("words", ["out of memory", "insufficient_quota", "Overloaded"])
def test_what_a_server_only_repeats_of_a_request_is_not_its_own_word(
    words: str,
) -> None:
    wording = understood(words)
    assert wording is not None
    told = f"extra field: {words}"
    for request, expected in ((words.upper(), None), ("{}", wording.means)):
        found = believed(wording.means, status=400, words=told, request=request)
        assert found is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [(429, Meaning.BUSY), (529, Meaning.BUSY), (402, Meaning.QUOTA), (500, None)],
)
def test_some_statuses_need_no_words(status: int, expected: Meaning | None) -> None:
    found = believed(None, status=status, words="slow down", request="slow down")
    assert found is expected


def test_a_busy_server_is_believed_whatever_the_agent_has_written() -> None:
    said = {"words": "Overloaded", "request": "overloaded"}
    assert believed(Meaning.BUSY, status=529, **said) is Meaning.BUSY


def test_the_documents_table_is_the_one_that_decides() -> None:
    text = PAGE.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")][2:]
    said = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines[: len(RULES)]
    ]
    assert said == [_row(rule.when, rule.then) for rule in RULES]


def _row(when: str, then: Judgement | None) -> list[str]:
    if then is None:
        return [when, "agent", "`agent_timeout`, `agent_idle` or `agent_budget`", "no"]
    again = {Again.NO: "no", Again.YES: "yes", Again.ALONE: "once, alone"}
    again |= {Again.LAST_ALONE: "yes, the last alone"}
    return [when, str(then.blame), f"`{then.status}`", again[then.again]]


@pytest.mark.parametrize(
    "evidence",
    [
        failed(Meaning.QUOTA, status=429),
        failed(Meaning.REFUSAL, is_first=True),
        replace(
            failed(Meaning.REFUSAL),
            probe=Probe(is_well=False, means=Meaning.REFUSAL, names_ours=True),
        ),
        replace(FAILED, killed_from_outside=True),
        replace(FAILED, passed=None),
    ],
)
def test_what_is_known_to_be_broken_counts_towards_giving_it_up(
    evidence: Evidence,
) -> None:
    assert judge(evidence).gives_up
