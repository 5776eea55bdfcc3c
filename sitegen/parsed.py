"""From tables of text in our words to columns: each text is judged once.

`read_table` turns a file into text, `parse` turns that into values: two steps, so that
foreign rows can be put into our words between them. `read` is both, and raises.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypeAlias

import numpy as np

from harness_bench.cells_csv import disagreements, no_outcome, same_key
from harness_bench.columns import (
    BLANKS,
    FAST_INTEGER_DIGITS,
    LONGEST,
    Column,
    FieldError,
)
from harness_bench.errors import Problem, SchemaError, near_miss, shown
from harness_bench.schema import COLUMN_BY_NAME, IDENTITY, NAMED, OUTCOMES, Record
from sitegen.config import Duplicates
from sitegen.csv_table import decode
from sitegen.raw_table import Origin, RawTable
from sitegen.records import AMOUNTS, Amounts, Records, amounts, column_of
from sitegen.texts import Codes, firsts, grouped, members

_DECIMAL_COMMA = re.compile(r"-?(?!\d{1,3}(,\d{3})+$)\d+,\d+")
"""Not 1,500, which may be a thousand and a half."""
_NAMED = 3
"""So many rows are named of many that have the same unknown status."""
_TOGETHER = ("status", "passed", "tests_passed", "tests_total")
"""Columns whose fields can say something against each other."""


_Means: TypeAlias = list[Any] | Amounts
"""What codes stand for, as `sitegen.records` keeps columns of the kind."""
_Column: TypeAlias = tuple[Codes, _Means]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What `parse` made of rows."""

    records: Records
    """Of the rows that have no problem, in the order of the tables."""
    problems: Sequence[Problem]
    tables: Sequence[RawTable]
    rows: Codes
    """Where those rows stand, counted over all tables."""
    repeated: int = 0
    """Rows left out because `duplicates` keeps another row with their key."""

    def origin(self, number: int) -> Origin:
        """Where one of them stands, counted from 0."""
        table, row = _place(_starts(self.tables), int(self.rows[number]))
        return self.tables[table].origin(row)


class _Judged:
    """What the rows of a table say, and what is wrong with which of them."""

    def __init__(self, table: RawTable) -> None:
        self.table = table
        whole = [*table.problems, *_lacks(table)]
        self.found = [((each.line, -1), each) for each in whole]
        """Problems, each with its place in the file and its row."""
        self.bad = np.zeros(table.size, bool)
        self.keyed = np.full(table.size, all(n in table.columns for n in NAMED))
        """Whether the key of a row can be told."""
        self.columns: dict[str, _Column] = {}
        """Of every column of ours, codes and what each of them means."""
        for name in table.columns:
            if name in COLUMN_BY_NAME:
                self._judge(name)
        nowhere: Codes = np.zeros(table.size, np.int32)
        for name, column in COLUMN_BY_NAME.items():
            self.columns.setdefault(name, (nowhere, _kept(column, [column.empty])))
        if any(name in table.header for name in OUTCOMES):
            filled = [table.text(name).where(str.strip) for name in OUTCOMES]
            self.refuse(np.flatnonzero(~np.any(filled, axis=0)), no_outcome())
        self._compare()

    def refuse(self, rows: Codes, error: FieldError) -> None:
        """Say of these rows what is wrong with each of them."""
        self.bad[rows] = True
        for row in rows.tolist():
            origin = self.table.origin(row)
            problem = origin.problem(error.sort, error.what, error.advice)
            self.found.append(((origin.line, row), problem))

    def _judge(self, name: str) -> None:
        """What the texts of a column mean; None for those that it does not allow."""
        texts, column = self.table.columns[name], COLUMN_BY_NAME[name]
        # A text that no row has says nothing.
        words = [text if count else None for text, count in texts.counted()]
        means, wrong = _meanings(column, words)
        self.columns[name] = (texts.codes, means)
        commas = [p for p in wrong if _DECIMAL_COMMA.fullmatch(texts.words[p].strip())]
        several = np.isin(texts.codes, commas).sum() > 1
        if several and column.kind == "number":
            head = self.table.head()
            what = f"{name} has decimal commas, as in {shown(texts.words[commas[0]])}"
            advice = "save it with decimal points"
            problem = head.problem(f"decimal commas in {name}", what, advice)
            self.found.append(((head.line, -1), problem))
            self.bad |= np.isin(texts.codes, commas)
            wrong = {p: error for p, error in wrong.items() if p not in commas}
        if wrong:
            rows_of = members(texts.codes)
            for place, fault in wrong.items():
                rows = rows_of(place)
                if name in IDENTITY:
                    self.keyed[rows] = False
                if name == "status" and len(rows) > 1:
                    self.bad[rows] = True
                    rows, fault = rows[:1], self._often(fault, rows)  # noqa: PLW2901
                self.refuse(rows, fault)

    def _often(self, fault: FieldError, rows: Codes) -> FieldError:
        """What is wrong with all of these rows, said once."""
        places = [f"{place:,}" for place in self.table.places[rows[:_NAMED]].tolist()]
        where = "lines" if self.table.has_lines else "rows"
        more = ", …" if len(rows) > len(places) else ""
        said = f"{len(rows):,} rows have it: {where} {', '.join(places)}{more}"
        return FieldError(fault.sort, f"{fault.what}; {said}", fault.advice)

    def _compare(self) -> None:
        """What the fields of a row say against each other."""
        together = [self.columns[name] for name in _TOGETHER]
        groups = grouped(together)
        rows_of = members(groups)
        for group, first in enumerate(firsts(groups)):
            said = [_said(means, int(codes[first])) for codes, means in together]
            for error in disagreements(dict(zip(_TOGETHER, said, strict=True))):
                self.refuse(rows_of(group), error)


