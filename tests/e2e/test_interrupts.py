"""Ctrl-C: first let running trials end, then stop them; nothing is lost either way."""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness_bench.schema import Status
from runner.run_folder.ledger import read_ledger
from sitegen.parsed import read
from tests.needs import needs
from tests.runs import (
    left_running,
    run_command,
    runner_command,
    runner_environment,
    wait_for,
    write_small_task,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SPEC = """\
[run]
packs = ["pack"]
seeds = 4
jobs = {jobs}
[limits]
agent_s = 60
[[model]]
name = "m"
script = "oracle"
delay_s = {delay_s}
[[harness]]
name = "mini"
"""


def write_run(folder: Path, *, delay_s: float, jobs: int = 1) -> None:
    write_small_task(folder / "pack" / "t")
    (folder / "run.toml").write_text(SPEC.format(delay_s=delay_s, jobs=jobs))


@contextmanager
def running(
    folder: Path, temporary: Path
) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    """A runner as a terminal has it, and what it has said, line by line."""
    with subprocess.Popen(
        runner_command("run", "run.toml", "--run", "out"),
        cwd=folder,
        env=runner_environment(TMPDIR=str(temporary)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as runner:
        try:
            yield runner, []
        finally:
            runner.kill()


def heard(runner: "subprocess.Popen[str]", said: list[str], words: str) -> None:
    """Listen until the runner says this."""
    assert runner.stderr is not None
    for line in runner.stderr:
        said.append(line)
        if words in line:
            return
    raise AssertionError(said)


def in_agent(temporary: Path) -> bool:
    """Whether a harness is at work in its sandbox."""
    for pid in left_running(temporary):
        try:
            if b"/mini.py" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return True
        except OSError:
            continue
    return False


def statuses(folder: Path) -> Counter[Status | None]:
    found = read_ledger(folder / "out").by_trial.values()
    return Counter(attempt.record.status for each in found for attempt in each)


def assert_resumes(folder: Path, *, done: int) -> None:
    """The same command brings the run to its end, and repeats nothing."""
    ended = run_command("run", "run.toml", "--run", "out", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    assert f"4 trials, {done} already done, {4 - done} to run" in ended.stderr
    assert statuses(folder)[Status.PASS] == 4
    rows = read((folder / "out" / "cells.csv").read_bytes())
    assert [row.status for row in rows] == [Status.PASS] * 4


def test_the_first_one_lets_running_trials_end(tmp_path: Path, short_tmp: Path) -> None:
    needs("bwrap")
    write_run(tmp_path, delay_s=0.5, jobs=2)

    with running(tmp_path, short_tmp) as (runner, said):
        heard(runner, said, "ready")
        wait_for(lambda: in_agent(short_tmp), 60)
        # A terminal sends it to all of the group.
        os.killpg(runner.pid, signal.SIGINT)
        heard(
            runner,
            said,
            "waiting for running trials to finish; Ctrl-C again stops them",
        )
        heard(runner, said, "interrupted; run the same command to continue")
        assert runner.wait(timeout=60) == 130

    done = statuses(tmp_path)
    assert done in ({Status.PASS: 1}, {Status.PASS: 2})
    assert left_running(short_tmp) == []
    assert_resumes(tmp_path, done=done.total())


def test_the_second_one_stops_them_at_once(tmp_path: Path, short_tmp: Path) -> None:
    needs("bwrap")
    write_run(tmp_path, delay_s=20)

    with running(tmp_path, short_tmp) as (runner, said):
        heard(runner, said, "ready")
        wait_for(lambda: in_agent(short_tmp), 60)
        os.killpg(runner.pid, signal.SIGINT)
        heard(runner, said, "waiting for running trials to finish")
        os.killpg(runner.pid, signal.SIGINT)
        began = time.monotonic()
        heard(runner, said, "stopping running trials")
        heard(runner, said, "interrupted")
        assert runner.wait(timeout=60) == 130

    assert time.monotonic() - began < 15
    assert statuses(tmp_path) == {Status.CANCELLED: 1}
    assert left_running(short_tmp) == []
    assert list(short_tmp.glob("harness-bench-*/*/*")) == []
    faster = (tmp_path / "run.toml").read_text().replace("delay_s = 20", "delay_s = 0")
    (tmp_path / "run.toml").write_text(faster)
    run_command("run", "run.toml", "--run", "out", cwd=tmp_path)
    assert statuses(tmp_path) == {Status.CANCELLED: 1, Status.PASS: 4}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_who_is_told_to_go_goes_at_once_and_keeps_what_is_done(
    tmp_path: Path, short_tmp: Path, number: signal.Signals
) -> None:
    needs("bwrap")
    write_run(tmp_path, delay_s=0.2)

    with running(tmp_path, short_tmp) as (runner, said):
        heard(runner, said, "1/4")
        runner.send_signal(number)
        heard(runner, said, "interrupted")
        assert runner.wait(timeout=60) == 130

    assert left_running(short_tmp) == []
    assert_resumes(tmp_path, done=statuses(tmp_path)[Status.PASS])


def test_a_second_runner_is_sent_away_and_a_moved_folder_goes_on(
    tmp_path: Path, short_tmp: Path
) -> None:
    needs("bwrap")
    first, second = tmp_path / "here", tmp_path / "there"
    first.mkdir()
    write_run(first, delay_s=0.5)

    with running(first, short_tmp) as (runner, said):
        heard(runner, said, "ready")
        wait_for(lambda: in_agent(short_tmp), 60)
        refused = run_command("run", "run.toml", "--run", "out", cwd=first)
        assert refused.returncode == 1
        assert f"another runner is using this folder (process {runner.pid})" in (
            refused.stderr
        )
        heard(runner, said, "1/4")
        os.killpg(runner.pid, signal.SIGINT)
        assert runner.wait(timeout=60) == 130

    done = statuses(first)
    assert set(done) == {Status.PASS}, "whoever was first is not disturbed"
    first.rename(second)
    assert_resumes(second, done=done.total())
    for words in (("status", "out"), ("show", "out"), ("export", "out")):
        ended = run_command(*words, cwd=second)
        assert ended.returncode == 0, ended.stderr
    again = run_command("regrade", "run.toml", "--run", "out", cwd=second)
    assert again.returncode == 0, again.stderr
    assert statuses(second)[Status.PASS] >= 4
