"""Two entities of a kind on the cells that both ran, task by task."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import fsum, lcm
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from sitegen.keys import ComboKey, Key, KeyT, KeyT_co
from sitegen.stats.paired import Difference, difference, holm
from sitegen.stats.trials import FloatArray, IntArray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sitegen.stats.counts import Counts
    from sitegen.stats.standings import Standing

MOST = 50
"""Entities of one kind that are compared pairwise: the first of the ranking."""

LEVEL = Fraction(1, 20)
"""Two are called different where the adjusted p value is at most this."""

Family: TypeAlias = Literal["model", "quant", "harness", "combo", "variant"]
"""What is compared: entities of a kind, the quants of one model, or the variants of
one combo."""

_LARGEST = 2**40
"""Rates in larger units would not fit 64 bits when they are added up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair(Generic[KeyT_co]):
    """The comparison of `a` with `b`; positive differences speak for `a`."""

    kind: Family
    a: KeyT_co
    b: KeyT_co
    n_cells: int
    """Cells of each that the other ran too: same task, and the same harness
    for models, the same model and quant for harnesses."""
    found: Difference
    """Over tasks: of one task, the mean over its shared cells of
    rate(a) - rate(b)."""
    p_holm: Fraction
    """`found.p`, adjusted for all pairs of the kind in the scope."""

    @property
    def separable(self) -> bool:
        """Whether the data tell the two apart."""
        return self.p_holm <= LEVEL


def pairs(
    kind: Family,
    counts: Counts[ComboKey],
    standings: Sequence[Standing[KeyT]],
    *,
    same: Callable[[KeyT], Key] | None = None,
) -> tuple[Pair[KeyT], ...]:
    """Pairs of the first `MOST` standings that share a cell, best first.

    Args:
        kind: The family that the pairs belong to.
        counts: Combos by tasks, whatever the kind.
        standings: In order.
        same: Only two for which it is the same are compared, however many there are.
    """
    ranked = [s.key for s in standings if s.rate is not None]
    if same:
        chosen = list(_alike(list(map(same, ranked))))
    else:
        ranked = ranked[:MOST]
        chosen = list(combinations(range(len(ranked)), 2))
    found = list(_Grid.of(counts, ranked).compare(chosen)) if chosen else []
    adjusted = holm([one.p for _, _, _, one in found])
    return tuple(
        Pair(
            kind=kind,
            a=ranked[i],
            b=ranked[j],
            n_cells=n_cells,
            found=one,
            p_holm=p_holm,
        )
        for (i, j, n_cells, one), p_holm in zip(found, adjusted, strict=True)
    )


def _alike(groups: Sequence[Key]) -> Iterator[tuple[int, int]]:
    """The places of any two in one group."""
    places: dict[Key, list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault(group, []).append(place)
    for members in places.values():
        yield from combinations(members, 2)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Cells by entity, partner (what else makes up a combo) and task."""

    trials: IntArray
    rates: npt.NDArray[Any]
    """Whole multiples of 1 / `unit`."""
    unit: int
    noise: FloatArray
    """Variance of each cell's rate that its seeds bring; NaN: not known."""

    @staticmethod
    def of(counts: Counts[ComboKey], keys: Sequence[Key]) -> _Grid:
        """The cells of `keys`, which are at least one, from counts of combos."""
        row = {key: index for index, key in enumerate(keys)}
        entities = [combo.part(type(keys[0])) for combo in counts.labels]
        used = [i for i, entity in enumerate(entities) if entity in row]
        others = [counts.labels[i].beside(entities[i]) for i in used]
        column = {other: index for index, other in enumerate(sorted(set(others)))}
        shape = (len(row), len(column), counts.trials.shape[1])
        trials, passed = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for i, other in zip(used, others, strict=True):
            place = row[entities[i]], column[other]
            trials[place], passed[place] = counts.trials[i], counts.passed[i]
        unit = lcm(*(int(n) for n in np.unique(trials[trials > 0])))
        exact: Any = np.int64 if unit < _LARGEST else object
        each = unit // np.maximum(trials, 1).astype(exact)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = passed / trials
            noise = np.where(trials > 1, rate * (1 - rate) / (trials - 1), np.nan)
        return _Grid(trials, passed.astype(exact) * each, unit, noise)

    def compare(
        self, chosen: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[int, int, int, Difference]]:
        """`(a, b, shared cells, what they tell)` of those that share a cell."""
        ran = self.trials > 0
        repeated = bool((self.trials > 1).any())
        family = [(i, j) for i, j in chosen if (ran[i] & ran[j]).any()]
        for i, j in family:
            shared = ran[i] & ran[j]
            cells = shared.sum(axis=0)
            tasks = np.flatnonzero(cells)
            lead = ((self.rates[i] - self.rates[j]) * shared).sum(axis=0)[tasks]
            n = cells[tasks].tolist()
            common = lcm(*n)
            steps = [
                int(step) * (common // k)
                for step, k in zip(lead.tolist(), n, strict=True)
            ]
            noise, seeds = None, 1.0
            if repeated:
                noise, seeds = self._noise(i, j, shared, cells, tasks)
            yield (
                i,
                j,
                int(cells.sum()),
                difference(
                    steps,
                    self.unit * common,
                    seed_noise=noise,
                    seeds=seeds,
                    comparisons=len(family),
                ),
            )

    def _noise(
        self,
        i: int,
        j: int,
        shared: npt.NDArray[np.bool_],
        cells: IntArray,
        tasks: IntArray,
    ) -> tuple[float | None, float]:
        """Mean over tasks of the variance that seeds bring, and trials a cell."""
        both = np.where(shared, self.noise[i] + self.noise[j], 0.0)
        if np.isnan(both).any():
            return None, 1.0
        each = both.sum(axis=0)[tasks] / cells[tasks] ** 2
        used = int((self.trials[i] + self.trials[j])[shared].sum())
        return fsum(each.tolist()) / len(tasks), used / (2 * int(cells.sum()))