def parse(tables: Sequence[RawTable], *, duplicates: Duplicates = "error") -> Parsed:
    """The records that tables of text stand for.

    Args:
        tables: In our words, at least one; columns outside the schema are passed over.
            Their own problems are among those returned.
        duplicates: What to do about rows with one key. Keys are compared
            across tables, and also where another field of the row is bad.
    """
    judged = [_Judged(table) for table in tables]
    columns = {
        name: _below([each.columns[name] for each in judged]) for name in COLUMN_BY_NAME
    }
    keyed = np.flatnonzero(np.concatenate([each.keyed for each in judged]))
    groups = grouped((columns[name][0][keyed], columns[name][1]) for name in IDENTITY)
    first = firsts(groups)
    again = np.flatnonzero(first[groups] != np.arange(len(keyed)))
    if duplicates in ("error", "number"):
        starts = _starts(tables)
        for place in again.tolist():
            table, row = _place(starts, int(keyed[place]))
            of, earlier_row = _place(starts, int(keyed[first[groups[place]]]))
            earlier = tables[of].origin(earlier_row)
            one_file = earlier.file == tables[table].file
            sort = "duplicate key" if one_file else "duplicate key of two files"
            error = FieldError(sort, same_key(earlier))
            judged[table].refuse(np.array([row]), error)
    elif duplicates == "last":
        first = len(groups) - 1 - firsts(groups[::-1])
    rows = keyed[first]
    rows = rows[~np.concatenate([each.bad for each in judged])[rows]]
    found = [sorted(each.found, key=lambda item: item[0]) for each in judged]
    return Parsed(
        records=Records(
            {
                name: column_of(COLUMN_BY_NAME[name], codes[rows], means)
                for name, (codes, means) in columns.items()
                if name in NAMED or any(name in table.columns for table in tables)
            }
        ),
        problems=[problem for each in found for _, problem in each],
        tables=tables,
        rows=rows,
        repeated=len(again),
    )


def _starts(tables: Sequence[RawTable]) -> list[int]:
    """Rows before each table."""
    return [0, *accumulate(table.size for table in tables)]


