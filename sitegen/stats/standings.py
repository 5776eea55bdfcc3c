"""Groups in order: who passed how much, how surely, and how fast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import isnan
from typing import TYPE_CHECKING, Generic

from sitegen.keys import Key, KeyT, KeyT_co
from sitegen.stats.intervals import Interval, Noise, noise, rate_interval
from sitegen.stats.ranks import complete, rank_ranges, shared_ranks

if TYPE_CHECKING:
    from sitegen.stats.counts import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Generic[KeyT_co]):
    """One entity among its kind: a combo, model, harness or task."""

    key: KeyT_co
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
    noise: Noise | None = None
    """Where the interval comes from; None where seeds and tasks cannot be told
    apart."""
    complete: bool = True
    """Whether it has a measured trial on every task that any of its kind has."""
    rank: int | None = None
    """1 + how many complete ones have a higher rate; ties share it. None for an
    incomplete one: a rate over fewer tasks is not comparable."""
    rank_range: tuple[int, int] | None = None
    tier: str = ""
    """Letters: two of a kind that share one cannot be told apart. Empty where
    it was not compared."""


def standings(
    counts: Counts[KeyT],
    *,
    ranked: bool = True,
    hardest_first: bool = False,
    clustered: bool = True,
) -> tuple[Standing[KeyT], ...]:
    """Every group with a trial, best first; ties faster first, then by name.

    Where ranks are wanted, incomplete groups come after all complete ones.

    Args:
        counts: Groups by tasks.
        ranked: Whether ranks and their ranges are wanted.
        hardest_first: Lowest rate first instead, for tasks.
        clustered: Whether the trials of one cluster rise and fall together.
    """
    none = (None,) * len(counts.labels)
    ranges = rank_ranges(counts) if ranked else none
    found = [
        _standing(counts, index, ranges[index], clustered=clustered)
        for index in range(len(counts.labels))
    ]
    if ranked:
        whole = complete(counts)
        found = [
            replace(
                s,
                complete=bool(whole[index]),
                noise=noise(
                    counts.passed[index],
                    counts.trials[index],
                    _known(float(counts.seed_variance[index])),
                ),
            )
            for index, s in enumerate(found)
        ]
    places = shared_ranks(s.rate for s in found if s.rate is not None and s.complete)
    placed = [
        replace(s, rank=places[s.rate])
        if ranked and s.rate is not None and s.complete
        else s
        for s in found
    ]
    direction = 1 if hardest_first else -1
    return tuple(sorted(placed, key=lambda s: _order(s, direction)))


def _standing(
    counts: Counts[KeyT],
    index: int,
    rank_range: tuple[int, int] | None,
    *,
    clustered: bool,
) -> Standing[KeyT]:
    n_trials, passed, n_across, n_cells = counts.group(index)
    return Standing(
        key=counts.labels[index],
        n_trials=n_trials,
        n_cells=n_cells,
        n_across=n_across,
        passed=passed,
        rate=Fraction(passed, n_trials) if n_trials else None,
        interval=rate_interval(
            counts.passed[index], counts.trials[index], clustered=clustered
        ),
        time_mean_s=counts.time_mean_s(index),
        missed=int((counts.passed[index] < counts.trials[index]).sum()),
        rank_range=rank_range,
    )


def _known(value: float) -> float | None:
    return None if isnan(value) else value


def _order(standing: Standing[Key], direction: int) -> tuple[object, ...]:
    rate, time = standing.rate, standing.time_mean_s
    return (
        rate is None,
        not standing.complete,
        direction * rate if rate is not None else 0,
        time is None,
        time if time is not None else 0,
        standing.key,
    )
