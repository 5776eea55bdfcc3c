"""The combos that no other beats on both pass rate and what a task costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sitegen.keys import ComboKey
from sitegen.measures import Resource
from sitegen.stats.hardware import compared
from sitegen.stats.means import by_task
from sitegen.stats.ranking import Ranking
from sitegen.stats.resampling import DRAWS, resampled
from sitegen.stats.standings import Standing
from sitegen.stats.trials import BoolArray, IntArray, Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One combo of the Pareto frontier."""

    standing: Standing[ComboKey]
    times_slower: Fraction | None
    """Its mean time over that of the next faster one; None for the fastest."""


def frontier(standings: Sequence[Standing[ComboKey]]) -> tuple[Step, ...]:
    """Fastest first: each passes more than every faster one.

    Standings without a rate or a time take no part, nor those whose time is of other
    hardware than most, nor do those that stand apart, whose rate over other tasks is
    not comparable, nor those that passed nothing: giving up is the fastest of all. Of
    equals in both, all stay: neither beats the other.
    """
    usable = [
        (time, rate, s)
        for s in standings
        if s.rank is not None
        and s.beside
        and (rate := s.rate)
        and (time := s.time_mean_s) is not None
    ]
    usable.sort(key=lambda found: (found[0], -found[1], found[2].key))
    steps: list[Step] = []
    fast = best = Fraction(0)
    for time, rate, standing in usable:
        if rate > best or (rate, time) == (best, fast):
            slower = time / fast if steps and fast else None
            steps.append(Step(standing=standing, times_slower=slower))
            fast, best = time, rate
    return tuple(steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One combo against one measure: where it stands, and how surely."""

    measure: Resource
    key: ComboKey
    rate: Fraction
    mean: Fraction
    """Of the measure, a trial."""
    on_frontier: bool
    chance: Fraction
    """The share of draws of tasks in which it is on the frontier."""


def places(trials: Trials, ranking: Ranking[ComboKey]) -> tuple[Place, ...]:
    """Every ranked combo against every resource that was recorded, best first.

    In each draw of tasks every combo has its rate and its mean anew, and the
    frontier is found anew. A chance near 1 says that it would be on the frontier
    on other tasks like these; one near 1/2 that the line runs there by luck.
    Counted in integers: the steps of the measure.

    Source:
        The bootstrap over tasks, with the draws of `resampled`.
    """
    row = {label: index for index, label in enumerate(trials.combo.labels)}
    rows = np.array([row[key] for key in ranking.keys], dtype=np.int64)
    tasks = np.flatnonzero(ranking.shared.any(axis=0))
    rates, found = ranking.rates, list[Place]()
    if len(tasks) <= 1:
        return ()  # One task tells nothing of others.
    for measure, _ in trials.recorded(Resource):
        amounts = compared(trials, trials.combo, measure)
        found_by_task = by_task(trials, trials.combo, amounts, 1)
        known = found_by_task.cells[np.ix_(rows, tasks)]
        sums, unit = found_by_task.sums[np.ix_(rows, tasks)], found_by_task.unit
        used = np.flatnonzero(known.any(axis=1))
        table = _Table(
            rate=ranking.by_task()[used],
            # The mean of a task, to the nearest step; each task weighs the same.
            amount=((2 * sums + unit) // (2 * unit))[used].astype(np.int64),
            known=known[used],
        )
        found += _places(measure, [(ranking.keys[i], rates[i]) for i in used], table)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Table:
    """Combos by task: rates in whole steps, mean amounts and whether one is known."""

    rate: IntArray
    amount: IntArray
    known: IntArray

    def on_frontier(self, weights: IntArray) -> BoolArray:
        """Who is on the frontier in each draw, shape (draws, combos)."""
        known = weights @ self.known.T
        rate = (weights @ self.rate.T).astype(np.float64)
        mean = (weights @ self.amount.T) / np.maximum(known, 1)
        # A combo none of whose amounts was drawn has no place in that draw.
        rate = np.where(known > 0, rate, -1.0)
        # Cheapest first, of equally cheap ones the best first: then a combo
        # stays where it passes more than all before it.
        order = np.lexsort((-rate, mean), axis=1)
        sorted_rate = np.take_along_axis(rate, order, axis=1)
        sorted_mean = np.take_along_axis(mean, order, axis=1)
        best = np.maximum.accumulate(sorted_rate, axis=1)
        stays = sorted_rate >= 0
        stays[:, 1:] &= sorted_rate[:, 1:] > best[:, :-1]
        for k in range(1, stays.shape[1]):
            equal = (sorted_rate[:, k] == sorted_rate[:, k - 1]) & (
                sorted_mean[:, k] == sorted_mean[:, k - 1]
            )
            stays[:, k] |= equal & stays[:, k - 1]
        found = np.zeros_like(stays)
        np.put_along_axis(found, order, stays, axis=1)
        return found


def _places(
    measure: Resource, rated: Sequence[tuple[ComboKey, Fraction]], table: _Table
) -> list[Place]:
    if not rated:
        return []
    n_tasks = table.rate.shape[1]
    now = table.on_frontier(np.ones((1, n_tasks), dtype=np.int64))[0]
    often = np.count_nonzero(table.on_frontier(resampled(n_tasks)), axis=0)
    found = [
        Place(
            measure=measure,
            key=key,
            rate=rate,
            mean=Fraction(
                int(table.amount[i].sum()), int(table.known[i].sum()) * measure.steps
            ),
            on_frontier=bool(now[i]),
            chance=Fraction(int(often[i]), DRAWS),
        )
        for i, (key, rate) in enumerate(rated)
    ]
    return sorted(found, key=lambda p: (-p.rate, p.mean, p.key))
