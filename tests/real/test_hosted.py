"""The harnesses with a hosted model: busy, slow, paid for, and its key a secret.

The vendor is a stand-in on this machine: it wants its key, is too busy twice, and then
answers as a script says, in small parts.
"""

import asyncio
import re
import subprocess
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from harness_bench.schema import Status
from runner.models.script import Script
from runner.models.scripted import Scripted
from runner.tasks import read_packs
from sitegen.parsed import read
from tests.runner.models.vendors import KEY, everything_in
from tests.runner.talking import serving
from tests.runs import PRACTICE, runner_command, runner_environment

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

SPEC = """\
[run]
name = "hosted"
packs = ["{pack}"]
tasks = ["p1_page_ranges"]

[limits]
agent_s = 120
grader_s = 30

[[model]]
name = "vendor-1"
base_url = "{url}"
protocol = "{protocol}"
key_env = "EXAMPLE_API_KEY"
prices = {{ in = 3.1, out = 15.7 }}

[[harness]]
name = "{harness}"
"""
IN, OUT = Decimal("3.1"), Decimal("15.7")
BUSY = [429, 529]
PART = 200
"""Bytes that are sent at once."""


@dataclass
class Vendor:
    """Sells a script's answers."""

    url: str
    """Where the script answers."""
    header: str
    """Where the key has to be."""
    asked: int = 0
    answered: int = 0
    billed: Decimal = Decimal(0)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if KEY not in request.headers.get(self.header, ""):
            raise web.HTTPUnauthorized
        self.asked += 1
        if self.asked <= len(BUSY):
            return web.Response(
                status=BUSY[self.asked - 1], headers={"Retry-After": "0"}
            )
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url + request.path_qs, data=await request.read()) as said,
        ):
            whole = await said.read()
            headers = {"Content-Type": said.content_type}
            response = web.StreamResponse(status=said.status, headers=headers)
        self.answered += 1
        self.billed += bill(whole)
        await response.prepare(request)
        for start in range(0, len(whole), PART):
            await response.write(whole[start : start + PART])
            await asyncio.sleep(0.01)
        return response


def bill(answer: bytes) -> Decimal:
    """Dollars for an answer, from the numbers that stand last in it."""
    read_ = re.findall(rb'"(?:prompt|input)_tokens": ?(\d+)', answer)
    written = re.findall(rb'"(?:completion|output)_tokens": ?(\d+)', answer)
    return (int(read_[-1]) * IN + int(written[-1]) * OUT) / 1_000_000


def test_it_works_for_a_vendor_that_is_busy_and_slow_and_never_learns_the_key(
    harness: str, tmp_path: Path
) -> None:
    protocol = "anthropic" if harness == "claude" else "openai"
    header = {"anthropic": "x-api-key", "openai": "Authorization"}[protocol]
    (task,) = (one for one in read_packs([PRACTICE]) if one.name == "p1_page_ranges")

    async def run() -> tuple[Vendor, int, bytes]:
        async with AsyncExitStack() as stack:
            model = Scripted(script=Script.ORACLE)
            endpoint = await stack.enter_async_context(model.serve())
            vendor = Vendor(endpoint.base_url(task, 0), header)
            url = await stack.enter_async_context(serving(vendor.answer))
            text = SPEC.format(
                pack=PRACTICE, url=url, protocol=protocol, harness=harness
            )
            (tmp_path / "run.toml").write_text(text)
            process = await asyncio.create_subprocess_exec(
                *runner_command("run", "run.toml", "--run", "kept"),
                cwd=tmp_path,
                env=runner_environment(EXAMPLE_API_KEY=KEY),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            said, _ = await process.communicate()
            return vendor, process.returncode or 0, said

    vendor, code, said = asyncio.run(run())
    assert code == 0, said.decode()
    (record,) = read((tmp_path / "kept" / "cells.csv").read_bytes())
    assert record.status is Status.PASS
    assert record.calls == vendor.answered
    assert vendor.asked == vendor.answered + len(BUSY)
    assert record.cost_usd is not None
    assert Decimal(str(record.cost_usd)) == round(vendor.billed, 6)
    files = everything_in(tmp_path) | {"said": said}
    assert len(files) > 10
    assert [path for path, content in files.items() if KEY.encode() in content] == []
