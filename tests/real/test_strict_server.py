"""Every harness works with a server that refuses all that it does not know."""

import asyncio
import csv
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from runner.models.script import Script
from runner.models.scripted import Scripted, ScriptedEndpoint
from runner.tasks import read_packs
from tests.runs import PRACTICE, run_command

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

RUN = """\
[run]
name = "strict"
packs = ["{packs}"]
tasks = ["p1_page_ranges"]
attempts = 1

[limits]
agent_s = 240

[[model]]
name = "scripted-oracle"
base_url = "{url}"

[[harness]]
name = "{harness}"
"""
FIELDS = {
    "completions": {
        *("model", "messages", "stream", "stream_options", "temperature", "top_p"),
        *("max_tokens", "max_completion_tokens", "seed", "stop", "reasoning_effort"),
        *("tools", "tool_choice", "parallel_tool_calls", "response_format"),
    },
    "messages": {
        *("model", "messages", "system", "stream", "temperature", "top_p", "top_k"),
        *("max_tokens", "stop_sequences", "tools", "tool_choice", "thinking"),
        *("output_config", "cache_control"),
    },
    "responses": {
        *("model", "input", "instructions", "stream", "temperature", "tools"),
        *("max_output_tokens", "tool_choice", "parallel_tool_calls", "reasoning"),
        *("include", "store"),
    },
}
HEADERS = {
    *("host", "accept", "accept-encoding", "content-type", "content-length"),
    *("user-agent", "anthropic-version", "anthropic-beta", "authorization"),
}
BETAS = ("claude-code-", "interleaved-thinking-", "effort-", "prompt-caching-")
LENGTHS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


@dataclass
class Strict:
    """What such a server says to requests."""

    refused: list[str] = field(default_factory=list)
    answered: int = 0

    @web.middleware
    async def look(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method != "POST":
            return await handler(request)
        wrong = wrong_with(request, json.loads(await request.read()))
        if wrong is None:
            self.answered += 1
            return await handler(request)
        self.refused.append(wrong)
        error = {"type": "invalid_request_error", "message": wrong}
        return web.json_response({"type": "error", "error": error}, status=400)


def wrong_with(request: web.Request, body: dict[str, object]) -> str | None:
    """What is wrong with a request; None: nothing."""
    known = FIELDS[request.path.rpartition("/")[2]]
    betas = request.headers.get("anthropic-beta", "").split(",")
    lengths = [body[name] for name in LENGTHS if name in body]
    tools = body.get("tools") or []
    assert isinstance(tools, list)
    faults = {
        "fields": [key for key in body if key not in known],
        "headers": [name for name in request.headers if name.lower() not in HEADERS],
        "betas": [beta for beta in betas if beta and not beta.startswith(BETAS)],
        "query": [request.query_string]
        * (request.query_string not in {"", "beta=true"}),
        "model": [body["model"]] * (body["model"] != "scripted-oracle"),
        "length": lengths * (lengths not in ([8192], [16])),
        "tools": [tool for tool in tools if tool.get("type", "function") != "function"],
    }
    found = {name: fault for name, fault in faults.items() if fault}
    return f"not permitted: {found}" if found else None


@contextmanager
def serving(app: web.Application) -> Iterator[int]:
    """The server in a thread of its own; gives its port."""
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(app, access_log=None)

    async def start() -> int:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return int(runner.addresses[0][1])

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_a_strict_server_has_nothing_to_refuse(harness: str, tmp_path: Path) -> None:
    endpoint = ScriptedEndpoint(Scripted(script=Script.ORACLE))
    (task,) = [
        each for each in read_packs((PRACTICE,)) if each.name == "p1_page_ranges"
    ]
    app, strict = endpoint.app(), Strict()
    app.middlewares.append(strict.look)
    with serving(app) as endpoint.port:
        (tmp_path / "run.toml").write_text(
            RUN.format(packs=PRACTICE, url=endpoint.base_url(task, 0), harness=harness)
        )
        command = ("run", "run.toml", "--run", "kept")
        ended = run_command(*command, cwd=tmp_path, timeout=500)
    assert strict.refused == []
    assert strict.answered, ended.stderr
    with (tmp_path / "kept" / "cells.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["status"] == "pass", ended.stderr
