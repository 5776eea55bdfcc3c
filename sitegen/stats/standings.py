"""Groups in order: who passed how much, how surely, and how fast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from sitegen.stats.intervals import Interval, rate_interval, wilson
from sitegen.stats.ranks import rank_ranges

if TYPE_CHECKING:
    from sitegen.stats.counts import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One entity among its kind: a combo, model, harness or task."""

    key: tuple[str, ...]
    n_trials: int
    """Measured trials."""
    n_cells: int
    n_across: int
    """Distinct tasks it ran on; for a task, distinct combos that tried it."""
    passed: int
    rate: Fraction | None
    """Passed over measured; None without a measured trial."""
    interval: Interval | None
    time_mean_s: Fraction | None
    """Mean agent wall clock, in seconds; None: not measured."""
    missed: int
    """Tasks (for a task, combos) where not every measured trial passed."""
    rank: int | None = None
    """1 + how many have a higher rate; ties share it."""
    rank_range: tuple[int, int] | None = None


def standings(
    counts: Counts,
    *,
    ranked: bool = True,
    hardest_first: bool = False,
    clustered: bool = True,
) -> tuple[Standing, ...]:
    """Every group with a trial, best first; ties faster first, then by name.

    Args:
        counts: Groups by tasks.
        ranked: Whether ranks and their ranges are wanted.
        hardest_first: Lowest rate first instead, for tasks.
        clustered: Whether the trials of one cluster rise and fall together.
    """
    ranges = rank_ranges(counts) if ranked else (None,) * len(counts.labels)
    found = [
        _standing(counts, index, ranges[index], clustered=clustered)
        for index in range(len(counts.labels))
    ]
    higher = sorted((s.rate for s in found if s.rate is not None), reverse=True)
    first: dict[Fraction, int] = {}
    for place, rate in enumerate(higher, start=1):
        first.setdefault(rate, place)
    placed = [
        replace(s, rank=first[s.rate]) if ranked and s.rate is not None else s
        for s in found
    ]
    direction = 1 if hardest_first else -1
    return tuple(sorted(placed, key=lambda s: _order(s, direction)))


def _standing(
    counts: Counts,
    index: int,
    rank_range: tuple[int, int] | None,
    *,
    clustered: bool,
) -> Standing:
    n_trials, passed, n_across, n_cells = counts.group(index)
    return Standing(
        key=counts.labels[index],
        n_trials=n_trials,
        n_cells=n_cells,
        n_across=n_across,
        passed=passed,
        rate=Fraction(passed, n_trials) if n_trials else None,
        interval=rate_interval(counts.passed[index], counts.trials[index])
        if clustered
        else wilson(passed, n_trials),
        time_mean_s=counts.time_mean_s(index),
        missed=int((counts.passed[index] < counts.trials[index]).sum()),
        rank_range=rank_range,
    )


def _order(standing: Standing, direction: int) -> tuple[object, ...]:
    rate, time = standing.rate, standing.time_mean_s
    return (
        rate is None,
        direction * rate if rate is not None else 0,
        time is None,
        time if time is not None else 0,
        standing.key,
    )
