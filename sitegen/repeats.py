"""Repeats that carry no number: each trial of a cell gets a seed of its own.

The numbers depend on what is in the rows, never on their order: the trials of a cell
are sorted by their seed as it is written, then by a hash of all their columns. By the
columns themselves, the first seed would be the one that failed.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from harness_bench.columns import BLANKS, NUMBER
from sitegen.texts import Codes, Texts, firsts, grouped, members


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """What numbering did."""

    seeds: Texts
    """Of all rows."""
    named: int = 0
    """Rows whose seed was text."""
    repeated: int = 0
    """Rows of cells in which a seed stood twice."""
    alike: int = 0
    """Rows that equal another one in every column of the file."""


def number(
    cells: Codes,
    seeds: Texts,
    row: Callable[[int], Mapping[str, str]],
    *,
    repeats: bool,
) -> Numbered:
    """Seeds for the trials of each cell.

    Args:
        cells: The number of each row's cell.
        seeds: As they are written.
        row: From the number of a row to what its file says in it.
        repeats: Whether rows of one key are trials of their own. Otherwise only text
            is numbered, and what has one text keeps one number.
    """
    texts = any(count and _is_text(text) for text, count in seeds.counted())
    if not texts and not repeats:
        return Numbered(seeds=seeds)
    stripped = [text.strip(BLANKS) for text in seeds.words]
    found = [stripped[code] for code in seeds.codes.tolist()]
    named = repeated = alike = 0
    keys = grouped(
        [(cells, range(len(cells))), (seeds.codes, [s or "0" for s in stripped])]
    )
    twice = np.ones(len(cells), bool)
    twice[firsts(keys)] = False
    again = np.unique(cells[twice]) if repeats else np.zeros(0, int)
    rows_of = members(cells)
    for cell in again.tolist():
        rows = rows_of(cell).tolist()
        contents = {each: _content(row(each)) for each in rows}
        rows.sort(key=lambda each: (_order(seeds[each]), contents[each]))
        for place, each in enumerate(rows):
            found[each] = str(place)
        repeated += len(rows)
        alike += sum(n for n in Counter(contents.values()).values() if n > 1)
    if texts:
        others = np.flatnonzero(~np.isin(cells, again))
        for cell in np.unique(cells[others]).tolist():
            rows = rows_of(cell).tolist()
            ordered = sorted({found[each] for each in rows}, key=_order)
            places = {seed: str(place) for place, seed in enumerate(ordered)}
            for each in rows:
                found[each] = places[found[each]]
        named = len(others)
    return Numbered(seeds=Texts.of(found), named=named, repeated=repeated, alike=alike)


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


def _content(row: Mapping[str, str]) -> str:
    text = json.dumps(sorted(row.items()))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
