"""Trials as columns: what reading makes of tables, with no object for each row."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from harness_bench.columns import Column, Value
from harness_bench.schema import COLUMN_BY_NAME, IDENTITY, Record
from sitegen.texts import Codes, Rows, dense, ranked

Amounts: TypeAlias = NDArray[np.float64 | np.int64]
"""What is not known is NaN among numbers, and -1 among integers."""


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column of names, choices or flags."""

    codes: Codes
    """For each row, the place of its value."""
    values: tuple[Any, ...]
    """Each once, and only what some row has."""

    @classmethod
    def of(cls, codes: Codes, values: Collection[Any]) -> "Coded":
        """A column of values of which some may be there twice, or for no row."""
        codes, used = dense(codes, len(values))
        kept = values if len(used) == len(values) else _at(values, used)
        places: dict[Any, int] = {}
        same = [places.setdefault(value, len(places)) for value in kept]
        if len(places) < len(same):
            codes = np.array(same, np.int32)[codes]
        return cls(codes, tuple(places))

    def where(self, test: Callable[[Any], object]) -> Rows:
        """The rows whose value passes a test."""
        return np.array([bool(test(v)) for v in self.values], np.bool_)[self.codes]

    def among(self, values: Collection[Any]) -> Rows:
        """The rows that have one of these."""
        return self.where(values.__contains__)

    def at(self, rows: Codes) -> list[Any]:
        """The values of some rows."""
        return list(map(self.values.__getitem__, self.codes[rows].tolist()))

    @property
    def known(self) -> Rows:
        """The rows that have any."""
        return self.where(lambda value: value is not None)

    def changed(self, change: Callable[[Any], Any]) -> "Coded":
        """The same column with other values."""
        return Coded.of(self.codes, [change(value) for value in self.values])

    def ordered(self) -> "Coded":
        """The same column with its values sorted."""
        values = sorted(self.values, key=lambda value: (value is not None, value))
        if self.values == (*values,):
            return self
        places = {value: place for place, value in enumerate(values)}
        order = np.array([places[value] for value in self.values], np.int32)
        return Coded(order[self.codes], tuple(values))


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Trials, column by column."""

    columns: Mapping[str, Coded | Amounts]
    """By the name of the field of `Record`; those that are not there are empty."""

    @classmethod
    def of(cls, records: "Iterable[Record]") -> "Records":
        """Records as columns; those that are columns already stay as they are."""
        if isinstance(records, cls):
            return records
        rows = list(records)
        places = np.arange(len(rows))
        return cls(
            {
                name: column_of(column, places, [getattr(row, name) for row in rows])
                for name, column in COLUMN_BY_NAME.items()
            }
        )

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same trials in the same order."""
        if not isinstance(other, Records):
            return NotImplemented
        return all(self.values(n) == other.values(n) for n in COLUMN_BY_NAME)

    __hash__ = None  # type: ignore[assignment]  # its arrays have none

    def __len__(self) -> int:
        return len(self.coded("model").codes)

    def __iter__(self) -> Iterator[Record]:
        """Each as an object, for what writes them one by one.

        Filled slot by slot, since a call for each takes several times as long.
        """
        made = [Record.__new__(Record) for _ in range(len(self))]
        for name, column in COLUMN_BY_NAME.items():
            there = name in self.columns
            values = self.values(name) if there else repeat(column.empty)
            deque(map(getattr(Record, name).__set__, made, values), maxlen=0)
        return iter(made)

    def coded(self, name: str) -> Coded:
        """A column of names, choices or flags."""
        found = self.columns.get(name)
        if found is None:
            nowhere = np.zeros(len(self), np.int32)
            found = Coded.of(nowhere, [COLUMN_BY_NAME[name].empty])
        assert isinstance(found, Coded), name  # noqa: S101 - our own calls
        return found

    def amounts(self, name: str) -> NDArray[np.float64]:
        """A column of numbers or integers; NaN where not known."""
        found = self.columns.get(name)
        if found is None:
            return np.full(len(self), np.nan)
        assert isinstance(found, np.ndarray), name  # noqa: S101 - our own calls
        return np.where(found >= 0, found, np.nan)

    def seeds(self) -> NDArray[np.int64]:
        """What tells the trials of a cell apart."""
        found = self.columns.get("seed")
        none = np.zeros(len(self), np.int64)
        return found if isinstance(found, np.ndarray) else none  # type: ignore[return-value]  # integers

    def values(self, name: str) -> list[Any]:
        """A column as fields of records have it."""
        found = self.columns.get(name)
        if isinstance(found, np.ndarray):
            return [value if value >= 0 else None for value in found.tolist()]
        return self.coded(name).at(np.arange(len(self)))

    def take(self, rows: Rows | Codes) -> "Records":
        """Some of them: flags, or places in their new order."""
        return Records(
            {
                name: Coded.of(column.codes[rows], column.values)
                if isinstance(column, Coded)
                else column[rows]
                for name, column in self.columns.items()
            }
        )

    def put(self, name: str, column: Coded) -> "Records":
        """The same with another column."""
        return replace(self, columns={**self.columns, name: column})

    def without(self, names: Collection[str]) -> "Records":
        """The same with nothing known of these."""
        kept = {name: c for name, c in self.columns.items() if name not in names}
        return replace(self, columns=kept)

    def groups(self, *names: str) -> Codes:
        """The number of each row's group, in the order of their values."""
        return ranked((self._ranks(name) for name in names), len(self))

    def canonical(self) -> "Records":
        """In the order that every file and page keeps: by identity."""
        return self.take(np.argsort(self.groups(*IDENTITY), kind="stable"))

    def _ranks(self, name: str) -> tuple[Codes, int]:
        if name == "seed":
            codes, used = dense(self.seeds(), int(self.seeds().max(initial=0)) + 1)
            return codes, len(used)
        column = self.coded(name).ordered()
        return column.codes, len(column.values)


def column_of(
    column: Column, codes: Codes, values: Collection[Value] | Amounts
) -> Coded | Amounts:
    """A column of the values that stand for codes."""
    if column.kind in AMOUNTS:
        return amounts(column, values)[codes]
    return Coded.of(codes, values)


AMOUNTS = frozenset({"integer", "number"})
"""The kinds of columns that are arrays of their own."""


def amounts(column: Column, values: Iterable[Value] | Amounts) -> Amounts:
    """Values of a field as an array; None is not known."""
    if isinstance(values, np.ndarray):
        return values
    whole = column.kind == "integer"
    none = -1 if whole else np.nan
    given = [none if value is None else value for value in values]
    return np.array(given, np.int64) if whole else np.array(given, np.float64)


def _at(values: Collection[Any], places: Codes) -> list[Any]:
    found = list(values)
    return [found[place] for place in places.tolist()]
