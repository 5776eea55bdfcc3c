"""How many trials have passed once so much time, tokens or money is spent."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Generic

import numpy as np

from sitegen.keys import KeyT, KeyT_co
from sitegen.measures import Resource
from sitegen.stats.intervals import Interval, rate_interval
from sitegen.stats.survival import solved

if TYPE_CHECKING:
    from sitegen.stats.trials import Axis, IntArray, Trials

_STEPS = (10, 15, 20, 30, 50, 70)
"""Budgets of one power of ten, in tenths of it."""
_TENTHS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """What was solved within one budget."""

    budget: Fraction
    """Of the measure, a trial."""
    passed: int
    """Trials that passed and took no more."""
    rate: Fraction
    interval: Interval | None
    """95 %, of this budget alone; trials clustered by task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve(Generic[KeyT_co]):
    """One model or harness over a range of budgets."""

    measure: Resource
    key: KeyT_co
    n_trials: int
    """Measured trials whose amount is known."""
    points: tuple[Within, ...]


def curves(trials: Trials, axis: Axis[KeyT]) -> tuple[Curve[KeyT], ...]:
    """Success against budget of every group of `axis`, for each measure.

    The rate at a budget is the share of trials that passed within it: what the
    pass rate would have been, had every trial been stopped there. A trial that
    failed on its own never counts as passed. One that a limit stopped before the
    budget might have passed yet: it counts as far as it was seen (Aalen and
    Johansen's estimate; Kaplan and Meier's where nothing failed). The curve ends
    at the largest amount that a passed trial took.
    """
    n_tasks = len(trials.task)
    shape = (len(axis), n_tasks)
    position = axis.codes * n_tasks + trials.task.codes
    found: list[Curve[KeyT]] = []
    for measure, amounts in trials.recorded(Resource):
        amount, known = amounts.steps, amounts.known
        n = np.bincount(position[known], minlength=len(axis) * n_tasks).reshape(shape)
        passed = known & trials.passed
        budgets = _budgets(amount[passed])
        within = [
            np.bincount(
                position[passed & (amount <= budget)], minlength=len(axis) * n_tasks
            ).reshape(shape)
            for budget in budgets
        ]
        cut = known & trials.stopped & ~trials.passed
        for row, label in enumerate(axis.labels):
            if not n[row].any():
                continue
            own = known & (axis.codes == row)
            seen = None
            if (cut & own).any():
                seen = solved(amount[own], passed[own], trials.stopped[own])
            found.append(
                Curve(
                    measure=measure,
                    key=label,
                    n_trials=int(n[row].sum()),
                    points=tuple(
                        _within(
                            Fraction(budget, measure.steps),
                            by_then[row],
                            n[row],
                            None if seen is None else seen.at(budget),
                        )
                        for budget, by_then in zip(budgets, within, strict=True)
                    ),
                )
            )
    return tuple(found)


def _within(
    budget: Fraction, passed: IntArray, trials: IntArray, seen: float | None
) -> Within:
    n_passed, n = int(passed.sum()), int(trials.sum())
    rate = Fraction(n_passed, n) if seen is None else Fraction(min(1.0, seen))
    interval = rate_interval(passed, trials, rate=float(rate))
    return Within(budget=budget, passed=n_passed, rate=rate, interval=interval)


def _budgets(amounts: IntArray) -> list[int]:
    """Round amounts, from one that nothing was solved within to one for all."""
    positive = amounts[amounts > 0]
    if not len(positive):
        return []
    least, most = int(positive.min()), int(positive.max())
    power = 1
    while power * _TENTHS < least:
        power *= _TENTHS
    found: list[int] = []
    while not found or found[-1] < most:
        found += [power * step // _TENTHS for step in _STEPS]
        power *= _TENTHS
    below = [budget for budget in found if budget < least]
    above = [budget for budget in found if budget >= most]
    return [
        *below[-1:],
        *sorted({budget for budget in found if least <= budget < most}),
        above[0],
    ]
