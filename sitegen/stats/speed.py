"""What answering was like: how fast, in how much context, with calls of what form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sitegen.keys import Key
from sitegen.kinds import COMPARED
from sitegen.measures import CALLS, MALFORMED, Answer, Measure, Pace, Peak
from sitegen.stats.trials import Amounts, BoolArray, IntArray, Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A median or a largest value over trials."""

    n_trials: int
    """Measured trials for which it is known."""
    value: Fraction | None
    """None without such a trial; a median also where they ran on different
    hardware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What the answers to one entity's calls were like."""

    key: Key
    figures: Mapping[Answer, Figure]
    """The median of each pace and the largest of each peak."""
    mixed: bool
    """Whether no pace is given because hardware differs: times of two machines have
    no median that says anything of either."""
    malformed: int
    """Calls of tools that came out malformed, over the trials below."""
    calls: int
    """Calls of the model, over the trials below."""
    n_calls: int
    """Trials with such a call for which both are known."""

    @property
    def malformed_per_100(self) -> Fraction | None:
        """Malformed calls of tools for each hundred calls of the model."""
        return Fraction(100 * self.malformed, self.calls) if self.calls else None


def speeds(trials: Trials) -> tuple[Speed, ...]:
    """Every model, harness and combo with a trial that tells something."""
    return tuple(_speeds(trials))


def one_hardware(trials: Trials) -> bool:
    """Whether all that was timed ran on the same, and so may be compared."""
    return not _is_mixed(trials.hardware, _known(trials, Pace))


def _speeds(trials: Trials) -> Iterator[Speed]:
    malformed, calls = trials.measures[MALFORMED], trials.measures[CALLS]
    called = malformed.known & calls.known & (calls.steps > 0)
    timed = _known(trials, Pace)
    tells = timed | _known(trials, Peak) | called
    for kind in COMPARED:
        axis = trials.axis(kind)
        order = np.flatnonzero(tells)
        order = order[np.argsort(axis.codes[order], kind="stable")]
        ends = np.searchsorted(axis.codes[order], np.arange(len(axis) + 1))
        for row, key in enumerate(axis.labels):
            own = order[ends[row] : ends[row + 1]]
            if not len(own):
                continue
            mixed = _is_mixed(trials.hardware[own], timed[own])
            counted = own[called[own]]
            yield Speed(
                key=key,
                figures={
                    measure: _figure(measure, amounts.where(own), mixed=mixed)
                    for measure, amounts in trials.measures.items()
                    if isinstance(measure, Answer)
                },
                mixed=mixed,
                malformed=int(malformed.steps[counted].sum()),
                calls=int(calls.steps[counted].sum()),
                n_calls=len(counted),
            )


def _known(trials: Trials, sort: type[Measure]) -> BoolArray:
    """Trials of which any measure of the sort is known."""
    found = np.zeros(len(trials), dtype=np.bool_)
    for _, amounts in trials.recorded(sort):
        found |= amounts.known
    return found


def _is_mixed(hardware: IntArray, timed: BoolArray) -> bool:
    return len(np.unique(hardware[timed])) > 1


def _figure(measure: Answer, own: Amounts, *, mixed: bool) -> Figure:
    values = np.sort(own.steps[own.known]).tolist()
    n = len(values)
    if not n or (mixed and isinstance(measure, Pace)):
        return Figure(n_trials=n, value=None)
    low, high = values[(n - 1) // 2], values[n // 2]
    if isinstance(measure, Peak):
        low = high = values[-1]
    return Figure(n_trials=n, value=Fraction(low + high, 2 * measure.steps))
