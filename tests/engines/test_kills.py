"""Whatever dies while workers are at work: nothing is lost, nothing counts twice."""

import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from runner.models.served import free_port
from runner.run_folder.workers_file import read_crew
from tests.engines.sweeps import (
    holds,
    kill,
    lines,
    loads,
    processes,
    rows,
    run_alone,
    said,
    scheduler,
    started,
    until,
    write_sweep,
)
from tests.runs import run_command

pytestmark = [pytest.mark.engines, pytest.mark.timeout(1800)]

KILLS = int(os.environ.get("HARNESS_BENCH_WORKER_KILLS", "3"))


def test_killed_workers_lose_nothing(tmp_path: Path) -> None:
    seeds = max(5, KILLS)
    settings = write_sweep(tmp_path, seeds=seeds)
    expected = run_alone(settings, seeds=seeds)
    moments = random.Random(20261129)  # noqa: S311 - moments, not secrets
    run, kills, crew, status = tmp_path / "many", 0, None, ""
    words = ("run", settings, "--run", run, "--workers", "4")
    with started(*words, cwd=tmp_path) as process:
        while process.poll() is None:
            crew = read_crew(run) or crew
            if kills < KILLS and lines(run):
                time.sleep(moments.uniform(0, 3))
                alive = processes(f"worker {settings}")
                if alive and process.poll() is None:
                    kill([moments.choice(sorted(alive))])
                    kills += 1
                    told = run_command("status", run, cwd=tmp_path).stderr
                    status = told if "worker local-" in told else status
            time.sleep(0.05)
        assert process.returncode == 0, said(tmp_path, "run")
    assert "worker local-" in status
    assert kills == KILLS
    holds(run, len(expected))
    assert rows(run) == expected
    assert crew is not None
    assert loads(tmp_path) <= crew.orders["served"] + kills
    until(lambda: not processes(str(tmp_path / "served.gguf")), "servers end")
    until(lambda: not processes(f"worker {settings}"), "workers end")


def test_all_that_a_network_can_do(tmp_path: Path) -> None:
    """A scheduler and a leader that die, a node that vanishes, a disk that is full."""
    # So many that a fast machine still works when the last of it happens.
    settings = write_sweep(tmp_path, seeds=20)
    expected = run_alone(settings, seeds=20)
    run, port = tmp_path / "many", free_port()
    address = f"tcp://127.0.0.1:{port}"
    lead = ("run", settings, "--run", run, "--scheduler", address)
    worker = ("worker", settings, "--scheduler", address)
    with ExitStack() as left:
        small = left.enter_context(small_disk(mb=300))
        first = left.enter_context(scheduler(tmp_path, port))
        leader = left.enter_context(started(*lead, cwd=tmp_path))
        full = (*worker, "--name", "full")
        left.enter_context(started(*full, cwd=tmp_path, TMPDIR=str(small)))
        steady = left.enter_context(started(*worker, cwd=tmp_path))
        vanishing = left.enter_context(started(*worker, cwd=tmp_path))
        until(lambda: "worker full: " in said(tmp_path, "run"), "work for all", 300)
        (small / "filler").write_bytes(b"\0" * 2**20 * 290)
        full_up = "worker full: gets no more work"
        until(lambda: full_up in said(tmp_path, "run"), "a full disk", 300)

        first.kill()
        first.wait()
        left.enter_context(scheduler(tmp_path, port))
        seen = lines(run)
        until(lambda: lines(run) > seen + 4, "work after the scheduler", 300)

        vanishing.send_signal(signal.SIGSTOP)
        seen = lines(run)
        until(lambda: lines(run) > seen + 4, "work without a node", 300)

        leader.kill()
        leader.wait()
        vanishing.send_signal(signal.SIGCONT)
        leader = left.enter_context(started(*lead, cwd=tmp_path))
        seen = lines(run)
        until(lambda: lines(run) > seen + 4, "work for a new leader", 300)

        assert leader.wait(timeout=600) == 0, said(tmp_path, "run")
        assert steady.poll() is None
    holds(run, len(expected))
    assert rows(run) == expected
    until(lambda: not processes(str(tmp_path / "served.gguf")), "servers end")


@contextmanager
def small_disk(*, mb: int) -> Iterator[Path]:
    """A disk of so many MiB, under a short name: sockets are on it."""
    with tempfile.TemporaryDirectory(prefix="hb-", dir="/tmp") as name:
        size = ("-o", f"size={mb}m", "small", name)
        subprocess.run(["/bin/mount", "-t", "tmpfs", *size], check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["/bin/umount", "-l", name], check=True)
