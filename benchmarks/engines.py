"""What workers bring, and what leading them costs.

    .venv/bin/python benchmarks/engines.py

Model servers that think for seconds stand for machines with cards: two workers on one
machine share its processors, but not that wait.
"""

import asyncio
import csv
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.runner_scale import processor_s, runner, unsynced  # noqa: E402 - found by the above
from runner.engines.desk import Desk  # noqa: E402
from runner.engines.engine import Stop, Work  # noqa: E402
from runner.engines.orders import Told  # noqa: E402
from runner.models.served import free_port  # noqa: E402
from runner.plan import all_trials, plan  # noqa: E402
from runner.run_folder.ledger import Ledger  # noqa: E402
from runner.sandboxes.bubblewrap import Bubblewrap  # noqa: E402
from runner.telling.events import AttemptEnded  # noqa: E402
from runner.trial import Bench  # noqa: E402
from tests.engines.sweeps import said, scheduler, started, until  # noqa: E402
from tests.runner.specs import (  # noqa: E402
    attempt,
    harness,
    many_attempts,
    model,
    spec,
    task,
)
from tests.runs import run_command, write_small_task, write_spec  # noqa: E402

PLANNED = 100_000
EXPORTED = 1_000_000
DELAY_S = 3.0
"""A model thinks so long, four times a trial."""


def main() -> None:
    """Measure, and print a table in Markdown."""
    parts: tuple[Callable[[], str], ...] = (sped_up, joined, led, exported)
    chosen = [part for part in parts if part.__name__ in sys.argv[1:]] or parts
    print("| what | measured |\n|---|---|")
    for part in chosen:
        print(part(), flush=True)


def slow_sweep(folder: Path) -> Path:
    """Sixteen trials of two models that think."""
    write_small_task(folder / "pack" / "one")
    settings = write_spec(
        folder, scripts=["oracle", "wrong"], seeds=8, packs=folder / "pack"
    )
    text = settings.read_text()
    for script in ("oracle", "wrong"):
        line = f'script = "{script}"\n'
        text = text.replace(line, f"{line}delay_s = {DELAY_S}\n")
    settings.write_text(text.replace("agent_s = 30", "agent_s = 300"))
    return settings


def sped_up() -> str:
    """One worker, then two; from the first trial's start to the last one's end."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        settings = slow_sweep(Path(name))
        took = []
        for workers in ("1", "2"):
            run = Path(name) / workers
            words = ("run", settings, "--run", run, "--workers", workers)
            done = run_command(*words, cwd=Path(name), timeout=1200)
            assert done.returncode == 0, done.stderr
            took.append(_span_s(run / "cells.csv"))
    ratio = took[0] / took[1]
    what = f"16 trials of a model that thinks {DELAY_S:g} s, one worker and two"
    return f"| {what} | {took[0]:.1f} s and {took[1]:.1f} s: {ratio:.2f} times |"


def _span_s(cells: Path) -> float:
    with cells.open(newline="") as file:
        rows = list(csv.DictReader(file))
    begins = [datetime.fromisoformat(row["started_at"]).timestamp() for row in rows]
    lasts = [
        begin + float(row["agent_time_s"]) + float(row["grade_time_s"])
        for begin, row in zip(begins, rows, strict=True)
    ]
    return max(lasts) - min(begins)


def joined() -> str:
    """A second worker in the middle of a run."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name, ExitStack() as left:
        folder = Path(name)
        settings, port = slow_sweep(folder), free_port()
        left.enter_context(scheduler(folder, port))
        there = ("--scheduler", f"tcp://127.0.0.1:{port}")
        run = ("run", settings, "--run", folder / "r", *there)
        leader = left.enter_context(started(*run, cwd=folder))
        first = ("worker", settings, *there, "--name", "first")
        left.enter_context(started(*first, cwd=folder))
        until(lambda: "first: oracle is ready" in said(folder, "run"), "work", 300)
        began = time.monotonic()
        second = ("worker", settings, *there, "--name", "second")
        left.enter_context(started(*second, cwd=folder))
        until(lambda: "second: wrong is ready" in said(folder, "run"), "work", 300)
        took = time.monotonic() - began
        leader.kill()
    what = "a worker is started in mid-run, passes its checks, and has a model ready"
    return f"| {what} | after {took:.1f} s |"


def led() -> str:
    """A hundred thousand trials are planned, given to workers and told."""
    code = "from benchmarks.engines import lead; lead()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True
    )
    what = f"{PLANNED:,} trials planned, given to a worker, and told by it"
    return f"| {what} | {done.stdout.decode().strip()} |"


def lead() -> None:
    """The leader's part of that, without the disk; prints time and memory."""
    large = spec(
        tuple(model(f"m{n}") for n in range(20)),
        tuple(harness(f"h{n}") for n in range(5)),
        seeds=10,
    )
    trials = all_trials(large, [task(f"t{n}") for n in range(100)])
    planned_s = time.process_time()
    folder = Path("/tmp")  # noqa: S108 - nothing is written
    bench = Bench(sandbox=Bubblewrap(), scratch=folder, run=folder, hardware="")
    work = Work(groups=plan(trials), bench=bench, jobs=1, attempts=3, made={})

    async def give_all() -> int:
        desk, told = Desk(work, Stop()), 0

        async def all_workers() -> None:
            models = {each.label for each in large.models}
            while trials := desk.waiting.take(None, fit=models, holders={}):
                order = desk.give("w", trials)
                for trial in trials:
                    found = attempt(trial.id, folder=trial.id, agent_time_s=1.0)
                    event = Told(kind="AttemptEnded", trial=trial.id, attempt=found)
                    await desk.tell(order.number, pickle.dumps(event))
                desk.take_back(order.number)

        working = asyncio.create_task(all_workers())
        async for event in desk.events(working):
            told += isinstance(event, AttemptEnded)
        return told

    assert asyncio.run(give_all()) == PLANNED == len(trials)
    took = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{planned_s:.1f} s of a processor until planned, {took:.1f} s in all,"
        f" {peak:.0f} MiB at most"
    )


def exported() -> str:
    """CSV from a ledger of a million attempts."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        with unsynced(), Ledger(Path(name)) as ledger:
            for found in islice(many_attempts(EXPORTED), EXPORTED):
                ledger.append(found)
        before = processor_s()
        runner("export", name)
        took = processor_s() - before
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    what = f"`export` of {EXPORTED:,} attempts"
    return f"| {what} | {took:.0f} s of a processor, {peak:.0f} MiB at most |"


if __name__ == "__main__":
    main()
