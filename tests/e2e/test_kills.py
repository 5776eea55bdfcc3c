"""A runner that is killed at any moment loses nothing, repeats nothing, leaves nothing.

`make torture` does the same more often.
"""

import os
import random
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from harness_bench.cells_csv import read
from harness_bench.schema import Record
from runner.ledger import read_ledger
from tests.needs import needs
from tests.runs import (
    left_running,
    run_command,
    runner_command,
    runner_environment,
    write_spec,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(420)]

KILLS = int(os.environ.get("HARNESS_BENCH_KILLS", "10"))


def without_times(record: Record) -> Record:
    return replace(
        record,
        agent_time_s=None,
        model_time_s=None,
        tool_time_s=None,
        grade_time_s=None,
        started_at=None,
    )


def await_no_process(temporary: Path) -> None:
    """Wait until nothing is left; the kernel may take a moment."""
    deadline = time.monotonic() + 2
    while left := left_running(temporary):
        assert time.monotonic() < deadline, f"left running: {left}"
        time.sleep(0.02)


def test_a_runner_killed_ten_times_writes_what_an_undisturbed_one_does(
    tmp_path: Path, short_tmp: Path
) -> None:
    needs("bwrap")
    spec = write_spec(tmp_path, scripts=["oracle", "wrong"], seeds=5)
    calm = run_command("run", spec, "--run", "calm", cwd=tmp_path, timeout=200)
    assert calm.returncode == 0, calm.stderr
    moments = random.Random(20261121)  # noqa: S311 - moments, not secrets
    killed = 0
    while killed < KILLS:
        with subprocess.Popen(
            runner_command("run", spec, "--run", "torn"),
            cwd=tmp_path,
            env=runner_environment(TMPDIR=str(short_tmp)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as runner:
            time.sleep(moments.uniform(0.1, 4.0))
            if runner.poll() is None:
                runner.send_signal(signal.SIGKILL)
            runner.wait()
            killed += 1
        await_no_process(short_tmp)
    last = subprocess.run(
        runner_command("run", spec, "--run", "torn"),
        cwd=tmp_path,
        env=runner_environment(TMPDIR=str(short_tmp)),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert last.returncode == 0, last.stderr
    await_no_process(short_tmp)

    expected = read((tmp_path / "calm" / "cells.csv").read_bytes())
    found = read((tmp_path / "torn" / "cells.csv").read_bytes())
    assert len(found) == 30
    assert [*map(without_times, found)] == [*map(without_times, expected)]
    attempts = read_ledger(tmp_path / "torn")
    assert {len(each) for each in attempts.by_trial.values()} == {1}
    assert list(short_tmp.glob("harness-bench-*/*/*")) == []
