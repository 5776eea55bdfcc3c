"""A column of a data file: its name and meaning, and what a line says there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar

from sitegen.datafiles.format import DataFile, Field, Value
from sitegen.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from fractions import Fraction

LineT = TypeVar("LineT")
LineT_contra = TypeVar("LineT_contra", contravariant=True)
WholeT = TypeVar("WholeT")
Number: TypeAlias = "Fraction | float | None"


@dataclass(frozen=True, slots=True)
class Column(Generic[LineT_contra]):
    """One column of a table whose rows are made from lines of one type."""

    field: Field
    value: Callable[[LineT_contra], Value]


Columns: TypeAlias = "Column[LineT] | tuple[Column[LineT], ...]"
"""One column, or some that belong together."""


def columns(*parts: Columns[LineT]) -> tuple[Column[LineT], ...]:
    """Some columns as one tuple."""
    return tuple(_flat(parts))


def table(
    name: str, title: str, lines: Iterable[LineT], *parts: Columns[LineT]
) -> DataFile:
    """A data file with a row a line."""
    found = columns(*parts)
    return DataFile(
        name=name,
        title=title,
        fields=tuple(each.field for each in found),
        rows=tuple(tuple(each.value(line) for each in found) for line in lines),
    )


# A name that ends in "?" is of a column that may be empty. Without `of`, a line has an
# attribute of that name.


def text(
    name: str, description: str, of: Callable[[LineT], str | None] | None = None
) -> Column[LineT]:
    """A column of words."""
    return _column("string", name, description, of)


def flag(
    name: str, description: str, of: Callable[[LineT], bool | None] | None = None
) -> Column[LineT]:
    """A column of true and false."""
    return _column("boolean", name, description, of)


def integer(
    name: str, description: str, of: Callable[[LineT], int | None] | None = None
) -> Column[LineT]:
    """A column of counts."""
    return _column("integer", name, description, of)


def number(
    name: str,
    description: str,
    of: Callable[[LineT], Number] | None = None,
    *,
    write: Callable[[Number], Value] = plain,
) -> Column[LineT]:
    """A column of numbers, rounded as `write` says."""
    exact: Callable[[LineT], Number] = of or attrgetter(name.removesuffix("?"))
    return _column("number", name, description, lambda line: write(exact(line)))


def inside(
    of: Callable[[WholeT], LineT | None],
    parts: Iterable[Column[LineT]],
    *,
    may_lack: bool = False,
) -> tuple[Column[WholeT], ...]:
    """Columns of a part of a line.

    Args:
        of: The part; the columns are empty where it is None.
        parts: Its columns.
        may_lack: The columns are said to be empty at times, whatever they say.
    """

    def column(found: Column[LineT]) -> Column[WholeT]:
        def value(line: WholeT) -> Value:
            part = of(line)
            return None if part is None else found.value(part)

        nullable = may_lack or found.field.nullable
        return Column(replace(found.field, nullable=nullable), value)

    return tuple(column(each) for each in parts)


class Ends(Protocol):
    """An interval, or an estimate with one."""

    @property
    def low(self) -> float | None:
        """Its lower end."""

    @property
    def high(self) -> float | None:
        """Its upper end."""


def ends(
    name: str,
    of: Callable[[LineT], Ends | None],
    which: str = " of its 95 % interval",
    *,
    hidden: str = "",
) -> tuple[Column[LineT], ...]:
    """The two columns of an interval; empty where there is none.

    Args:
        name: What they begin with: "delta".
        of: The interval.
        which: What is said of it behind "Lower end".
        hidden: What is said besides of the higher one.
    """
    low: Column[Ends] = number(f"{name}_low?", f"Lower end{which}", lambda e: e.low)
    high: Column[Ends] = number(
        f"{name}_high?", f"Upper end{which}{hidden}", lambda e: e.high
    )
    return inside(of, (low, high))


def _column(
    type_: str, name: str, description: str, of: Callable[[LineT], Value] | None
) -> Column[LineT]:
    bare = name.removesuffix("?")
    field = Field(bare, type_, description, nullable=name != bare)
    return Column(field, of or attrgetter(bare))


def _flat(parts: Iterable[Columns[LineT]]) -> Iterator[Column[LineT]]:
    for each in parts:
        yield from (each,) if isinstance(each, Column) else each
