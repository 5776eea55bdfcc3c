"""What the runner takes for large runs: planning, resuming, exporting; in seconds.

Wall clock and processor time; on a busy machine the second says more.

    .venv/bin/python benchmarks/runner_scale.py
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from runner.plan import all_trials, plan  # noqa: E402
from runner.run_folder.ledger import Ledger  # noqa: E402 - found through the line above
from runner.spec import read_spec  # noqa: E402
from runner.tasks import read_packs  # noqa: E402
from tests.runner.specs import harness, many_attempts, model, spec, task  # noqa: E402

RESUMED = 2_001
EXPORTED = 100_000
SPEC = """\
[run]
packs = ["{packs}"]
tasks = ["c1_*", "p1_*", "sql1_*"]
seeds = {seeds}
[[model]]
name = "oracle"
script = "oracle"
[[harness]]
name = "mini"
"""


def main() -> None:
    """Measure, and print a table in Markdown."""
    print("| what | wall clock, s | processor, s |\n|---|---|---|")
    for what, (wall_s, cpu_s) in {
        "10,000 cells planned (20 models x 5 harnesses x 100 tasks)": planned(),
        f"`run` of {RESUMED:,} finished trials, nothing to do": resumed(),
        f"`status` of {RESUMED:,} finished trials": resumed("status"),
        f"`export` of {EXPORTED:,} attempts": exported(),
    }.items():
        print(f"| {what} | {wall_s:.2f} | {cpu_s:.2f} |")
    print(f"\n8 models x 5 harnesses x 16 tasks x 3 seeds: {loads()} model loads")


def planned() -> tuple[float, float]:
    """Ten thousand cells."""
    large = spec(
        tuple(model(f"m{n}") for n in range(20)),
        tuple(harness(f"h{n}") for n in range(5)),
    )
    tasks = [task(f"t{n}") for n in range(100)]
    return taken(lambda: plan(all_trials(large, tasks)))


def loads() -> int:
    """How often a model is loaded in the plan of the worked example's size."""
    large = spec(
        tuple(model(f"m{n}") for n in range(8)),
        tuple(harness(f"h{n}") for n in range(5)),
        seeds=3,
    )
    return len(plan(all_trials(large, [task(f"t{n}") for n in range(16)])))


def resumed(command: str = "run") -> tuple[float, float]:
    """A command on a run whose trials have all passed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "run.toml"
        packs = ROOT / "tasks" / "practice"
        path.write_text(SPEC.format(packs=packs, seeds=RESUMED // 3))
        settings = read_spec(path)
        trials = all_trials(settings, read_packs(settings.run.packs))
        with unsynced(), Ledger(folder / "out") as ledger:
            for trial, found in zip(trials, many_attempts(RESUMED), strict=True):
                record = replace(
                    found.record,
                    model=trial.model.name,
                    harness=trial.harness.name,
                    task=trial.task.name,
                    seed=trial.seed,
                )
                ledger.append(replace(found, trial=trial.id, record=record))
        run = ("run", str(path), "--run", str(folder / "out"))
        runner(*run)
        return taken(
            lambda: runner(
                *(run if command == "run" else (command, str(folder / "out")))
            )
        )


def exported() -> tuple[float, float]:
    """CSV from a large ledger."""
    with tempfile.TemporaryDirectory() as name:
        with unsynced(), Ledger(Path(name)) as ledger:
            for attempt in islice(many_attempts(EXPORTED), EXPORTED):
                ledger.append(attempt)
        return taken(lambda: runner("export", name))


def unsynced() -> AbstractContextManager[object]:
    """A ledger that is only made to be read need not be on the disk."""
    return patch.object(os, "fdatasync")


def runner(*words: str) -> None:
    """The program, as people start it."""
    subprocess.run(
        [sys.executable, "-m", "runner", *words],
        check=True,
        cwd=ROOT,
        capture_output=True,
    )


def taken(work: Callable[[], object]) -> tuple[float, float]:
    """Wall clock and processor seconds of a piece of work and its processes."""
    before, began = processor_s(), time.perf_counter()
    work()
    return time.perf_counter() - began, processor_s() - before


def processor_s() -> float:
    """Of this process and those that it has waited for."""
    found = [
        resource.getrusage(who)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    return sum(each.ru_utime + each.ru_stime for each in found)


if __name__ == "__main__":
    main()
