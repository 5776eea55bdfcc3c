"""Times depend on the machine: those of two kinds of hardware are not put together."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sitegen.keys import Key
from sitegen.measures import Measure
from sitegen.stats.trials import Amounts, Axis, BoolArray, Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Which entities have amounts that say something; shape (labels,) each."""

    one: BoolArray
    """Measured on one kind of hardware: it has a mean of its own."""
    compared: BoolArray
    """And on the kind on which most trials were: it stands beside the others."""


def alike(
    trials: Trials, axis: Axis[Any], measure: Measure, outer: Axis[Any] | None = None
) -> Alike:
    """Whose amounts of a measure may be averaged, and whose may be compared.

    Hardware that is not recorded counts as a kind of its own, for it may be another.

    Args:
        trials: The trials of the scope.
        axis: Whose amounts they are.
        measure: Of what.
        outer: What tells places apart, each with comparisons of its own; `axis` then
            has as many labels in each, in order.
    """
    every = np.ones(len(axis), dtype=np.bool_)
    known = trials.measures[measure].known
    hardware = trials.hardware[known]
    if not measure.of_machine or not len(hardware) or not np.ptp(hardware):
        return Alike(one=every, compared=every)
    n_places = 1 if outer is None else len(outer)
    place = axis.codes[known] // (len(axis) // n_places)
    often = np.zeros((n_places, int(hardware.max()) + 1), dtype=np.int64)
    np.add.at(often, (place, hardware), 1)
    first = np.full(len(axis), often.shape[1])
    last = np.full(len(axis), -1)
    np.minimum.at(first, axis.codes[known], hardware)
    np.maximum.at(last, axis.codes[known], hardware)
    one = first >= last
    commonest, alone = often.argmax(axis=1), np.count_nonzero(often, axis=1) <= 1
    return Alike(
        one=one,
        compared=np.repeat(alone, len(axis) // n_places)
        | (one & (first == np.repeat(commonest, len(axis) // n_places))),
    )


def on_commonest(trials: Trials, measure: Measure) -> BoolArray:
    """The trials on the kind of hardware on which most were measured.

    All trials, where the measure is of no machine.
    """
    known = trials.measures[measure].known
    if not measure.of_machine or not known.any():
        return np.ones(len(trials), dtype=np.bool_)
    found: BoolArray = trials.hardware == np.argmax(np.bincount(trials.hardware[known]))
    return found


def averaged(trials: Trials, axis: Axis[Key], measure: Measure) -> Amounts:
    """The amounts, not known where those of an entity are of unlike hardware."""
    return _kept(trials, axis, measure, alike(trials, axis, measure).one)


def compared(trials: Trials, axis: Axis[Key], measure: Measure) -> Amounts:
    """The amounts of the entities that may stand beside each other."""
    return _kept(trials, axis, measure, alike(trials, axis, measure).compared)


def _kept(
    trials: Trials, axis: Axis[Key], measure: Measure, keep: BoolArray
) -> Amounts:
    amounts = trials.measures[measure]
    if keep.all():
        return amounts
    return replace(amounts, known=amounts.known & keep[axis.codes])
