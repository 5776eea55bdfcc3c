"""What a trial of each entity takes: time, tokens and money, mean and median."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sitegen.keys import Key
from sitegen.kinds import COMPARED
from sitegen.measures import Resource
from sitegen.stats.hardware import averaged
from sitegen.stats.intervals import wilson
from sitegen.stats.intraclass import agreement, worth
from sitegen.stats.means import Mean, by_task
from sitegen.stats.survival import ended
from sitegen.stats.trials import BoolArray, IntArray, Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """A median and its 95 % interval, in the unit of the measure.

    None where it lies above what the limits let anybody see.
    """

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What one entity's trials took of one thing."""

    key: Key
    measure: Resource
    stopped: int
    """Trials that a limit stopped; they would have taken more."""
    mean: Mean
    """As it was spent, stopped trials included with what they took."""
    median: Median
    """Of what trials would have taken without a limit."""


def spending(trials: Trials) -> tuple[Spending, ...]:
    """Of every model, harness and combo, whatever was recorded."""
    return tuple(_spending(trials))


def _spending(trials: Trials) -> Iterator[Spending]:
    for measure, _ in trials.recorded(Resource):
        for kind in COMPARED:
            axis = trials.axis(kind)
            amounts = averaged(trials, axis, measure)
            amount, known = amounts.steps, amounts.known
            means = by_task(trials, axis, amounts, measure.steps)
            order = np.flatnonzero(known)
            order = order[np.argsort(axis.codes[order], kind="stable")]
            ends = np.searchsorted(axis.codes[order], np.arange(len(axis) + 1))
            for row, key in enumerate(axis.labels):
                mean = means.mean(row)
                if mean is None:
                    continue
                own = order[ends[row] : ends[row + 1]]
                yield Spending(
                    key=key,
                    measure=measure,
                    stopped=int(np.count_nonzero(trials.stopped[own])),
                    mean=mean,
                    median=median(
                        amount[own],
                        trials.stopped[own],
                        trials.task.codes[own],
                        measure.steps,
                    ),
                )


def median(
    amounts: IntArray, stopped: BoolArray, tasks: IntArray, steps: int
) -> Median:
    """The median of Kaplan and Meier's estimate, and an interval for it.

    The interval of the share of trials below the median, on the effective
    number of trials, read off the curve at both ends.

    Args:
        amounts: Shape (n,), in whole steps.
        stopped: Shape (n,), whether a limit ended the trial.
        tasks: Shape (n,), the task of each: the clusters.
        steps: How many make 1.

    Source:
        Woodruff (1952), JASA 47(260); Kaplan & Meier (1958).
    """
    curve = ended(amounts, stopped)
    middle = curve.median()
    if middle is None:
        return Median(value=None, low=None, high=None)
    below = np.bincount(tasks[amounts <= middle], minlength=int(tasks.max()) + 1)
    n = np.bincount(tasks, minlength=len(below))
    inverse = sum((Fraction(1, int(size)) for size in n[n > 0]), start=Fraction(0))
    agree = agreement(below[None], n[None])
    n_eff = float(worth((n > 0).astype(np.int64), inverse, agree).trials)
    around = wilson(n_eff / 2, n_eff)
    low, high = (
        (curve.quantile(around.low), curve.quantile(around.high))
        if around
        else (None, None)
    )
    return Median(
        value=float(Fraction(middle) / steps),
        low=None if low is None else low / steps,
        high=None if high is None else high / steps,
    )
