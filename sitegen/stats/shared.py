"""Two models at a quant on the cells, harness and task, that both ran."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from sitegen.keys import QuantKey
from sitegen.measures import Resource
from sitegen.stats.hardware import on_commonest
from sitegen.stats.ratios import Ratio, ratio
from sitegen.stats.trials import BoolArray, IntArray, Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What both took of one thing, on the shared cells where both are known."""

    measure: Resource
    a: Fraction
    """Mean of the first, a trial."""
    b: Fraction
    ratio: Ratio | None
    """The second's over the first's."""


@dataclass(frozen=True, slots=True)
class Spent:
    """One shared cell's mean amounts, in the steps of the measure."""

    task: int
    a: Fraction
    b: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What `b` has over `a`, cell by cell; several pairs may be put together."""

    tasks: tuple[int, ...]
    """The task of each shared cell."""
    leads: tuple[Fraction, ...]
    """Rate of b minus rate of a."""
    owners: tuple[str, ...]
    """The model of a."""
    spent: Mapping[Resource, tuple[Spent, ...]]

    @property
    def n_cells(self) -> int:
        """Shared cells."""
        return len(self.tasks)

    def on(self, task: int) -> Shared:
        """The cells of one task."""
        kept = [index for index, other in enumerate(self.tasks) if other == task]
        return replace(
            self,
            tasks=(task,) * len(kept),
            leads=tuple(self.leads[index] for index in kept),
            owners=tuple(self.owners[index] for index in kept),
            spent={
                name: tuple(cell for cell in cells if cell.task == task)
                for name, cells in self.spent.items()
            },
        )

    def means(self, by: Sequence[object]) -> dict[object, Fraction]:
        """Mean differences by what each cell is paired by."""
        groups: dict[object, list[Fraction]] = {}
        for key, lead in zip(by, self.leads, strict=True):
            groups.setdefault(key, []).append(lead)
        return {key: mean(leads) for key, leads in groups.items()}

    def costs(self) -> tuple[Cost, ...]:
        """What both took, of each measure."""
        return tuple(
            _cost(measure, spent) for measure, spent in self.spent.items() if spent
        )


def together(found: Sequence[Shared]) -> Shared:
    """All cells of several pairs; at least one."""
    return Shared(
        tasks=tuple(task for pair in found for task in pair.tasks),
        leads=tuple(lead for pair in found for lead in pair.leads),
        owners=tuple(owner for pair in found for owner in pair.owners),
        spent={
            name: tuple(cell for pair in found for cell in pair.spent[name])
            for name in found[0].spent
        },
    )


class Cells:
    """The cells of every model-quant of some trials."""

    def __init__(self, trials: Trials) -> None:
        self.n_tasks = len(trials.task)
        self.labels = {label: code for code, label in enumerate(trials.quant.labels)}
        size = len(trials.partner) * self.n_tasks
        position = (
            trials.quant.codes * len(trials.partner) + trials.partner.codes
        ) * self.n_tasks + trials.task.codes
        shape = (len(self.labels), size)

        def tally(mask: BoolArray) -> IntArray:
            flat = np.bincount(position[mask], minlength=shape[0] * shape[1])
            return flat.reshape(shape)

        self.trials, self.passed = tally(trials.measured), tally(trials.passed)
        self.known: dict[Resource, IntArray] = {}
        self.amount: dict[Resource, IntArray] = {}
        for measure, amounts in trials.recorded(Resource):
            known = amounts.known & on_commonest(trials, measure)
            sums = np.zeros(shape[0] * shape[1], dtype=np.int64)
            np.add.at(sums, position[known], amounts.steps[known])
            self.known[measure] = tally(known)
            self.amount[measure] = sums.reshape(shape)

    def shared(self, first: QuantKey, second: QuantKey) -> IntArray:
        """The places of the cells that both ran."""
        ran = self.trials > 0
        return np.flatnonzero(ran[self.labels[first]] & ran[self.labels[second]])

    def on(self, label: QuantKey, places: IntArray) -> tuple[IntArray, IntArray]:
        """Measured and passed trials of a model-quant on some cells."""
        row = self.labels[label]
        return self.trials[row, places], self.passed[row, places]

    def pair(self, first: QuantKey, second: QuantKey) -> Shared:
        """What `second` has over `first`."""
        a, b = self.labels[first], self.labels[second]
        shared = self.shared(first, second).tolist()
        return Shared(
            tasks=tuple(cell % self.n_tasks for cell in shared),
            leads=tuple(self._rate(b, cell) - self._rate(a, cell) for cell in shared),
            owners=(first.model,) * len(shared),
            spent={
                name: tuple(
                    Spent(
                        cell % self.n_tasks,
                        Fraction(int(self.amount[name][a, cell]), int(known[a, cell])),
                        Fraction(int(self.amount[name][b, cell]), int(known[b, cell])),
                    )
                    for cell in np.flatnonzero((known[a] > 0) & (known[b] > 0)).tolist()
                )
                for name, known in self.known.items()
            },
        )

    def total(self, label: QuantKey) -> tuple[int, int]:
        """Passed and measured trials of a model-quant, shared or not."""
        row = self.labels[label]
        return int(self.passed[row].sum()), int(self.trials[row].sum())

    def _rate(self, row: int, cell: int) -> Fraction:
        return Fraction(int(self.passed[row, cell]), int(self.trials[row, cell]))


def mean(values: Sequence[Fraction]) -> Fraction:
    """The exact mean; of at least one value."""
    return sum(values, start=Fraction(0)) / len(values)


def _cost(measure: Resource, spent: Sequence[Spent]) -> Cost:
    by_task: dict[int, list[Spent]] = {}
    for cell in spent:
        by_task.setdefault(cell.task, []).append(cell)
    return Cost(
        measure=measure,
        a=mean([cell.a for cell in spent]) / measure.steps,
        b=mean([cell.b for cell in spent]) / measure.steps,
        ratio=ratio(
            [mean([cell.b for cell in cells]) for cells in by_task.values()],
            [mean([cell.a for cell in cells]) for cells in by_task.values()],
        ),
    )
