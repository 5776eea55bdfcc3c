"""Two sweeps' answers on the pairs that are ranked in both."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import isqrt
from typing import Generic

import numpy as np

from sitegen.keys import KeyT, KeyT_co, TaskKey
from sitegen.stats.joint_test import LEVEL, joint_test
from sitegen.stats.ranking import Ranking
from sitegen.stats.trials import FloatArray, IntArray

_EXACT = 2**50
"""Up to here sums of squares stay exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Across(Generic[KeyT_co]):
    """What two sweeps say of the pairs of one kind."""

    one: str
    """The names of the sweeps."""
    other: str
    same: int
    """Pairs that stand in the same order in both."""
    opposite: int
    tied: int
    """Pairs that are equal in one of them, or in both."""
    n_tasks: int
    """That both sweeps rank on."""
    changed: tuple[tuple[KeyT_co, KeyT_co], ...]
    """Pairs whose difference is shown not to be the same, all tested together."""


def across(
    one: tuple[str, Ranking[KeyT], Sequence[TaskKey]],
    other: tuple[str, Ranking[KeyT], Sequence[TaskKey]],
) -> Across[KeyT] | None:
    """Compare two sweeps pair by pair.

    Of each entity and task, the mean in the one sweep less that in the other: were the
    difference of a pair the same in both, those of its two would differ by chance
    alone. Hence the joint test of a ranking, on the tasks that both rank on.

    Returns:
        None without a pair that is ranked in both.
    """
    (name, first, tasks), (other_name, second, other_tasks) = one, other
    keys = sorted(set(first.keys) & set(second.keys))
    if len(keys) <= 1:
        return None
    rates = [dict(zip(r.keys, r.rates, strict=True)) for r in (first, second)]
    orders = [
        _sign(a[x] - a[y]) * _sign(b[x] - b[y])
        for a, b in [rates]
        for x, y in combinations(keys, 2)
    ]
    place = {task: index for index, task in enumerate(other_tasks)}
    shared = [
        (index, place[task])
        for index, task in enumerate(tasks)
        if task in place
        and first.shared[:, index].any()
        and second.shared[:, place[task]].any()
    ]
    changed: list[tuple[KeyT, KeyT]] = []
    if shared:
        here, there = (
            np.array(side, dtype=np.int64) for side in zip(*shared, strict=True)
        )
        apart = _means(first, keys, here) - _means(second, keys, there)
        steps = isqrt(_EXACT // len(shared)) // 4
        test = joint_test(np.rint(apart * steps).astype(np.int64))
        told = np.argwhere(np.triu(test.p <= float(LEVEL), k=1)).tolist()
        changed = [(keys[a], keys[b]) for a, b in told]
    return Across(
        one=name,
        other=other_name,
        same=orders.count(1),
        opposite=orders.count(-1),
        tied=orders.count(0),
        n_tasks=len(shared),
        changed=tuple(changed),
    )


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)


def _means(ranking: Ranking[KeyT], keys: Sequence[KeyT], tasks: IntArray) -> FloatArray:
    """Of each key and task, the mean over the task's shared cells."""
    row = {key: index for index, key in enumerate(ranking.keys)}
    chosen = ranking.steps[[row[key] for key in keys]][:, :, tasks]
    whole = chosen.sum(axis=1).astype(np.float64)
    found: FloatArray = whole / ranking.shared[:, tasks].sum(axis=0) / ranking.unit
    return found
