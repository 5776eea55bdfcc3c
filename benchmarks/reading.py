"""What reading a table costs, beside bare pandas.

The worked example, and the same 221 times over with other seeds, times and tokens:
300,560 rows of 15 columns. Each line is a fresh process; memory is what its peak grew
by after all imports.

    .venv/bin/python -m benchmarks.reading [CHECKOUT ...]

A checkout of another commit is measured with the packages of this one.
"""

import csv
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "harness-bench-2026" / "cells.csv"
TIMES = 221
MEASURE = """
import resource, sys, time
from pathlib import Path
import pandas as pd
what, path = sys.argv[1], Path(sys.argv[2])
if what != "bare pandas":
    from sitegen.inputs import read_inputs
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, begun = peak(), time.process_time()
kept = pd.read_csv(path) if what == "bare pandas" else read_inputs([path]).records
print(f"{time.process_time() - begun:.2f} {peak() - before:.0f} {len(kept)}")
"""


def main(checkouts: list[str]) -> None:
    """Measure, and print a table in Markdown."""
    print("| what | rows | s of processor | MB | kB a row |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        large = Path(name) / "cells.csv"
        _write(large)
        for path in (EXAMPLE, large):
            for what, place in [
                ("bare pandas", str(ROOT)),
                *((f"read_inputs, {Path(each).name}", each) for each in checkouts),
                ("read_inputs, this checkout", str(ROOT)),
            ]:
                seconds, megabytes, rows = _measured(what, path, place)
                a_row = 1024 * megabytes / rows
                print(
                    f"| {what} | {rows:,} | {seconds:.2f} | {megabytes:.0f}"
                    f" | {a_row:.2f} |"
                )


def _measured(what: str, path: Path, checkout: str) -> tuple[float, float, int]:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, what, str(path)],
        env={**os.environ, "PYTHONPATH": checkout},
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, megabytes, rows = done.stdout.split()
    return float(seconds), float(megabytes), int(rows)


def _write(path: Path) -> None:
    draw = random.Random(1)  # noqa: S311 - no secret
    with EXAMPLE.open(newline="") as file:
        header, *rows = csv.reader(file)
    seed, seconds = header.index("seed"), header.index("agent_time_s")
    more = ["tokens_in", "tokens_out", "calls", "hardware", "started_at"]
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*header, *more])
        for number in range(TIMES):
            for row in rows:
                row[seed] = str(int(row[seed]) % 10 + 10 * number)
                row[seconds] = f"{draw.uniform(1, 900):.1f}"
                hour, minute, second = (draw.randrange(n) for n in (24, 60, 60))
                began = f"2026-01-01T{hour:02}:{minute:02}:{second:02}Z"
                used = [draw.randrange(n) for n in (1_000_000, 20_000, 90)]
                writer.writerow([*row, *used, "RTX 3090", began])


if __name__ == "__main__":
    main(sys.argv[1:])
