"""What answering was like: how fast, in how much context, with calls of what form."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from sitegen.stats.resources import MILLIONTHS, MOST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.stats.trials import Amounts, BoolArray, IntArray, Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Middle:
    """A median over trials."""

    n_trials: int
    """Measured trials for which it is known."""
    median: Fraction | None
    """None without such a trial, and where they ran on different hardware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What the answers to one entity's calls were like."""

    kind: str
    key: tuple[str, ...]
    tokens_per_s: Middle
    first_token_s: Middle
    mixed: bool
    """Whether the two are not given because hardware differs: times of two machines
    have no median that says anything of either."""
    context_peak: int | None
    n_context: int
    """Trials for which it is known."""
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
    told = trials.answering
    timed = told.tokens_per_s.known | told.first_token_s.known
    return not _is_mixed(told.hardware, timed)


def _speeds(trials: Trials) -> Iterator[Speed]:
    told = trials.answering
    speed, wait, context, malformed, calls = (
        _steps(amounts, unit)
        for amounts, unit in (
            (told.tokens_per_s, MILLIONTHS),
            (told.first_token_s, MILLIONTHS),
            (told.context_peak, 1),
            (told.malformed, 1),
            (told.calls, 1),
        )
    )
    called = malformed[1] & calls[1] & (calls[0] > 0)
    timed = speed[1] | wait[1]
    tells = timed | context[1] | called
    for kind, axis in trials.kinds:
        order = np.flatnonzero(tells)
        order = order[np.argsort(axis.codes[order], kind="stable")]
        ends = np.searchsorted(axis.codes[order], np.arange(len(axis) + 1))
        for row, key in enumerate(axis.labels):
            own = order[ends[row] : ends[row + 1]]
            if not len(own):
                continue
            mixed = _is_mixed(told.hardware[own], timed[own])
            contexts = context[0][own][context[1][own]]
            counted = own[called[own]]
            yield Speed(
                kind=kind,
                key=key,
                tokens_per_s=_middle(speed, own, mixed=mixed),
                first_token_s=_middle(wait, own, mixed=mixed),
                mixed=mixed,
                context_peak=int(contexts.max()) if len(contexts) else None,
                n_context=len(contexts),
                malformed=int(malformed[0][counted].sum()),
                calls=int(calls[0][counted].sum()),
                n_calls=len(counted),
            )


def _steps(amounts: Amounts, unit: int) -> tuple[IntArray, BoolArray]:
    """Whole steps of 1/unit, and where they are known: sums of them are exact."""
    values = np.minimum(amounts.values, MOST) * unit
    return np.rint(values).astype(np.int64), amounts.known & (amounts.values <= MOST)


def _is_mixed(hardware: IntArray, timed: BoolArray) -> bool:
    return len(np.unique(hardware[timed])) > 1


def _middle(found: tuple[IntArray, BoolArray], own: IntArray, *, mixed: bool) -> Middle:
    steps, known = found
    values = np.sort(steps[own][known[own]]).tolist()
    n = len(values)
    if mixed or not n:
        return Middle(n_trials=n, median=None)
    both = values[(n - 1) // 2] + values[n // 2]
    return Middle(n_trials=n, median=Fraction(both, 2 * MILLIONTHS))
