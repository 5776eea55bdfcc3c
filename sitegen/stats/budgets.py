"""How many trials have passed once so much time, tokens or money is spent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Generic

import numpy as np

from sitegen.keys import KeyT, KeyT_co
from sitegen.measures import Resource
from sitegen.stats.counts import Cells, counts
from sitegen.stats.hardware import compared
from sitegen.stats.intervals import Interval, rate_interval
from sitegen.stats.intraclass import worth
from sitegen.stats.survival import solved
from sitegen.stats.trials import Axis, BoolArray, IntArray, Trials

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


def curves(
    trials: Trials, axis: Axis[KeyT], inside: BoolArray | None = None
) -> tuple[Curve[KeyT], ...]:
    """Success against budget of every group of `axis`, for each measure.

    The rate at a budget is the mean over cells of the share of trials that passed
    within it: what the pass rate would have been, had every trial been stopped
    there. A trial that failed on its own never counts as passed, nor does one that
    hung or that another limit stopped. One that a limit on this very measure stopped
    before the budget might have passed yet: where there are such, the share of
    trials is Aalen and Johansen's estimate (Kaplan and Meier's where nothing
    failed). The curve ends at the largest amount that a passed trial took.

    Args:
        trials: The trials of the scope.
        axis: One of its axes.
        inside: The trials that enter; None: all. Which hardware may be compared hangs
            on all of them.
    """
    found: list[Curve[KeyT]] = []
    for measure, _ in trials.recorded(Resource):
        amounts = compared(trials, axis, measure)
        amount = amounts.steps
        known = amounts.known if inside is None else amounts.known & inside
        passed = known & trials.passed
        own = replace(trials, measured=known, passed=passed)
        whole = counts(own, axis)
        budgets = _budgets(amount[passed])
        within = list(_within(own, axis, amount, budgets))
        agree = whole.agreement
        cut = amounts.cut & ~trials.passed
        for row, label in enumerate(axis.labels):
            if whole.rates[row] is None:
                continue
            its = known & (axis.codes == row)
            seen = None
            if (cut & its).any():
                seen = solved(amount[its], passed[its], amounts.cut[its])
            own_worth = worth(whole.cells[row], whole.inverse[row], agree)
            n_trials = int(np.count_nonzero(its))
            points = []
            for budget, found_within in zip(budgets, within, strict=True):
                rate = found_within[1][row] or Fraction(0)
                if seen is not None:
                    rate = Fraction(min(1.0, seen.at(budget)))
                points.append(
                    Within(
                        budget=Fraction(budget, measure.steps),
                        passed=int(found_within[0][row]),
                        rate=rate,
                        interval=rate_interval(rate, own_worth, n_trials),
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


def _within(
    trials: Trials, axis: Axis[KeyT], amount: IntArray, budgets: Sequence[int]
) -> Iterator[tuple[IntArray, tuple[Fraction | None, ...]]]:
    """For each budget, how many trials of each group passed within it, and the rate.

    Args:
        trials: Those that are measured and those of them that passed.
        axis: The groups.
        amount: Shape (n_trials,), what each took.
        budgets: Rising.
    """
    cells = Cells(trials, axis)
    group = axis.codes[cells.first]
    passed = trials.passed[trials.measured]
    enough = np.searchsorted(budgets, amount[trials.measured][passed])
    at = cells.of_trial[passed], enough
    won = np.zeros((len(cells.first), len(budgets) + 1), dtype=np.int64)
    np.add.at(won, at, 1)
    for within in won.cumsum(axis=1).T[: len(budgets)]:
        by_group = np.zeros(len(axis), dtype=np.int64)
        np.add.at(by_group, group, within)
        yield by_group, cells.rates(group, within, len(axis))


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
