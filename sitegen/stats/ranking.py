"""One kind of entity ranked on its common ground, with one verdict for each pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, lcm
from typing import Any, Generic

import numpy as np
import numpy.typing as npt

from sitegen.keys import ComboKey, KeyT, KeyT_co
from sitegen.measures import SCORE
from sitegen.stats.common_ground import common_ground, complete, shared_partners
from sitegen.stats.counts import Counts
from sitegen.stats.joint_test import JointTest, joint_test
from sitegen.stats.trials import BoolArray, IntArray, Trials

_EXACT = 2**52
"""Twice this is where floats stop holding whole numbers exactly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking(Generic[KeyT_co]):
    """Who is ranked, and on which cells."""

    keys: tuple[KeyT_co, ...]
    """The ranked entities, by name; whoever is not among them stands apart."""
    partners: tuple[tuple[str, ...], ...]
    """What all of them met: harnesses for models, models for harnesses; one empty
    tuple for combos."""
    combos: Mapping[ComboKey, int]
    """The place of the partner in `partners`, of each combo that is compared."""
    shared: BoolArray
    """Shape (partners, tasks of the scope): the cells that all ranked ones share."""
    trials: IntArray
    """Shape (keys, partners, tasks of the scope): measured trials."""
    passed: IntArray
    steps: npt.NDArray[Any]
    """The same shape: the rate, or mean score, of each shared cell in whole steps; 0
    elsewhere."""
    unit: int
    """How many steps make 1."""
    by_score: bool
    """Whether the rates are mean scores."""

    @property
    def n_cells(self) -> int:
        """Cells that each of the ranked ones was compared on."""
        return int(self.shared.sum())

    @property
    def n_tasks(self) -> int:
        """Tasks with a shared cell."""
        return int(self.shared.any(axis=0).sum())

    @property
    def rates(self) -> tuple[Fraction, ...]:
        """Of each of `keys`, the mean over the shared cells."""
        totals = self.steps.sum(axis=(1, 2)).tolist()
        return tuple(Fraction(total, self.unit * self.n_cells) for total in totals)

    def ranks(self) -> dict[KeyT_co, int]:
        """1 + how many have a higher rate; ties share it."""
        rates = self.rates
        first: dict[Fraction, int] = {}
        for place, rate in enumerate(sorted(rates, reverse=True), start=1):
            first.setdefault(rate, place)
        return {key: first[rate] for key, rate in zip(self.keys, rates, strict=True)}

    def holds(self, trials: Trials) -> BoolArray:
        """The trials of the ranked entities in the shared cells."""
        if not self.keys:
            return np.zeros(len(trials), dtype=np.bool_)
        column = np.array([self.combos.get(c, -1) for c in trials.combo.labels])
        place = column[trials.combo.codes]
        found: BoolArray = (place >= 0) & self.shared[place, trials.task.codes]
        return found

    def by_task(self) -> IntArray:
        """Shape (keys, shared tasks): sums over the cells of a task, in equal steps.

        The steps are coarse enough for sums of squares to be exact as floats.
        """
        n_tasks = max(1, self.n_tasks)
        most = isqrt(_EXACT // n_tasks) // max(1, len(self.partners))
        steps = self.steps
        if self.unit > most:
            fine = steps.astype(object)
            steps = (2 * fine * most + self.unit) // (2 * self.unit)
        summed = steps.sum(axis=1)[:, self.shared.any(axis=0)]
        found: IntArray = summed.astype(np.int64)
        return found

    def verdicts(self, *, told: bool = True) -> Verdicts[KeyT_co]:
        """Every pair of them, tested as one family; nobody, where none may be told."""
        rows = {key: row for row, key in enumerate(self.keys) if told}
        return Verdicts(rows=rows, test=joint_test(self.by_task()[: len(rows)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts(Generic[KeyT_co]):
    """The one verdict on each pair of a ranking; everybody asks here."""

    rows: Mapping[KeyT_co, int]
    test: JointTest

    def p(self, a: KeyT_co, b: KeyT_co) -> float | None:  # type: ignore[misc]
        """Adjusted for all pairs; None where one of them is not ranked."""
        if a not in self.rows or b not in self.rows:
            return None
        return float(self.test.p[self.rows[a], self.rows[b]])

    def apart(self, a: KeyT_co, b: KeyT_co) -> bool:  # type: ignore[misc]
        """Whether the data tell two entities apart."""
        p = self.p(a, b)
        return p is not None and self.test.apart(self.rows[a], self.rows[b])

    def rank_set(self, key: KeyT_co) -> tuple[int, int] | None:  # type: ignore[misc]
        """The ranks that it may truly have; None where it is not ranked."""
        row = self.rows.get(key)
        return None if row is None else self.test.rank_set(row)


def ranking(
    combos: Counts[ComboKey],
    kind: type[KeyT],
    min_coverage: Fraction | None,
    marks: IntArray | None = None,
) -> Ranking[KeyT]:
    """Rank the entities that combos belong to, over the partners that all of them met.

    Entities first, cells second: first the entities and the partners that all of
    them met, then, of the cells of partner and task, those that at least half of
    the entities ran; see `common_ground`. The ranked ones are compared on the
    cells that all of them ran, and each cell weighs the same however often it ran.

    Args:
        combos: Combos by tasks, whatever is ranked.
        kind: What is ranked: combos, or a part of them.
        min_coverage: The share of the cells that all ranked ones must have run; None:
            only who ran all that anybody ran is ranked.
        marks: Shape (combos, tasks): the sums of scores that entities are ranked by;
            None: by what passed.
    """
    measured = [
        (index, combo.part(kind), combo.beside(combo.part(kind)))
        for index, combo in enumerate(combos.labels)
        if combos.trials[index].any()
    ]
    entities = sorted({entity for _, entity, _ in measured})
    partners = sorted({partner for _, _, partner in measured})
    row = {entity: place for place, entity in enumerate(entities)}
    column = {partner: place for place, partner in enumerate(partners)}
    where = np.full((len(row), len(column)), -1, dtype=np.int64)
    for index, entity, partner in measured:
        where[row[entity], column[partner]] = index
    compared, met = (
        (np.ones(len(row), dtype=np.bool_), np.ones(len(column), dtype=np.bool_))
        if min_coverage is None
        else shared_partners(where >= 0)
    )
    rows, columns = np.flatnonzero(compared), np.flatnonzero(met)
    chosen = where[np.ix_(rows, columns)]
    n = np.where(chosen[:, :, None] >= 0, combos.trials[chosen], 0)
    ran = (n > 0).reshape(len(rows), n.shape[1] * n.shape[2])
    ground = complete(ran) if min_coverage is None else common_ground(ran, min_coverage)
    shared = ground.shared.reshape(n.shape[1:])
    chosen, n = chosen[ground.ranked], n[ground.ranked]
    passed = combos.passed[chosen]
    steps, unit = (
        _steps(n, passed, shared, 1)
        if marks is None
        else _steps(n, marks[chosen], shared, SCORE.steps)
    )
    return Ranking(
        keys=tuple(entities[index] for index in rows[ground.ranked]),
        partners=tuple(partners[index] for index in columns),
        combos={
            combos.labels[index]: place
            for own in chosen.tolist()
            for place, index in enumerate(own)
        },
        shared=shared,
        trials=n,
        passed=passed,
        steps=steps,
        unit=unit,
        by_score=marks is not None,
    )


def _steps(
    n: IntArray, total: IntArray, shared: BoolArray, whole: int
) -> tuple[npt.NDArray[Any], int]:
    inside = np.where(shared, n, 1)
    unit = lcm(*(int(size) for size in np.unique(inside)))
    exact: Any = np.int64 if unit * whole * max(1, shared.size) < _EXACT else object
    each = unit // np.maximum(inside, 1).astype(exact)
    return np.where(shared, total.astype(exact) * each, 0), unit * whole
