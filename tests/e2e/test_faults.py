"""What breaks around an agent is never counted against it.

Each fault is a real one, in a real run: it is told apart from the agent's failures,
tried again after a pause, kept attempt by attempt, and leaves the denominator; a run
that cannot mend it says what is missing and ends with 3.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from harness_bench.schema import Status
from runner.models.script import Script
from runner.run_folder.ledger import read_ledger
from sitegen.parsed import read
from tests.needs import needs
from tests.runs import (
    JUDGED_BY_ONE_WORD,
    attempts_in,
    ended,
    left_running,
    runner_command,
    runner_environment,
    running,
    wait_for,
    write_small_task,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SPEC = """\
[run]
packs = ["pack"]
seeds = {seeds}
attempts = {attempts}
[limits]
agent_s = 30
{limits}
[[model]]
name = "m"
{model}
[[harness]]
name = "{harness}"
"""


def write_spec(
    folder: Path,
    *,
    model: str = 'script = "oracle"',
    harness: str = "mini",
    limits: str = "",
    seeds: int = 1,
    attempts: int = 2,
) -> Path:
    path = folder / "run.toml"
    path.write_text(
        SPEC.format(
            model=model, harness=harness, limits=limits, seeds=seeds, attempts=attempts
        )
    )
    return path


def run(
    folder: Path, *wrapper: str, code: int, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A run in `folder/out` that ends with this code."""
    ended = subprocess.run(
        [*wrapper, *runner_command("run", "run.toml", "--run", "out")],
        cwd=folder,
        env=runner_environment(**environment),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == code, ended.stderr
    return ended


def assert_kept_apart(
    folder: Path, said: str, expected: Status, *, attempts: int = 2
) -> None:
    """Every attempt is there with its status, a pause lies between, nothing counts."""
    by_trial = read_ledger(folder / "out").by_trial
    assert by_trial
    for found in by_trial.values():
        assert [each.record.status for each in found] == [expected] * attempts
        assert [each.number for each in found] == [*range(1, attempts + 1)]
        assert all(each.detail for each in found)
        assert all((folder / "out" / "traces" / each.folder).is_dir() for each in found)
        moments = [
            datetime.fromisoformat(each.record.started_at or "") for each in found
        ]
        pauses = [
            (after - before).total_seconds() for before, after in pairwise(moments)
        ]
        assert all(pause >= 2**n for n, pause in enumerate(pauses))
    for record in read((folder / "out" / "cells.csv").read_bytes()):
        assert record.status is expected
        assert not record.status.is_measured
        assert record.passed is None
        assert f"m/{record.harness}/{record.task}/{record.seed}: {expected}" in said
    assert "planned trials are missing" in said


@pytest.mark.parametrize(
    "script", [Script.CRASH, Script.UNAVAILABLE, Script.REFUSE, Script.HANG]
)
def test_a_server_that_fails(tmp_path: Path, script: Script) -> None:
    needs("bwrap")
    write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path, model=f'script = "{script}"', limits="silence_s = 1")

    said = run(tmp_path, code=3).stderr

    assert_kept_apart(tmp_path, said, Status.INFRA_SERVER)
    calls = [each.record.calls for each in attempts_in(tmp_path)]
    assert max(count or 0 for count in calls) <= 3


HARNESSES = '''\
from dataclasses import dataclass
from runner.harnesses.harness import Launch
from runner.sandboxes.interpreter import interpreter


HAMMER = """
import http.client
while True:
    try:
        there = http.client.HTTPConnection("127.0.0.1", 8080)
        there.request("POST", "/v1/chat/completions", '{"messages": []}')
        there.getresponse().read()
    except OSError:
        pass
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    version: str = "1"

    def problems(self):
        return ()

    def launch(self, order):
        return Launch(command=("/opt/no-such-harness", "--do"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hammer:
    version: str = "1"

    def problems(self):
        return ()

    def launch(self, order):
        return Launch(command=(interpreter().path, "-c", HAMMER))
'''


def write_harnesses(folder: Path) -> dict[str, str]:
    """Plugins; returns the environment in which they are found."""
    info = folder / "plugins" / "broken-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[harness_bench.harnesses]\n"
        "missing = broken_harness:Missing\nhammer = broken_harness:Hammer\n"
    )
    (folder / "plugins" / "broken_harness.py").write_text(HARNESSES)
    known = runner_environment()["PYTHONPATH"]
    return {"PYTHONPATH": f"{folder / 'plugins'}:{known}"}


