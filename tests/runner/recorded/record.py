"""Records what a real llama-server streams, in all three protocols, for the tests.

    llama-server --model gemma-3-270m-q4_k_m.gguf --alias gemma-3-270m --jinja \
        --chat-template-file tests/llama/strict.jinja --parallel 1 --port 8080
    python3 tests/runner/recorded/record.py http://127.0.0.1:8080

Texts with letters beyond ASCII, and calls of a tool: so small a model makes them when
the conversation is full of such calls. The numbers in `tests/runner/streams.py` are
those that the server printed when these files were made.
"""

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]

HELLO: Final = "Grüße an die Welt, 你好"
NAMES: Final = ("one", "two", "three", "four")
SCHEMA: Final[Json] = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
    "required": ["path", "content"],
}
LAST: Final[Json] = {"role": "user", "content": "write hello to five.txt"}


def asked(name: str) -> Json:
    return {"role": "user", "content": f"write hello to {name}.txt"}


def arguments(name: str) -> Json:
    return {"path": f"{name}.txt", "content": "hello"}


def chat() -> list[Json]:
    turns: list[Json] = []
    for name in NAMES:
        function = {"name": "write", "arguments": json.dumps(arguments(name))}
        call = {"id": name, "type": "function", "function": function}
        turns += [
            asked(name),
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": name, "content": "done"},
            {"role": "assistant", "content": "done"},
        ]
    return [*turns, LAST]


def messages() -> list[Json]:
    turns: list[Json] = []
    for name in NAMES:
        call = {
            "type": "tool_use",
            "id": name,
            "name": "write",
            "input": arguments(name),
        }
        done = {"type": "tool_result", "tool_use_id": name, "content": "done"}
        turns += [
            asked(name),
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [done]},
            {"role": "assistant", "content": "done"},
        ]
    return [*turns, LAST]


def responses() -> list[Json]:
    turns: list[Json] = []
    for name in NAMES:
        call = {"name": "write", "arguments": json.dumps(arguments(name))}
        text = {"type": "output_text", "text": "done", "annotations": []}
        turns += [
            asked(name),
            {"type": "function_call", "call_id": name, **call},
            {"type": "function_call_output", "call_id": name, "output": "done"},
            {
                "type": "message",
                "id": name,
                "role": "assistant",
                "status": "completed",
                "content": [text],
            },
        ]
    return [*turns, LAST]


COMMON: Final[Json] = {"model": "m", "stream": True, "temperature": 0}
TOOL: Final[Json] = {"name": "write", "description": "Writes a file."}
REQUESTS: Final[dict[str, tuple[str, Json]]] = {
    "chat_text": (
        "/v1/chat/completions",
        {
            "messages": [{"role": "user", "content": HELLO}],
            "max_tokens": 12,
            "stream_options": {"include_usage": True},
        },
    ),
    "chat_tool": (
        "/v1/chat/completions",
        {
            "messages": chat(),
            "max_tokens": 40,
            "stream_options": {"include_usage": True},
            "tools": [{"type": "function", "function": {**TOOL, "parameters": SCHEMA}}],
        },
    ),
    "messages_text": (
        "/v1/messages",
        {"messages": [{"role": "user", "content": HELLO}], "max_tokens": 12},
    ),
    "messages_tool": (
        "/v1/messages",
        {
            "messages": messages(),
            "max_tokens": 40,
            "tools": [{**TOOL, "input_schema": SCHEMA}],
        },
    ),
    "responses_text": ("/v1/responses", {"input": HELLO, "max_output_tokens": 12}),
    "responses_tool": (
        "/v1/responses",
        {
            "input": responses(),
            "max_output_tokens": 40,
            "tools": [{"type": "function", **TOOL, "parameters": SCHEMA}],
        },
    ),
}
"""Path and request, by the name of the file."""


def main(server: str) -> None:
    for name, (path, body) in REQUESTS.items():
        request = urllib.request.Request(  # noqa: S310 - a server of our own
            server + path,
            json.dumps({**COMMON, **body}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
            Path(__file__).with_name(f"{name}.sse").write_bytes(answer.read())


if __name__ == "__main__":
    main(sys.argv[1])
