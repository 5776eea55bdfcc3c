"""cells.csv: from rows of text to records, and back.

`csv_rows.read_raw` turns a file into rows of text, `parse` turns those into
records: two steps, so that foreign rows can be put into our words between them.
`read` is both, and raises; `write` is its inverse.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from harness_bench.columns import FieldError, Value, format_value
from harness_bench.csv_rows import Origin, RawTable, decode
from harness_bench.errors import Problem, SchemaError, near_miss
from harness_bench.schema import (
    COLUMN_BY_NAME,
    COLUMNS,
    IDENTITY,
    NAMED,
    OUTCOMES,
    Record,
    Status,
)

Duplicates = Literal["error", "first", "last", "number"]
"""What to do about rows with one key: refuse, keep the first or the last, or (before
they are parsed) number them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What `parse` made of rows."""

    records: list[tuple[Origin, Record]]
    """In the order of the rows; those with a problem are left out."""
    problems: list[Problem]
    repeated: int = 0
    """Rows left out because `duplicates` keeps another row with their key."""


def parse(tables: Sequence[RawTable], *, duplicates: Duplicates = "error") -> Parsed:
    """The records that tables of text stand for.

    Args:
        tables: In our words; columns outside the schema are passed over. Their
            own problems are among those returned.
        duplicates: What to do about rows with one key. Keys are compared
            across tables, and also where another field of the row is bad.
    """
    memory: _Memory = {name: {} for name in COLUMN_BY_NAME}
    problems: list[tuple[int, Problem]] = []
    kept: dict[tuple[Value, ...], tuple[Origin, Record | None]] = {}
    repeated = 0
    for place, table in enumerate(tables):
        found = [*table.problems, *_lacks(table)]
        judges_outcome = any(name in table.header for name in OUTCOMES)
        for origin, row in table.rows:
            before = len(found)
            values = _values(origin, row, memory, found)
            found.extend(
                _contradictions(origin, row, values, judges_outcome=judges_outcome)
            )
            key = tuple(values.get(name, _DEFAULTS[name]) for name in IDENTITY)
            if None in key or any(
                name in row and name not in values for name in IDENTITY
            ):
                continue
            earlier = kept.get(key)
            if earlier is not None and duplicates in ("error", "number"):
                found.append(
                    origin.problem(
                        "duplicate key"
                        if earlier[0].file == origin.file
                        else "duplicate key of two files",
                        f"the row has the same {', '.join(IDENTITY[:-1])} and"
                        f" {IDENTITY[-1]} as {earlier[0]}",
                    )
                )
            repeated += earlier is not None
            if earlier is None or duplicates == "last":
                kept[key] = (
                    origin,
                    None if len(found) > before else Record(**values),
                )
        problems.extend((place, problem) for problem in found)
    problems.sort(key=lambda item: (item[0], item[1].line))
    return Parsed(
        records=[(at, record) for at, record in kept.values() if record is not None],
        problems=[problem for _, problem in problems],
        repeated=repeated,
    )


def read(data: bytes, *, file: str = "cells.csv") -> tuple[Record, ...]:
    """The records of a CSV in our words, in canonical order.

    Raises:
        SchemaError: With every problem of every row.
    """
    parsed = parse([decode(file, data)])
    if parsed.problems:
        raise SchemaError(*parsed.problems)
    return canonical(record for _, record in parsed.records)


def canonical(records: Iterable[Record]) -> tuple[Record, ...]:
    """Records in the order that every file and page keeps: by identity."""
    return tuple(sorted(records, key=lambda record: record.identity))


def write(records: Iterable[Record]) -> bytes:
    """The file that `read` turns into the same records.

    Every column is written, so that the header does not depend on the rows.

    Raises:
        SchemaError: Nothing that `read` returns is equal to the records: a key
            is there twice, a name is empty or has a line end in it, ...
    """
    ordered = canonical(records)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    names = [column.name for column in COLUMNS]
    writer.writerow(names)
    writer.writerows(
        [format_value(getattr(record, name)) for name in names] for record in ordered
    )
    # A lone surrogate has no UTF-8: as bytes that are none it meets its problem.
    data = text.getvalue().encode("utf-8", errors="surrogatepass")
    # Refusing what would be refused on reading takes the same rules once more.
    if ordered and read(data) != ordered:
        raise SchemaError(
            Problem(
                "cells.csv",
                "a record cannot be written without changing it",
                "text must not begin or end with blanks or hold control characters,"
                " and only sweep, quant and variant may be empty",
            )
        )
    return data


_Memory = dict[str, dict[str, Value | FieldError]]
"""Column and text to what it parsed to: most fields repeat."""

_UNSEEN = FieldError("", "")
_DEFAULTS: Mapping[str, Value] = MappingProxyType(
    {name: COLUMN_BY_NAME[name].empty for name in IDENTITY}
)


def _lacks(table: RawTable) -> list[Problem]:
    """What a table as a whole lacks: columns, or rows."""
    if not table.header:
        return []
    header = Origin(table.file, 1)
    problems = table.repeated(COLUMN_BY_NAME)
    problems += [
        header.problem(
            f"missing column {name}",
            f"column {name} is missing"
            f"{near_miss(name, (word for word in table.header if word))}",
            "every file needs it",
        )
        for name in NAMED
        if name not in table.header
    ]
    if not any(name in table.header for name in OUTCOMES):
        problems.append(
            header.problem(
                "missing outcome column",
                "columns status, passed and score are all missing",
                "every file needs one of them",
            )
        )
    if not table.rows and not table.problems:
        whole = Origin(table.file, 0)
        problems.append(whole.problem("no rows", "has a header but no rows"))
    return problems


def _values(
    origin: Origin,
    row: Mapping[str, str],
    memory: _Memory,
    problems: list[Problem],
) -> dict[str, Any]:
    """The values of a row's good fields; bad ones are added to the problems."""
    values: dict[str, Any] = {}
    for name, text in row.items():
        known = memory.get(name)
        if known is None:
            continue
        value = known.get(text, _UNSEEN)
        if value is _UNSEEN:
            try:
                value = COLUMN_BY_NAME[name].parse(text)
            except FieldError as error:
                value = error
            known[text] = value
        if isinstance(value, FieldError):
            problems.append(origin.problem(value.sort, value.what, value.advice))
        else:
            values[name] = value
    return values


def _contradictions(
    origin: Origin,
    row: Mapping[str, str],
    values: Mapping[str, Any],
    *,
    judges_outcome: bool,
) -> Iterator[Problem]:
    """What the fields of a row say against each other."""
    status, passed = values.get("status"), values.get("passed")
    if status is not None and passed is not None:
        verdict = status is Status.PASS
        if passed != verdict:
            yield origin.problem(
                "passed against status",
                f"passed is {passed:d} but status is '{status}'",
                f"make passed {verdict:d} or change the status",
            )
    elif (
        judges_outcome
        and status is None
        and passed is None
        and values.get("score") is None
        and not any(row.get(name, "").strip() for name in OUTCOMES)
    ):
        yield origin.problem(
            "no outcome",
            "status, passed and score are all empty",
            "every row needs one of them",
        )
    of, total = values.get("tests_passed"), values.get("tests_total")
    if of is not None and total is not None and of > total:
        yield origin.problem(
            "tests_passed above tests_total",
            f"tests_passed is {of} but tests_total is only {total}",
        )
