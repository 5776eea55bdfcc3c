"""What goes wrong around a box ends as it does without one: code, words, verdicts."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from harness_bench.schema import Status
from runner.box.engine import Engine
from tests.box.boxes import client, left, processes
from tests.runs import (
    attempts_in,
    ended,
    runner_environment,
    running,
    wait_for,
    write_small_task,
)

pytestmark = [pytest.mark.box, pytest.mark.timeout(600)]

SPEC = """\
[run]
packs = ["pack"]
seeds = {seeds}
attempts = 2
[limits]
agent_s = 8
idle_s = 8
[[model]]
name = "m"
script = "oracle"
delay_s = 0.5
[[harness]]
name = "mini"
"""
SMALL = """\
#!{python}
import os, sys
words = sys.argv[1:]
if "--volume" in words:
    place = words.index("--volume")
    words[place : place + 2] = ["--tmpfs", "/box:rw,exec,mode=1777,size=300m"]
os.execv("{real}", ["{real}", *words])
"""
"""An engine whose boxes have a small disk."""


def boxed(
    engine: Engine, folder: Path, *, seeds: int, **environment: str
) -> AbstractContextManager["subprocess.Popen[str]"]:
    """A run in a box, in `folder/out`."""
    write_small_task(folder / "pack" / "t")
    (folder / "run.toml").write_text(SPEC.format(seeds=seeds))
    return running(folder, words=("--box", engine.name), **environment)


@pytest.mark.parametrize("part", ["box", "client"])
def test_what_stands_still_for_a_while_changes_no_verdict(
    part: str, engine: Engine, tmp_path: Path
) -> None:
    with boxed(engine, tmp_path, seeds=3) as runner:
        wait_for(lambda: attempts_in(tmp_path), 100)
        time.sleep(0.5)
        boxes, _ = left(engine)
        asleep = client(runner.pid)
        if part == "box":
            engine.asked("pause", *boxes)
        else:
            os.kill(asleep, signal.SIGSTOP)
        time.sleep(12)  # more than an agent has
        if part == "box":
            engine.asked("unpause", *boxes)
        else:
            os.kill(asleep, signal.SIGCONT)
        said = ended(runner, code=0, seconds=200)
    found = attempts_in(tmp_path)
    assert [each.record.status for each in found] == [Status.PASS] * 3, said
    assert all((each.record.agent_time_s or 9) < 8 for each in found)
    assert (*left(engine), processes(engine)) == ([], [], [])


def test_a_disk_of_the_box_that_becomes_full(engine: Engine, tmp_path: Path) -> None:
    small = tmp_path / "bin" / engine.name
    small.parent.mkdir()
    real = shutil.which(engine.name)
    small.write_text(SMALL.format(python=sys.executable, real=real))
    small.chmod(0o755)
    path = f"{small.parent}:{runner_environment()['PATH']}"
    with boxed(engine, tmp_path, seeds=8, PATH=path) as runner:
        wait_for(lambda: attempts_in(tmp_path), 100)
        (box,), _ = left(engine)
        first = engine.asked("inspect", "--format", "{{.State.Pid}}", box)
        fill(Path(f"/proc/{first}/root/box/filler"))
        said = ended(runner, code=3, seconds=200)
    found = Counter(each.record.status for each in attempts_in(tmp_path))
    passed = found.pop(Status.PASS)
    assert found == {Status.INFRA_SANDBOX: 3 * 2}
    assert "the disk is full" in said or "No space left" in said
    assert "this machine: given up" in said
    assert f"{8 - passed} of 8 planned trials are missing" in said
    assert (*left(engine), processes(engine)) == ([], [], [])


def fill(path: Path) -> None:
    """Fill a disk to its last byte."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\1" * 65536)
        except OSError:
            pass
