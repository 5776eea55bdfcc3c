"""What calls of a model add up to, without any server."""

from dataclasses import replace

import pytest

from runner.limits import Limits
from runner.metering import Call, Meter, Outcome
from runner.wire.wire import Answer


def call(number: int, tokens_in: int | None, outcome: Outcome) -> Call:
    """One that came in its turn and ended at once."""
    return Call(
        number=number,
        protocol="chat",
        outcome=outcome,
        status=200,
        started_s=float(number),
        first_token_s=None,
        ended_s=number + 0.5,
        answer=Answer(tokens_in=tokens_in, is_complete=True),
        pieces=0,
        pauses=0,
        request={},
        response="",
    )


def prompt_tokens(*calls: Call) -> int | None:
    meter = Meter(Limits())
    for each in calls:
        meter.begin(each.started_s)
    for each in calls:
        meter.end(each)
    return meter.usage(9.0).prompt_tokens


FIRST = call(1, 5_000, Outcome.ANSWERED)
LATER = call(2, 5_200, Outcome.ANSWERED)


def test_a_harness_begins_with_what_its_first_request_held() -> None:
    assert prompt_tokens(FIRST, LATER) == 5_000


def test_of_calls_side_by_side_the_one_that_came_first_counts() -> None:
    assert prompt_tokens(LATER, FIRST) == 5_000


@pytest.mark.parametrize(
    "outcome", [Outcome.UPSTREAM, Outcome.ABANDONED, Outcome.OVERFLOW]
)
def test_a_request_that_was_not_answered_is_asked_again(outcome: Outcome) -> None:
    unanswered = replace(FIRST, outcome=outcome, answer=Answer())
    assert prompt_tokens(unanswered, LATER) == 5_200
    assert prompt_tokens(unanswered) is None


def test_a_later_request_does_not_stand_for_a_first_that_nobody_told_of() -> None:
    untold = replace(FIRST, answer=Answer(is_complete=True))
    assert prompt_tokens(untold, LATER) is None


def test_before_any_call_nothing_is_known() -> None:
    assert prompt_tokens() is None
