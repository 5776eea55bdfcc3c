"""Two quants of one model, compared on the cells that both have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations
from typing import TYPE_CHECKING

import numpy as np

from sitegen.stats.shared import Cells, mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.keys import QuantKey
    from sitegen.stats.trials import IntArray, Trials

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
    rate_a: Fraction
    """Mean over the shared cells of the mean over a cell's trials."""
    rate_b: Fraction

    @property
    def delta(self) -> int | None:
        """Trials gained by the second; None where the two ran unequally often."""
        return self.passed_b - self.passed_a if self.n_a == self.n_b else None

    @property
    def delta_rate(self) -> Fraction:
        """Difference of the two pass rates, second minus first."""
        return self.rate_b - self.rate_a

    @property
    def is_a_step(self) -> bool:
        """Whether the second is known to have more bits."""
        below, above = bits_of(self)
        return bool(below and above) and below != above


def bits_of(pair: QuantPair) -> tuple[str, str]:
    """The pool a pair belongs to, e.g. ("4-bit", "8-bit"); "" where not known."""
    a, b = quant_bits(pair.quant_a), quant_bits(pair.quant_b)
    return f"{a:g}-bit" if a else "", f"{b:g}-bit" if b else ""


def quant_pairs(trials: Trials, cells: Cells) -> tuple[QuantPair, ...]:
    """Every pair of quants of one model, then the pools, each by task as well.

    A pool adds up all pairs with the same bits, where there are two or more.
    """
    by_model: dict[str, list[QuantKey]] = {}
    for label in trials.quant.labels:
        by_model.setdefault(label.model, []).append(label)
    found: list[QuantPair] = []
    pools: dict[tuple[str, str], list[list[QuantPair]]] = {}
    for labels in by_model.values():
        for first, second in combinations(sorted(labels, key=_by_bits), 2):
            if pair := list(_compare(trials, cells, first, second)):
                found += pair
                pools.setdefault(bits_of(pair[0]), []).append(pair)
    for (below, above), pairs in sorted(pools.items()):
        if pairs[0][0].is_a_step and len(pairs) > 1:
            found += _pooled(below, above, list(chain.from_iterable(pairs)))
    return tuple(found)


def ladder(quant: str) -> tuple[bool, float, str]:
    """Sorts quants by their bits, fewest first, unknown ones last."""
    bits = quant_bits(quant)
    return bits is None, bits or 0, quant


def _by_bits(label: QuantKey) -> tuple[bool, float, str]:
    return ladder(label.quant)


def _compare(
    trials: Trials, cells: Cells, first: QuantKey, second: QuantKey
) -> Iterator[QuantPair]:
    shared = cells.shared(first, second)
    tasks = shared % cells.n_tasks
    for code in (None, *np.unique(tasks).tolist()):
        own = shared if code is None else shared[tasks == code]
        (n_a, passed_a), (n_b, passed_b) = cells.on(first, own), cells.on(second, own)
        if len(own):
            yield QuantPair(
                model=first.model,
                quant_a=first.quant,
                quant_b=second.quant,
                task=None if code is None else trials.task.labels[code].task,
                n_a=int(n_a.sum()),
                n_b=int(n_b.sum()),
                passed_a=int(passed_a.sum()),
                passed_b=int(passed_b.sum()),
                n_cells=len(own),
                rate_a=_rate(passed_a, n_a),
                rate_b=_rate(passed_b, n_b),
            )


def _rate(passed: IntArray, n: IntArray) -> Fraction:
    found = zip(passed.tolist(), n.tolist(), strict=True)
    return mean([Fraction(x, size) for x, size in found])


def _pooled(below: str, above: str, pairs: list[QuantPair]) -> Iterator[QuantPair]:
    tasks = sorted({pair.task for pair in pairs if pair.task is not None})
    for task in (None, *tasks):
        part = [pair for pair in pairs if pair.task == task]
        cells = sum(pair.n_cells for pair in part)
        yield QuantPair(
            model=None,
            quant_a=below,
            quant_b=above,
            task=task,
            n_a=sum(pair.n_a for pair in part),
            n_b=sum(pair.n_b for pair in part),
            passed_a=sum(pair.passed_a for pair in part),
            passed_b=sum(pair.passed_b for pair in part),
            n_cells=cells,
            rate_a=sum(p.rate_a * p.n_cells for p in part) / Fraction(cells),
            rate_b=sum(p.rate_b * p.n_cells for p in part) / Fraction(cells),
        )
