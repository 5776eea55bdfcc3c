"""Streams as the servers of the three protocols send them, with what they tell."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from runner.proxy.wire.anthropic_messages import AnthropicMessages
from runner.proxy.wire.openai_chat import OpenAIChat
from runner.proxy.wire.openai_responses import OpenAIResponses
from runner.proxy.wire.wire import Answer, ToolCall, Wire
from tests.runner.recorded.record import COMMON, REQUESTS

Json = dict[str, Any]


@dataclass(frozen=True)
class Stream:
    """One answer, and what a reader has to find in it."""

    name: str
    path: str
    wire: Wire
    request: Json
    raw: bytes
    answer: Answer
    pieces: int


def lines(events: Iterable[Json], end: str = "\n") -> bytes:
    return b"".join(
        b"data: " + json.dumps(event, ensure_ascii=False).encode() + (end * 2).encode()
        for event in events
    )


def named(events: Iterable[Json]) -> bytes:
    return b"".join(
        f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
        for event in events
    )


def chunk(delta: Json, finish: str | None = None, **more: object) -> Json:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"object": "chat.completion.chunk", "choices": [choice], **more}


CHAT_REQUEST = {
    "model": "m",
    "messages": [{"role": "user", "content": "Hallo, Welt"}],
    "stream": True,
    "stream_options": {"include_usage": True},
}
USAGE = {
    "prompt_tokens": 120,
    "completion_tokens": 9,
    "total_tokens": 129,
    "prompt_tokens_details": {"cached_tokens": 100},
}

OPENAI = Stream(
    name="openai",
    path="/v1/chat/completions",
    wire=OpenAIChat(),
    request=CHAT_REQUEST,
    raw=lines(
        [
            chunk({"role": "assistant", "content": ""}, usage=None),
            chunk({"content": "Grüße – 你好 "}, usage=None),
            chunk({"content": "\u2028\r\n\r\n{}"}, usage=None),
            chunk({}, "stop", usage=None),
            {"choices": [], "usage": USAGE},
        ]
    )
    + b"data: [DONE]\n\n",
    answer=Answer(
        tokens_in=120, tokens_cached=100, tokens_out=9, finish="stop", is_complete=True
    ),
    pieces=2,
)

LLAMA = Stream(
    name="llama-server",
    path="/v1/chat/completions",
    wire=OpenAIChat(),
    request=CHAT_REQUEST,
    raw=b": ping\n\n"
    + lines(
        [
            chunk({"role": "assistant", "content": None}),
            chunk({"reasoning_content": "hm"}),
            chunk(
                {
                    "tool_calls": [
                        {
                            "index": 0,
                            "id": "a",
                            "type": "function",
                            "function": {"name": "bash", "arguments": "{"},
                        }
                    ]
                }
            ),
            chunk(
                {"tool_calls": [{"index": 0, "function": {"arguments": '"command":'}}]}
            ),
            chunk({"tool_calls": [{"index": 0, "function": {"arguments": '"ls"}'}}]}),
            chunk(
                {
                    "tool_calls": [
                        {
                            "index": 1,
                            "id": "b",
                            "function": {"name": "read", "arguments": '{"path": "a'},
                        }
                    ]
                }
            ),
            chunk({}, "tool_calls"),
            {
                "choices": [],
                "usage": {"prompt_tokens": 50, "completion_tokens": 12},
                "timings": {"cache_n": 31, "prompt_n": 19, "predicted_n": 12},
            },
        ],
        "\r\n",
    )
    + b"data: [DONE]\r\n\r\n",
    answer=Answer(
        tokens_in=50,
        tokens_cached=31,
        tokens_out=12,
        finish="tool_calls",
        tool_calls=(
            ToolCall("bash", '{"command":"ls"}'),
            ToolCall("read", '{"path": "a'),
        ),
        is_complete=True,
    ),
    pieces=5,
)

ANTHROPIC = Stream(
    name="anthropic",
    path="/v1/messages?beta=true",
    wire=AnthropicMessages(),
    request={
        "model": "m",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hallo"}],
        "stream": True,
    },
    raw=named(
        [
            {
                "type": "message_start",
                "message": {
                    "role": "assistant",
                    "usage": {
                        "input_tokens": 7,
                        "cache_creation_input_tokens": 20,
                        "cache_read_input_tokens": 300,
                        "output_tokens": 1,
                    },
                },
            },
            {
                "type": "content_block_start",
                "index": 0,
                "content_block": {"type": "text", "text": ""},
            },
            {"type": "ping"},
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": "Grüße"},
            },
            {"type": "content_block_stop", "index": 0},
            {
                "type": "content_block_start",
                "index": 1,
                "content_block": {
                    "type": "tool_use",
                    "id": "t",
                    "name": "Write",
                    "input": {},
                },
            },
            {
                "type": "content_block_delta",
                "index": 1,
                "delta": {"type": "input_json_delta", "partial_json": '{"file_'},
            },
            {
                "type": "content_block_delta",
                "index": 1,
                "delta": {"type": "input_json_delta", "partial_json": 'path": "/a"}'},
            },
            {"type": "content_block_stop", "index": 1},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "tool_use", "stop_sequence": None},
                "usage": {"output_tokens": 33},
            },
            {"type": "message_stop"},
        ]
    ),
    answer=Answer(
        tokens_in=327,
        tokens_cached=300,
        tokens_stored=20,
        tokens_out=33,
        finish="tool_use",
        tool_calls=(ToolCall("Write", '{"file_path": "/a"}'),),
        is_complete=True,
    ),
    pieces=3,
)

_RESPONSE = {
    "object": "response",
    "status": "completed",
    "error": None,
    "output": [
        {"type": "message", "content": [{"type": "output_text", "text": "Hallo"}]},
        {"type": "function_call", "name": "shell", "arguments": '{"command":"ls"}'},
    ],
    "usage": {
        "input_tokens": 80,
        "input_tokens_details": {"cached_tokens": 64},
        "output_tokens": 21,
        "total_tokens": 101,
    },
}
RESPONSES = Stream(
    name="responses",
    path="/v1/responses",
    wire=OpenAIResponses(),
    request={"model": "m", "input": "Hallo", "stream": True},
    raw=named(
        [
            {"type": "response.created", "response": {"status": "in_progress"}},
            {"type": "response.output_text.delta", "delta": "Hal"},
            {"type": "response.output_text.delta", "delta": "lo"},
            {"type": "response.function_call_arguments.delta", "delta": "{}"},
            {"type": "response.completed", "response": _RESPONSE},
        ]
    ),
    answer=Answer(
        tokens_in=80,
        tokens_cached=64,
        tokens_out=21,
        finish="completed",
        tool_calls=(ToolCall("shell", '{"command":"ls"}'),),
        is_complete=True,
    ),
    pieces=3,
)


def recorded(
    name: str, wire: Wire, answer: Answer, *, finish: str, pieces: int
) -> Stream:
    """What a real llama-server sent, with the numbers that it counted itself."""
    path, body = REQUESTS[name]
    return Stream(
        name=name,
        path=path,
        wire=wire,
        request={**COMMON, **body},
        raw=(Path(__file__).parent / "recorded" / f"{name}.sse").read_bytes(),
        answer=replace(answer, finish=finish, is_complete=True),
        pieces=pieces,
    )


_CALL = ToolCall("write", '{"path": "five.txt", "content": "hello"}')
_TEXT = Answer(tokens_in=33, tokens_cached=28, tokens_out=12)
_TOOL = Answer(tokens_in=550, tokens_cached=545, tokens_out=40, tool_calls=(_CALL,))
# llama-server tells no timings over Anthropic's protocol.
RECORDED = (
    recorded(
        "chat_text",
        OpenAIChat(),
        replace(_TEXT, tokens_cached=0, prefill=(33, 106.587)),
        finish="length",
        pieces=12,
    ),
    recorded(
        "chat_tool",
        OpenAIChat(),
        replace(_TOOL, tokens_cached=1, prefill=(549, 1729.34)),
        finish="length",
        pieces=21,
    ),
    recorded(
        "messages_text", AnthropicMessages(), _TEXT, finish="max_tokens", pieces=12
    ),
    recorded(
        "messages_tool", AnthropicMessages(), _TOOL, finish="max_tokens", pieces=21
    ),
    recorded(
        "responses_text",
        OpenAIResponses(),
        replace(_TEXT, prefill=(5, 28.698)),
        finish="completed",
        pieces=12,
    ),
    recorded(
        "responses_tool",
        OpenAIResponses(),
        replace(_TOOL, prefill=(5, 42.628)),
        finish="completed",
        pieces=21,
    ),
)

STREAMS = (OPENAI, LLAMA, ANTHROPIC, RESPONSES, *RECORDED)


def cut(raw: bytes, places: Iterable[int]) -> list[bytes]:
    """The same bytes in parts."""
    ends = sorted({place % (len(raw) + 1) for place in places} | {0, len(raw)})
    return [raw[start:end] for start, end in pairwise(ends)]
