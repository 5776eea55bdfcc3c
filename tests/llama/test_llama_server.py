"""A real llama-server with a real model: small, slow, and bad at its tasks."""

import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from harness_bench.cells_csv import read
from harness_bench.errors import ModelError
from harness_bench.schema import Status
from runner.harnesses.install import packaged
from runner.ledger import read_ledger
from runner.models.llama_server import LlamaServer
from tests.needs import everything_is_required
from tests.runner.models.gguf_files import write_gguf
from tests.runner.talking import a_task
from tests.runs import (
    PRACTICE,
    left_running,
    run_command,
    runner_command,
    runner_environment,
)

pytestmark = [pytest.mark.llama, pytest.mark.timeout(1200)]

SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
SPEC = """\
[run]
name = "llama"
packs = ["{packs}"]
tasks = ["page_ranges"]
attempts = {attempts}

[limits]
agent_s = 900
grader_s = 60
calls = {calls}

[[model]]
name = "gemma-3-270m"
quant = "Q4_K_M"
gguf = "{gguf}"
context_tokens = {context}
output_tokens = {output}
"""
KILLS = int(os.environ.get("HARNESS_BENCH_KILLS", "3"))


def write_spec(
    folder: Path,
    gguf: Path,
    *,
    harnesses: tuple[str, ...] = ("mini",),
    context: int = 4096,
    output: int = 64,
    calls: int = 1,
    attempts: int = 1,
) -> Path:
    text = SPEC.format(
        packs=PRACTICE,
        gguf=gguf,
        context=context,
        output=output,
        calls=calls,
        attempts=attempts,
    )
    text += "".join(f'\n[[harness]]\nname = "{name}"\n' for name in harnesses)
    path = folder / "run.toml"
    path.write_text(text)
    return path


def linked(model: Path, folder: Path) -> Path:
    """The model under a path of its own, by which its server is found."""
    path = folder / "linked.gguf"
    try:
        path.hardlink_to(model)
    except OSError:  # another disk
        shutil.copy(model, path)
    return path


