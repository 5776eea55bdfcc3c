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


def grouped(columns: Iterable[tuple[Codes, Sequence[object]]]) -> Codes:
    """The number of each row's group: rows that are equal in all of the columns.

    Args:
        columns: Codes, and what each of them stands for; at least one.

    Returns:
        Groups are numbered in the order of their first rows.
    """
    together: Codes | None = None
    for codes, meanings in columns:
        places: dict[object, int] = {}
        same = [places.setdefault(each, len(places)) for each in meanings]
        own: Codes = np.array(same, np.int64)[codes]
        mixed = own if together is None else together * max(1, len(places)) + own
        _, first, together = np.unique(mixed, return_index=True, return_inverse=True)
        together = np.argsort(np.argsort(first))[together]
    assert together is not None, "no columns to group by"  # noqa: S101 - our own calls
    return together


def firsts(groups: Codes) -> Codes:
    """The first row of each group."""
    return np.unique(groups, return_index=True)[1]


def members(groups: Codes) -> Callable[[int], Codes]:
    """From the number of a group to its rows, in their order."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]

    def rows(group: int) -> Codes:
        start, end = np.searchsorted(ordered, [group, group + 1])
        return order[start:end]

    return rows
