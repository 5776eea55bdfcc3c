"""A column of text: each text once, and a number for each row."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness_bench.columns import BLANKS

Codes = NDArray[np.integer[Any]]
Rows = NDArray[np.bool_]


def blank(text: str) -> bool:
    """Whether a field says nothing."""
    return not text.strip(BLANKS)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """A column; what is asked of a text is asked once, however many rows have it."""

    codes: Codes
    """For each row, the place of its text."""
    words: Sequence[str]
    """The texts; two places may hold the same one."""

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Texts":
        """A column of these texts."""
        places: dict[str, int] = {}
        codes = [places.setdefault(text, len(places)) for text in texts]
        return cls(np.array(codes, np.int32), list(places))

    @classmethod
    def same(cls, text: str, size: int) -> "Texts":
        """One text in every row."""
        return cls(np.zeros(size, np.int32), [text])

    def __getitem__(self, row: int) -> str:
        return self.words[int(self.codes[row])]

    def __iter__(self) -> Iterator[str]:
        return (self.words[code] for code in self.codes.tolist())

    def __len__(self) -> int:
        return len(self.codes)

    def where(self, test: Callable[[str], object]) -> Rows:
        """The rows whose text passes a test."""
        return np.fromiter(map(bool, map(test, self.words)), bool)[self.codes]

    def counted(self) -> Iterator[tuple[str, int]]:
        """Each place's text and how many rows have it; some have none."""
        counts = np.bincount(self.codes, minlength=len(self.words))
        return zip(self.words, counts.tolist(), strict=True)

    def changed(self, change: Callable[[str, int], str]) -> "Texts":
        """The same column with other texts.

        Args:
            change: From a text and the count of its rows to the text that they get.
        """
        return Texts(
            self.codes,
            [change(text, count) if count else text for text, count in self.counted()],
        )

    def put(self, rows: Rows, text: str) -> "Texts":
        """The same column with one text in some rows."""
        return Texts(np.where(rows, len(self.words), self.codes), [*self.words, text])

    def kept(self, rows: Rows) -> "Texts":
        """Some of the rows."""
        return self if rows.all() else Texts(self.codes[rows], self.words)


class TextsBuilder:
    """Columns that grow row by row, without an object for each field."""

    def __init__(self, width: int) -> None:
        self._places: list[dict[str, int]] = [{} for _ in range(width)]
        self._codes = [array("i") for _ in range(width)]

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Append rows as wide as the table."""
        for places, codes, column in zip(
            self._places, self._codes, zip(*rows, strict=True), strict=False
        ):
            codes.extend([places.setdefault(text, len(places)) for text in column])

    def columns(self) -> list[Texts]:
        """What was added."""
        return [
            Texts(np.array(codes, np.int32), list(places))
            for places, codes in zip(self._places, self._codes, strict=True)
        ]


def stacked(columns: Sequence[Texts]) -> Texts:
    """Columns below one another."""
    starts = np.cumsum([0, *(len(column.words) for column in columns)])
    codes = [
        column.codes + start for column, start in zip(columns, starts[:-1], strict=True)
    ]
    return Texts(
        np.concatenate([*codes, np.zeros(0, np.int32)]),
        [word for column in columns for word in column.words],
    )


def grouped(
    columns: Iterable[tuple[Codes, Sequence[object] | NDArray[Any]]],
) -> Codes:
    """The number of each row's group: rows that are equal in all of the columns.

    Args:
        columns: Codes, and what each of them stands for; at least one.

    Returns:
        Groups are numbered in the order of their first rows.
    """
    same: list[tuple[Codes, int]] = []
    for codes, meanings in columns:
        places: dict[object, int] = {}
        listed = meanings.tolist() if isinstance(meanings, np.ndarray) else meanings
        means = [places.setdefault(each, len(places)) for each in listed]
        alike = len(places) < len(means)
        same.append((np.array(means, np.int32)[codes] if alike else codes, len(places)))
    groups = ranked(same, len(same[0][0]))
    order = np.argsort(firsts(groups))
    places_of = np.empty(len(order), np.int64)
    places_of[order] = np.arange(len(order))
    return places_of[groups]


def ranked(columns: Iterable[tuple[Codes, int]], size: int) -> Codes:
    """The number of each row's group, in the order of the codes, the first foremost.

    Args:
        columns: Codes, and how many there can be.
        size: How many rows.
    """
    together: Codes = np.zeros(size, np.int64)
    groups = 1
    for codes, number in columns:
        if number > 1:
            mixed = together * number + codes
            together, used = dense(mixed, groups * number)
            groups = len(used)
    return together


_SPARSE = 8
"""Up to so many codes for each row, a table of them is quicker than sorting."""


def dense(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """Codes counted anew without those that no row has, and which there were.

    Args:
        codes: At least 0.
        size: Above all of them.
    """
    if size > _SPARSE * len(codes) + _SPARSE:
        used, found = np.unique(codes, return_inverse=True)
        return found, used
    there = np.zeros(size, np.bool_)
    there[codes] = True
    used = np.flatnonzero(there)
    if len(used) == size:
        return codes, used
    places = np.zeros(size, np.int32)
    places[used] = np.arange(len(used), dtype=np.int32)
    return places[codes], used


def firsts(groups: Codes) -> NDArray[np.int64]:
    """The first row of each group."""
    found = np.zeros(int(groups.max(initial=-1)) + 1, np.int64)
    found[groups[::-1]] = np.arange(len(groups))[::-1]  # of several, the last stays
    return found


def members(groups: Codes) -> Callable[[int], Codes]:
    """From the number of a group to its rows, in their order."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]

    def rows(group: int) -> Codes:
        start, end = np.searchsorted(ordered, [group, group + 1])
        return order[start:end]

    return rows
