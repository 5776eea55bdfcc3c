"""How a sandbox ends: at a deadline, with its command, with a runner that is gone."""

import asyncio
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import harness_bench
import runner
from tests.needs import needs
from tests.runner.sandboxes.confining import alive, confined, printed, running, until

pytestmark = pytest.mark.e2e

_TREE = """
trap '' TERM INT HUP QUIT
(setsid sh -c "trap '' TERM; sleep {mark}; sleep {mark}" &)
(setsid setsid sleep {mark} &)
(nohup sh -c "while :; do sleep {mark}; done" >/dev/null 2>&1 &)
sleep {mark} & sleep {mark} &
python3 -c "
import os, signal, time
for n in range(1, 32):
    try: signal.signal(n, signal.SIG_IGN)
    except OSError: pass
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid(); time.sleep(600)
time.sleep(600)" {mark} &
sleep 0.3; touch up
"""
"""A tree of processes that does not want to end."""


@pytest.fixture(autouse=True)
def _bubblewrap() -> None:
    needs("bwrap")


@pytest.fixture
def mark() -> str:
    """Stands in the command lines of one test's processes; a duration for `sleep`."""
    return f"77{secrets.randbelow(10**8)}"


def test_the_whole_tree_is_dead_when_it_has_been_killed(
    tmp_path: Path, mark: str
) -> None:
    async def killed() -> tuple[int, list[str]]:
        script = f"{_TREE.format(mark=mark)} wait; sleep {mark}"
        async with running(confined(script, tmp_path)) as sandboxed:
            await until(tmp_path / "up")
            before = len(alive(mark))
            await sandboxed.kill()
            return before, alive(mark)

    before, after = asyncio.run(killed())

    assert before >= 8
    assert after == []


def test_the_whole_tree_is_dead_when_its_command_ends(
    tmp_path: Path, mark: str
) -> None:
    asyncio.run(printed(confined(f"{_TREE.format(mark=mark)} exit 0", tmp_path)))

    assert alive(mark) == []


def test_hundreds_of_processes_are_dead_when_they_have_been_killed(
    tmp_path: Path, mark: str
) -> None:
    script = f"for i in $(seq 400); do sleep {mark} & done; touch up; wait"

    async def killed() -> int:
        async with running(confined(script, tmp_path)) as sandboxed:
            await until(tmp_path / "up")
            before = len(alive(mark))
            await sandboxed.kill()
            return before

    assert asyncio.run(killed()) >= 400
    assert alive(mark) == []


_RUNNER = """
import asyncio, sys, tempfile
from pathlib import Path
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.sandbox import Confined, Mount

async def main(inside, workspace, mark):
    confined = Confined(
        command=(interpreter().path, "-E", "-s", "-S", "/opt/inside/first_only.py",
                 "sh", "-c", f"trap '' TERM; setsid sleep {mark} & sleep {mark}"),
        mounts=(Mount(source=Path(workspace), target="/workspace", writable=True),
                Mount(source=Path(inside), target="/opt/inside"),
                *interpreter().mounts),
    )
    with tempfile.TemporaryFile() as log:
        print("starting", flush=True)
        while True:
            sandboxed = await Bubblewrap().start(confined, output=log, errors=log)
            await asyncio.sleep(0.02)
asyncio.run(main(*sys.argv[1:]))
"""
_FIRST_ONLY = """
import sys
import first
first.keep_lifeline()
first.leave(first.reap_until(first.start(sys.argv[1:])))
"""


@pytest.fixture
def checkout() -> Iterator[Path]:
    """The runner where every user can read it, with a small first process."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for package in (harness_bench, runner):
            source = Path(package.__file__ or "").parent
            shutil.copytree(source, folder / source.name)
        inside = folder / "runner" / "inside"
        (inside / "first_only.py").write_text(_FIRST_ONLY)
        (folder / "work").mkdir(mode=0o777)
        (folder / "work").chmod(0o777)
        yield folder


def _users() -> list[str]:
    """Whom this test can be: root can be anyone."""
    return ["itself", "12345"] if os.geteuid() == 0 else ["itself"]


@pytest.mark.parametrize("user", _users())
def test_nothing_outlives_a_runner_that_is_killed(
    checkout: Path, mark: str, user: str
) -> None:
    python = shutil.which("python3", path="/usr/bin") or sys.executable
    command = [python, "-c", _RUNNER]
    if user != "itself":
        to = ("--reuid", user, "--regid", user, "--clear-groups", "--")
        command = [needs("setpriv"), *to, *command]
    inside, work = checkout / "runner" / "inside", checkout / "work"
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(checkout)}
    # The first moments are the hard ones: half of the kills fall into the start.
    moments = [random.uniform(0, 0.06) for _ in range(8)] + [0.1, 0.2, 0.4, 0.8]  # noqa: S311 - moments
    lived = 0
    for moment in moments:
        with subprocess.Popen(
            [*command, str(inside), str(work), mark],
            env=environment,
            cwd=checkout,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"starting\n"
            time.sleep(moment)
            lived += len(alive(mark)) > 1
            process.send_signal(signal.SIGKILL)
        ended_by = time.monotonic() + 1
        while alive(mark) and time.monotonic() < ended_by:
            time.sleep(0.01)

        assert alive(mark) == [], f"killed after {moment:.3f} s"
    assert lived >= 4
