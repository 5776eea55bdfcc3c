"""One sweep, whatever executes it, and what has to hold of its run folder."""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from runner.run_folder.ledger import read_ledger
from runner.run_folder.workers_file import Crew, read_crew
from tests.runner.models.gguf_files import write_gguf
from tests.runs import (
    run_command,
    runner_command,
    runner_environment,
    write_small_task,
    write_spec,
)

SCRIPTS = ("oracle", "wrong", "null", "overflow")
FAKE_SERVER = Path(__file__).parents[1] / "runner" / "models" / "fake_llama_server.py"

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
        found = [
            {name: value for name, value in row.items() if name not in TIMED}
            for row in csv.DictReader(file)
        ]
    return sorted(found, key=place)


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
        for each in filter(lambda each: each.is_valid, found):
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
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            except OSError:
                continue
            if all(word.encode() in command for word in words):
                found.append(int(process.name))
    return found


def parents(pids: Sequence[int]) -> list[int]:
    """Who started them."""
    stats = [Path(f"/proc/{pid}/stat").read_text() for pid in pids]
    return [int(stat.rpartition(")")[2].split()[1]) for stat in stats]


def kill(pids: Sequence[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def lines(run: Path) -> int:
    """How many attempts are in a ledger."""
    return sum(path.read_bytes().count(b"\n") for path in run.glob("ledger/*.jsonl"))


def until(holds: Callable[[], object], what: str, within_s: float = 120) -> None:
    """Wait for something."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def write_sweep(folder: Path, *, seeds: int) -> Path:
    """Four scripts and a server that is a process of its own: ten trials a seed."""
    for name in ("one", "two"):
        write_small_task(folder / "pack" / name)
    program = Path(shutil.copy(FAKE_SERVER, folder / "llama-server"))
    program.chmod(0o755)
    write_gguf(folder, "served.gguf")
    settings = write_spec(folder, scripts=SCRIPTS, seeds=seeds, packs=folder / "pack")
    with settings.open("a") as file:
        file.write(
            f"""
[[model]]
name = "served"
context_tokens = 4096
output_tokens = 1024
gguf = "{folder / "served.gguf"}"
program = "{program}"
server_args = ["--pids", "{folder / "pids"}"]
"""
        )
    return settings


def run_alone(settings: Path, *, seeds: int, run: int = 1) -> list[dict[str, str]]:
    """The rows of this machine alone.

    Args:
        settings: Of the sweep.
        seeds: What it asks for.
        run: So many of them are run; the others differ in nothing but their seed.
    """
    text = settings.read_text().replace(f"seeds = {seeds}\n", f"seeds = {run}\n")
    text = text.replace("jobs = 1\n", "jobs = 2\n")
    alone = settings.with_name("alone.toml")
    alone.write_text(text)
    done = run_command(
        "run", alone, "--run", "alone", cwd=settings.parent, timeout=1200
    )
    assert done.returncode == 0, done.stderr
    found = rows(settings.parent / "alone")
    more = [
        row | {"seed": str(seed), "sampling": _with_seed(row["sampling"], seed)}
        for row in found
        for seed in range(run, seeds)
        if row["seed"] == "0"
    ]
    return sorted(found + more, key=place)


def crew_until_end(process: "subprocess.Popen[bytes]", run: Path) -> Crew:
    """What a run said last of its workers; returns when it has ended, well."""
    crew = None
    while process.poll() is None:
        crew = read_crew(run) or crew
        time.sleep(0.05)
    assert process.returncode == 0, said(run.parent, "run")
    assert crew is not None
    return crew


def loads(folder: Path) -> int:
    """How often workers of a sweep have loaded its model."""
    return len((folder / "pids").read_text().split()) - 1  # one of run_alone


def place(row: Mapping[str, str]) -> tuple[str, str, int]:
    """Where a row stands among others."""
    return row["model"], row["task"], int(row["seed"])


def _with_seed(sampling: str, seed: int) -> str:
    return re.sub(r"seed=\d+", f"seed={seed}", sampling)


@contextmanager
def scheduler(cwd: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A scheduler of Dask, as people start one."""
    words = ("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    with (
        (cwd / "dask.log").open("ab") as log,
        subprocess.Popen(
            [sys.executable, "-m", "dask", *words],
            cwd=cwd,
            env={**os.environ, "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "10s"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