STEPS = 6
SERVER = f"""
import json, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def tell(self, said):
        raw = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
    def do_GET(self):
        self.tell({{"data": [{{"id": "m"}}]}})
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        turns = sum(each["role"] == "tool" for each in body["messages"])
        time.sleep(0.2)
        message = {{"role": "assistant", "content": "done"}}
        if turns < {STEPS} and "tools" in body:
            last = turns == {STEPS - 1}
            command = {{"command": "echo right > answer" if last else "ls"}}
            function = {{"name": "bash", "arguments": json.dumps(command)}}
            message["tool_calls"] = [
                {{"id": f"c{{turns}}", "type": "function", "function": function}}
            ]
        self.tell({{"choices": [{{"index": 0, "message": message, "finish_reason":
                 "tool_calls" if "tool_calls" in message else "stop"}}],
                 "usage": {{"prompt_tokens": 9, "completion_tokens": 2}}}})

ThreadingHTTPServer.allow_reuse_address = True
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Model).serve_forever()
"""
"""A model behind an address: some steps, the right answer, an end."""


def test_a_server_of_others_that_restarts_in_mid_run(tmp_path: Path) -> None:
    """It dies twice under trials that it would have let pass."""
    needs("bwrap")
    write_small_task(tmp_path / "pack" / "t")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    model = f'base_url = "http://127.0.0.1:{port}"'
    write_spec(tmp_path, model=model, seeds=4, attempts=3)

    def started() -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-c", SERVER, str(port)])

    def calls() -> int:
        logs = (tmp_path / "out" / "traces").glob("*/calls.jsonl")
        return sum(log.read_bytes().count(b"\n") for log in logs)

    server = started()
    try:
        with running(tmp_path) as runner:
            for least in (2, STEPS + 3):
                wait_for(lambda least=least: calls() >= least, 60)  # type: ignore[misc]
                server.kill()
                server.wait()
                time.sleep(2)
                server = started()
            ended(runner, code=0)
    finally:
        server.kill()
        server.wait()
    found = attempts_in(tmp_path)
    measured = [each.record.status for each in found if each.record.passed is not None]
    assert measured == [Status.PASS] * 4
    others = {each.record.status for each in found} - {Status.PASS}
    assert others == {Status.INFRA_SERVER}, "it was under way when its server died"


def test_a_harness_that_hammers_a_dead_server_is_ended_after_three_failures(
    tmp_path: Path,
) -> None:
    needs("bwrap")
    found = write_harnesses(tmp_path)
    write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path, model='script = "unavailable"', harness="hammer")

    said = run(tmp_path, code=3, **found).stderr

    assert_kept_apart(tmp_path, said, Status.INFRA_SERVER)
    # The last attempts are alone, after a probe that this server fails.
    assert {each.record.calls for each in attempts_in(tmp_path)} == {3, None}


def test_a_harness_whose_program_is_missing(tmp_path: Path) -> None:
    needs("bwrap")
    found = write_harnesses(tmp_path)
    write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path, harness="missing")

    said = run(tmp_path, code=3, **found).stderr

    assert_kept_apart(tmp_path, said, Status.INFRA_SETUP)
    assert "/opt/no-such-harness: cannot be started" in said


def test_a_sandbox_that_does_not_start_any_more(tmp_path: Path) -> None:
    bwrap = needs("bwrap")
    write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path, model='script = "oracle"\ndelay_s = 0.3', seeds=3)
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "bwrap"
    fake.write_text(
        f'#!/bin/sh\n[ -e {tmp_path}/broken ] || exec {bwrap} "$@"\nexit 1\n'
    )
    fake.chmod(0o755)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"

    with running(tmp_path, PATH=path) as runner:
        wait_for(lambda: attempts_in(tmp_path))
        (tmp_path / "broken").touch()
        said = ended(runner, code=3)

    found = [each.record.status for each in attempts_in(tmp_path)]
    assert Counter(found) == {Status.PASS: 1, Status.INFRA_SANDBOX: 4}
    assert "2 of 3 planned trials are missing" in said
    (tmp_path / "broken").unlink()
    run(tmp_path, code=0, PATH=path)
    assert len(attempts_in(tmp_path)) == 7


