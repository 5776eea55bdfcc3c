"""The exact coverage of the headline interval, for 16 tasks tried once."""

from __future__ import annotations

from math import comb, fsum

from benchmarks.designs import TASKS, table
from sitegen.stats.intervals import wilson

_GRID = 2_000
_LOW, _HIGH = 0.05, 0.95


def coverage(rate: float) -> float:
    """The chance that the interval holds `rate`, added up over all outcomes."""
    return fsum(
        comb(TASKS, k) * rate**k * (1 - rate) ** (TASKS - k)
        for k in range(TASKS + 1)
        if (found := wilson(k, TASKS)) and found.low <= rate <= found.high
    )


def main() -> str:
    """The curve."""
    rates = [0.01, *(i / 40 for i in range(1, 21))]
    rows = [(f"{rate:.3f}", f"{coverage(rate):.4f}") for rate in rates]
    fine = [(i + 0.5) / _GRID for i in range(_GRID)]
    found = [coverage(rate) for rate in fine]
    inner = [c for rate, c in zip(fine, found, strict=True) if _LOW <= rate <= _HIGH]
    return f"""# Exact coverage with {TASKS} tasks and one seed

A task drawn at random passes with the mean rate, so the number of passed tasks is
binomial and the coverage can be added up over its {TASKS + 1} values. It cannot be
flat: the interval has only {TASKS + 1} positions. Symmetric around 0.5.

Mean over all rates {fsum(found) / len(found):.4f}; from {_LOW} to {_HIGH} it lies
between
{min(inner):.4f} and {max(inner):.4f}, mean {fsum(inner) / len(inner):.4f}.

{table(("rate", "coverage"), rows)}
"""
