"""One answer comes of a stream, in whatever dialect and however it was cut."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.proxy.wire.anthropic_messages import AnthropicMessages
from runner.proxy.wire.assembly import (
    ASSEMBLIES,
    ChatAssembly,
    MessageAssembly,
    ResponseAssembly,
    assembled,
    error_in,
    said,
    thinking,
)
from runner.proxy.wire.loose import table, tables
from runner.proxy.wire.openai_chat import OpenAIChat
from runner.proxy.wire.sse import Events, StreamEvent
from tests.runner.streams import STREAMS, Json, Stream, chunk, cut, lines, named


def call(
    arguments: object = None,
    name: str | None = None,
    index: int | None = None,
    called: str | None = None,
) -> Json:
    """A part of a call of a tool; what is None is not sent."""
    function = {"name": name, "arguments": arguments}
    part = {"index": index, "id": called}
    return {key: value for key, value in part.items() if value is not None} | {
        "function": {key: value for key, value in function.items() if value is not None}
    }


def message(*deltas: Json) -> Json:
    """The message that comes of them."""
    stream = lines([chunk(delta) for delta in deltas])
    return table(assembled(ChatAssembly(), stream)["choices"][0]["message"])


def used(events: Sequence[Sequence[Json]]) -> list[tuple[str, str]]:
    """Name and arguments of the calls that come of those parts."""
    found = message(*({"tool_calls": list(parts)} for parts in events))
    calls = [table(each["function"]) for each in tables(found.get("tool_calls"))]
    return [(each["name"], each["arguments"]) for each in calls]


TWO = [("bash", '{"p":1}'), ("bash", '{"p":2}')]
DIALECTS: dict[str, list[list[Json]]] = {
    "one index, two ids": [
        [call('{"p":1}', "bash", 0, "a")],
        [call('{"p":2}', "bash", 0, "b")],
    ],
    "one index, no id": [[call('{"p":1}', "bash", 0)], [call('{"p":2}', "bash", 0)]],
    "one index, one id after the other": [
        [call("", "bash", 0, "a")],
        [call('{"p":', None, 0)],
        [call("1}", None, 0)],
        [call("", "bash", 0, "b")],
        [call('{"p":2}', None, 0)],
    ],
    "one index in one event": [
        [call('{"p":1}', "bash", 0), call('{"p":2}', "bash", 0)]
    ],
    "no index, two ids": [
        [call('{"p":1}', "bash", called="a")],
        [call('{"p":2}', "bash", called="b")],
    ],
    "no index, no id": [[call('{"p":1}', "bash")], [call('{"p":2}', "bash")]],
    "no index, all at once": [[call('{"p":1}', "bash"), call('{"p":2}', "bash")]],
    "no index, in pieces": [
        [call("", "bash", called="a")],
        [call('{"p":')],
        [call("1}")],
        [call('{"p"', "bash", called="b")],
        [call(":2}")],
    ],
    "no index, in pieces side by side": [
        [call("", "bash"), call("", "bash")],
        [call('{"p":'), call('{"p":')],
        [call("1}"), call("2}")],
    ],
    "one id for all": [
        [call('{"p":1}', "bash", 0, "call_0")],
        [call('{"p":2}', "bash", 1, "call_0")],
    ],
    "id and name with each piece": [
        [call('{"p":', "bash", 0, "a")],
        [call("1}", "bash", 0, "a")],
        [call('{"p":', "bash", 1, "b")],
        [call("2}", "bash", 1, "b")],
    ],
    "name with each piece, no id": [
        [call("", "bash", 0)],
        [call('{"p":', "bash", 0)],
        [call("1}", "bash", 0)],
        [call('{"p":2}', "bash", 1)],
    ],
    "another id with each piece": [
        [call('{"p":', "bash", 0, "a")],
        [call("1}", None, 0, "b")],
        [call('{"p":2}', "bash", 1, "c")],
    ],
    "name in pieces": [
        [call("", "ba", 0, "a")],
        [call(None, "sh", 0)],
        [call('{"p":1}', None, 0)],
        [call('{"p":2}', "bash", 1)],
    ],
    "index only once it goes on": [
        [call('{"p":', "bash", called="a")],
        [call("1}", None, 0)],
        [call('{"p":2}', "bash", called="b")],
    ],
    "objects": [[call({"p": 1}, "bash", 0)], [call({"p": 2}, "bash", 0)]],
    "all once more at the end": [
        [call("", "bash", 0, "a"), call("", "bash", 1, "b")],
        [call('{"p":1}', None, 0)],
        [call('{"p":1}', None, 0)],
        [call('{"p":2}', None, 1)],
    ],
    "interleaved": [
        [call("", "bash", 0, "a"), call("", "bash", 1, "b")],
        [call('{"p":', None, 1)],
        [call('{"p":', None, 0)],
        [call("2}", None, 1)],
        [call("1}", None, 0)],
    ],
}


@pytest.mark.parametrize("events", DIALECTS.values(), ids=DIALECTS.keys())
def test_two_calls_of_tools_stay_two_in_whatever_dialect(
    events: list[list[Json]],
) -> None:
    assert used(events) == TWO


def test_calls_of_different_tools_are_never_joined() -> None:
    pair = [call("", "pwd"), call("", "ls")]
    assert used([pair]) == used([[part] for part in pair]) == [("pwd", ""), ("ls", "")]
    cut_off = [[call('{"p', "bash", 0)], [call("{}", "read", 0)]]
    assert used(cut_off) == [("bash", '{"p'), ("read", "{}")]


def test_a_name_that_was_told_is_not_a_call_of_its_own() -> None:
    assert used([[call("{}", "bash", 0)], [call("", "bash", 0)]]) == [("bash", "{}")]
    assert used([[call("", "ba", 0)], [call("{}", "bash", 0)]]) == [("bash", "{}")]
    begun = [[{"index": 1, "id": "b"}], [call("{}", "bash", 1)]]
    assert used([[call("{}", "bash", 0, "a")], *begun]) == [("bash", "{}")] * 2


def test_what_a_call_carries_besides_is_kept() -> None:
    signed = call("{}", "bash") | {"extra_content": {"google": {"s": "1"}}, "type": ""}
    alone: Json = {"extra_content": {"google": {"s": "2"}}}
    (known,) = message({"tool_calls": [signed]})["tool_calls"]
    assert known["extra_content"] == signed["extra_content"]
    (known,) = message({"tool_calls": [signed]}, {"tool_calls": [alone]})["tool_calls"]
    assert known["extra_content"] == alone["extra_content"]
    assert known["function"] == {"name": "bash", "arguments": "{}"}


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        ([{"reasoning_content": "a "}, {"reasoning_content": "b"}], "a b"),
        ([{"reasoning": "a "}, {"reasoning": "b"}], "a b"),
        ([{"thinking": "a "}, {"thinking": "b"}], "a b"),
        # Both names of it, with the same words.
        ([{"reasoning": "a b", "reasoning_content": "a b"}], "a b"),
        (
            [
                {"reasoning_details": [{"type": "reasoning.text", "text": "a "}]},
                {"reasoning_details": [{"type": "reasoning.text", "text": "b"}]},
                {"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]},
            ],
            "a b",
        ),
        ([{"reasoning_details": [{"type": "reasoning.summary", "summary": "a"}]}], "a"),
        (
            [
                {"thinking_blocks": [{"type": "thinking", "thinking": "a "}]},
                {"thinking_blocks": [{"type": "thinking", "thinking": "b"}]},
                {"thinking_blocks": [{"type": "thinking", "signature": "s"}]},
            ],
            "a b",
        ),
        (
            [
                {"content": [{"type": "thinking", "thinking": [{"text": "a "}]}]},
                {"content": [{"type": "thinking", "thinking": [{"text": "b"}]}]},
                {"content": [{"type": "text", "text": "x"}]},
                {"content": "y"},
            ],
            "a b",
        ),
        ([{"content": "no thought"}], ""),
    ],
)
def test_thinking_is_read_under_every_name(deltas: list[Json], expected: str) -> None:
    assert thinking(message(*deltas)) == expected


def test_parts_of_a_list_grow_and_their_signatures_stay() -> None:
    details = "reasoning_details"
    first = {"type": "reasoning.text", "index": 0, "text": "a "}
    second = {"type": "reasoning.text", "index": 0, "text": "b", "signature": "s"}
    other = {"type": "reasoning.encrypted", "index": 0, "id": "1", "data": "x"}
    found = message(*({details: [part]} for part in (first, second, other)))
    assert found[details] == [first | second | {"text": "a b"}, other]
    text = message({"content": "a"}, {"content": [{"type": "text", "text": "b"}]})
    assert text["content"] == [{"type": "text", "text": "ab"}]


def test_a_message_of_blocks_comes_back_whole() -> None:
    """Thinking with its signature among them, as the vendor wants to see it again."""
    start = {"type": "content_block_start"}
    delta = {"type": "content_block_delta"}
    use = {"type": "tool_use", "id": "t", "name": "Bash", "input": {}}
    events: list[Json] = [
        {"type": "message_start", "message": {"usage": {"input_tokens": 5}}},
        {**start, "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {**delta, "index": 0, "delta": {"type": "thinking_delta", "thinking": "a"}},
        {**delta, "index": 0, "delta": {"type": "signature_delta", "signature": "s"}},
        {**start, "index": 1, "content_block": {"type": "redacted_thinking"}},
        {**start, "index": 2, "content_block": use},
        {**delta, "index": 2, "delta": {"partial_json": '{"p":'}},
        {**delta, "index": 2, "delta": {"partial_json": "1}"}},
        # The same index once more is another block.
        {**start, "index": 2, "content_block": use | {"id": "u"}},
        {**delta, "index": 2, "delta": {"partial_json": '{"p":2}'}},
        {**start, "index": 3, "content_block": use | {"id": "v", "input": {"p": 3}}},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
        {"type": "message_delta", "delta": {}},
    ]
    body = assembled(MessageAssembly(), named(events))
    assert body["stop_reason"] == "tool_use"
    assert body["content"][:2] == [
        {"type": "thinking", "thinking": "a", "signature": "s"},
        {"type": "redacted_thinking"},
    ]
    answer = AnthropicMessages().whole(body)
    assert [(tool.name, tool.arguments) for tool in answer.tool_calls] == [
        ("Bash", '{"p":1}'),
        ("Bash", '{"p":2}'),
        ("Bash", '{"p":3}'),
    ]


def test_blocks_that_nobody_began_are_read_all_the_same() -> None:
    deltas = [{"thinking": "a"}, {"text": "b"}, {"text": "c"}, {"partial_json": "{"}]
    events: list[Json] = [
        {"type": "content_block_delta", "delta": delta} for delta in deltas
    ]
    assert assembled(MessageAssembly(), named(events))["content"] == [
        {"type": "thinking", "thinking": "a"},
        {"type": "text", "text": "bc"},
    ]


def test_half_a_response_tells_what_has_come() -> None:
    item = {"type": "function_call", "name": "bash"}
    events: list[Json] = [
        {"type": "response.created", "response": {"status": "in_progress"}},
        {"type": "response.reasoning_summary_text.delta", "delta": "a"},
        {"type": "response.output_text.delta", "delta": "b"},
        {"type": "response.output_text.delta", "delta": "c"},
        {"type": "response.output_item.added", "item": item},
        {"type": "response.function_call_arguments.delta", "delta": '{"p"'},
        {"type": "response.function_call_arguments.delta", "delta": ":1}"},
    ]
    assembly = ResponseAssembly()
    outputs = [assembly.take(event) for event in events]
    assert outputs == [False, True, True, True, False, True, True]
    thought, text, use = assembly.body["output"]
    assert thought["summary"] == [{"text": "a"}]
    assert text["content"] == [{"text": "bc"}]
    assert (use["name"], use["arguments"]) == ("bash", '{"p":1}')


def test_an_answer_in_one_piece_is_left_as_it_is() -> None:
    whole = {"id": "1", "choices": [{"message": {"content": "a"}, "index": 0}]}
    for assembly in (ChatAssembly(), MessageAssembly(), ResponseAssembly()):
        assert assembled(assembly, json.dumps(whole, indent=1).encode()) == whole
        assert not assembly.is_done


def test_the_end_that_is_announced_is_known_and_stays() -> None:
    chat, message = ChatAssembly(), MessageAssembly()
    for assembly, end in (
        (chat, said(StreamEvent(b"data: [DONE]\n\n"))),
        (message, {"type": "message_stop"}),
    ):
        assembly.take({"type": "ping"})
        assert not assembly.is_done
        assembly.take(end)
        assert assembly.is_done
        assembly.take({"type": "ping"})
        assert assembly.is_done


REASON: Json = {"status": "failed", "id": "r", "object": "response"}


@pytest.mark.parametrize(
    ("event", "body"),
    [
        (
            {
                "type": "response.completed",
                "response": {"id": "r"},
                "timings": {"n": 1},
            },
            {"id": "r", "timings": {"n": 1}},
        ),
        (
            {"type": "response.incomplete", "response": {"id": "r", "usage": {"n": 1}}},
            {"id": "r", "usage": {"n": 1}, "timings": None},
        ),
        (
            {"type": "response.failed", "response": REASON | {"error": "why"}},
            {"error": "why"},
        ),
        ({"type": "response.failed", "response": REASON}, {"error": REASON}),
        ({"type": "response.failed"}, {"error": {"type": "response.failed"}}),
        (
            {"type": "error", "message": "why"},
            {"error": {"type": "error", "message": "why"}},
        ),
        # All in one piece, though a stream was asked for.
        (
            {"object": "response", "status": "completed"},
            {"object": "response", "status": "completed"},
        ),
        ({"type": "response.in_progress", "response": {"id": "r"}}, {}),
    ],
)
def test_a_response_ends_in_whatever_its_last_event_holds(
    event: Json, body: Json
) -> None:
    assembly = ResponseAssembly()
    assert assembly.take(event) is False
    assert assembly.body == body | {"shows_thinking": False}


ERRORS: list[tuple[bytes, object]] = [
    (b'data: {"error": {"message": "x"}}', {"message": "x"}),
    (b'data: {"error": "x"}', "x"),
    (b'data: {"error": "x", "choices": []}', "x"),
    (b'error: {"message": "x"}', {"message": "x"}),
    (b'event: error\ndata: {"message": "x"}', {"message": "x"}),
    (b'event: error\r\ndata: {"error": {"message": "x"}}', {"message": "x"}),
    (b"event: error\ndata: upstream connect error", "upstream connect error"),
    (b'data: {"type": "error", "message": "x"}', {"type": "error", "message": "x"}),
    (b'data: {"object": "error", "message": "x"}', {"object": "error", "message": "x"}),
    (b'data: {"errors": ["x"]}', {"errors": ["x"]}),
    (b'data: {"detail": "x"}', {"detail": "x"}),
    (b'data: {"message": "x"}', {"message": "x"}),
    (b'data: {"fault": {"faultstring": "x"}}', {"fault": {"faultstring": "x"}}),
    (
        b'data: {"base_resp": {"status_code": 1004, "status_msg": "x"}, "choices": []}',
        {"status_code": 1004, "status_msg": "x"},
    ),
    (b'data: {"choices": [{"delta', 'no JSON: {"choices": [{"delta'),
    (b'{"error": {"message": "x"}}', {"message": "x"}),
]


@pytest.mark.parametrize(("raw", "expected"), ERRORS)
def test_an_error_in_a_stream_is_known_by_whatever_name(
    raw: bytes, expected: object
) -> None:
    assert error_in(said(StreamEvent(raw + b"\n\n"))) == expected
    stream = lines([chunk({"content": "a"})]) + raw + b"\n\ndata: [DONE]\n\n"
    answer = OpenAIChat().whole(assembled(ChatAssembly(), stream))
    assert answer.error
    assert not answer.is_complete


@pytest.mark.parametrize(
    "raw",
    [
        b'data: {"choices": [{"delta": {"content": "x"}}]}',
        b'data: {"choices": [], "base_resp": {"status_code": 0, "status_msg": ""}}',
        b'data: {"type": "ping"}',
        b'data: {"error": null, "message": "x", "choices": []}',
        b'data: {"usage": {"total_tokens": 1}, "detail": "low"}',
        b'event: ping\ndata: {"type": "ping"}',
        b": OPENROUTER PROCESSING",
        b"data: ",
        b"data: keep-alive",
        b"data: [DONE]",
        b"id: 1",
    ],
)
def test_what_is_no_error_is_taken_for_none(raw: bytes) -> None:
    assert error_in(said(StreamEvent(raw + b"\n\n"))) is None


ENDS = st.sampled_from(["\n", "\r\n", "\r"])
BETWEEN = st.sampled_from(["", ": ping", "event: message", "id: 7", "retry: 3"])


@given(
    stream=st.sampled_from(STREAMS),
    end=ENDS,
    between=BETWEEN,
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
    places=st.lists(st.integers(0, 10_000), max_size=40),
    several=st.booleans(),
)
def test_the_same_answer_comes_of_every_way_to_write_the_events(
    *,
    stream: Stream,
    end: str,
    between: str,
    mark: bytes,
    places: list[int],
    several: bool,
) -> None:
    events: list[str] = []
    for event in Events().feed(stream.raw):
        data = event.field("data")
        if data is None:
            continue
        value = data.decode()
        if several and value.startswith("{"):
            # A value may stand in several lines.
            value = json.dumps(json.loads(value), indent=1, ensure_ascii=False)
        written = [f"data:{line}" for line in value.split("\n")]
        events.append(end.join(filter(None, [between, *written])))
    raw = mark + "".join(event + end * 2 for event in events).encode()
    parts, reader = Events(), stream.wire.reader()
    for part in cut(raw, places):
        for found in parts.feed(part):
            reader.take(found)
    reader.take(StreamEvent(parts.rest()))
    assert reader.answer() == stream.answer
    assert reader.pieces == stream.pieces
    whole = assembled(ASSEMBLIES[stream.wire.name](), raw)
    assert stream.wire.whole(whole).tool_calls == stream.answer.tool_calls


def test_a_long_answer_is_put_together_once() -> None:
    assembly = ChatAssembly()
    pieces = 100_000
    part: Json = {"choices": [{"delta": {"content": "x" * 100}}]}
    assert sum(assembly.take(part) for _ in range(pieces)) == pieces
    text = assembly.body["choices"][0]["message"]["content"]
    assert len(text) == 100 * pieces


def test_arguments_that_grow_with_each_part_are_the_last_of_them() -> None:
    grown = [call('{"com', "bash", 0, "a"), call('{"command":', index=0)]
    whole = call('{"command":"ls"}', index=0)
    assert used([*([part] for part in grown), [whole]]) == [
        ("bash", '{"command":"ls"}')
    ]
    first = [[call("{}", "bash", 0, "a")], [call('{"command":"ls"}', index=0)]]
    assert used(first) == [("bash", '{"command":"ls"}')]


def test_a_call_under_its_older_name_is_one() -> None:
    parts = [{"name": "bash"}, {"arguments": '{"p"'}, {"arguments": ":1}"}]
    found = message(*({"function_call": part} for part in parts))
    (made,) = tables(found["tool_calls"])
    assert made["function"] == {"name": "bash", "arguments": '{"p":1}'}
    whole = {"finish_reason": "function_call", "message": {"function_call": parts[0]}}
    answer = OpenAIChat().whole({"choices": [whole]})
    assert [each.name for each in answer.tool_calls] == ["bash"]


def test_parts_of_two_calls_of_a_response_belong_to_their_places() -> None:
    assembly = ResponseAssembly()
    kind = "response.function_call_arguments"
    for place in (0, 1):
        item = {"type": "function_call", "name": f"n{place}", "arguments": ""}
        added = {"type": "response.output_item.added", "output_index": place}
        assembly.take({**added, "item": item})
    for place in (0, 1, 0, 1):
        assembly.take({"type": f"{kind}.delta", "output_index": place, "delta": "12"})
    done = {"type": f"{kind}.done", "output_index": 1, "arguments": "{}"}
    assembly.take(done)
    assert [each["arguments"] for each in assembly.body["output"]] == ["1212", "{}"]