BROKEN_TESTS = {
    "they crash": "kill -SEGV $$",
    "they say nothing": "exit 0",
    "they are no script": "if then fi )(",
    "they break off": "echo 1..2 >&3; echo ok 1 >&3; exit 1",
    "they hang": "echo 1..1 >&3; sleep 1000",
    "they count wrong": "echo 1..1 >&3; echo ok 1 >&3; echo ok 1 >&3",
    "they fail after success": "echo 1..1 >&3; echo ok 1 >&3; exit 9",
}


@pytest.mark.parametrize("tests", BROKEN_TESTS.values(), ids=BROKEN_TESTS)
def test_tests_that_are_broken(tmp_path: Path, tests: str) -> None:
    needs("bwrap")
    write_small_task(tmp_path / "pack" / "t", tests=tests)
    write_spec(tmp_path, limits="grader_s = 1.5")

    said = run(tmp_path, code=3).stderr

    assert_kept_apart(tmp_path, said, Status.INFRA_GRADER)


def processes(word: str, temporary: Path) -> list[int]:
    """Processes in a sandbox of this run with a word among their arguments."""
    found = []
    for pid in left_running(temporary):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(each.endswith(word.encode()) for each in words):
            found.append(pid)
    return found


@pytest.mark.parametrize(
    ("program", "expected"),
    [("agent.py", Status.INFRA_SANDBOX), ("supervise.py", Status.INFRA_GRADER)],
)
def test_what_runs_out_of_memory_is_killed_from_outside(
    tmp_path: Path, short_tmp: Path, program: str, expected: Status
) -> None:
    needs("bwrap")
    write_small_task(tmp_path / "pack" / "t", tests=f"sleep 3\n{JUDGED_BY_ONE_WORD}")
    write_spec(tmp_path, model='script = "oracle"\ndelay_s = 2')
    killed: set[int] = set()

    with running(tmp_path, TMPDIR=str(short_tmp)) as runner:
        for _ in range(2):
            wait_for(lambda: set(inner(program, short_tmp)) - killed)
            (pid,) = set(inner(program, short_tmp)) - killed
            time.sleep(0.5)
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        said = ended(runner, code=3)

    assert_kept_apart(tmp_path, said, expected)


def inner(program: str, temporary: Path) -> list[int]:
    """The first process of a sandbox, as it is known outside."""
    found = []
    for pid in processes(program, temporary):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        (numbers,) = (
            line.split()[1:] for line in status.splitlines() if line[:6] == "NSpid:"
        )
        if len(numbers) > 1 and numbers[-1] == "1":
            found.append(pid)
    return found


@pytest.mark.parametrize("part", ["starter", "tests", "instruction.md"])
def test_a_task_that_vanishes_in_mid_run(tmp_path: Path, part: str) -> None:
    needs("bwrap")
    task = write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path, model='script = "oracle"\ndelay_s = 0.4', seeds=3)

    with running(tmp_path) as runner:
        wait_for(lambda: attempts_in(tmp_path))
        shutil.move(task / part, tmp_path / "aside")
        said = ended(runner, code=3)

    found = [each.record.status for each in attempts_in(tmp_path)]
    assert Counter(found) == {Status.PASS: 1, Status.INFRA_GRADER: 4}
    assert f"pack/t/{part}" in said
    shutil.move(tmp_path / "aside", task / part)
    run(tmp_path, code=0)


def test_a_task_that_is_changed_in_mid_run_is_never_mixed_in(tmp_path: Path) -> None:
    needs("bwrap")
    task = write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path, model='script = "oracle"\ndelay_s = 0.4', seeds=2)

    with running(tmp_path) as runner:
        wait_for(lambda: attempts_in(tmp_path))
        with (task / "tests" / "test.sh").open("a") as file:
            file.write("# another one\n")
        said = ended(runner, code=3)

    assert "pack/t: was changed while the run went on" in said
    found = [each.record.status for each in attempts_in(tmp_path)]
    assert Counter(found) == {Status.PASS: 1, Status.INFRA_GRADER: 1}


