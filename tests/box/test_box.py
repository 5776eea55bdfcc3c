"""Real boxes of a real engine: what is in them, how they end, what is left of them."""

import csv
import json
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from runner.box.code import code
from runner.box.engine import Engine
from runner.box.image import image_id
from runner.box.inside import Connection
from runner.box.models import Models
from runner.box.outside import Boxed
from runner.box.pid_one import PLACE
from runner.box.relayed import Relayed
from runner.run_folder.ledger import read_ledger
from tests.box.boxes import NAME, client, left, monitors, processes
from tests.runs import (
    left_running,
    run_command,
    runner_command,
    runner_environment,
    write_small_task,
    write_spec,
)

KILLS = int(os.environ.get("HARNESS_BENCH_BOX_KILLS", "3"))

pytestmark = [pytest.mark.box, pytest.mark.timeout(600 + 90 * KILLS)]

KEY = "sk-of-the-box-7f3a9c"
PARTS = (code, Connection, Models, Boxed, Relayed)
"""What is at work in a box, and has no other test."""
GONE_S = 5.0


@pytest.fixture(scope="module")
def calm(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in a box that nobody disturbs; its folder has the spec, too."""
    folder = tmp_path_factory.mktemp("calm")
    spec = write_spec(folder, scripts=["oracle", "wrong", "null"], seeds=2)
    done = run_command("run", spec, "--box", engine.name, cwd=folder, timeout=500)
    assert done.returncode == 0, done.stderr
    assert "18 of 18: 6 fail, 6 no_change, 6 pass" in done.stderr
    # What the box says of its places is said of ours.
    assert done.stdout == f"{folder / 'runs' / 'test'}\n"
    assert PLACE not in done.stderr
    assert left(engine) == ([], [])
    return folder


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "cells.csv").open(newline="") as file:
        found = [
            {name: value for name, value in row.items() if not _is_a_time(name)}
            for row in csv.DictReader(file)
        ]
    return sorted(found, key=str)


def _is_a_time(column: str) -> bool:
    return column.endswith(("_s", "_per_s")) or column == "started_at"


def test_the_rows_are_those_of_a_run_without_a_box(
    calm: Path, engine: Engine, tmp_path: Path
) -> None:
    spec = write_spec(tmp_path, scripts=["oracle", "wrong", "null"], seeds=2)
    plain = run_command("run", spec, "--box", "none", cwd=tmp_path, timeout=500)
    assert plain.returncode == 0, plain.stderr
    boxed, bare = calm / "runs/test", tmp_path / "runs/test"
    assert rows(boxed) == rows(bare)
    for name in ("lock.json", "plan.json"):
        assert (boxed / name).read_bytes() == (bare / name).read_bytes()
    about = json.loads((boxed / "box.json").read_text())
    assert about == {"engine": NAME, "image": image_id(engine)}
    # All that a trial leaves is outside, and can be read there.
    shown = run_command("show", boxed, "oracle", cwd=tmp_path)
    assert shown.returncode == 0
    assert PLACE not in shown.stdout


def test_every_command_that_needs_a_sandbox_takes_the_box(
    calm: Path, engine: Engine, tmp_path: Path
) -> None:
    box = ("--box", engine.name)
    doctor = run_command("doctor", *box, calm / "run.toml", cwd=tmp_path, timeout=300)
    assert doctor.returncode == 0, doctor.stdout
    assert "59 tried, none got through" in doctor.stdout
    assert "warn" not in doctor.stdout
    regraded = run_command("regrade", *box, "run.toml", cwd=calm, timeout=300)
    assert regraded.returncode == 0, regraded.stderr
    assert "18 judged again, 0 changed" in regraded.stderr
    pack = tmp_path / "pack"
    made = run_command("tasks", "new", pack / "one", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    checked = run_command(
        *("tasks", "check", *box, "--repeats", "1", pack), cwd=tmp_path, timeout=300
    )
    assert checked.returncode == 0, checked.stderr
    assert "pack/one: fit" in checked.stdout
    assert left(engine) == ([], [])


@pytest.mark.parametrize("victim", ["runner", "client", "container", "monitor"])
def test_whoever_is_killed_nothing_is_left_and_no_trial_lost_or_run_again(
    victim: str, engine: Engine, tmp_path: Path
) -> None:
    write_small_task(tmp_path / "pack" / "t")
    # Each kill comes after another trial, so the run outlives them.
    planned = 4 * KILLS
    pack = tmp_path / "pack"
    write_spec(tmp_path, scripts=["oracle"], seeds=planned, packs=pack)
    run = tmp_path / "runs/test"
    moments = random.Random(20261130)  # noqa: S311 - moments, not secrets
    told: list[str] = []
    for number in range(KILLS):
        with subprocess.Popen(
            runner_command("run", "run.toml", "--box", engine.name),
            cwd=tmp_path,
            env=runner_environment(TMPDIR=str(tmp_path)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as runner:
            assert runner.stderr is not None
            for line in runner.stderr:
                told += _trials([line])
                if len(told) > number:
                    break
            time.sleep(moments.uniform(0, 0.5))
            _kill(victim, runner, engine)
            told += _trials(runner.stderr)
            code = runner.wait()
        assert code == (-signal.SIGKILL if victim == "runner" else 1)
        deadline = time.monotonic() + GONE_S
        while any((*left(engine), processes(engine))) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert (*left(engine), processes(engine)) == ([], [], [])
        assert left_running(tmp_path) == []
        # What was told as finished is outside.
        assert len(read_ledger(run)) >= len(told)
    done = run_command(
        "run", "run.toml", "--box", engine.name, cwd=tmp_path, timeout=3000
    )
    assert done.returncode == 0, done.stderr
    assert len(told) == len(set(told))
    assert [row["status"] for row in rows(run)] == ["pass"] * planned
    assert len(read_ledger(run)) == planned, "a finished trial was run again"


def _trials(lines: Iterable[str]) -> list[str]:
    """What is told of trials that have ended."""
    words = (
        line.split(" ", 1) for line in lines if " mini " in line and "seed" in line
    )
    return [rest.split(":")[0] for _, rest in words]


def _kill(victim: str, runner: "subprocess.Popen[str]", engine: Engine) -> None:
    boxes, _ = left(engine)
    if victim == "runner":
        runner.kill()
    elif victim == "container":
        engine.asked("kill", *boxes)
    elif victim == "client":
        os.kill(client(runner.pid), signal.SIGKILL)
    else:
        for each in monitors(boxes):
            os.kill(each, signal.SIGKILL)


def test_a_ctrl_c_lets_trials_finish_and_the_run_goes_on_later(
    engine: Engine, tmp_path: Path
) -> None:
    write_spec(tmp_path, scripts=["oracle", "wrong"], seeds=2)
    with subprocess.Popen(
        runner_command("run", "run.toml", "--box", engine.name),
        cwd=tmp_path,
        env=runner_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as runner:
        assert runner.stderr is not None
        said = ""
        for line in runner.stderr:
            said += line
            if line.startswith("1/12 "):
                runner.send_signal(signal.SIGINT)
        code = runner.wait()
    assert code == 130
    assert "waiting for running trials to finish" in said
    assert said.endswith("interrupted; run the same command to continue\n")
    assert left(engine) == ([], [])
    assert 1 <= len(read_ledger(tmp_path / "runs/test")) < 12


class _Vendor(BaseHTTPRequestHandler):
    """Answers those who know the key, and looks around in the box meanwhile."""

    protocol_version = "HTTP/1.1"
    keys: list[str | None]
    asked = 0
    """Questions to its model."""
    engine: Engine
    found: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.keys.append(self.headers["Authorization"])
        if self.asked == 1:  # the first is the test call before the run
            self.found.append(_look_around(self.engine))
        type(self).asked += 1
        answer = json.dumps(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": "m",
                "choices": [
                    {
                        "index": 0,
                        "finish_reason": "stop",
                        "message": {"role": "assistant", "content": "Nothing to do."},
                    }
                ],
                "usage": {"prompt_tokens": 7, "completion_tokens": 3},
            }
        )
        self._answer(answer.encode())

    def do_GET(self) -> None:
        self.keys.append(self.headers["Authorization"])
        known = self.path.endswith("/models")
        self._answer(b'{"object": "list", "data": [{"id": "m"}]}' if known else b"{}")

    def _answer(self, answer: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


def _look_around(engine: Engine) -> str:
    """All that a box shows of the key, to one who may look everywhere in it."""
    (box,), _ = left(engine)
    search = (
        "grep -rlF -e $0 /box /tmp /opt/venv /etc /run 2>/dev/null;"
        " cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | grep -aF -e $0;"
        " test -e /box/order && echo looked"
    )
    # Root sees what the first process hides. Its words reach the box, so the key's
    # middle is cut out of them.
    half = f"{KEY[:12]}[{KEY[12]}]{KEY[13:]}"
    command = ("exec", "--user", "0", box, "sh", "-c", search.replace("F", ""), half)
    found = subprocess.run(
        (engine.name, *command), capture_output=True, text=True, check=False
    )
    return found.stdout + engine.asked("inspect", box).replace(half, "")


@pytest.fixture
def vendor(engine: Engine) -> Iterator[tuple[str, type[_Vendor]]]:
    class Ours(_Vendor):
        keys: list[str | None] = []  # noqa: RUF012 - of this server
        found: list[str] = []  # noqa: RUF012

    Ours.engine = engine
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ours)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", Ours
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("kind", ["hosted", "endpoint"])
def test_a_key_is_in_no_byte_of_the_box(
    kind: str, vendor: tuple[str, type[_Vendor]], engine: Engine, tmp_path: Path
) -> None:
    url, server = vendor
    spec = write_spec(tmp_path, scripts=["oracle"])
    hosted = 'protocol = "openai"\nvendor = "V"\nserver = "hosted"\n'
    model = (
        f'[[model]]\nname = "m"\nbase_url = "{url}"\nkey_env = "BOX_KEY"\n'
        + (hosted if kind == "hosted" else 'server = "endpoint"\n')
        + "\n[[harness]]"
    )
    text = spec.read_text().replace("[[harness]]", model)
    text = text.replace("tasks = [", 'tasks = ["p1_*"] #').replace(
        '[[model]]\nname = "oracle"\nscript = "oracle"\n', ""
    )
    spec.write_text(text)
    done = run_command(
        *("run", spec, "--box", engine.name),
        cwd=tmp_path,
        timeout=300,
        environment={"BOX_KEY": KEY},
    )
    assert done.returncode == 0, done.stderr
    assert server.keys
    assert {*server.keys} == {f"Bearer {KEY}"}
    assert len(server.found) == 1
    assert "looked" in server.found[0]
    assert KEY not in server.found[0]
    assert "/box/" not in server.found[0].partition("looked")[0]
    (row,) = rows(tmp_path / "runs/test")
    assert (row["status"], row["tokens_in"], row["tokens_out"]) == (
        *("no_change", "7", "3"),
    )
    kept = b"".join(
        path.read_bytes() for path in (tmp_path / "runs").rglob("*") if path.is_file()
    )
    assert KEY.encode() not in kept
