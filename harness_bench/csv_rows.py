"""A CSV file as rows of text, before anyone asks what they mean.

Reading goes on after a problem and returns all it found; nothing is raised for
a file that is missing, damaged or no CSV at all.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from harness_bench.errors import shown

_GZIP_MAGIC = b"\x1f\x8b"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Origin(NamedTuple):
    """Where a row stands; a row of several lines stands where it begins."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Problem(NamedTuple):
    """Something in a file that does not fit."""

    origin: Origin
    """Line 0 means the whole file."""
    sort: str
    """What is wrong in two or three words; equal for problems of one sort."""
    message: str
    """What is wrong and what was expected."""

    def __str__(self) -> str:
        where = self.origin if self.origin.line else self.origin.file
        return f"{where}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """A CSV file as text, before anyone asks what it means."""

    file: str
    """What messages call it."""
    header: tuple[str, ...] = ()
    rows: list[tuple[Origin, dict[str, str]]] = field(default_factory=list)
    """The rows that have as many fields as the header."""
    problems: list[Problem] = field(default_factory=list)


def read_raw(path: Path, *, name: str | None = None) -> RawTable:
    """The rows of a `.csv` or `.csv.gz` file.

    Args:
        path: The file.
        name: What messages call it; its base name if not given.

    Returns:
        All rows that can be told apart, and all problems; nothing is raised
        for a file that is missing or unreadable.
    """
    file = name or path.name
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = (
            "is a folder" if path.is_dir() else f"cannot be read ({error.strerror})"
        )
        return _unreadable(file, f"{reason}, expected a CSV file")
    except ValueError:  # a NUL in the path itself
        return _unreadable(file, "is no possible path, expected a CSV file")
    if path.suffix == ".gz":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            return _unreadable(file, f"is not whole gzip ({error}), expected .csv.gz")
    return decode(file, data)


def decode(file: str, data: bytes) -> RawTable:
    """The rows of a CSV file that was read already.

    Takes UTF-8 with or without a byte order mark, any line ends, and blank
    lines. A line that is not UTF-8 is a problem and is kept with its bytes
    escaped, so that the row's other problems come out too.
    """
    if data.startswith(_GZIP_MAGIC):
        return _unreadable(file, "is compressed, expected a name that ends in .gz")
    if data.startswith(_UTF16_MARKS):
        return _unreadable(file, "is UTF-16, expected UTF-8")
    table = RawTable(file=file, problems=_damaged_lines(file, data))
    text = data.decode("utf-8-sig", errors="backslashreplace").replace("\0", "\\x00")
    lines = _csv_rows(file, text, table.problems)
    found = next(lines, None)
    if found is None:
        if not table.problems:
            empty = Problem(
                Origin(file, 0), "empty file", "is empty, expected a header"
            )
            table.problems.append(empty)
        return table
    first, names = found
    header = tuple(name.strip() for name in names)
    # A spreadsheet leaves nameless columns at the right; they repeat nothing.
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    table.problems.extend(
        Problem(
            first,
            "repeated column",
            f"column {shown(name)} stands {header.count(name)} times in the header,"
            " expected once",
        )
        for name in repeated
    )
    for origin, fields in lines:
        if len(fields) == len(header):
            table.rows.append((origin, dict(zip(header, fields, strict=True))))
            continue
        noun = "field" if len(fields) == 1 else "fields"
        sort = "short row" if len(fields) < len(header) else "long row"
        table.problems.append(
            Problem(
                origin,
                sort,
                f"the row has {len(fields):,} {noun}, expected {len(header):,}"
                " as in the header",
            )
        )
    return RawTable(file=file, header=header, rows=table.rows, problems=table.problems)


def _unreadable(file: str, what: str) -> RawTable:
    problem = Problem(Origin(file, 0), "unreadable file", what)
    return RawTable(file=file, problems=[problem])


def _damaged_lines(file: str, data: bytes) -> list[Problem]:
    """A problem for each line that is not UTF-8 or holds a NUL byte."""
    problems: list[Problem] = []
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if b"\0" not in data:
            return problems
    for number, line in enumerate(_LINE_END.split(data), start=1):
        origin = Origin(file, number)
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            problems.append(
                Problem(
                    origin,
                    "line that is not UTF-8",
                    f"byte {error.start + 1} of the line is"
                    f" 0x{line[error.start]:02x}, expected UTF-8",
                )
            )
        if b"\0" in line:
            problems.append(
                Problem(
                    origin,
                    "NUL byte",
                    f"byte {line.index(0) + 1} of the line is NUL, expected text",
                )
            )
    return problems


def _csv_rows(
    file: str, text: str, problems: list[Problem]
) -> Iterator[tuple[Origin, list[str]]]:
    """The rows that the csv module finds, each with its first line's number.

    The module's limit on the length of a field (131,072 characters) stays as it
    is: it is one for the whole process. Strict mode, because otherwise a quote
    that is never closed swallows the rest of the file without a word.
    """
    lines = io.StringIO(text, newline="")
    last = ""

    def watched() -> Iterator[str]:
        nonlocal last
        for line in lines:
            last = line
            yield line

    reader = csv.reader(watched(), strict=True)
    while True:
        origin = Origin(file, reader.line_num + 1)
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # After an error the module begins afresh at the next line. That is
            # a new row only if no quoted field goes on there.
            several_lines = reader.line_num > origin.line
            goes_on = several_lines or last.count('"') % 2 == 1
            rest = "; what follows it was not read" if goes_on else ""
            problems.append(
                Problem(
                    origin,
                    "malformed row",
                    f"the row is malformed ({error}), expected CSV with fields of at"
                    f" most {csv.field_size_limit():,} characters{rest}",
                )
            )
            if goes_on:
                return
            continue
        if not fields or (len(fields) == 1 and not fields[0].strip()):
            continue
        yield origin, fields
