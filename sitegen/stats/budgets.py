"""How many trials have passed once so much time, tokens or money is spent."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Generic, Self

import numpy as np

from sitegen.keys import KeyT, KeyT_co
from sitegen.measures import Resource
from sitegen.stats.cell_means import means, sums
from sitegen.stats.hardware import compared
from sitegen.stats.intervals import Interval, rate_interval
from sitegen.stats.intraclass import Agreement, Worth, agreement, worth
from sitegen.stats.survival import solved
from sitegen.stats.trials import BoolArray, IntArray

if TYPE_CHECKING:
    from sitegen.stats.trials import Axis, Trials

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

    The rate at a budget is the mean over cells of the share of trials that passed
    within it: what the pass rate would have been, had every trial been stopped
    there. A trial that failed on its own never counts as passed, nor does one that
    hung or that another limit stopped. One that a limit on this very measure stopped
    before the budget might have passed yet: where there are such, the share of
    trials is Aalen and Johansen's estimate (Kaplan and Meier's where nothing
    failed). The curve ends at the largest amount that a passed trial took.
    """
    found: list[Curve[KeyT]] = []
    for measure, _ in trials.recorded(Resource):
        amounts = compared(trials, axis, measure)
        amount, known = amounts.steps, amounts.known
        passed = known & trials.passed
        cells = _Cells.of(trials, axis, known)
        budgets = _budgets(amount[passed])
        within = [cells.share(passed & (amount <= budget)) for budget in budgets]
        cut = amounts.cut & ~trials.passed
        for row, label in enumerate(axis.labels):
            if not cells.size[row].any():
                continue
            own = known & (axis.codes == row)
            seen = None
            if (cut & own).any():
                seen = solved(amount[own], passed[own], amounts.cut[own])
            n_trials = int(np.count_nonzero(own))
            worth = cells.worth(row)
            points = []
            for budget, (n_passed, rates) in zip(budgets, within, strict=True):
                rate = rates[row] or Fraction(0)
                if seen is not None:
                    rate = Fraction(min(1.0, seen.at(budget)))
                points.append(
                    Within(
                        budget=Fraction(budget, measure.steps),
                        passed=int(n_passed[row]),
                        rate=rate,
                        interval=rate_interval(rate, worth, n_trials),
                    )
                )
            found.append(
                Curve(
                    measure=measure,
                    key=label,
                    n_trials=n_trials,
                    points=tuple(points),
                )
            )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells (combo and task) of the trials whose amount is known."""

    inverse: IntArray
    """The cell of each of these trials."""
    known: BoolArray
    group: IntArray
    """The group of each cell."""
    n: IntArray
    """Trials of each cell."""
    size: IntArray
    """Shape (groups, tasks): cells."""
    agree: Agreement

    @classmethod
    def of(cls, trials: Trials, axis: Axis[KeyT], known: BoolArray) -> Self:
        n_tasks, n_groups = len(trials.task), len(axis)
        cell = (trials.combo.codes * n_tasks + trials.task.codes)[known]
        _, first, inverse, n = np.unique(
            cell, return_index=True, return_inverse=True, return_counts=True
        )
        position = (axis.codes * n_tasks + trials.task.codes)[known]
        shape, size = (n_groups, n_tasks), n_groups * n_tasks
        ran = np.bincount(position, minlength=size)
        won = np.bincount(position[trials.passed[known]], minlength=size)
        return cls(
            inverse=inverse,
            known=known,
            group=axis.codes[known][first],
            n=n,
            size=np.bincount(position[first], minlength=size).reshape(shape),
            agree=agreement(won.reshape(shape), ran.reshape(shape)),
        )

    def share(self, chosen: BoolArray) -> tuple[IntArray, tuple[Fraction | None, ...]]:
        """Chosen trials of each group, and their share as a mean over its cells."""
        won = np.bincount(self.inverse[chosen[self.known]], minlength=len(self.n))
        n_groups = len(self.size)
        whole = np.zeros(n_groups, dtype=np.int64)
        np.add.at(whole, self.group, won)
        cells = self.size.sum(axis=1)
        return whole, means(sums(self.group, won, self.n, n_groups), cells, 1)

    def worth(self, row: int) -> Worth:
        """What the trials of one group are worth together."""
        sizes, counts = np.unique(self.n[self.group == row], return_counts=True)
        inverse = sum(
            (Fraction(int(c), int(s)) for s, c in zip(sizes, counts, strict=True)),
            start=Fraction(0),
        )
        return worth(self.size[row], inverse, self.agree)


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
