"""Readers find in a stream what its server told, however it was cut."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.proxy.wire.anthropic_messages import AnthropicMessages
from runner.proxy.wire.openai_chat import OpenAIChat
from runner.proxy.wire.openai_responses import OpenAIResponses
from runner.proxy.wire.sse import Events
from runner.proxy.wire.wire import (
    AS_WRITTEN,
    Answer,
    Sampling,
    ToolCall,
    Wire,
    failure,
    prefill,
)
from runner.proxy.wordings import Meaning
from tests.runner.streams import CHAT_REQUEST, STREAMS, Json, Stream, cut, lines

PLACES = st.lists(st.integers(0, 10_000), max_size=40)
WIRES: tuple[Wire, ...] = (OpenAIChat(), AnthropicMessages(), OpenAIResponses())


@given(stream=st.sampled_from(STREAMS), places=PLACES)
def test_a_stream_tells_the_same_however_it_is_cut(
    stream: Stream, places: list[int]
) -> None:
    events, reader = Events(), stream.wire.reader()
    seen = b""
    for part in cut(stream.raw, places):
        for event in events.feed(part):
            reader.take(event)
            seen += event.raw
    assert seen + events.rest() == stream.raw
    assert reader.answer() == stream.answer
    assert reader.pieces == stream.pieces


@given(raw=st.text("ab:\r\n ").map(str.encode), places=PLACES)
def test_events_end_at_the_same_places_however_they_are_cut(
    raw: bytes, places: list[int]
) -> None:
    whole, parts = Events(), Events()
    expected = whole.feed(raw)
    found = [event for part in cut(raw, places) for event in parts.feed(part)]
    assert found == expected
    assert parts.rest() == whole.rest()


@given(
    wire=st.sampled_from(WIRES),
    junk=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "usage", "type", "message", "tool_calls", "error",
                 "index", "function", "content", "response", "output", "messages",
             "timings", "prompt_n", "prompt_ms"]
            ),
            inner,
        ),
    ),
)  # fmt: skip
def test_no_json_breaks_a_reader(wire: Wire, junk: object) -> None:
    table = junk if isinstance(junk, dict) else {"choices": junk, "messages": junk}
    reader = wire.reader()
    for event in Events().feed(b"data: " + json.dumps(junk).encode() + b"\n\n"):
        reader.take(event)
    reader.answer()
    wire.whole(table)
    wire.ask(table, Sampling(temperature=0.0, seed=1, output_tokens=2))
    failure(table)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_half_a_stream_is_not_complete(stream: Stream) -> None:
    reader = stream.wire.reader()
    for event in Events().feed(stream.raw[: len(stream.raw) // 2]):
        reader.take(event)
    assert not reader.answer().is_complete


@pytest.mark.parametrize("index", [[0], {"a": 1}, None, -1, "0"])
def test_an_index_that_is_none_breaks_no_reader(index: object) -> None:
    function = {"name": "bash", "arguments": "{}"}
    calls = [{"index": index, "function": function}]
    block = {"type": "tool_use", "name": "bash"}
    events: list[Json] = [
        {"choices": [{"delta": {"tool_calls": calls}}]},
        {"type": "content_block_start", "index": index, "content_block": block},
        {"type": "content_block_delta", "index": index, "delta": {}},
    ]
    for wire in WIRES:
        reader = wire.reader()
        for event in Events().feed(lines(events)):
            reader.take(event)
        assert len(reader.answer().tool_calls) <= 1


def test_an_answer_in_one_piece_tells_the_same_as_a_stream() -> None:
    arguments = '{"command":"ls"}'
    call = {"function": {"name": "bash", "arguments": arguments}}
    chat = {
        "choices": [{"finish_reason": "tool_calls", "message": {"tool_calls": [call]}}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 6},
    }
    block = {"type": "tool_use", "name": "bash", "input": {"command": "ls"}}
    message = {
        "content": [{"type": "text", "text": "x"}, block],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 5, "output_tokens": 6},
    }
    item = {"type": "function_call", "name": "bash", "arguments": arguments}
    response = {
        "status": "completed",
        "output": [item],
        "usage": {"input_tokens": 5, "output_tokens": 6},
    }
    bodies: tuple[Json, ...] = (chat, message, response)
    for wire, body in zip(WIRES, bodies, strict=True):
        answer = wire.whole(body)
        assert (answer.tokens_in, answer.tokens_out) == (5, 6)
        assert answer.tokens_cached is None
        assert answer.tool_calls == (ToolCall("bash", arguments),)
        assert answer.is_complete


@pytest.mark.parametrize(
    ("timings", "expected"),
    [
        ({"cache_n": 1, "prompt_n": 549, "prompt_ms": 1729.34}, (549, 1729.34)),
        ({"prompt_n": 5, "prompt_ms": 1000}, (5, 1000.0)),
        ({"prompt_n": 0, "prompt_ms": 1.5}, None),
        ({"prompt_n": 5, "prompt_ms": 0.0}, None),
        ({"prompt_n": 5, "prompt_ms": -1.0}, None),
        ({"prompt_n": 5, "prompt_ms": 10**400}, None),
        ({"prompt_n": 5, "prompt_ms": True}, None),
        ({"prompt_n": 5, "prompt_ms": float("nan")}, None),
        ({"prompt_n": 5}, None),
        ("fast", None),
        (None, None),
    ],
)
def test_how_fast_a_prompt_was_read_is_what_llama_server_tells(
    timings: object, expected: object
) -> None:
    assert prefill(timings) == expected
    chat = {"choices": [{"finish_reason": "stop"}], "timings": timings}
    assert OpenAIChat().whole(chat).prefill == expected
    response = {"status": "completed", "timings": timings}
    assert OpenAIResponses().whole(response).prefill == expected


def _chat(delta: Json, thought: int) -> list[Json]:
    details = {"completion_tokens_details": {"reasoning_tokens": thought}}
    return [
        {"choices": [{"delta": delta}]},
        {"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"completion_tokens": 9, **details}},
    ]


def _message(kind: str, *deltas: Json) -> list[Json]:
    return [
        {"type": "content_block_start", "index": 0, "content_block": {"type": kind}},
        *({"type": "content_block_delta", "index": 0, "delta": d} for d in deltas),
        {"type": "message_stop"},
    ]


def _response(kind: str, thought: int) -> list[Json]:
    details = {"output_tokens_details": {"reasoning_tokens": thought}}
    whole = {"status": "completed", "usage": {"output_tokens": 9, **details}}
    return [
        {"type": f"response.{kind}.delta", "delta": "hm"},
        {"type": "response.completed", "response": whole},
    ]


@pytest.mark.parametrize(
    ("wire", "events", "is_unseen"),
    [
        (OpenAIChat(), _chat({}, thought=7), True),
        (OpenAIChat(), _chat({}, thought=0), False),
        (OpenAIChat(), _chat({"reasoning_content": "hm"}, thought=7), False),
        (OpenAIChat(), _chat({"reasoning": "hm"}, thought=7), False),
        (AnthropicMessages(), _message("thinking", {"signature": "s"}), True),
        (AnthropicMessages(), _message("redacted_thinking"), True),
        (AnthropicMessages(), _message("thinking", {"thinking": "hm"}), False),
        (AnthropicMessages(), _message("text", {"text": "x"}), False),
        (OpenAIResponses(), _response("output_text", thought=7), True),
        (OpenAIResponses(), _response("reasoning_summary_text", thought=7), True),
        (OpenAIResponses(), _response("reasoning_text", thought=7), False),
        (OpenAIResponses(), _response("output_text", thought=0), False),
    ],
)
def test_thinking_that_is_counted_and_not_streamed_is_noticed(
    wire: Wire, events: list[Json], *, is_unseen: bool
) -> None:
    reader = wire.reader()
    for event in Events().feed(lines(events)):
        reader.take(event)
    assert reader.answer().thinks_unseen == is_unseen


@pytest.mark.parametrize(
    ("arguments", "is_malformed"),
    [
        ('{"a": 1}', False),
        ("", False),
        ("{}", False),
        ('{"a": 1', True),
        ("[]", True),
        ('"text"', True),
        ("ls -l", True),
    ],
)
def test_arguments_that_are_no_object_are_malformed(
    arguments: str, *, is_malformed: bool
) -> None:
    assert ToolCall("bash", arguments).is_malformed == is_malformed


@pytest.mark.parametrize(
    "error",
    [
        {"code": 400, "type": "exceed_context_size_error", "n_ctx": 4096},
        {"code": "context_length_exceeded", "type": "invalid_request_error"},
        {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"},
        {"message": "This model's maximum context length is 8192 tokens."},
    ],
)
def test_servers_say_in_many_words_that_a_conversation_is_too_long(error: Json) -> None:
    assert failure({"error": error}).means is Meaning.OVERFLOW


@pytest.mark.parametrize(
    "error",
    [
        {"code": 400, "type": "invalid_request_error", "message": "no messages"},
        {"code": 500, "type": "server_error", "message": "context is lost"},
        "a string",
        {},
    ],
)
def test_other_errors_are_no_overflow(error: object) -> None:
    found = failure({"error": error})
    assert found.means is not Meaning.OVERFLOW
    assert found.error


@pytest.mark.parametrize("field", [b"data: ", b"error: "])
def test_an_error_in_a_stream_is_read(field: bytes) -> None:
    told = {"code": 500, "message": "out of memory", "type": "server_error"}
    body: object = {"error": told} if field == b"data: " else told
    reader = OpenAIChat().reader()
    for event in Events().feed(field + json.dumps(body).encode() + b"\n\n"):
        reader.take(event)
    assert reader.answer() == Answer(
        error="server_error: out of memory", means=Meaning.BREAKAGE
    )


def test_sampling_is_injected_in_each_protocols_words() -> None:
    sampling = Sampling(temperature=0.25, seed=7, output_tokens=512)
    asked = [wire.ask({"temperature": 1.0}, sampling)[0] for wire in WIRES]
    assert asked == [
        {"temperature": 0.25, "seed": 7, "max_tokens": 512},
        {"temperature": 0.25, "max_tokens": 512},
        {"temperature": 0.25, "max_output_tokens": 512},
    ]
    newer, _ = OpenAIChat().ask({"max_completion_tokens": 9}, sampling)
    assert newer["max_completion_tokens"] == 512
    assert "max_tokens" not in newer


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
def test_nothing_is_injected_that_is_not_set(wire: Wire) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    assert wire.ask(body, AS_WRITTEN) == (body, False)


@pytest.mark.parametrize(
    ("options", "hides"),
    [
        ({"stream": True}, True),
        ({"stream": True, "stream_options": {"include_usage": False}}, True),
        ({"stream": True, "stream_options": {"include_usage": True}}, False),
        ({"stream": False}, False),
        ({}, False),
    ],
)
def test_usage_is_asked_for_where_the_harness_does_not(
    options: Json, *, hides: bool
) -> None:
    body = {**CHAT_REQUEST, "stream_options": None, "stream": None, **options}
    asked, hides_usage = OpenAIChat().ask(body, AS_WRITTEN)
    assert hides_usage == hides
    if options.get("stream"):
        assert asked["stream_options"] == {"include_usage": True}


def test_system_turns_become_part_of_the_users_turn_beside_them() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": "ok"}
    use = {"role": "assistant", "content": [{"type": "tool_use", "id": "t"}]}

    def said(text: str) -> Json:
        return {"type": "text", "text": text}

    messages = [
        {"role": "user", "content": "do it"},
        {"role": "system", "content": "be brief"},
        use,
        {"role": "system", "content": [said("5 files changed")]},
        {"role": "user", "content": [result]},
    ]
    asked, _ = AnthropicMessages().ask({"messages": messages}, AS_WRITTEN)
    assert asked["messages"] == [
        {"role": "user", "content": [said("do it"), said("be brief")]},
        use,
        {"role": "user", "content": [result, said("5 files changed")]},
    ]


def test_the_responses_protocol_begins_with_one_system_text_and_one_turn() -> None:
    def said(role: str, text: str) -> Json:
        content = [{"type": "input_text", "text": text}]
        return {"type": "message", "role": role, "content": content}

    call = {"type": "function_call", "call_id": "1", "name": "sh", "arguments": "{}"}
    out = {"type": "function_call_output", "call_id": "1", "output": "a.py"}
    given = [said("developer", "Be brief."), said("developer", "Ask nobody.")]
    given += [said("user", "You are in /workspace."), said("user", "Mend it.")]
    given += [call, out, said("developer", "Go on.")]
    asked, _ = OpenAIResponses().ask({"input": given}, AS_WRITTEN)
    first, *rest = asked["input"]
    assert asked["instructions"] == "Be brief.\n\nAsk nobody."
    words = [part["text"] for part in first["content"]]
    assert (first["role"], words) == ("user", ["You are in /workspace.", "Mend it."])
    assert rest == [call, out, said("user", "Go on.")]


def test_turns_of_the_user_that_follow_each_other_are_one() -> None:
    said = [
        {"role": "user", "content": "Mend it."},
        {"role": "user", "content": "Ask nobody."},
        {"role": "user", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "Thanks."},
    ]
    asked, _ = OpenAIChat().ask({"messages": said}, AS_WRITTEN)
    first, *rest = asked["messages"]
    words = ["Mend it.\n\nAsk nobody.", "Be brief."]
    assert first["content"] == [{"type": "text", "text": each} for each in words]
    assert rest == said[3:]
    assert OpenAIChat().ask({"messages": rest}, AS_WRITTEN)[0]["messages"] == rest


@pytest.mark.parametrize("given", ["Mend it.", [], None, [{"role": "system"}]])
def test_an_input_without_turns_stays_as_it_is(given: object) -> None:
    body = {"input": given, "instructions": "Be brief."}
    assert OpenAIResponses().ask(body, AS_WRITTEN) == (body, False)


def test_free_text_for_a_tool_is_a_use_of_it_however_it_comes() -> None:
    item = {"type": "custom_tool_call", "name": "apply_patch", "input": ""}
    whole = item | {"input": "*** Begin Patch"}
    done = {"type": "response.completed", "response": {"status": "completed"}}
    events = [{"type": "response.output_item.added", "output_index": 0, "item": item}]
    events += [
        {
            "type": "response.custom_tool_call_input.delta",
            "output_index": 0,
            "delta": delta,
        }
        for delta in ("*** Begin", " Patch")
    ]
    reader = OpenAIResponses().reader()
    for said in (*events, done):
        for event in Events().feed(f"data: {json.dumps(said)}\n\n".encode()):
            reader.take(event)
    (call,) = reader.answer().tool_calls
    assert call == ToolCall("apply_patch", '{"input":"*** Begin Patch"}')
    assert not call.is_malformed
    body = {"status": "completed", "output": [whole]}
    assert OpenAIResponses().whole(body).tool_calls == (call,)


@pytest.mark.parametrize(
    ("blocks", "is_unseen"),
    [
        ([], False),
        ([{"type": "text", "text": "a"}], False),
        ([{"type": "thinking", "thinking": "a"}, {"type": "text"}], False),
        ([{"type": "redacted_thinking"}, {"type": "text", "text": "a"}], True),
        ([{"type": "thinking", "thinking": ""}, {"type": "tool_use"}], True),
        ([{"type": "thinking", "thinking": "a"}, {"type": "redacted_thinking"}], True),
    ],
)
def test_one_block_of_thinking_without_words_is_thinking_unseen(
    blocks: list[Json], *, is_unseen: bool
) -> None:
    answer = AnthropicMessages().whole({"content": blocks, "stop_reason": "end_turn"})
    assert answer.thinks_unseen == is_unseen
