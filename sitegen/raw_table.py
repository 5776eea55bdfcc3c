"""A table as text, before anyone asks what it means."""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from harness_bench.errors import Problem, shown
from sitegen.texts import Codes, Rows, Texts


class Origin(NamedTuple):
    """Where a row stands; a row of several lines stands where it begins."""

    file: str
    line: int
    """0: the whole file, or a row of a file that has no lines."""
    row: int = 0
    """Counted from 1, in files that have no lines."""

    def problem(self, sort: str, what: str, advice: str = "") -> Problem:
        """Something that does not fit here."""
        where = f"{self.file}: row {self.row:,}" if self.row else self.file
        return Problem(where, what, advice, sort=sort, line=self.line)

    def __str__(self) -> str:
        if self.row:
            return f"row {self.row:,} of {self.file}"
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawTable:
    """A table as text, column by column."""

    file: str
    """What messages call it."""
    header: tuple[str, ...] = ()
    columns: Mapping[str, Texts] = field(default_factory=dict)
    """By name; of columns of one name, the last."""
    places: Codes = field(default_factory=lambda: np.zeros(0, np.int32))
    """Of each row, its line, or its number where the file has no lines."""
    has_lines: bool = True
    head_line: int = 1
    """Where the names of the columns stand; 0: on no line of their own."""
    problems: Sequence[Problem] = ()
    notice: str = ""
    """How it was read, where that is not as it should be written."""

    @property
    def size(self) -> int:
        """How many rows."""
        return len(self.places)

    def origin(self, row: int) -> Origin:
        """Where a row stands."""
        place = int(self.places[row])
        return (
            Origin(self.file, place) if self.has_lines else Origin(self.file, 0, place)
        )

    def head(self) -> Origin:
        """Where the names of the columns stand."""
        return Origin(self.file, self.head_line)

    def text(self, name: str) -> Texts:
        """A column; one that the table lacks is empty."""
        return self.columns.get(name) or Texts.same("", self.size)

    def row(self, row: int) -> dict[str, str]:
        """The texts of a row by column."""
        return {name: texts[row] for name, texts in self.columns.items()}

    def rows(self) -> Iterator[tuple[Origin, dict[str, str]]]:
        """All rows, for small tables."""
        return ((self.origin(row), self.row(row)) for row in range(self.size))

    def kept(self, rows: Rows) -> "RawTable":
        """Some of the rows."""
        return replace(
            self,
            columns={name: texts.kept(rows) for name, texts in self.columns.items()},
            places=self.places[rows],
        )

    def repeated(self, names: Container[str]) -> list[Problem]:
        """A problem for each of these columns that is in the header twice.

        What nobody reads may be there as often as it likes.
        """
        return [
            self.head().problem(
                "repeated column",
                f"column {shown(name)} is in the header {count} times",
            )
            for name, count in sorted(Counter(self.header).items())
            if name and count > 1 and name in names
        ]


def unreadable(file: str, what: str, advice: str = "") -> RawTable:
    """A file of which nothing could be read."""
    problem = Origin(file, 0).problem("unreadable file", what, advice)
    return RawTable(file=file, problems=[problem])
