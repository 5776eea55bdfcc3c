"""What a trial takes: time, tokens, money; in millionths, so that sums are exact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.stats.trials import BoolArray, IntArray, Trials

Resource: TypeAlias = Literal["time", "tokens", "cost"]
"""Seconds, tokens, dollars."""

MILLIONTHS = 1_000_000


def resources(trials: Trials) -> Iterator[tuple[Resource, IntArray, BoolArray]]:
    """Each resource that was recorded: its millionths, and where they are known."""
    tokens, cost = trials.tokens, trials.cost_usd
    amounts: tuple[tuple[Resource, IntArray, BoolArray], ...] = (
        ("time", trials.time_us, trials.timed),
        ("tokens", np.rint(tokens.values).astype(np.int64) * MILLIONTHS, tokens.known),
        ("cost", np.rint(cost.values * MILLIONTHS).astype(np.int64), cost.known),
    )
    for name, amount, known in amounts:
        if known.any():
            yield name, amount, known
