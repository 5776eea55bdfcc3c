"""Two entities of a kind on the cells that both ran, task by task."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import fsum, lcm
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from sitegen.stats.paired import Difference, difference, holm
from sitegen.stats.trials import FloatArray, IntArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sitegen.stats.counts import Counts
    from sitegen.stats.standings import Standing

MOST = 50
"""Entities of one kind that are compared pairwise: the first of the ranking."""

LEVEL = Fraction(1, 20)
"""Two are called different where the adjusted p value is at most this."""

Kind: TypeAlias = Literal["model", "quant", "harness", "combo"]

_ENTITY = {
    "model": slice(0, 2),
    "quant": slice(0, 2),
    "harness": slice(2, 3),
    "combo": slice(0, 3),
}
"""The part of a combo's key that names an entity of a kind."""

_LARGEST = 2**40
"""Rates in larger units would not fit 64 bits when they are added up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The comparison of `a` with `b`; positive differences speak for `a`."""

    kind: str
    a: tuple[str, ...]
    b: tuple[str, ...]
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
    kind: Kind, counts: Counts, standings: Sequence[Standing]
) -> tuple[Pair, ...]:
    """Pairs of the first `MOST` standings that share a cell, best first.

    Of quants, those of one model, however many there are.

    Args:
        kind: What `standings` are of.
        counts: Combos by tasks, whatever the kind.
        standings: In order.
    """
    ranked = [s.key for s in standings if s.rate is not None]
    if kind == "quant":
        grid = _Grid.of(kind, counts, ranked)
        chosen = list(_same_model(ranked))
    else:
        grid = _Grid.of(kind, counts, ranked[:MOST])
        chosen = list(combinations(range(len(ranked[:MOST])), 2))
    found = list(grid.compare(chosen))
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


def _same_model(keys: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    by_model: dict[str, list[int]] = {}
    for index, key in enumerate(keys):
        by_model.setdefault(key[0], []).append(index)
    for indices in by_model.values():
        yield from combinations(indices, 2)


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
    def of(kind: Kind, counts: Counts, keys: Sequence[tuple[str, ...]]) -> _Grid:
        """The cells of `keys`, from counts of combos."""
        part = _ENTITY[kind]
        row = {key: index for index, key in enumerate(keys)}
        used = [i for i, label in enumerate(counts.labels) if label[part] in row]
        others = [_rest(counts.labels[i], part) for i in used]
        column = {other: index for index, other in enumerate(sorted(set(others)))}
        shape = (len(row), len(column), counts.trials.shape[1])
        trials, passed = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for i, other in zip(used, others, strict=True):
            place = row[counts.labels[i][part]], column[other]
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


def _rest(label: tuple[str, ...], part: slice) -> tuple[str, ...]:
    return label[: part.start] + label[part.stop :]
