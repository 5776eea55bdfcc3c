"""What calls with known times add up to."""

import statistics
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.limits import Limits
from runner.proxy.budget import Asking
from runner.proxy.exchange import Exchange
from runner.proxy.metering import Call, Meter, Outcome, Refusal, Usage
from runner.proxy.wire.openai_chat import OpenAIChat
from runner.proxy.wire.wire import Answer, ToolCall
from tests.runner.streams import chunk, lines


def call(
    first_s: float | None = 2.0,
    last_s: float | None = 5.0,
    tokens_out: int | None = 31,
    outcome: Outcome = Outcome.ANSWERED,
) -> Call:
    """A call at second 1; in the usual case 30 tokens follow in 3 seconds."""
    return Call(
        number=1,
        protocol="openai_chat",
        outcome=outcome,
        status=200,
        started_s=1.0,
        first_token_s=first_s,
        last_token_s=last_s,
        ended_s=60.0,
        answer=Answer(tokens_out=tokens_out, is_complete=True),
        pieces=2,
        pauses=0,
        request={},
        response="",
    )


def usage(*calls: Call) -> Usage:
    meter = Meter(Limits(calls=10**6, tokens=10**9))
    for each in calls:
        meter.begin(each.started_s)
        meter.end(each)
    return meter.usage(100.0)


def test_speed_is_the_tokens_after_the_first_over_the_time_after_the_first() -> None:
    found = usage(call())
    assert found.tokens_per_s == 30 / 3
    assert found.first_token_s == 1.0


def test_a_long_answer_weighs_more_than_a_short_one() -> None:
    found = usage(call(), call(last_s=12.0, tokens_out=21))
    assert found.tokens_per_s == (30 + 20) / (3 + 10)


def test_prompts_are_read_at_tokens_over_time_and_not_at_the_mean_of_rates() -> None:
    fast, slow, silent = (
        replace(call(), answer=Answer(tokens_in=10**6, prefill=told))
        for told in ((900, 1000.0), (100, 1000.0), None)
    )
    assert usage(fast, slow, silent).prefill_per_s == 500
    assert usage(
        fast, replace(slow, answer=Answer(prefill=(1, 500.0)))
    ).prefill_per_s == (901 / 1.5)
    assert usage(silent).prefill_per_s is None


@pytest.mark.parametrize(
    "silent",
    [
        call(first_s=None, last_s=None),
        call(last_s=2.0),
        call(last_s=2.005),
        call(tokens_out=1),
        call(tokens_out=0),
        call(tokens_out=None),
        call(outcome=Outcome.ABANDONED),
        call(outcome=Outcome.CUT),
        call(outcome=Outcome.UPSTREAM),
        replace(call(), answer=Answer(tokens_out=31, thinks_unseen=True)),
    ],
    ids=[
        *("no stream", "one piece", "a burst", "one token", "no token", "untold"),
        *("abandoned", "cut", "broken", "unseen thinking"),
    ],
)
def test_an_answer_that_tells_no_speed_changes_none(silent: Call) -> None:
    assert usage(silent).tokens_per_s is None
    assert usage(call(), silent).tokens_per_s == 10


@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.floats(0.01, 100), st.integers(2, 10**6)),
        min_size=1,
    )
)
def test_no_speed_lies_outside_those_of_the_calls(
    found: list[tuple[float, float, int]],
) -> None:
    calls = [
        call(first_s=1 + wait, last_s=1 + wait + took, tokens_out=tokens)
        for wait, took, tokens in found
    ]
    paced = [each.paced for each in calls if each.paced]
    speeds = [tokens / seconds for tokens, seconds in paced]
    told = usage(*calls)
    assert told.first_token_s == statistics.median(
        (each.first_token_s or 0) - 1 for each in calls
    )
    if not speeds:
        assert told.tokens_per_s is None
        return
    assert told.tokens_per_s is not None
    assert min(speeds) <= told.tokens_per_s * (1 + 1e-9)
    assert told.tokens_per_s <= max(speeds) * (1 + 1e-9)


