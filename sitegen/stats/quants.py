"""Two quants of one model, compared on the cells that both have."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations

from sitegen.keys import QuantKey
from sitegen.stats.shared import Cells, Shared, grouped, mean
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
    names = [label.task for label in trials.task.labels]
    by_model: dict[str, list[str]] = {}
    for label in trials.quant.labels:
        by_model.setdefault(label.model, []).append(label.quant)
    found: list[QuantPair] = []
    pools: dict[tuple[str, str], list[Shared]] = {}
    for model, quants in by_model.items():
        for a, b in combinations(sorted(quants, key=ladder), 2):
            if shared := cells.pair(QuantKey(model, a), QuantKey(model, b)):
                whole, *by_task = _pairs(model, a, b, shared, names)
                found += [whole, *by_task]
                if whole.is_a_step:
                    pools.setdefault(bits_of(whole), []).append(shared)
    for (below, above), parts in sorted(pools.items()):
        if len(parts) > 1:
            found += _pairs(None, below, above, tuple(chain(*parts)), names)
    return tuple(found)


def ladder(quant: str) -> tuple[bool, float, str]:
    """Sorts quants by their bits, fewest first, unknown ones last."""
    bits = quant_bits(quant)
    return bits is None, bits or 0, quant


def _pairs(
    model: str | None, quant_a: str, quant_b: str, shared: Shared, names: list[str]
) -> Iterator[QuantPair]:
    """Over all tasks, then for each; `shared` has at least one cell."""
    by_task = grouped(shared, lambda cell: cell.task)
    for task, own in ((None, shared), *sorted(by_task.items())):
        yield QuantPair(
            model=model,
            quant_a=quant_a,
            quant_b=quant_b,
            task=None if task is None else names[task],
            n_a=sum(cell.n_a for cell in own),
            n_b=sum(cell.n_b for cell in own),
            passed_a=sum(cell.passed_a for cell in own),
            passed_b=sum(cell.passed_b for cell in own),
            n_cells=len(own),
            rate_a=mean([cell.rate_a for cell in own]),
            rate_b=mean([cell.rate_b for cell in own]),
        )