@pytest.mark.parametrize("place", ["run", "scratch"])
def test_a_disk_that_becomes_full(tmp_path: Path, short_tmp: Path, place: str) -> None:
    needs("bwrap")
    write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path, model='script = "oracle"\ndelay_s = 0.5', seeds=6)
    small = tmp_path / "out" if place == "run" else short_tmp
    small.mkdir(exist_ok=True)
    own_user = [] if os.getuid() == 0 else ["--map-root-user"]
    mounted = [
        *(needs("unshare"), *own_user, "--mount", "sh", "-ec"),
        'mount -t tmpfs -o size=300m none "$0"; exec "$@"',
        str(small),
    ]

    with running(tmp_path, *mounted, TMPDIR=str(short_tmp)) as runner:
        # The disk as the runner sees it.
        inside = Path(f"/proc/{runner.pid}/root{tmp_path}")
        wait_for(lambda: attempts_in(inside))
        filler = Path(f"/proc/{runner.pid}/root{small}") / "filler"
        fill(filler)
        wait_for(lambda: len(attempts_in(inside)) == 1 + 3 * 2)
        found = [each.record.status for each in attempts_in(inside)]
        said = ended(runner, code=3)

    assert Counter(found) == {Status.PASS: 1, Status.INFRA_SANDBOX: 3 * 2}
    assert "the disk is full" in said or "No space left" in said
    assert "this machine: given up" in said
    assert "5 of 6 planned trials are missing" in said


def fill(path: Path) -> None:
    """Fill a disk to its last byte."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\1" * 65536)
        except OSError:
            pass


def test_a_valid_failure_is_never_tried_again(tmp_path: Path) -> None:
    needs("bwrap")
    write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path, model='script = "wrong"', seeds=2)

    run(tmp_path, code=0)
    again = run(tmp_path, code=0)

    found = [each.record.status for each in attempts_in(tmp_path)]
    assert found == [Status.FAIL, Status.FAIL]
    assert "2 already done, 0 to run" in again.stderr


def test_what_was_given_up_is_run_when_it_is_mended(tmp_path: Path) -> None:
    needs("bwrap")
    write_small_task(tmp_path / "pack" / "t", tests="exit 1")
    write_small_task(tmp_path / "pack" / "u")
    write_spec(tmp_path, seeds=5, attempts=1)

    said = run(tmp_path, code=3).stderr

    assert "task t: given up, infra_grader in three trials in a row" in said
    found = Counter(
        (each.record.task, each.record.status) for each in attempts_in(tmp_path)
    )
    assert found == {("t", Status.INFRA_GRADER): 3, ("u", Status.PASS): 5}
    assert "m/mini/t/4: not executed" in said


def test_a_folder_that_becomes_read_only_in_mid_run(tmp_path: Path) -> None:
    for tool in ("bwrap", "nsenter"):
        needs(tool)
    write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path, model='script = "oracle"\ndelay_s = 0.4', seeds=3, attempts=1)
    own_user = [] if os.getuid() == 0 else ["--map-root-user"]
    script = '"$@" || echo "$?" >&2; umount out/traces; exec "$@"'
    shell = [needs("unshare"), *own_user, "--mount", "sh", "-c", script, "sh"]

    with running(tmp_path, *shell) as runner:
        wait_for(lambda: attempts_in(tmp_path))
        enter = ["nsenter", f"--target={runner.pid}", "--mount", f"--wd={tmp_path}"]
        enter += [] if os.getuid() == 0 else ["--user", "--preserve-credentials"]
        hide = ["mount", "-t", "tmpfs", "-o", "ro", "none", "out/traces"]
        subprocess.run([*enter, *hide], check=True)
        said = ended(runner, code=0)

    first, second = said.split("\n3\n")
    assert "m/mini/t/2: infra_sandbox, [Errno 30] Read-only file system" in first
    assert "3 trials, 1 already done, 2 to run" in second
    found = Counter(each.record.status for each in attempts_in(tmp_path))
    assert found == {Status.PASS: 3, Status.INFRA_SANDBOX: 2}


def test_status_is_told_of_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    needs("bwrap")
    write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path)
    run(tmp_path, code=0)
    own_user = [] if os.getuid() == 0 else ["--map-root-user"]
    script = 'mount --bind out out; mount -o remount,ro,bind out; exec "$@"'
    shell = [needs("unshare"), *own_user, "--mount", "sh", "-ec", script, "sh"]

    told = {
        command: subprocess.run(
            [*shell, *runner_command(command, "out")],
            cwd=tmp_path,
            env=runner_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        for command in ("status", "export")
    }

    assert told["status"].returncode == 0
    assert told["status"].stderr == "1 of 1 trials, not running\n"
    assert (told["export"].returncode, told["export"].stdout) == (0, "out/cells.csv\n")
