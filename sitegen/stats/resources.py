"""What a trial takes: time, tokens, money; in millionths, so that sums are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.stats.trials import Amounts, BoolArray, IntArray, Trials

Resource: TypeAlias = Literal["time", "tokens", "cost"]
"""Seconds, tokens, dollars."""

MILLIONTHS = 1_000_000

MOST = 10**9
"""More than this of anything in one trial is a fault of the record, and counts as
not known; so all sums fit 64 bits."""


def resources(trials: Trials) -> Iterator[tuple[Resource, IntArray, BoolArray]]:
    """Each resource that was recorded: its millionths, and where they are known."""
    tokens, cost = trials.tokens, trials.cost_usd
    amounts: tuple[tuple[Resource, IntArray, BoolArray], ...] = (
        ("time", trials.time_us, trials.timed),
        ("tokens", _millionths(tokens), tokens.known & (tokens.values <= MOST)),
        ("cost", _millionths(cost), cost.known & (cost.values <= MOST)),
    )
    for name, amount, known in amounts:
        if known.any():
            yield name, amount, known


def _millionths(amounts: Amounts) -> IntArray:
    found: IntArray = np.rint(np.minimum(amounts.values, MOST) * MILLIONTHS).astype(
        np.int64
    )
    return found
