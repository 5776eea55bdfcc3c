"""Repeats that carry no number: each trial of a cell gets a seed of its own.

The numbers depend on what is in the rows, never on their order: the trials of a cell
are sorted by their seed as it is written, then by a hash of all their columns. By the
columns themselves, the first seed would be the one that failed.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from harness_bench.columns import BLANKS, NUMBER
from harness_bench.schema import IDENTITY

Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """What numbering did."""

    named: int = 0
    """Rows whose seed was text."""
    repeated: int = 0
    """Rows of cells in which a seed stood twice."""
    alike: int = 0
    """Rows that equal another one in every column of the file."""


def number(rows: Sequence[tuple[Row, Row]], *, repeats: bool) -> Numbered:
    """Give seeds to the trials of each cell, in place.

    Args:
        rows: In our words, with the file's own row beside it.
        repeats: Whether rows of one key are trials of their own. Otherwise only text
            is numbered, and what has one text keeps one number.
    """
    texts = any(_is_text(ours.get("seed", "")) for ours, _ in rows)
    if not texts and not repeats:
        return Numbered()
    cells: dict[Hashable, list[tuple[Row, Row]]] = defaultdict(list)
    for ours, theirs in rows:
        cells[tuple(ours.get(n, "").strip(BLANKS) for n in IDENTITY[:-1])].append(
            (ours, theirs)
        )
    named = repeated = alike = 0
    for cell in cells.values():
        seeds = [ours.get("seed", "").strip(BLANKS) for ours, _ in cell]
        again = repeats and len({seed or "0" for seed in seeds}) < len(seeds)
        if again:
            cell.sort(key=lambda row: (_order(row[0].get("seed", "")), _content(row)))
            for place, (ours, _) in enumerate(cell):
                ours["seed"] = str(place)
            repeated += len(cell)
            counts = Counter(map(_content, cell))
            alike += sum(count for count in counts.values() if count > 1)
        elif texts:
            places = {
                seed: str(place)
                for place, seed in enumerate(sorted(set(seeds), key=_order))
            }
            for (ours, _), seed in zip(cell, seeds, strict=True):
                ours["seed"] = places[seed]
            named += len(cell)
    return Numbered(named=named, repeated=repeated, alike=alike)


def _is_text(seed: str) -> bool:
    """Whether it is a name; a number that is no seed is for the parser to refuse."""
    stripped = seed.strip(BLANKS)
    return bool(stripped) and not NUMBER.fullmatch(stripped)


def _order(seed: str) -> tuple[int, float, str]:
    """Numbers by their size, then text."""
    stripped = seed.strip(BLANKS)
    if NUMBER.fullmatch(stripped):
        return (0, float(stripped), stripped)
    return (1, 0.0, stripped)


def _content(row: tuple[Row, Row]) -> str:
    _, theirs = row
    text = json.dumps(sorted(theirs.items()))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