def servers(gguf: Path) -> list[int]:
    """Processes that have this model among their arguments."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            arguments = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if process.name.isdigit() and str(gguf).encode() in arguments:
            found.append(int(process.name))
    return found


def await_no_process(gguf: Path, temporary: Path) -> None:
    deadline = time.monotonic() + 5
    while left := [*servers(gguf), *left_running(temporary)]:
        assert time.monotonic() < deadline, f"left running: {left}"
        time.sleep(0.02)


def await_trial(runner: subprocess.Popen[bytes], folder: Path, attempt: int) -> None:
    """Wait until so many attempts have begun."""
    deadline = time.monotonic() + 120
    while len(list(folder.glob("traces/*/agent.log"))) < attempt:
        assert runner.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_small_model_fails_its_task_and_the_run_does_not(
    model: Path, tmp_path: Path
) -> None:
    spec = write_spec(tmp_path, model)
    done = run_command("run", spec, "--run", "kept", cwd=tmp_path, timeout=600)
    assert done.returncode == 0, done.stderr
    (record,) = read((tmp_path / "kept" / "cells.csv").read_bytes())
    assert record.status is not None
    assert record.status.is_measured
    assert record.passed is False
    assert record.model_sha256 == SHA256
    assert record.server_build
    assert record.server_build.startswith("b")
    assert record.calls == 1
    assert record.tokens_in is not None
    assert record.tokens_in > 100
    assert record.tokens_out is not None
    assert 1 <= record.tokens_out <= 64
    assert record.model_time_s is not None
    assert record.model_time_s > 0
    assert record.cost_usd is None
    (about,) = (tmp_path / "kept").glob("traces/*/model.json")
    told = json.loads(about.read_text())
    assert told["context_tokens"] >= 4096
    assert len(told["chat_template_sha256"]) == 64
    assert servers(model) == []

    site = [sys.executable, "-m", "sitegen", "build", "kept", "--out", "site"]
    built = subprocess.run(
        site,
        cwd=tmp_path,
        env=runner_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert "gemma-3-270m" in (tmp_path / "site" / "index.html").read_text()


def test_speed_and_wait_are_those_that_the_server_measured(
    model: Path, tmp_path: Path
) -> None:
    spec = write_spec(tmp_path, model, output=200)
    done = run_command("run", spec, "--run", "kept", cwd=tmp_path, timeout=600)
    assert done.returncode == 0, done.stderr
    (record,) = read((tmp_path / "kept" / "cells.csv").read_bytes())
    (log,) = (tmp_path / "kept").glob("traces/*/calls.jsonl")
    response = json.loads(log.read_text())["response"]
    (told,) = (
        json.loads(line.removeprefix("data: "))["timings"]
        for line in response.splitlines()
        if '"timings"' in line
    )
    assert record.tokens_per_s == pytest.approx(told["predicted_per_second"], rel=0.1)
    assert record.first_token_s == pytest.approx(told["prompt_ms"] / 1000, abs=0.5)


def test_every_harness_that_is_installed_works_with_it(
    model: Path, tmp_path: Path
) -> None:
    packages = packaged()
    missing = [name for name in packages if packages[name].problems()]
    if missing and everything_is_required():
        pytest.fail(f"not installed: {', '.join(missing)}")
    harnesses = tuple(name for name in packages if name not in missing)
    spec = write_spec(
        tmp_path, model, harnesses=("mini", *harnesses), context=32_768, output=32
    )
    done = run_command("run", spec, "--run", "kept", cwd=tmp_path, timeout=1100)
    assert done.returncode == 0, done.stderr
    records = read((tmp_path / "kept" / "cells.csv").read_bytes())
    assert {record.harness for record in records} == {"mini", *harnesses}
    for record in records:
        assert record.status is not None
        assert record.status.is_measured, record
        assert record.model_sha256 == SHA256
        assert record.server_build
        assert record.tokens_in
        assert record.model_time_s


def test_the_server_tells_its_build_and_is_gone_afterwards(
    model: Path, tmp_path: Path
) -> None:
    path = linked(model, tmp_path)

    async def serve() -> None:
        served = LlamaServer(gguf=path, context_tokens=1024)
        async with served.serve() as endpoint:
            assert endpoint.provenance.model_sha256 == SHA256
            assert endpoint.provenance.context_tokens == 1024
            assert len(servers(path)) == 2  # and its leash
            url = endpoint.base_url(a_task(tmp_path), 0)
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{url}/props") as answer,
            ):
                assert answer.status == 401  # the key is the proxy's

    began = time.monotonic()
    asyncio.run(serve())
    assert servers(path) == []
    # It ended when it was asked to: nobody had to wait until it may be killed.
    assert time.monotonic() - began < 60


def test_a_model_that_the_server_cannot_load_is_one_line(
    model: Path, tmp_path: Path
) -> None:
    """The file is whole, but no server knows its architecture."""
    del model
    strange = write_gguf(tmp_path, "strange.gguf")

    async def serve() -> None:
        async with LlamaServer(gguf=strange).serve():
            pass

    with pytest.raises(ModelError) as caught:
        asyncio.run(serve())
    (line,) = caught.value.problems
    assert line.startswith("the model server ended with code 1 (")
    assert "error" in line
    assert "strange.log" in line


def test_a_server_that_is_killed_in_mid_trial_costs_one_attempt(
    model: Path, tmp_path: Path, short_tmp: Path
) -> None:
    path = linked(model, tmp_path)
    spec = write_spec(tmp_path, path, attempts=3, output=2000, calls=20)
    with subprocess.Popen(
        runner_command("run", spec, "--run", "kept"),
        cwd=tmp_path,
        env=runner_environment(TMPDIR=str(short_tmp)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as runner:
        await_trial(runner, tmp_path / "kept", 1)
        time.sleep(1)
        os.kill(max(servers(path)), signal.SIGKILL)
        await_trial(runner, tmp_path / "kept", 2)
        assert len(servers(path)) == 2
        runner.send_signal(signal.SIGTERM)
        runner.wait(timeout=60)
    (attempts,) = read_ledger(tmp_path / "kept").by_trial.values()
    assert attempts[0].record.status is Status.INFRA_SERVER
    assert len(attempts) == 2
    await_no_process(path, short_tmp)


def test_a_killed_runner_leaves_no_server(
    model: Path, tmp_path: Path, short_tmp: Path
) -> None:
    path = linked(model, tmp_path)
    spec = write_spec(tmp_path, path, output=2000, calls=20)
    moments = random.Random(20261121)  # noqa: S311 - moments, not secrets
    for number in range(1, KILLS + 1):
        with subprocess.Popen(
            runner_command("run", spec, "--run", f"kept-{number}"),
            cwd=tmp_path,
            env=runner_environment(TMPDIR=str(short_tmp)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as runner:
            await_trial(runner, tmp_path / f"kept-{number}", 1)
            time.sleep(moments.uniform(0, 2))
            assert len(servers(path)) == 2
            assert left_running(short_tmp)
            runner.kill()
        await_no_process(path, short_tmp)