def exchange(*, is_stream: bool) -> Exchange:
    found = Exchange(OpenAIChat(), 1.0, {}, hides_usage=True)
    found.open(200, is_stream=is_stream)
    return found


def test_the_clock_stops_at_the_last_output_not_at_the_usage_nor_at_the_end() -> None:
    one = exchange(is_stream=True)
    one.take(lines([chunk({"role": "assistant", "content": ""})]), 2.0)
    one.take(lines([chunk({"content": "a"})]), 3.0)
    one.take(lines([chunk({"content": "b"})]), 4.0)
    one.take(lines([chunk({}, "stop")]), 7.0)
    one.take(lines([{"choices": [], "usage": {"completion_tokens": 11}}]), 20.0)
    one.end()
    found = one.call(1, 50.0)
    assert (found.first_token_s, found.last_token_s, found.ended_s) == (3, 4, 50)
    assert found.paced == (10, 1.0)


def test_a_first_output_at_second_zero_stays_the_first() -> None:
    one = exchange(is_stream=True)
    for now in (0.0, 1.0):
        one.take(lines([chunk({"content": "a"})]), now)
    assert one.call(1, 2.0).first_token_s == 0.0


def test_an_answer_in_one_piece_has_no_first_token() -> None:
    one = exchange(is_stream=False)
    one.take(b'{"choices": [{"message": {}, "finish_reason": "stop"}],', 3.0)
    one.take(b'"usage": {"completion_tokens": 5}}', 9.0)
    one.end()
    found = one.call(1, 10.0)
    assert found.outcome is Outcome.ANSWERED
    assert found.answer.tokens_out == 5
    assert (found.first_token_s, found.last_token_s, found.paced) == (None, None, None)


# What a harness begins with.


def prompt_tokens(*calls: Call) -> int | None:
    meter = Meter(Limits())
    for each in calls:
        meter.begin(each.started_s)
    for each in calls:
        meter.end(each)
    return meter.usage(9.0).prompt_tokens


FIRST = replace(call(), started_s=1.0, answer=Answer(tokens_in=5_000, is_complete=True))
LATER = replace(call(), started_s=2.0, answer=Answer(tokens_in=5_200, is_complete=True))


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


# Sums, and when it is enough.


def told(outcome: Outcome = Outcome.ANSWERED, *, pieces: int = 0, **more: Any) -> Call:  # noqa: ANN401 - any part of an answer
    """A call from second 1 to second 60 that says this much."""
    return replace(
        call(first_s=None, last_s=None, outcome=outcome),
        answer=Answer(**more),
        pieces=pieces,
    )


def metered(*calls: Call, **limits: int) -> Meter:
    meter = Meter(Limits(**limits))
    for each in calls:
        meter.begin(each.started_s)
        meter.end(each)
    return meter


def test_tokens_add_up_over_the_calls_that_tell_them() -> None:
    found = usage(
        told(tokens_in=100, tokens_cached=60, tokens_stored=7, tokens_out=10),
        told(tokens_in=150, tokens_cached=90, tokens_out=1),
        told(Outcome.ABANDONED, tokens_in=30, tokens_out=150),
        told(),
    )
    assert found == Usage(
        calls=4,
        tokens_in=280,
        tokens_cached=150,
        tokens_stored=7,
        tokens_out=161,
        prompt_tokens=100,
        context_peak=180,
        model_time_s=4 * 59.0,
        is_estimated=True,
    )


def test_what_no_server_told_is_unknown_and_without_a_call_it_is_nothing() -> None:
    assert usage() == Usage()
    found = usage(told())
    assert (found.tokens_in, found.tokens_cached) == (None, None)
    assert (found.tokens_stored, found.tokens_out) == (None, None)
    assert found.context_peak is None


def test_what_was_answered_without_telling_is_estimated_and_said_to_be() -> None:
    meter = Meter(Limits())
    for outcome, pieces in ((Outcome.ANSWERED, 7), (Outcome.ABANDONED, 5)):
        number = meter.begin(1.0, Asking(size=800, answer=9))
        meter.end(replace(told(outcome, pieces=pieces), number=number))
    found = meter.usage(100.0)
    assert (found.tokens_in, found.tokens_out) == (100, 7)
    assert (found.tokens_cached, found.context_peak) == (None, None)
    assert found.is_estimated


