"""Two entities of a kind on the tasks that both ran."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sitegen.stats.counts import Counts
    from sitegen.stats.standings import Standing
    from sitegen.stats.trials import IntArray

MOST = 50
"""Entities of one kind that are compared pairwise: the first of the ranking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The comparison of `a` with `b`, task by task."""

    kind: str
    a: tuple[str, ...]
    b: tuple[str, ...]
    n_tasks: int
    """Tasks that both have measured trials on."""
    wins: int
    """Tasks on which `a` has the higher pass rate."""
    losses: int
    ties: int
    delta_rate: Fraction
    """Mean over shared tasks of rate(a) - rate(b)."""


def pairs(kind: str, counts: Counts, standings: Sequence[Standing]) -> tuple[Pair, ...]:
    """Every pair of the first `MOST` standings that share a task, best first."""
    index = {label: position for position, label in enumerate(counts.labels)}
    keys = [s.key for s in standings if s.rate is not None][:MOST]
    return tuple(_pairs(kind, counts, [(key, index[key]) for key in keys]))


def _pairs(
    kind: str, counts: Counts, entities: list[tuple[tuple[str, ...], int]]
) -> Iterator[Pair]:
    for (a, i), (b, j) in combinations(entities, 2):
        shared = (counts.trials[i] > 0) & (counts.trials[j] > 0)
        n_tasks = int(np.count_nonzero(shared))
        if not n_tasks:
            continue
        n_a, n_b = counts.trials[i][shared], counts.trials[j][shared]
        x_a, x_b = counts.passed[i][shared], counts.passed[j][shared]
        # Cross-multiplied, so that equal rates are equal: 1/2 and 2/4 tie.
        lead = x_a * n_b - x_b * n_a
        yield Pair(
            kind=kind,
            a=a,
            b=b,
            n_tasks=n_tasks,
            wins=int(np.count_nonzero(lead > 0)),
            losses=int(np.count_nonzero(lead < 0)),
            ties=int(np.count_nonzero(lead == 0)),
            delta_rate=_mean_difference(lead, n_a * n_b),
        )


def _mean_difference(lead: IntArray, scale: IntArray) -> Fraction:
    total = sum(
        (Fraction(int(x), int(n)) for x, n in zip(lead, scale, strict=True)),
        start=Fraction(0),
    )
    return total / len(lead)
