"""What the runner itself costs: milliseconds a trial, by step.

The model answers at once and gives up at once, so that what is left is ours: folders,
two kinds of sandbox, the relay, the proxy, the harness's own start, the ledger. Beside
each step stands the plainest thing that does the same, measured in the same run.

    .venv/bin/python benchmarks/runner_overhead.py [TRIALS]
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from runner.sandboxes.interpreter import interpreter

ROOT = Path(__file__).parents[1]
SPEC = """\
[run]
name = "overhead"
packs = ["{pack}"]
tasks = ["c1_*", "p1_*", "sql1_*"]
seeds = {seeds}

[[model]]
name = "null"
script = "null"

[[harness]]
name = "mini"
"""
STEPS = ("lay out", "sandbox", "agent", "freeze", "grade", "audit", "clean")


def main() -> None:
    """Measure, and print a table in Markdown."""
    seeds = max(1, int(sys.argv[1]) // 3) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        steps, wall_ms = runner_steps(folder, seeds)
        bare = bare_parts(folder)
    print(f"{len(steps)} trials of practice tasks with mini, null model; medians\n")
    print("| step | ms | the plainest equivalent | ms | ratio |")
    print("|---|---|---|---|---|")
    for step in STEPS:
        ms = 1000 * statistics.median(found.get(step, 0.0) for found in steps)
        what, plain = bare.get(step, ("", 0.0))
        ratio = f"{ms / plain:.1f}" if plain else ""
        print(f"| {step} | {ms:.1f} | {what} | {plain or 0:.1f} | {ratio} |")
    print(f"| whole run a trial, ledger and export included | {wall_ms:.1f} | | | |")


def runner_steps(folder: Path, seeds: int) -> tuple[list[dict[str, float]], float]:
    """Seconds by step of each trial, and milliseconds of the whole run a trial."""
    spec = folder / "run.toml"
    spec.write_text(SPEC.format(pack=ROOT / "tasks" / "practice", seeds=seeds))
    run = folder / "run"
    command = [sys.executable, "-m", "runner", "run", str(spec), "--run", str(run)]
    began = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    wall_s = time.perf_counter() - began
    found = []
    for path in sorted((run / "traces").glob("*/steps.json")):
        steps = json.loads(path.read_text())
        steps["sandbox"] = steps["sandbox and agent"] - steps["agent"]
        found.append(steps)
    return found, 1000 * wall_s / len(found)


def bare_parts(folder: Path) -> dict[str, tuple[str, float]]:
    """By step: what does the same most plainly, and its median milliseconds."""
    starter = next((ROOT / "tasks" / "practice").glob("*/starter"))
    copies = iter(range(10_000))
    bwrap = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--", "true"]
    python = [interpreter().path, "-E", "-s", "-S", "-c", "import http.client, json"]

    def copy() -> None:
        shutil.copytree(starter, folder / f"copy-{next(copies)}")

    def remove() -> None:
        shutil.rmtree(next(folder.glob("copy-*")))

    def append() -> None:
        with (folder / "line").open("ab", buffering=0) as file:
            file.write(b"x" * 1000)
            os.fdatasync(file.fileno())

    return {
        "lay out": ("copy of the starter", median_ms(copy)),
        "sandbox": ("`bwrap --unshare-all true`", median_ms(lambda: call(bwrap))),
        "agent": ("start of Python with http.client", median_ms(lambda: call(python))),
        "freeze": ("one line, fdatasync", median_ms(append)),
        "grade": ("`bwrap --unshare-all true`", median_ms(lambda: call(bwrap))),
        "clean": ("removal of the copy", median_ms(remove)),
    }


def call(command: list[str]) -> None:
    """Run a command to its end."""
    subprocess.run(command, check=True, capture_output=True)


def median_ms(work: Callable[[], None], times: int = 30) -> float:
    """The median milliseconds of a piece of work."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


if __name__ == "__main__":
    main()
