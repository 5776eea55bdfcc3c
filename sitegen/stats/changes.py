"""What fewer bits cost: each quant of a model against its reference quant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np

from sitegen.stats.equivalence import Equivalence, Finding, equivalence, finding
from sitegen.stats.paired import Difference, difference, holm
from sitegen.stats.pairs import LEVEL
from sitegen.stats.quants import ladder, quant_bits
from sitegen.stats.ratios import Ratio, ratio
from sitegen.stats.resources import MILLIONTHS, Resource, resources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.stats.trials import BoolArray, IntArray, Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What both took of one resource, on the shared cells where both are known."""

    resource: Resource
    mean: Fraction
    """Of the quant, a trial: seconds, tokens or dollars."""
    reference: Fraction
    ratio: Ratio | None
    """The reference's over the quant's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From a quant to the reference; positive where more bits pass more."""

    model: str | None
    """None: pooled over models with the same bits."""
    quant: str
    """In a pool, "4-bit"."""
    reference: str
    task: str | None
    """None: over all tasks, paired task by task. Of one task, paired model by
    model."""
    n_cells: int
    """Shared cells: both ran the task in the harness."""
    found: Difference
    p_holm: Fraction
    """Over all models, over all pools, or over all tasks of a pool."""
    equivalence: Equivalence
    costs: tuple[Cost, ...]
    """Over all tasks only."""

    @property
    def finding(self) -> Finding:
        """What may be said of it."""
        return finding(equal=self.equivalence.equal, different=self.p_holm <= LEVEL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One quant on a model's ladder of bits: paired and unpaired figures apart."""

    model: str
    quant: str
    bits: int | None
    is_reference: bool
    passed: int
    n_trials: int
    """All measured trials of the quant: not comparable between rungs that ran
    different cells."""
    paired: Change | None
    """On the cells that the reference ran too; None for the reference, and
    where no cell is shared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladders:
    """Every model with several quants."""

    rungs: tuple[Rung, ...]
    """Model by model, fewest bits first; unknown bits last."""
    pooled: tuple[Change, ...]
    by_task: tuple[Change, ...]
    """The pools once more, for each task."""


def ladders(trials: Trials, margin: Fraction) -> Ladders:
    """Each model's quants against its reference: the quant with the most bits.

    Args:
        trials: The trials of the scope.
        margin: Rates closer than this count as equal.
    """
    by_model: dict[str, list[str]] = {}
    for model, quant in trials.quant.labels:
        by_model.setdefault(model, []).append(quant)
    several = {
        model: sorted(quants, key=ladder)
        for model, quants in by_model.items()
        if len(quants) > 1
    }
    table = _Table(trials)
    pairs = [
        pair
        for model, quants in several.items()
        for quant in quants
        if quant != reference(quants)
        and (pair := table.pair(model, quant, reference(quants))).n_cells
    ]
    pools = _pools(pairs)
    changes = {
        (change.model, change.quant): change
        for change in _adjusted([_change(pair, margin) for pair in pairs])
    }
    return Ladders(
        rungs=tuple(
            table.rung(model, quant, quants, changes.get((model, quant)))
            for model, quants in several.items()
            for quant in quants
        ),
        pooled=tuple(_adjusted([_change(pool, margin) for pool in pools])),
        by_task=tuple(
            change
            for pool in pools
            for change in _by_task(pool, margin, trials.task.labels)
        ),
    )


def reference(quants: Sequence[str]) -> str:
    """The quant with the most bits; where no name tells them, the last."""
    known = [quant for quant in quants if quant_bits(quant) is not None]
    return max(known or quants, key=ladder)


@dataclass(frozen=True, slots=True)
class _Spent:
    """One shared cell's mean amounts of a resource, in millionths."""

    task: int
    quant: Fraction
    reference: Fraction


@dataclass(frozen=True, slots=True)
class _Pair:
    """A quant and its reference on the cells that both ran; or a pool of such."""

    model: str | None
    quant: str
    reference: str
    models: tuple[str, ...]
    """The model of each shared cell."""
    tasks: tuple[int, ...]
    leads: tuple[Fraction, ...]
    """Rate of the reference minus rate of the quant."""
    spent: Mapping[Resource, tuple[_Spent, ...]]

    @property
    def n_cells(self) -> int:
        return len(self.tasks)

    def on(self, task: int) -> _Pair:
        """The cells of one task."""
        kept = [index for index, other in enumerate(self.tasks) if other == task]
        return replace(
            self,
            models=tuple(self.models[index] for index in kept),
            tasks=(task,) * len(kept),
            leads=tuple(self.leads[index] for index in kept),
            spent={
                name: tuple(cell for cell in cells if cell.task == task)
                for name, cells in self.spent.items()
            },
        )


class _Table:
    """Cells of every model-quant, on harnesses and tasks."""

    def __init__(self, trials: Trials) -> None:
        self.n_tasks = len(trials.task)
        self.labels = {label: code for code, label in enumerate(trials.quant.labels)}
        self.size = len(trials.harness) * self.n_tasks
        position = (
            trials.quant.codes * len(trials.harness) + trials.harness.codes
        ) * self.n_tasks + trials.task.codes
        shape = (len(self.labels), self.size)

        def tally(mask: BoolArray) -> IntArray:
            flat = np.bincount(position[mask], minlength=shape[0] * shape[1])
            return flat.reshape(shape)

        self.trials, self.passed = tally(trials.measured), tally(trials.passed)
        self.known: dict[Resource, IntArray] = {}
        self.amount: dict[Resource, IntArray] = {}
        for resource, amount, known in resources(trials):
            sums = np.zeros(shape[0] * shape[1], dtype=np.int64)
            np.add.at(sums, position[known], amount[known])
            self.known[resource], self.amount[resource] = (
                tally(known),
                sums.reshape(shape),
            )

    def pair(self, model: str, quant: str, other: str) -> _Pair:
        a, b = self.labels[model, quant], self.labels[model, other]
        shared = np.flatnonzero((self.trials[a] > 0) & (self.trials[b] > 0))
        return _Pair(
            model,
            quant,
            other,
            (model,) * len(shared),
            tuple((shared % self.n_tasks).tolist()),
            tuple(
                self._rate(b, cell) - self._rate(a, cell) for cell in shared.tolist()
            ),
            {
                name: tuple(
                    _Spent(
                        int(cell % self.n_tasks),
                        Fraction(int(self.amount[name][a, cell]), int(known[a, cell])),
                        Fraction(int(self.amount[name][b, cell]), int(known[b, cell])),
                    )
                    for cell in np.flatnonzero((known[a] > 0) & (known[b] > 0))
                )
                for name, known in self.known.items()
            },
        )

    def _rate(self, row: int, cell: int) -> Fraction:
        return Fraction(int(self.passed[row, cell]), int(self.trials[row, cell]))

    def rung(
        self, model: str, quant: str, quants: Sequence[str], paired: Change | None
    ) -> Rung:
        row = self.labels[model, quant]
        return Rung(
            model=model,
            quant=quant,
            bits=quant_bits(quant),
            is_reference=quant == reference(quants),
            passed=int(self.passed[row].sum()),
            n_trials=int(self.trials[row].sum()),
            paired=paired,
        )


def _pools(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Pairs with the same bits put together, where there are several."""
    by_bits: dict[tuple[int, int], list[_Pair]] = {}
    for pair in pairs:
        below, above = quant_bits(pair.quant), quant_bits(pair.reference)
        if below and above and below != above:
            by_bits.setdefault((below, above), []).append(pair)
    return [
        _Pair(
            None,
            f"{below}-bit",
            f"{above}-bit",
            tuple(model for pair in found for model in pair.models),
            tuple(task for pair in found for task in pair.tasks),
            tuple(lead for pair in found for lead in pair.leads),
            {
                name: tuple(cell for pair in found for cell in pair.spent[name])
                for name in found[0].spent
            },
        )
        for (below, above), found in sorted(by_bits.items())
        if len(found) > 1
    ]


def _by_task(
    pool: _Pair, margin: Fraction, labels: Sequence[tuple[str, ...]]
) -> list[Change]:
    """The pool on each of its tasks, paired model by model."""
    return _adjusted(
        [
            replace(
                _change(part, margin, by=part.models),
                task=labels[task][0],
                costs=(),
            )
            for task in sorted(set(pool.tasks))
            for part in (pool.on(task),)
        ]
    )


def _change(
    pair: _Pair, margin: Fraction, by: Sequence[object] | None = None
) -> Change:
    """The change of one pair, paired by task unless `by` says otherwise."""
    groups: dict[object, list[Fraction]] = {}
    for key, lead in zip(by or pair.tasks, pair.leads, strict=True):
        groups.setdefault(key, []).append(lead)
    means = [_mean(leads) for leads in groups.values()]
    unit = lcm(*(mean.denominator for mean in means))
    steps = sorted(int(mean * unit) for mean in means)
    found = difference(steps, unit, seed_noise=None, seeds=1)
    return Change(
        model=pair.model,
        quant=pair.quant,
        reference=pair.reference,
        task=None,
        n_cells=pair.n_cells,
        found=found,
        p_holm=found.p,
        equivalence=equivalence(steps, unit, margin),
        costs=tuple(_cost(name, spent) for name, spent in pair.spent.items() if spent),
    )


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, start=Fraction(0)) / len(values)


def _cost(resource: Resource, spent: Sequence[_Spent]) -> Cost:
    by_task: dict[int, list[_Spent]] = {}
    for cell in spent:
        by_task.setdefault(cell.task, []).append(cell)
    return Cost(
        resource=resource,
        mean=_mean([cell.quant for cell in spent]) / MILLIONTHS,
        reference=_mean([cell.reference for cell in spent]) / MILLIONTHS,
        ratio=ratio(
            [_mean([cell.reference for cell in cells]) for cells in by_task.values()],
            [_mean([cell.quant for cell in cells]) for cells in by_task.values()],
        ),
    )


def _adjusted(changes: Sequence[Change]) -> list[Change]:
    """The changes with their p values adjusted for being a family."""
    adjusted = holm([change.found.p for change in changes])
    return [
        replace(change, p_holm=p) for change, p in zip(changes, adjusted, strict=True)
    ]
