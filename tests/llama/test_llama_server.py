"""A real llama-server: it starts, tells what it is, and is gone when it has to be."""

import asyncio
import itertools
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import aiohttp
import pytest

from harness_bench.errors import ModelError
from harness_bench.schema import Status
from runner.models.llama_server import LlamaServer
from runner.run_folder.ledger import read_ledger
from tests.llama.runs_of_models import (
    SHA256,
    all_harnesses,
    await_no_process,
    await_trial,
    servers,
    write_spec,
)
from tests.runner.models.gguf_files import write_gguf
from tests.runner.talking import a_task
from tests.runs import left_running, runner_command, runner_environment

pytestmark = [pytest.mark.llama, pytest.mark.timeout(1200)]

KILLS = int(os.environ.get("HARNESS_BENCH_KILLS", "3"))
MOMENTS_S = 6.0
"""By then every harness has started, asked, and waits for its answer or works."""


def linked(model: Path, folder: Path) -> Path:
    """The model under a path of its own, by which its server is found."""
    path = folder / "linked.gguf"
    try:
        path.hardlink_to(model)
    except OSError:  # another disk
        shutil.copy(model, path)
    return path


def test_a_device_that_is_not_there_is_found_before_anything_is_loaded(
    model: Path,
) -> None:
    assert LlamaServer(gguf=model, device="none").problems() == ()
    (line,) = map(str, LlamaServer(gguf=model, device="CUDA7").problems())
    assert line.startswith("device 'CUDA7' cannot be used ('invalid device: CUDA7'); ")


def test_the_server_tells_its_build_and_is_gone_afterwards(
    model: Path, tmp_path: Path
) -> None:
    path = linked(model, tmp_path)

    async def serve() -> None:
        served = LlamaServer(gguf=path, context_tokens=1024)
        async with served.serve() as endpoint:
            assert endpoint.provenance.model_sha256 == SHA256
            assert endpoint.provenance.context_tokens == 1024
            assert len(servers(path)) == 2  # and its watchdog
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
    (line,) = map(str, caught.value.problems)
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


def test_a_killed_runner_leaves_no_server_no_harness_and_no_proxy(
    model: Path, tmp_path: Path, short_tmp: Path
) -> None:
    """The proxy is in the runner's process; the rest has to go after it."""
    path = linked(model, tmp_path)
    moments = random.Random(20261121)  # noqa: S311 - moments, not secrets
    turns = itertools.islice(itertools.cycle(reversed(all_harnesses())), KILLS)
    for number, harness in enumerate(turns, start=1):
        spec = write_spec(tmp_path, path, harnesses=[harness], output=2000, calls=20)
        with subprocess.Popen(
            runner_command("run", spec, "--run", f"kept-{number}"),
            cwd=tmp_path,
            env=runner_environment(TMPDIR=str(short_tmp)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as runner:
            await_trial(runner, tmp_path / f"kept-{number}", 1)
            time.sleep(moments.uniform(0, MOMENTS_S))
            assert len(servers(path)) == 2
            assert left_running(short_tmp)
            runner.kill()
        await_no_process(path, short_tmp)
