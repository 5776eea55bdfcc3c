"""What difference between two combos a planned sweep can find."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import fsum, inf, sqrt
from typing import TYPE_CHECKING

from sitegen.stats.distributions import t_test_power

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sitegen.keys import Key
    from sitegen.stats.pairs import Pair

WANTED = 0.8
"""A difference counts as findable when it is found in this share of sweeps."""
LEVEL = 0.05
"""The chance of a false alarm that one comparison, or a family of them, may have."""
MOST_TASKS = 100_000

_EXACT = 34
"""Halvings: ten digits, of which three are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The variance of one task's difference between two combos, in two parts."""

    tasks: float
    """Of the true difference from task to task: more seeds do not help."""
    seeds: float
    """That one trial of each of the two cells adds; n trials add 1 / n of it."""

    def standard_deviation(self, seeds: int) -> float:
        """Of one task's difference when each cell runs so often."""
        return sqrt(self.tasks + self.seeds / seeds)


def assumed(rate: float, alike: float, correlation: float) -> Spread:
    """The spread when nothing was measured yet.

    The chance to pass varies between tasks with variance
    alike * rate * (1 - rate); what is left is chance within a task. Two combos
    find the same tasks hard to the degree that `correlation` says.

    Args:
        rate: The pass rate that both have about.
        alike: How much the trials of a task agree: 0 not, 1 always.
        correlation: Of the two combos' chances over tasks.
    """
    whole = rate * (1 - rate)
    return Spread(
        tasks=2 * alike * whole * (1 - correlation), seeds=2 * (1 - alike) * whole
    )


def measured(
    pairs: Iterable[Pair[Key]], fallback: Spread
) -> tuple[Spread, bool] | None:
    """The mean spread of pairs of combos.

    Args:
        pairs: Those of a scope; only the kind "combo" counts.
        fallback: Where every cell ran once the two parts cannot be told apart;
            then they have the shares that they have here.

    Returns:
        The spread, and whether its parts were measured; None where no pair
        shares two tasks.
    """
    found = [
        (pair.found, pair.found.variance)
        for pair in pairs
        if pair.kind == "combo" and pair.found.variance is not None
    ]
    if not found:
        return None
    parts = [
        (max(0.0, variance - one.seed_noise), one.seed_noise * one.seeds)
        for one, variance in found
        if one.seed_noise is not None
    ]
    if parts:
        return Spread(
            tasks=fsum(tasks for tasks, _ in parts) / len(parts),
            seeds=fsum(seeds for _, seeds in parts) / len(parts),
        ), True
    whole = fsum(variance for _, variance in found) / len(found)
    of = fallback.tasks + fallback.seeds
    share = fallback.seeds / of if of else 0.0
    return Spread(tasks=whole * (1 - share), seeds=whole * share), False


def smallest_difference(
    spread: Spread, *, tasks: int, seeds: int, comparisons: int = 1
) -> float | None:
    """The least difference of two pass rates that such a sweep finds.

    "Finds" is: in `WANTED` of all such sweeps, the paired test over tasks says
    that the two differ.

    Args:
        spread: How much differences vary from task to task.
        tasks: How many tasks there are.
        seeds: Trials of each cell.
        comparisons: In a family, `LEVEL` is divided by their number: what Holm's
            method does to the first of them.

    Returns:
        In 0..1; None where no difference would be found.
    """
    level = LEVEL / comparisons
    if 2 / 2**tasks > level:  # what the exact test reaches when all tasks agree
        return None
    found = _least_effect(tasks, level) * spread.standard_deviation(seeds)
    return found if found <= 1 else None


@cache
def _least_effect(tasks: int, level: float) -> float:
    """The mean over the standard deviation that is found with so many tasks."""
    low, high = 0.0, 1.0
    while t_test_power(high, tasks, level) < WANTED:
        low, high = high, 2 * high
    for _ in range(_EXACT):
        middle = (low + high) / 2
        enough = t_test_power(middle, tasks, level) >= WANTED
        low, high = (low, middle) if enough else (middle, high)
    return high


def findable(pairs: Iterable[Pair[Key]], kind: str) -> float | None:
    """The smallest difference that a sweep like this one finds, of one pair alone.

    Args:
        pairs: Those of a scope.
        kind: The kind of entity asked about.

    Returns:
        In 0..1; None where none is found, and where no pair shares two tasks.
    """
    found = [
        (pair.found.n_tasks, pair.found.variance)
        for pair in pairs
        if pair.kind == kind and pair.found.variance is not None
    ]
    if not found:
        return None
    spread = Spread(tasks=fsum(variance for _, variance in found) / len(found), seeds=0)
    tasks = round(sum(n for n, _ in found) / len(found))
    return smallest_difference(spread, tasks=tasks, seeds=1)


def tasks_needed(
    spread: Spread, *, difference: float, seeds: int, comparisons: int = 1
) -> int | None:
    """How many tasks find this difference; None: more than `MOST_TASKS`."""
    level, sd = LEVEL / comparisons, spread.standard_deviation(seeds)

    def enough(tasks: int) -> bool:
        return 2 / 2**tasks <= level and _found(difference, sd, tasks, level)

    low, high = 1, 2
    while not enough(high):
        low, high = high, high * 2
        if low > MOST_TASKS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _found(difference: float, sd: float, tasks: int, level: float) -> bool:
    effect = difference / sd if sd else inf
    return t_test_power(effect, tasks, level) >= WANTED