@pytest.mark.parametrize(
    ("outcome", "pieces", "costs"),
    [
        (Outcome.ANSWERED, 7, 107),
        (Outcome.ABANDONED, 0, 100),
        (Outcome.ABANDONED, 3, 103),
        (Outcome.UNPARSABLE, 0, 100),
        (Outcome.UPSTREAM, 2, 102),
        (Outcome.UPSTREAM, 0, 0),
        (Outcome.OVERFLOW, 0, 0),
    ],
)
def test_a_call_costs_its_prompt_where_the_server_has_worked_on_it(
    outcome: Outcome, pieces: int, costs: int
) -> None:
    for left, fits in ((1000, True), (1001, False)):
        meter = Meter(Limits(tokens=costs + 1000))
        number = meter.begin(1.0, Asking(size=800, answer=9))
        meter.end(replace(told(outcome, pieces=pieces), number=number))
        next_one = Asking(size=8 * left, answer=0)
        assert (meter.begin(61.0, next_one) is not None) == fits


def test_an_answer_in_one_piece_that_tells_no_tokens_costs_its_length() -> None:
    meter = Meter(Limits(tokens=101))
    meter.end(replace(told(), number=meter.begin(1.0), response="x" * 1100))
    assert meter.begin(61.0) is not None
    meter = Meter(Limits(tokens=100))
    meter.end(replace(told(), number=meter.begin(1.0), response="x" * 1100))
    assert meter.begin(61.0) is None


def test_the_words_of_a_server_that_failed_cost_nothing() -> None:
    meter = Meter(Limits(tokens=1))
    failed = replace(told(Outcome.UPSTREAM, pieces=0), response="x" * 1100)
    meter.end(replace(failed, number=meter.begin(1.0)))
    assert meter.begin(61.0) is not None


def test_calls_that_nobody_answered_leave_all_told() -> None:
    found = usage(told(tokens_in=9, tokens_out=1), told(Outcome.UPSTREAM))
    assert not found.is_estimated
    assert not usage(told(Outcome.ABANDONED, pieces=4)).is_estimated


def test_a_prompt_without_a_known_answer_is_what_a_call_held() -> None:
    assert usage(told(tokens_in=100)).context_peak == 100


def test_calls_side_by_side_take_their_time_once() -> None:
    meter = Meter(Limits())
    meter.begin(1.0)
    meter.begin(3.0)
    assert meter.usage(5.0).model_time_s == 4.0
    meter.end(replace(told(), started_s=1.0, ended_s=6.0))
    assert meter.in_flight == 1
    meter.end(replace(told(), started_s=3.0, ended_s=8.0))
    assert meter.usage(20.0).model_time_s == 7.0
    meter.begin(30.0)
    assert meter.usage(32.0).model_time_s == 9.0


def test_the_wait_for_a_first_token_is_the_median_and_not_from_the_start() -> None:
    waits = (call(first_s=2.0), call(first_s=4.0), call(first_s=11.0))
    assert usage(*waits).first_token_s == 3.0


def test_malformed_calls_count_where_the_answer_is_whole() -> None:
    bad, good = (ToolCall(name="t", arguments=text) for text in ("{", "{}"))
    whole = told(tool_calls=(bad, good, bad))
    cut = told(Outcome.CUT, tool_calls=(bad,))
    assert usage(whole, whole).malformed_tool_calls == 4
    assert usage(cut).malformed_tool_calls == 0


def test_overflows_and_refusals_are_counted() -> None:
    meter = metered(told(Outcome.OVERFLOW), told(Outcome.OVERFLOW), calls=2)
    assert meter.begin(61.0) is None
    assert meter.begin(62.0) is None
    found = meter.usage(63.0)
    assert (found.calls, found.overflows, found.refused) == (2, 2, 2)


