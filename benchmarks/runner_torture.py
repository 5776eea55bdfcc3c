"""Kills the whole runner at random moments, and looks what is lost.

A run of 60 trials with scripted models is killed with SIGKILL and started again until
it is complete, then the next one, until there were so many kills. It ends with 1 where
anything was lost, repeated or left behind.

    .venv/bin/python benchmarks/runner_torture.py [KILLS]
"""

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.killing import Tally, kill_often  # noqa: E402 - found through the line above

SEEDS = 10


def main() -> int:
    """Torture, and print a table in Markdown."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    began = time.monotonic()

    def tell(tally: Tally) -> None:
        minutes = (time.monotonic() - began) / 60
        print(f"{minutes:.0f} min: {tally}", file=sys.stderr, flush=True)

    with (
        tempfile.TemporaryDirectory(prefix="hb-", dir="/tmp") as runs,
        tempfile.TemporaryDirectory(prefix="hb-", dir="/tmp") as temporary,
    ):
        tally = kill_often(
            Path(runs), Path(temporary), kills=kills, seeds=SEEDS, tell=tell
        )
    print("| what | how many |\n|---|---|")
    for what, count in rows(tally):
        print(f"| {what} | {count} |")
    harm = (
        *(tally.duplicates, tally.processes, tally.folders, tally.different),
        tally.planned - tally.written,
    )
    return int(any(harm))


def rows(tally: Tally) -> list[tuple[str, int]]:
    """What is told of it."""
    return [
        ("runners killed", tally.kills),
        *((f"of them {what}", tally.moments[what]) for what in tally.moments),
        (f"runs of {6 * SEEDS} trials, brought to their end", tally.rounds),
        ("trials planned", tally.planned),
        ("trials written", tally.written),
        ("finished trials that were run again", tally.duplicates),
        ("ledger segments with half a line, which was passed over", tally.torn),
        ("processes left running after a kill", tally.processes),
        ("files left in the temporary folder", tally.folders),
        ("rows of the CSV that differ in another column than times", tally.different),
    ]


if __name__ == "__main__":
    sys.exit(main())
