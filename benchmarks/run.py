"""Writes the figures of every benchmark, or of those that are named."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks import exact_coverage, interval_coverage, power, predictions, verdicts

FIGURES = Path(__file__).parent / "figures"

BENCHMARKS = {
    "exact_coverage": exact_coverage.main,
    "interval_coverage": interval_coverage.main,
    "power": power.main,
    "predictions": predictions.main,
    "verdicts": verdicts.main,
}


def main(names: list[str]) -> None:
    """Run some of them; all when none is named."""
    for name in names or BENCHMARKS:
        begun = time.monotonic()
        (FIGURES / f"{name}.md").write_text(BENCHMARKS[name](), encoding="utf-8")
        print(f"{name}: {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