def _place(starts: Sequence[int], row: int) -> tuple[int, int]:
    """A row counted over all tables, to its table and row there."""
    table = bisect_right(starts, row) - 1
    return table, row - starts[table]


def _below(columns: Sequence[_Column]) -> _Column:
    """Columns below one another."""
    starts = np.cumsum([0, *(len(means) for _, means in columns)])
    codes = [codes + start for (codes, _), start in zip(columns, starts, strict=False)]
    means = [means for _, means in columns]
    if isinstance(means[0], np.ndarray):
        return np.concatenate(codes), np.concatenate(means)
    return np.concatenate(codes), [each for found in means for each in found]


def _meanings(
    column: Column, texts: Sequence[str | None]
) -> tuple[_Means, dict[int, FieldError]]:
    """What texts mean; None for those that the column does not allow, and why not."""
    means: list[Any] = []
    wrong: dict[int, FieldError] = {}
    for start in range(0, len(texts), _BLOCK):
        block = texts[start : start + _BLOCK]
        if (plain := _plain(column, block)) is not None:
            means += plain
            continue
        for place, text in enumerate(block, start):
            try:
                means.append(None if text is None else column.parse(text))
            except FieldError as error:
                means.append(None)
                wrong[place] = error
    return _kept(column, means), wrong


def _plain(column: Column, texts: Sequence[str | None]) -> list[Any] | None:
    """What names, unsigned numbers and nothing mean; None: not all are one of these."""
    said = [*filter(None, texts)]
    together, longest = "".join(said), max(map(len, said), default=0)
    if column.kind == "text":
        names = [text and text.strip(BLANKS) for text in texts]
        if not together.isprintable() or longest > LONGEST or column.required:
            return None
        return [column.empty if name == "" else name for name in names]
    digits = _DIGITS.get(column.kind)
    whole = column.kind == "integer"
    if (
        not digits
        or together.encode(errors="replace").translate(None, digits)
        or (whole and longest > FAST_INTEGER_DIGITS)
    ):
        return None
    if whole:
        return [int(text) if text else column.empty for text in texts]
    try:
        found = [float(text) if text else None for text in texts]
    except ValueError:  # two points in one
        return None
    most = max(filter(None, found), default=0)
    return found if most <= column.high and most < math.inf else None


_DIGITS = {"integer": b"0123456789", "number": b"0123456789."}
_BLOCK = 4_096
"""So many texts are read at once, or one by one."""


def _kept(column: Column, means: list[Any]) -> _Means:
    return amounts(column, means) if column.kind in AMOUNTS else means


def _said(means: _Means, place: int) -> Any:  # noqa: ANN401 - of any column
    said = means[place]
    return (said if said >= 0 else None) if isinstance(means, np.ndarray) else said


def read(data: bytes, *, file: str = "cells.csv") -> tuple[Record, ...]:
    """The records of a CSV in our words, in canonical order.

    Raises:
        SchemaError: With every problem of every row.
    """
    parsed = parse([decode(file, data)])
    if parsed.problems:
        raise SchemaError(*parsed.problems)
    return tuple(parsed.records.canonical())


def _lacks(table: RawTable) -> list[Problem]:
    """What a table as a whole lacks: columns, or rows."""
    if not table.header:
        return []
    head = table.head()
    problems = table.repeated(COLUMN_BY_NAME)
    problems += [
        head.problem(
            f"missing column {name}",
            f"column {name} is missing{near_miss(name, filter(None, table.header))}",
            "every file needs it",
        )
        for name in NAMED
        if name not in table.header
    ]
    if not any(name in table.header for name in OUTCOMES):
        problems.append(
            head.problem(
                "missing outcome column",
                "columns status, passed and score are all missing",
                "every file needs one of them",
            )
        )
    if not table.size and not table.problems:
        whole = Origin(table.file, 0)
        problems.append(whole.problem("no rows", "has a header but no rows"))
    return problems
