"""The log of calls, read back as a conversation, in each protocol."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.judging.transcript import read_transcript
from runner.proxy.wire.conversation import Message
from runner.proxy.wire.wire import ToolCall

SYSTEM = Message(role="system", text="Be brief.")
USER = Message(role="user", text="Mend it.")
CALL = ToolCall("bash", '{"command": "ls"}')
RESULT = Message(role="tool", text="a.py")


def _line(protocol: str, request: object, response: str, **more: Any) -> str:  # noqa: ANN401 - any field
    return json.dumps(
        {
            "number": 1,
            "protocol": protocol,
            "outcome": "answered",
            "started_s": 0.5,
            "first_token_s": 0.6,
            "ended_s": 1,
            "tokens_in": 10,
            "tokens_out": 2,
            **more,
            "response": response,
            "request": request,
        }
    )


def _stream(*data: object) -> str:
    return "".join(f"data: {json.dumps(each)}\n\n" for each in data)


_TOOLS = [{"name": "bash", "arguments": '{"command": "ls"}', "is_malformed": False}]

CHAT = (
    _line(
        "openai_chat",
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "Mend it."}]},
            ]
        },
        _stream(
            {"choices": [{"delta": {"reasoning_content": "Look"}}]},
            {"choices": [{"delta": {"content": "I "}}]},
            {"choices": [{"delta": {"content": "look."}}]},
        )
        + "data: [DONE]\n\n",
        tool_calls=_TOOLS,
    ),
    _line(
        "openai_chat",
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "Mend it."}]},
                {
                    "role": "assistant",
                    "content": "I look.",
                    "tool_calls": [
                        {"function": {"name": "bash", "arguments": CALL.arguments}}
                    ],
                },
                {"role": "tool", "tool_call_id": "1", "content": "a.py"},
            ]
        },
        json.dumps({"choices": [{"message": {"content": "Done."}}]}),
    ),
)
ANTHROPIC = (
    _line(
        "anthropic_messages",
        {
            "system": [{"type": "text", "text": "Be brief."}],
            "messages": [{"role": "user", "content": "Mend it."}],
        },
        _stream(
            {"type": "content_block_delta", "delta": {"thinking": "Look"}},
            {"type": "content_block_delta", "delta": {"text": "I "}},
            {"type": "content_block_delta", "delta": {"text": "look."}},
            {"type": "content_block_delta", "delta": {"partial_json": "{}"}},
        ),
        tool_calls=_TOOLS,
    ),
    _line(
        "anthropic_messages",
        {
            "system": [{"type": "text", "text": "Be brief."}],
            "messages": [
                {"role": "user", "content": "Mend it."},
                {
                    "role": "assistant",
                    "content": [
                        {"type": "text", "text": "I look."},
                        {
                            "type": "tool_use",
                            "name": "bash",
                            "input": {"command": "ls"},
                        },
                    ],
                },
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "tool_result",
                            "content": [{"type": "text", "text": "a.py"}],
                        }
                    ],
                },
            ],
        },
        json.dumps({"content": [{"type": "text", "text": "Done."}]}),
    ),
)
RESPONSES = (
    _line(
        "openai_responses",
        {"instructions": "Be brief.", "input": "Mend it."},
        _stream(
            {"type": "response.reasoning_summary_text.delta", "delta": "Look"},
            {"type": "response.output_text.delta", "delta": "I look."},
            {"type": "response.function_call_arguments.delta", "delta": "{}"},
        ),
        tool_calls=_TOOLS,
    ),
    _line(
        "openai_responses",
        {
            "instructions": "Be brief.",
            "input": [
                {"type": "message", "role": "user", "content": "Mend it."},
                {"type": "reasoning", "summary": [{"text": "Look"}]},
                {"type": "function_call", "name": "bash", "arguments": CALL.arguments},
                {"type": "function_call_output", "output": "a.py"},
            ],
        },
        json.dumps(
            {
                "output": [
                    {
                        "type": "message",
                        "role": "assistant",
                        "content": [{"type": "output_text", "text": "Done."}],
                    }
                ]
            }
        ),
    ),
)


@pytest.mark.parametrize("log", [CHAT, ANTHROPIC, RESPONSES])
def test_a_conversation_is_the_same_in_each_protocol(log: tuple[str, ...]) -> None:
    first, second = read_transcript([line.encode() for line in log])
    assert first.new == (SYSTEM, USER)
    assert first.answer == Message(
        role="assistant", text="I look.", thinking="Look", tools=(CALL,)
    )
    assert second.new == (RESULT,)
    assert second.answer == Message(role="assistant", text="Done.")
    assert (first.started_s, first.first_token_s, first.ended_s) == (0.5, 0.6, 1.0)
    assert (first.tokens_in, first.tokens_cached, first.tokens_out) == (10, None, 2)


def test_a_conversation_beside_another_is_shown_from_its_beginning() -> None:
    aside = _line(
        "openai_chat",
        {"messages": [{"role": "user", "content": "A title, please."}]},
        json.dumps({"choices": [{"message": {"content": "Title"}}]}),
    )
    _, beside, goes_on = read_transcript(
        [line.encode() for line in (CHAT[0], aside, CHAT[1])]
    )
    assert beside.new == (Message(role="user", text="A title, please."),)
    assert goes_on.new == (RESULT,)


def test_half_a_line_is_passed_over() -> None:
    log = "\n".join(CHAT).encode()
    assert len(read_transcript(log[:-10].split(b"\n"))) == 1
    assert read_transcript([]) == ()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["request", "response", "messages", "role", "content", "tool_calls"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
    st.sampled_from(["openai_chat", "anthropic_messages", "openai_responses", ""]),
)
def test_no_line_however_strange_is_an_error(value: object, protocol: str) -> None:
    line = {"protocol": protocol, "request": value, "response": value}
    for each in (value, line):
        read_transcript([json.dumps(each).encode()])
