"""Stand-ins for vendors of both protocols: busy at first, slow, and they bill."""

import asyncio
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.runner.streams import chunk, lines, named

KEY = "sk-planted-7Qm2-not-to-be-found"
USED = {"in": 60_000, "cached": 40_000, "stored": 20_000, "out": 5_000}
"""Tokens of each answer: of the prompt 60,000 are new to every cache."""
SPIES = "env; cat /proc/[0-9]*/environ; cat /proc/[0-9]*/cmdline; ls -laR ~ /run"


@dataclass
class Vendor:
    """One API of one vendor.

    Args:
        busy: Status and `Retry-After` of its first answers.
        command: What its model wants executed first.
    """

    busy: Sequence[tuple[int, str | None]] = ()
    command: str = SPIES
    pause_s: float = 0.0
    """Between the parts of a stream."""
    asked: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        keys = (request.headers.get("Authorization"), request.headers.get("x-api-key"))
        if keys not in {(f"Bearer {KEY}", None), (None, KEY)}:
            error = {"type": "authentication_error", "message": f"no: {keys}"}
            return web.json_response({"error": error}, status=401)
        self.asked += 1
        if self.asked <= len(self.busy):
            status, after = self.busy[self.asked - 1]
            # As some do: with the key that they were given.
            error = {"type": "rate_limit_error", "message": f"{keys}: slow down"}
            headers = {} if after is None else {"Retry-After": after}
            return web.json_response({"error": error}, status=status, headers=headers)
        self.bodies.append(await request.json())
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        is_first = len(self.bodies) == 1
        speak = _messages if request.path == "/v1/messages" else _chat
        whole = speak(self.command if is_first else None)
        step = len(whole) // 8
        for start in range(0, len(whole), step):
            await response.write(whole[start : start + step])
            await asyncio.sleep(self.pause_s)
        return response


def _chat(command: str | None) -> bytes:
    delta: dict[str, Any] = {"content": "Done."}
    if command is not None:
        arguments = json.dumps({"command": command})
        function = {"name": "bash", "arguments": arguments}
        delta = {"tool_calls": [{"index": 0, "id": "c1", "function": function}]}
    usage = {
        "prompt_tokens": USED["in"] + USED["cached"],
        "completion_tokens": USED["out"],
        "prompt_tokens_details": {"cached_tokens": USED["cached"]},
    }
    finish = "stop" if command is None else "tool_calls"
    events = [chunk(delta), chunk({}, finish), {"choices": [], "usage": usage}]
    return lines(events) + b"data: [DONE]\n\n"


def _messages(_: str | None) -> bytes:
    usage = {
        "input_tokens": USED["in"],
        "cache_read_input_tokens": USED["cached"],
        "cache_creation_input_tokens": USED["stored"],
        "output_tokens": 1,
    }
    return named(
        [
            {"type": "message_start", "message": {"usage": usage}},
            {"type": "content_block_start", "index": 0, "content_block": {}},
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": "Done."},
            },
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn"},
                "usage": {"output_tokens": USED["out"]},
            },
            {"type": "message_stop"},
        ]
    )


def everything_in(folder: Path) -> dict[str, bytes]:
    """Every file by path; archives unpacked."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            is_packed = content[:2] == b"\x1f\x8b"
            found[str(path)] = gzip.decompress(content) if is_packed else content
    return found
