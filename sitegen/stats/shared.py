"""Two models at a quant on the cells, harness and task, that both ran."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TypeAlias, TypeVar

import numpy as np

from sitegen.keys import QuantKey
from sitegen.measures import MEASURES, Resource
from sitegen.stats.hardware import on_commonest
from sitegen.stats.ratios import Ratio, ratio
from sitegen.stats.trials import BoolArray, IntArray, Trials

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What both took of one thing, on the shared cells where both are known."""

    measure: Resource
    a: Fraction
    """Mean of the first, a trial."""
    b: Fraction
    ratio: Ratio | None
    """The second's over the first's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A cell that both ran: measured trials and passes of each."""

    model: str
    """Of the first."""
    task: int
    """Its place among the labels of the trials."""
    n_a: int
    passed_a: int
    n_b: int
    passed_b: int
    spent: Mapping[Resource, tuple[Fraction, Fraction]]
    """Mean amounts of both in the steps of the measure, where both are known."""

    @property
    def rate_a(self) -> Fraction:
        """The share that passed."""
        return Fraction(self.passed_a, self.n_a)

    @property
    def rate_b(self) -> Fraction:
        """The same of the second."""
        return Fraction(self.passed_b, self.n_b)


Shared: TypeAlias = tuple[Met, ...]
"""What two ran both; several pairs may be put together."""


def means(shared: Shared, by: Callable[[Met], T]) -> dict[T, Fraction]:
    """Mean differences, second less first, by what each cell is paired by."""
    groups = grouped(shared, by).items()
    return {key: mean([c.rate_b - c.rate_a for c in own]) for key, own in groups}


def grouped(found: Iterable[Met], by: Callable[[Met], T]) -> dict[T, list[Met]]:
    """Cells by what they have in common, in their order."""
    groups: dict[T, list[Met]] = {}
    for cell in found:
        groups.setdefault(by(cell), []).append(cell)
    return groups


def costs(shared: Shared) -> tuple[Cost, ...]:
    """What both took, of each measure that is known."""
    return tuple(
        _cost(measure, own)
        for measure in MEASURES
        if isinstance(measure, Resource)
        and (own := [cell for cell in shared if measure in cell.spent])
    )


def _cost(measure: Resource, own: Sequence[Met]) -> Cost:
    def amounts(cells: Iterable[Met]) -> tuple[Fraction, Fraction]:
        a, b = zip(*(cell.spent[measure] for cell in cells), strict=True)
        return mean(a), mean(b)

    a, b = amounts(own)
    by_task = map(amounts, grouped(own, lambda cell: cell.task).values())
    firsts, seconds = zip(*by_task, strict=True)
    return Cost(
        measure=measure,
        a=a / measure.steps,
        b=b / measure.steps,
        ratio=ratio(seconds, firsts),
    )


class Cells:
    """The cells of every model-quant of some trials."""

    def __init__(self, trials: Trials) -> None:
        self._n_tasks = len(trials.task)
        self._rows = {label: code for code, label in enumerate(trials.quant.labels)}
        size = len(trials.partner) * self._n_tasks
        position = (
            trials.quant.codes * len(trials.partner) + trials.partner.codes
        ) * self._n_tasks + trials.task.codes

        def tally(mask: BoolArray, steps: IntArray | None = None) -> IntArray:
            found = np.zeros(len(self._rows) * size, dtype=np.int64)
            np.add.at(found, position[mask], 1 if steps is None else steps[mask])
            return found.reshape(len(self._rows), size)

        self._trials, self._passed = tally(trials.measured), tally(trials.passed)
        self._spent: dict[Resource, tuple[IntArray, IntArray]] = {}
        for measure, amounts in trials.recorded(Resource):
            known = amounts.known & on_commonest(trials, measure)
            self._spent[measure] = tally(known, amounts.steps), tally(known)
        self.pair = cache(self._pair)

    def _pair(self, first: QuantKey, second: QuantKey) -> Shared:
        """The cells that both ran."""
        a, b = self._rows[first], self._rows[second]
        ran = np.flatnonzero((self._trials[a] > 0) & (self._trials[b] > 0))
        return tuple(
            Met(
                model=first.model,
                task=cell % self._n_tasks,
                n_a=int(self._trials[a, cell]),
                passed_a=int(self._passed[a, cell]),
                n_b=int(self._trials[b, cell]),
                passed_b=int(self._passed[b, cell]),
                spent={
                    measure: (
                        Fraction(int(whole[a, cell]), int(n[a, cell])),
                        Fraction(int(whole[b, cell]), int(n[b, cell])),
                    )
                    for measure, (whole, n) in self._spent.items()
                    if n[a, cell] and n[b, cell]
                },
            )
            for cell in ran.tolist()
        )

    def total(self, label: QuantKey) -> tuple[int, int]:
        """Passed and measured trials of a model-quant, shared or not."""
        row = self._rows[label]
        return int(self._passed[row].sum()), int(self._trials[row].sum())


def mean(values: Sequence[Fraction]) -> Fraction:
    """The exact mean; of at least one value."""
    return sum(values, start=Fraction(0)) / len(values)
