"""Processor time of builds: the example, nothing changed, and two large tables.

Each side in turn, A B A B, in processes of their own; user and system time together,
the median of all rounds. Bytecode is compiled and pictures of shared links are drawn
before; what the gate remembers is removed before each build that is called cold.

    .venv/bin/python -m benchmarks.build_time [ROUNDS [OLD]]

OLD is the `harness-bench` of another checkout, which is run beside this one.
"""

import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

MANY_TASKS, MANY_COMBOS = (43, 1_217), (900, 100)
ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/harness-bench-2026/cells.csv"
OURS = (str(Path(sys.executable).with_name("harness-bench")),)
GROUPED = (
    "import sys, pandas as pd; t = pd.read_csv(sys.argv[1]);"
    "t['passed'] = t['passed'] if 'passed' in t else t['status'] == 'pass';"
    "print(t.groupby(['model', 'harness'])['passed'].mean())"
)


def main() -> None:
    """Measure, and print a table in Markdown for each set of results."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    old = sys.argv[2] if len(sys.argv) > 2 else None  # noqa: PLR2004 - the second one
    with tempfile.TemporaryDirectory() as name:
        told(f"The example, {rounds} rounds", sides(EXAMPLE, Path(name), old), rounds)
        few = max(1, rounds // 5)
        for combos, tasks in (MANY_TASKS, MANY_COMBOS):
            large = Path(name) / f"{combos}" / "cells.csv"
            large.parent.mkdir()
            drawn(large, combos, tasks)
            title = f"{combos} combos × {tasks:,} tasks, rounds: {few}"
            beside = old if (combos, tasks) == MANY_TASKS else None
            told(title, sides(large, Path(name), beside), few)


def drawn(path: Path, combos: int, tasks: int) -> None:
    """Write a table of one trial of each combo on each task; the same every time."""
    draw = random.Random(43)  # noqa: S311 - no secret is made
    skill = [draw.gauss(0, 1) for _ in range(combos)]
    hard = [draw.gauss(0, 1.5) for _ in range(tasks)]
    rows = [
        f"model-{combo // 5},harness-{combo % 5},task_{task:04},"
        f"{int(draw.gauss(skill[combo] - hard[task], 1) > 0)},"
        f"{draw.uniform(5, 300):.1f}"
        for combo in range(combos)
        for task in range(tasks)
    ]
    head = "model,harness,task,passed,agent_time_s"
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    path.with_name("site.toml").write_text("[publish]\ncells = true\n", "utf-8")


def sides(table: Path, folder: Path, old: str | None) -> dict[str, Callable[[], float]]:
    """What is measured of a table; each call gives seconds."""
    cache, out = folder / "cache", folder / f"site of {table.parent.name}"

    def built(command: Sequence[str], *more: str, of: Path = table) -> float:
        return seconds([*command, "build", str(of), "--out", str(out), *more], cache)

    def cold(command: Sequence[str], *more: str, of: Path = table) -> float:
        forget(cache, out)
        return built(command, *more, of=of)

    def unchanged() -> float:
        # Two whole builds: while the first one was at work, it made the folder.
        for _ in range(2):
            built(OURS)
        return built(OURS)

    found = {
        "cold": lambda: cold(OURS),
        "cold, without the gate": lambda: cold(OURS, "--no-gate"),
        "nothing changed": unchanged,
        "a bare interpreter": lambda: seconds(
            [sys.executable, "-I", "-c", "pass"], cache
        ),
        "bare pandas: read and group": lambda: seconds(
            [sys.executable, "-c", GROUPED, str(table)], cache
        ),
    }
    if table != EXAMPLE:
        del found["nothing changed"]
    if old:
        # Of the example, what was there then: it may not read today's.
        theirs = table
        if table == EXAMPLE:
            theirs = Path(old).parents[2] / table.relative_to(ROOT)
        found["the other checkout, cold"] = lambda: cold([old], of=theirs)
    return found


def seconds(command: Sequence[str], cache: Path) -> float:
    """User and system time of a program and what it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command, cache)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(command: Sequence[str], cache: Path) -> subprocess.CompletedProcess[str]:
    """Run a program with a cache of its own."""
    return subprocess.run(
        command, env=environment(cache), capture_output=True, text=True, check=True
    )


def environment(cache: Path) -> dict[str, str]:
    """With a cache of its own, and bytecode as everywhere."""
    around = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    around.pop("PYTHONDONTWRITEBYTECODE", None)
    return around


def forget(cache: Path, out: Path) -> None:
    """Remove a site and what is remembered of it; pictures of shared links stay."""
    for kept in ("gate", "builds"):
        shutil.rmtree(cache / "harness-bench" / kept, ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)


def told(title: str, found: Mapping[str, Callable[[], float]], rounds: int) -> None:
    """Print the median of each side, after a round that is not counted if many are."""
    if rounds > 1:
        for measure in found.values():
            measure()
    taken: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(rounds):
        for name, measure in found.items():
            taken[name].append(measure())
    print(f"\n{title}\n\n| | s, median | least | most |\n|---|---|---|---|")
    for name, each in taken.items():
        middle = statistics.median(each)
        print(
            f"| {name} | {middle:.3f} | {min(each):.3f} | {max(each):.3f} |", flush=True
        )


if __name__ == "__main__":
    main()
