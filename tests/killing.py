"""Kills a runner at random moments until its run is complete, again and again."""

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness_bench.schema import Record
from runner.run_folder.ledger import read_ledger
from sitegen.parsed import read
from tests.runs import (
    left_running,
    run_command,
    runner_command,
    runner_environment,
    write_spec,
)

_STARTING_S = 2.5
"""Half of the kills come within this time, when sandbox and folder are looked at."""
_TRIAL_S = 1.0
"""The others come this soon after a trial or two have ended."""
_GONE_S = 5.0
"""Processes of a sandbox may outlive their runner by moments."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of it; all but kills, rounds and moments has to be zero."""

    kills: int = 0
    """Of runners that were alive."""
    rounds: int = 0
    """Runs that were brought to their end, and compared with an undisturbed one."""
    planned: int = 0
    written: int = 0
    """Rows of the CSV, over all rounds."""
    moments: Counter[str] = field(default_factory=Counter)
    """When runners were killed."""
    torn: int = 0
    """Segments of a ledger with half a line at their end."""
    duplicates: int = 0
    """Attempts beyond one a trial: finished trials that were run again."""
    processes: int = 0
    """Left running after a kill."""
    folders: int = 0
    """Left in the temporary folder after the end of a round."""
    different: int = 0
    """Rows that differ from those of an undisturbed run, in another column than the
    times."""


def kill_often(
    folder: Path,
    temporary: Path,
    *,
    kills: int,
    seeds: int,
    tell: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Kill so many runners of one run; when it is complete, begin it anew.

    Args:
        folder: Empty; takes the runs.
        temporary: Empty; where runners put what is short-lived.
        kills: At least one.
        seeds: Of the three practice tasks with two scripts: six trials each.
        tell: Is told after each round.
    """
    spec = write_spec(folder, scripts=["oracle", "wrong"], seeds=seeds, jobs=2)
    calm = run_command("run", spec, "--run", "calm", cwd=folder, timeout=1800)
    assert calm.returncode == 0, calm.stderr
    expected = _rows(folder / "calm")
    moments = random.Random(20261121)  # noqa: S311 - moments, not secrets
    tally = Tally()
    while tally.kills < kills:
        tally.rounds += 1
        run = folder / f"torn-{tally.rounds}"
        while not _lives_to_its_end(folder, run, temporary, moments, tally, kills):
            tally.processes += _left(temporary)
        tally.processes += _left(temporary)
        _compare(run, expected, 6 * seeds, tally)
        tally.folders += len(list(temporary.glob("harness-bench-*/*/*")))
        tell(tally)
    return tally


def _lives_to_its_end(
    folder: Path,
    run: Path,
    temporary: Path,
    moments: random.Random,
    tally: Tally,
    kills: int,
) -> bool:
    """Start a runner, and kill it unless there were enough; whether it was not."""
    with subprocess.Popen(
        runner_command("run", "run.toml", "--run", run),
        cwd=folder,
        env=runner_environment(TMPDIR=str(temporary)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as runner:
        if tally.kills < kills:
            moment = _wait(runner, run, moments)
            if runner.poll() is None:
                tally.moments[moment] += 1
                runner.send_signal(signal.SIGKILL)
        code = runner.wait()
    if code == -signal.SIGKILL:
        tally.kills += 1
        return False
    assert code == 0, code
    return True


def _wait(runner: "subprocess.Popen[bytes]", run: Path, moments: random.Random) -> str:
    """A random time from the start, or from the end of the next trials; which."""
    if moments.random() < 0.5:
        time.sleep(moments.uniform(0.05, _STARTING_S))
        return f"within {_STARTING_S} s of their start"
    awaited = _lines(run) + moments.randint(1, 3)
    while runner.poll() is None and _lines(run) < awaited:
        time.sleep(0.005)
    time.sleep(moments.uniform(0, _TRIAL_S))
    return f"within {_TRIAL_S} s of the end of a trial"


def _lines(run: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in run.glob("ledger/*.jsonl"))


def _left(temporary: Path) -> int:
    """How many processes are left; the kernel may take a moment."""
    deadline = time.monotonic() + _GONE_S
    while (left := left_running(temporary)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return len(left)


def _compare(run: Path, expected: list[Record], planned: int, tally: Tally) -> None:
    found = _rows(run)
    attempts = read_ledger(run)
    tally.planned += planned
    tally.written += len(found)
    tally.torn += len(attempts.notices)
    tally.duplicates += sum(len(each) - 1 for each in attempts.by_trial.values())
    tally.different += sum(
        ours != theirs for ours, theirs in zip(found, expected, strict=False)
    )


def _rows(run: Path) -> list[Record]:
    records = read((run / "cells.csv").read_bytes())
    return [
        replace(
            record,
            agent_time_s=None,
            model_time_s=None,
            tool_time_s=None,
            grade_time_s=None,
            first_token_s=None,
            tokens_per_s=None,
            started_at=None,
        )
        for record in records
    ]
