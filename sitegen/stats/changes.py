"""What fewer bits cost: each quant of a model against its reference quant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from operator import attrgetter

import numpy as np

from sitegen.keys import QuantKey, TaskKey
from sitegen.stats.equivalence import Equivalence, Finding, equivalence, finding
from sitegen.stats.joint_test import LEVEL, in_steps, joint_contrasts
from sitegen.stats.paired import Difference, of_leads, whole
from sitegen.stats.quants import ladder, quant_bits
from sitegen.stats.ranking import Verdicts
from sitegen.stats.shared import Cells, Cost, Met, Shared, costs, grouped, means
from sitegen.stats.trials import Trials

_TASK: Callable[[Met], object] = attrgetter("task")
_MODEL: Callable[[Met], object] = attrgetter("model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From a quant to the reference; positive where the reference passes more."""

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
    p: float | None
    """Of one model: the verdict on the two quants in the ranking of models, adjusted
    for all its pairs; None where one of them is not ranked. Else of the joint test of
    all pools, or of all tasks of a pool."""
    equivalence: Equivalence
    costs: tuple[Cost, ...]
    """Over all tasks only: the quant's first, then the reference's."""

    @property
    def finding(self) -> Finding:
        """What may be said of it."""
        told_apart = self.p is not None and self.p <= float(LEVEL)
        return finding(equal=self.equivalence.equal, different=told_apart)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One quant on a model's ladder of bits: paired and unpaired figures apart."""

    model: str
    quant: str
    bits: float | None
    is_reference: bool
    passed: int
    n_trials: int
    """All measured trials of the quant: not comparable between rungs that ran
    different cells."""
    paired: Change | None
    """On the cells that the reference ran too; None for the reference, where no
    cell is shared, and where only one of the two names tells its bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladders:
    """Every model with several quants."""

    rungs: tuple[Rung, ...]
    """Model by model, fewest bits first; unknown bits last."""
    pooled: tuple[Change, ...]
    by_task: tuple[Change, ...]
    """The pools once more, for each task."""


def ladders(
    trials: Trials, cells: Cells, verdicts: Verdicts[QuantKey], margin: Fraction
) -> Ladders:
    """Each model's quants against its reference: the quant with the most bits."""
    by_model: dict[str, list[str]] = {}
    for label in trials.quant.labels:
        by_model.setdefault(label.model, []).append(label.quant)
    several = {
        model: sorted(quants, key=ladder)
        for model, quants in by_model.items()
        if len(quants) > 1
    }
    pairs = [
        pair
        for model, quants in several.items()
        for quant in quants
        if quant != reference(quants)
        and (quant_bits(quant) is None) == (quant_bits(reference(quants)) is None)
        and (pair := _pair(cells, model, quant, reference(quants))).shared
    ]
    pools = _pools(pairs)
    changes = {
        (pair.model, pair.quant): replace(
            _change(pair, margin), p=verdicts.p(*pair.keys)
        )
        for pair in pairs
    }
    return Ladders(
        rungs=tuple(
            _rung(cells, model, quant, quants, changes.get((model, quant)))
            for model, quants in several.items()
            for quant in quants
        ),
        pooled=_tested(
            [_change(pool, margin) for pool in pools],
            [means(pool.shared, _TASK) for pool in pools],
        ),
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
class _Pair:
    """A quant and its reference on the cells that both ran; or a pool of such."""

    model: str | None
    quant: str
    reference: str
    shared: Shared

    @property
    def keys(self) -> tuple[QuantKey, QuantKey]:
        """Of a pair, both quants."""
        model = self.model or ""
        return QuantKey(model, self.quant), QuantKey(model, self.reference)


def _pair(cells: Cells, model: str, quant: str, other: str) -> _Pair:
    shared = cells.pair(QuantKey(model, quant), QuantKey(model, other))
    return _Pair(model, quant, other, shared)


def _rung(
    cells: Cells, model: str, quant: str, quants: Sequence[str], paired: Change | None
) -> Rung:
    passed, n_trials = cells.total(QuantKey(model, quant))
    return Rung(
        model=model,
        quant=quant,
        bits=quant_bits(quant),
        is_reference=quant == reference(quants),
        passed=passed,
        n_trials=n_trials,
        paired=paired,
    )


def _pools(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Pairs with the same bits put together, where there are several."""
    by_bits: dict[tuple[float, float], list[Shared]] = {}
    for pair in pairs:
        below, above = quant_bits(pair.quant), quant_bits(pair.reference)
        if below and above and below != above:
            by_bits.setdefault((below, above), []).append(pair.shared)
    return [
        _Pair(None, f"{below:g}-bit", f"{above:g}-bit", tuple(chain(*found)))
        for (below, above), found in sorted(by_bits.items())
        if len(found) > 1
    ]


def _by_task(
    pool: _Pair, margin: Fraction, labels: Sequence[TaskKey]
) -> tuple[Change, ...]:
    """The pool on each of its tasks, paired model by model."""
    parts = sorted(grouped(pool.shared, lambda cell: cell.task).items())
    changes = [
        replace(
            _change(replace(pool, shared=tuple(own)), margin, by=_MODEL),
            task=labels[task].task,
            costs=(),
        )
        for task, own in parts
    ]
    return _tested(changes, [means(tuple(own), _MODEL) for _, own in parts])


def _change(
    pair: _Pair, margin: Fraction, by: Callable[[Met], object] = _TASK
) -> Change:
    """The change of one pair."""
    found = of_leads(list(means(pair.shared, by).values()))
    return Change(
        model=pair.model,
        quant=pair.quant,
        reference=pair.reference,
        task=None,
        n_cells=len(pair.shared),
        found=found,
        p=float(found.p),
        equivalence=equivalence(found, margin),
        costs=costs(pair.shared),
    )


def _tested(
    changes: Sequence[Change], leads: Sequence[Mapping[object, Fraction]]
) -> tuple[Change, ...]:
    """The changes with the p values of one joint test.

    Args:
        changes: A family.
        leads: Of each change, its differences by what they are paired by. One that
            is not there is 0, which no sign changes.
    """
    units = sorted({by for lead in leads for by in lead}, key=repr)
    nothing = Fraction(0)
    steps, unit = whole([lead.get(by, nothing) for lead in leads for by in units])
    rows = np.array(steps, dtype=object).reshape(len(leads), len(units))
    found = joint_contrasts(in_steps(rows, unit)).tolist()
    return tuple(replace(c, p=p) for c, p in zip(changes, found, strict=True))
