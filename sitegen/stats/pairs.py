"""Two ranked entities of a kind on the cells that all ranked ones share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Generic, Literal, TypeAlias

import numpy as np

from sitegen.keys import Key, KeyT, KeyT_co
from sitegen.stats.joint_test import LEVEL
from sitegen.stats.paired import Difference, difference
from sitegen.stats.ranking import Ranking, Verdicts
from sitegen.stats.standings import Standing
from sitegen.stats.times import Slower, Times

MOST = 100
"""Entities of one kind whose pairs are listed: the first of the ranking."""

Family: TypeAlias = Literal["model", "quant", "harness", "combo", "variant"]
"""What is listed: entities of a kind, the quants of one model, or the variants of one
combo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(Generic[KeyT_co]):
    """The comparison of `a` with `b`; positive differences speak for `a`."""

    kind: Family
    a: KeyT_co
    b: KeyT_co
    n_cells: int
    """Cells of each: those that all ranked ones share."""
    found: Difference
    """Over tasks: of one task, the sum over its shared cells of rate(a) - rate(b),
    or of the mean scores that they are ranked by, in units in which the mean over
    tasks is the difference of the two."""
    p: float
    """Adjusted for all pairs of ranked entities of the kind in the scope."""

    time: Slower | None
    """How many times as long `a` takes, where both passed; None where that is not
    known."""

    @property
    def separable(self) -> bool:
        """Whether the data tell the two apart."""
        return self.p <= float(LEVEL)

    @property
    def better(self) -> bool:
        """Whether `a` is shown to be better."""
        return self.separable and self.found.mean > 0

    @property
    def worse(self) -> bool:
        """Whether `b` is."""
        return self.separable and self.found.mean < 0

    @property
    def turned(self) -> Pair[KeyT_co]:
        """The comparison of `b` with `a`."""
        time = self.time and replace(self.time, ratio=self.time.ratio.turned)
        return replace(self, a=self.b, b=self.a, found=self.found.turned, time=time)


def pairs(
    family: Family,
    ranking: Ranking[KeyT],
    verdicts: Verdicts[KeyT],
    standings: Sequence[Standing[KeyT]],
    *,
    times: Times[KeyT] | None = None,
    same: Callable[[KeyT], Key] | None = None,
) -> tuple[Pair[KeyT], ...]:
    """Pairs of the first `MOST` ranked ones, or all for which `same` is; best first."""
    keys = [s.key for s in standings if s.rank is not None]
    if same:
        chosen = [(keys[i], keys[j]) for i, j in _alike(list(map(same, keys)))]
    else:
        chosen = list(combinations(keys[:MOST], 2))
    return tuple(_pair(family, ranking, verdicts, times, a, b) for a, b in chosen)


def _pair(
    family: Family,
    ranking: Ranking[KeyT],
    verdicts: Verdicts[KeyT],
    times: Times[KeyT] | None,
    a: KeyT,
    b: KeyT,
) -> Pair[KeyT]:
    i, j = verdicts.rows[a], verdicts.rows[b]
    tasks = np.flatnonzero(ranking.shared.any(axis=0))
    steps = (ranking.steps[i] - ranking.steps[j]).sum(axis=0)[tasks].tolist()
    # Each cell weighs the same: n_cells / n_tasks cells make up a task.
    scale = len(tasks)
    noise, seeds = _noise(ranking, i, j)
    return Pair(
        kind=family,
        a=a,
        b=b,
        n_cells=ranking.n_cells,
        found=difference(
            [step * scale for step in steps],
            ranking.unit * ranking.n_cells,
            seed_noise=noise,
            seeds=seeds,
        ),
        p=float(verdicts.test.p[i, j]),
        time=None if times is None else times.of(a, b),
    )


def _noise(ranking: Ranking[KeyT], i: int, j: int) -> tuple[float | None, float]:
    """Variance of one task's difference that seeds bring, and trials a cell.

    Of scores it is not known.
    """
    both = [i, j]
    n = ranking.trials[both][:, ranking.shared]
    if ranking.by_score or (n == 1).any():
        return None, 1.0
    rate = ranking.passed[both][:, ranking.shared] / n
    # The mean over cells has this variance; a task's difference n_tasks times it.
    variance = float(np.add.reduce((rate * (1 - rate) / (n - 1)).ravel()))
    cells = ranking.n_cells
    return variance * ranking.n_tasks / cells**2, float(n.sum()) / (2 * cells)


def _alike(groups: Sequence[Key]) -> Iterator[tuple[int, int]]:
    """The places of any two in one group."""
    places: dict[Key, list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault(group, []).append(place)
    for members in places.values():
        yield from combinations(members, 2)
