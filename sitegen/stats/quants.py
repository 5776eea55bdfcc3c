"""Two quants of one model, compared on the cells that both have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from sitegen.stats.trials import IntArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.keys import QuantKey
    from sitegen.stats.trials import Trials

_BITS = re.compile(
    r"(?:^|[^a-z0-9])(?:i?q|tq|mxfp|nvfp|nf|fp|bf|f|int|w)(\d{1,2})(?!\d)"
)
_PLAIN_BITS = re.compile(
    r"(?:^|[^a-z0-9.])(\d{1,2}(?:\.\d{1,2})?)[-_]?(?:bpw|b(?:it)?s?)(?![a-z])"
)
_EXL_BITS = re.compile(r"(?:^|[^a-z0-9])exl[23]?[-_](\d(?:\.\d{1,2})?)(?!\d)")
_MAX_BITS = 32


def quant_bits(quant: str) -> float | None:
    """The nominal bits a weight, read from a quant's name; None: cannot tell.

    "UD-Q4_K_XL" -> 4, "IQ3_XXS" -> 3, "MXFP4" -> 4, "BF16" -> 16, "8bit" -> 8,
    "EXL2-2.4" -> 2.4, "3.5bpw" -> 3.5, "BNB-NF4" -> 4.
    """
    name = quant.lower()
    found = _BITS.search(name) or _PLAIN_BITS.search(name) or _EXL_BITS.search(name)
    bits = float(found[1]) if found else 0.0
    return bits if 0 < bits <= _MAX_BITS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantPair:
    """What two quants of a model did on the cells (harness, task) they share."""

    model: str | None
    """None: pooled over every pair of models with these bits."""
    quant_a: str
    """The one with fewer bits, where both names tell them; in a pooled pair,
    "4-bit"."""
    quant_b: str
    task: str | None
    """None: over all tasks."""
    n_a: int
    n_b: int
    passed_a: int
    passed_b: int
    n_cells: int
    """Shared cells."""

    @property
    def delta(self) -> int | None:
        """Trials gained by the second; None where the two ran unequally often."""
        return self.passed_b - self.passed_a if self.n_a == self.n_b else None

    @property
    def delta_rate(self) -> Fraction:
        """Difference of the two pass rates, second minus first."""
        return Fraction(self.passed_b, self.n_b) - Fraction(self.passed_a, self.n_a)

    @property
    def is_a_step(self) -> bool:
        """Whether the second is known to have more bits."""
        below, above = bits_of(self)
        return bool(below and above) and below != above


def bits_of(pair: QuantPair) -> tuple[str, str]:
    """The pool a pair belongs to, e.g. ("4-bit", "8-bit"); "" where not known."""
    a, b = quant_bits(pair.quant_a), quant_bits(pair.quant_b)
    return f"{a:g}-bit" if a else "", f"{b:g}-bit" if b else ""


@dataclass(frozen=True, slots=True)
class _Cells:
    """One model-quant on each (harness, task): trials and passes, both flat."""

    trials: IntArray
    passed: IntArray


def quant_pairs(trials: Trials) -> tuple[QuantPair, ...]:
    """Every pair of quants of one model, then the pools, each by task as well.

    A pool adds up all pairs with the same bits, where there are two or more.
    """
    found: list[QuantPair] = []
    pools: dict[tuple[str, str], list[QuantPair]] = {}
    for model, first, second in _pairs_of_labels(trials):
        pair = list(_compare(trials, model, first, second))
        found += pair
        for one in pair:
            if one.is_a_step:
                pools.setdefault(bits_of(one), []).append(one)
    for (name_a, name_b), pairs in sorted(pools.items()):
        if len({(pair.model, pair.quant_a, pair.quant_b) for pair in pairs}) > 1:
            found += _pooled(name_a, name_b, pairs)
    return tuple(found)


def _pairs_of_labels(
    trials: Trials,
) -> Iterator[tuple[str, QuantKey, QuantKey]]:
    by_model: dict[str, list[QuantKey]] = {}
    for label in trials.quant.labels:
        by_model.setdefault(label.model, []).append(label)
    for model, labels in by_model.items():
        labels.sort(key=lambda label: ladder(label.quant))
        for first, second in combinations(labels, 2):
            yield model, first, second


def ladder(quant: str) -> tuple[bool, float, str]:
    """Sorts quants by their bits, fewest first, unknown ones last."""
    bits = quant_bits(quant)
    return bits is None, bits or 0, quant


def _compare(
    trials: Trials, model: str, first: QuantKey, second: QuantKey
) -> Iterator[QuantPair]:
    a, b = _cells(trials, first), _cells(trials, second)
    n_tasks = len(trials.task)
    shared = (a.trials > 0) & (b.trials > 0)
    if not shared.any():
        return

    def pair(mask: IntArray, task: str | None) -> QuantPair:
        return QuantPair(
            model=model,
            quant_a=first.quant,
            quant_b=second.quant,
            task=task,
            n_a=int(a.trials[mask].sum()),
            n_b=int(b.trials[mask].sum()),
            passed_a=int(a.passed[mask].sum()),
            passed_b=int(b.passed[mask].sum()),
            n_cells=len(mask),
        )

    yield pair(np.flatnonzero(shared), None)
    for code, task in enumerate(trials.task.labels):
        mask = np.flatnonzero(shared[code::n_tasks]) * n_tasks + code
        if len(mask):
            yield pair(mask, task.task)


def _cells(trials: Trials, label: QuantKey) -> _Cells:
    own = trials.quant.codes == trials.quant.labels.index(label)
    n_tasks = len(trials.task)
    size = len(trials.partner) * n_tasks
    position = trials.partner.codes * n_tasks + trials.task.codes
    return _Cells(
        np.bincount(position[own & trials.measured], minlength=size),
        np.bincount(position[own & trials.passed], minlength=size),
    )


def _pooled(name_a: str, name_b: str, pairs: list[QuantPair]) -> Iterator[QuantPair]:
    tasks = sorted({pair.task for pair in pairs if pair.task is not None})
    for task in (None, *tasks):
        part = [pair for pair in pairs if pair.task == task]
        yield QuantPair(
            model=None,
            quant_a=name_a,
            quant_b=name_b,
            task=task,
            n_a=sum(pair.n_a for pair in part),
            n_b=sum(pair.n_b for pair in part),
            passed_a=sum(pair.passed_a for pair in part),
            passed_b=sum(pair.passed_b for pair in part),
            n_cells=sum(pair.n_cells for pair in part),
        )
