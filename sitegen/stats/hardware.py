"""Times depend on the machine: those of two kinds of hardware are not put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sitegen.stats.trials import BoolArray

if TYPE_CHECKING:
    from sitegen.keys import Key
    from sitegen.measures import Measure
    from sitegen.stats.trials import Amounts, Axis, Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Which entities have amounts that say something; shape (labels,) each."""

    one: BoolArray
    """Measured on one kind of hardware: it has a mean of its own."""
    compared: BoolArray
    """And on the kind on which most trials were: it stands beside the others."""


def alike(trials: Trials, axis: Axis[Key], measure: Measure) -> Alike:
    """Whose amounts of a measure may be averaged, and whose may be compared.

    Hardware that is not recorded counts as a kind of its own, for it may be another.
    """
    every = np.ones(len(axis), dtype=np.bool_)
    known = trials.measures[measure].known
    hardware = trials.hardware[known]
    if not measure.of_machine or not len(hardware) or len(set(hardware.tolist())) == 1:
        return Alike(one=every, compared=every)
    often = np.bincount(hardware)
    first = np.full(len(axis), len(often))
    last = np.full(len(axis), -1)
    np.minimum.at(first, axis.codes[known], hardware)
    np.maximum.at(last, axis.codes[known], hardware)
    one = first >= last
    return Alike(one=one, compared=one & (first == int(np.argmax(often))))


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