@pytest.mark.parametrize(
    ("call_", "limits", "goes_on"),
    [
        (told(), {"calls": 2}, True),
        (told(), {"calls": 1}, False),
        (told(tokens_in=6, tokens_out=3), {"tokens": 10}, True),
        (told(tokens_in=6, tokens_out=4), {"tokens": 10}, False),
        (told(tokens_in=6, pieces=3), {"tokens": 10}, True),
        (told(tokens_in=6, pieces=4), {"tokens": 10}, False),
        (told(tokens_in=6, tokens_out=3, pieces=9), {"tokens": 10}, True),
        (told(Outcome.CUT), {}, False),
    ],
)
def test_a_budget_that_is_spent_lets_no_call_through(
    call_: Call, limits: dict[str, int], *, goes_on: bool
) -> None:
    meter = metered(call_, **limits)
    assert meter.begin(61.0) == (2 if goes_on else None)
    assert meter.stop is (None if goes_on else Refusal.BUDGET)
    assert meter.calls == (2 if goes_on else 1)


def test_an_answer_is_too_much_when_it_goes_beyond_the_budget() -> None:
    meter = metered(told(tokens_in=5, tokens_out=2), told(pieces=2), tokens=10)
    assert not meter.is_too_much(1)
    assert meter.is_too_much(2)


F, A, L, G = Outcome.UPSTREAM, Outcome.ANSWERED, Outcome.OVERFLOW, Outcome.ABANDONED


@pytest.mark.parametrize(
    ("outcomes", "given_up", "failed_last"),
    [
        ([F], False, True),
        ([F, F], False, True),
        ([F, F, F], True, True),
        ([F, F, A, F], False, True),
        ([F, F, L, F], False, True),
        ([F, F, G, F], True, True),
        ([F, G], False, True),
        ([F, F, Outcome.CUT], False, True),
        ([F, A], False, False),
        ([F, L], False, False),
        ([G], False, False),
    ],
)
def test_a_server_is_given_up_after_three_failures_in_a_row(
    outcomes: list[Outcome], *, given_up: bool, failed_last: bool
) -> None:
    meter = metered(*map(told, outcomes))
    assert (meter.stop is Refusal.UPSTREAM) == given_up
    assert meter.upstream_failed_last == failed_last


def test_the_first_reason_to_stop_stays() -> None:
    given_up = metered(*[told(F)] * 3, calls=3)
    given_up.begin(61.0)
    assert given_up.stop is Refusal.UPSTREAM
    given_up.end(told(Outcome.CUT))
    assert given_up.stop is Refusal.UPSTREAM

    spent = metered(told(Outcome.CUT))
    for _ in range(3):
        spent.end(told(F))
    assert spent.stop is Refusal.BUDGET


def test_a_call_is_told_with_all_but_its_request() -> None:
    one = replace(
        call(first_s=1.23456789),
        answer=Answer(tool_calls=(ToolCall(name="t", arguments="{"),), tokens_in=3),
        request={"secret": 1},
        response="said",
        started_s=0.12345678,
        ended_s=9.87654321,
        pauses=2,
        dropped=("user",),
    )
    assert one.told() == {
        "number": 1,
        "protocol": "openai_chat",
        "outcome": "answered",
        "status": 200,
        "started_s": 0.123457,
        "first_token_s": 1.234568,
        "last_token_s": 5.0,
        "ended_s": 9.876543,
        "pauses": 2,
        "dropped": ["user"],
        "tool_calls": [{"name": "t", "arguments": "{", "is_malformed": True}],
        "response": "said",
        **{
            name: value
            for name, value in asdict(Answer(tokens_in=3)).items()
            if name != "tool_calls"
        },
    }
    assert replace(one, first_token_s=None).told()["first_token_s"] is None


@pytest.mark.parametrize(
    ("last_s", "paced"), [(0.009, None), (0.01, (30, 0.01)), (0.02, (30, 0.02))]
)
def test_a_hundredth_of_a_second_is_a_stream(
    last_s: float, paced: tuple[int, float] | None
) -> None:
    assert call(first_s=0.0, last_s=last_s).paced == paced


def test_two_tokens_have_a_pace() -> None:
    assert call(tokens_out=2).paced == (1, 3.0)
