"""One sweep, whatever executes it, and what has to hold of its run folder."""

import csv
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from runner.run_folder.ledger import read_ledger
from tests.runs import runner_command, runner_environment

TIMED = {
    "agent_time_s",
    "model_time_s",
    "tool_time_s",
    "grade_time_s",
    "first_token_s",
    "tokens_per_s",
    "prefill_per_s",
    "peak_memory_gb",
    "started_at",
    "hardware",
}
"""Columns of times and hosts."""


def rows(run: Path) -> list[dict[str, str]]:
    """The rows of a run, without times and hosts."""
    with (run / "cells.csv").open(newline="") as file:
        return [
            {name: value for name, value in row.items() if name not in TIMED}
            for row in csv.DictReader(file)
        ]


def holds(run: Path, planned: int) -> None:
    """Nothing is lost, and nothing is counted twice."""
    attempts = read_ledger(run)
    assert attempts.notices == ()
    assert len(rows(run)) == planned
    assert len(attempts.valid) == planned
    valid = Counter(
        each.trial
        for found in attempts.by_trial.values()
        for each in found
        if each.is_valid
    )
    assert {trial for trial, count in valid.items() if count > 1} == set()
    for found in attempts.by_trial.values():
        assert len({each.number for each in found}) == len(found)
        for each in found:
            assert (run / "traces" / each.folder / "steps.json").is_file()
            if each.workspace:
                assert (run / "archives" / f"{each.workspace}.tar.gz").is_file()


@contextmanager
def started(
    *words: str | Path, cwd: Path, **more: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the runner, with its words in a file beside; ended at the end."""
    log = cwd / f"{words[0]}-{time.monotonic_ns()}.log"
    with (
        log.open("wb") as file,
        subprocess.Popen(
            runner_command(*words),
            cwd=cwd,
            env=runner_environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()


def said(cwd: Path, command: str) -> str:
    """What processes of a command have said."""
    return "".join(path.read_text() for path in sorted(cwd.glob(f"{command}-*.log")))


def processes(*words: str) -> list[int]:
    """Ids of the processes whose command holds all these words."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                command = (process / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if all(word in command for word in words):
                found.append(int(process.name))
    return found


def kill(pids: Sequence[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
