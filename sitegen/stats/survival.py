"""Amounts that a limit may have cut short: what was needed, had there been none."""

from dataclasses import dataclass

import numpy as np

from sitegen.stats.trials import BoolArray, FloatArray, IntArray

_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Curve:
    """A rising step function: at `amounts[i]` it becomes `shares[i]`."""

    amounts: IntArray
    """Rising, in whole steps."""
    shares: FloatArray
    """In 0..1."""

    def at(self, amount: int) -> float:
        """The share that was reached with no more than this."""
        place = int(np.searchsorted(self.amounts, amount, side="right"))
        return float(self.shares[place - 1]) if place else 0.0

    def quantile(self, share: float) -> int | None:
        """The least amount with which the share was reached; None: never seen."""
        reached = np.flatnonzero(self.shares >= share - _ROUNDING)
        return int(self.amounts[reached[0]]) if len(reached) else None

    def median(self) -> float | None:
        """The middle; between two amounts where exactly half lie below."""
        low, high = self.quantile(0.5), self.quantile(0.5 + 2 * _ROUNDING)
        if low is None:
            return None
        return (low + high) / 2 if high is not None else float(low)


def ended(amounts: IntArray, stopped: BoolArray) -> Curve:
    """The share of trials that would have ended by themselves within an amount.

    A trial that a limit stopped would have taken more, nobody knows how much.

    Args:
        amounts: Shape (n,), of each trial.
        stopped: Shape (n,), whether a limit ended it.

    Source:
        Kaplan & Meier (1958), JASA 53(282): 1 - S(t).
    """
    return _incidence(amounts, ~stopped, ~stopped)


def solved(amounts: IntArray, passed: BoolArray, stopped: BoolArray) -> Curve:
    """The share of trials that would have passed within an amount.

    A trial that ended by itself and failed never passes, however long one
    waits; one that a limit stopped might have. Where nothing failed, this is
    Kaplan and Meier's estimate.

    Args:
        amounts: Shape (n,), of each trial.
        passed: Shape (n,), whether it passed.
        stopped: Shape (n,), whether a limit ended it. One that passed
            nevertheless counts as passed.

    Source:
        Aalen & Johansen (1978), Scandinavian Journal of Statistics 5(3).
    """
    return _incidence(amounts, passed, passed | ~stopped)


def _incidence(amounts: IntArray, wanted: BoolArray, event: BoolArray) -> Curve:
    """Cumulative incidence of `wanted` events, among all events."""
    times, inverse = np.unique(amounts, return_inverse=True)
    left = np.bincount(inverse, minlength=len(times))
    at_risk = left[::-1].cumsum()[::-1]
    events = np.bincount(inverse[event], minlength=len(times))
    gains = np.bincount(inverse[wanted], minlength=len(times))
    # Products and sums one after the other, the same on every machine.
    remain = np.multiply.accumulate(1 - events / at_risk)
    before = np.concatenate([[1.0], remain[:-1]])[: len(times)]
    shares = np.add.accumulate(before * (gains / at_risk))
    here = gains > 0
    return Curve(times[here], shares[here])
