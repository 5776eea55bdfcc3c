"""cells.csv as we write it; `sitegen` reads it, and other people's tables."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any

from harness_bench.columns import FieldError, Value, format_value
from harness_bench.errors import Problem, SchemaError
from harness_bench.schema import COLUMNS, IDENTITY, OUTCOMES, Record, Status

_NAMES = tuple(column.name for column in COLUMNS)
_values = attrgetter(*_NAMES)
_identity = attrgetter(*IDENTITY)


def canonical(records: Iterable[Record]) -> tuple[Record, ...]:
    """Records in the order that every file and page keeps: by identity."""
    return tuple(sorted(records, key=_identity))


def write(records: Iterable[Record]) -> bytes:
    """The file that reads as the same records.

    Every column is written, so that the header does not depend on the rows.

    Raises:
        SchemaError: Nothing that can be read is equal to the records: a key
            is there twice, a name is empty or has a line end in it, ...
    """
    ordered = canonical(records)
    problems = list(_unreadable(ordered))
    if problems:
        raise SchemaError(*problems)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_NAMES)
    writer.writerows(map(format_value, _values(record)) for record in ordered)
    return text.getvalue().encode()


def disagreements(values: Mapping[str, Any]) -> Iterator[FieldError]:
    """What the fields of a row say against each other; unknown is None or absent."""
    status, passed = values.get("status"), values.get("passed")
    if status is not None and passed is not None:
        verdict = status is Status.PASS
        if passed != verdict:
            yield FieldError(
                "passed against status",
                f"passed is {passed:d} but status is '{status}'",
                f"make passed {verdict:d} or change the status",
            )
    of, total = values.get("tests_passed"), values.get("tests_total")
    if of is not None and total is not None and of > total:
        yield FieldError(
            "tests_passed above tests_total",
            f"tests_passed is {of} but tests_total is only {total}",
        )


def no_outcome() -> FieldError:
    """That a row does not say how its trial ended."""
    what = f"{', '.join(OUTCOMES[:-1])} and {OUTCOMES[-1]} are all empty"
    return FieldError("no outcome", what, "every row needs one of them")


def same_key(other: object) -> str:
    """What is said of a row that has the key of another one."""
    return (
        f"the row has the same {', '.join(IDENTITY[:-1])} and {IDENTITY[-1]} as {other}"
    )


def _unreadable(records: Iterable[Record]) -> Iterator[Problem]:
    """What would not be read back as it is."""
    good: set[tuple[str, Value]] = set()
    lines: dict[tuple[object, ...], int] = {}
    for line, record in enumerate(records, start=2):
        values = dict(zip(_NAMES, _values(record), strict=True))
        found = list(disagreements(values))
        if all(values[name] is None for name in OUTCOMES):
            found.append(no_outcome())
        for column in COLUMNS:
            value = values[column.name]
            if (column.name, value) in good:
                continue
            try:
                same = column.parse(format_value(value)) == value
            except FieldError as error:
                found.append(error)
                continue
            if same:
                good.add((column.name, value))
            else:
                found.append(
                    FieldError(
                        "changed",
                        f"{column.name} cannot be written without changing it",
                        "text must not begin or end with blanks, and only sweep, quant"
                        " and variant may be empty",
                    )
                )
        if earlier := lines.get(record.identity):
            found.append(FieldError("duplicate key", same_key(f"cells.csv:{earlier}")))
        lines.setdefault(record.identity, line)
        for each in found:
            yield Problem("cells.csv", each.what, each.advice, each.sort, line)
