"""The combos that no other beats on both pass rate and time."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from sitegen.stats.standings import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One combo of the Pareto frontier."""

    standing: Standing
    times_slower: Fraction | None
    """Its mean time over that of the next faster one; None for the fastest."""


def frontier(standings: Sequence[Standing]) -> tuple[Step, ...]:
    """Fastest first: each passes more than every faster one.

    Standings without a rate or a time take no part, nor do those that passed
    nothing: giving up is the fastest of all. Of equals in both, all stay:
    neither beats the other.
    """
    usable = [s for s in standings if s.rate and s.time_mean_s is not None]
    usable.sort(key=lambda s: (s.time_mean_s, -(s.rate or 0), s.key))
    steps: list[Step] = []
    for standing in usable:
        last = steps[-1].standing if steps else None
        if last is None:
            steps.append(Step(standing=standing, times_slower=None))
            continue
        equal = (standing.rate, standing.time_mean_s) == (last.rate, last.time_mean_s)
        if equal or _more(standing.rate, last.rate):
            ratio = _ratio(standing.time_mean_s, last.time_mean_s)
            steps.append(Step(standing=standing, times_slower=ratio))
    return tuple(steps)


def _more(a: Fraction | None, b: Fraction | None) -> bool:
    return a is not None and b is not None and a > b


def _ratio(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    return a / b if a is not None and b else None
