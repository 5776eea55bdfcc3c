"""A CSV file as rows of text, before anyone asks what they mean.

Reading goes on after a problem and returns all it found; nothing is raised for
a file that is missing, damaged or no CSV at all.
"""

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from harness_bench.errors import Problem, reason, shown

_GZIP_MAGIC = b"\x1f\x8b"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_OTHER_FORMATS = {
    b"PK\x03\x04": "a workbook (Excel or the like) or a zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "Parquet",
    b'{"': "JSON",
    b"[{": "JSON",
}
"""How files begin that people give a name ending in .csv."""
_SEPARATORS = re.compile("[;\t|]")
_SEPARATOR_NAMES = {";": "semicolons", "\t": "tabs", "|": "bars"}
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Origin(NamedTuple):
    """Where a row stands; a row of several lines stands where it begins."""

    file: str
    line: int

    def problem(self, sort: str, what: str, advice: str = "") -> Problem:
        """Something that does not fit here; line 0 means the whole file."""
        return Problem(self.file, what, advice, sort=sort, line=self.line)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """A CSV file as text, before anyone asks what it means."""

    file: str
    """What messages call it."""
    header: tuple[str, ...] = ()
    rows: list[tuple[Origin, dict[str, str]]] = field(default_factory=list)
    """The rows that have as many fields as the header."""
    problems: list[Problem] = field(default_factory=list)

    def repeated(self, names: Container[str]) -> list[Problem]:
        """A problem for each of these columns that is in the header twice.

        What nobody reads may be there as often as it likes.
        """
        return [
            Origin(self.file, 1).problem(
                "repeated column",
                f"column {shown(name)} is in the header {count} times",
            )
            for name, count in sorted(Counter(self.header).items())
            if name and count > 1 and name in names
        ]


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
        if path.is_dir():
            return _unreadable(file, "is a folder, not a CSV file")
        return _unreadable(file, f"cannot be read ({reason(error)})")
    except ValueError:  # a NUL in the path itself
        return _unreadable(file, "cannot be the name of a file")
    if path.suffix == ".gz":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            return _unreadable(file, f"is not a complete gzip file ({error})")
    return decode(file, data)


def decode(file: str, data: bytes) -> RawTable:
    """The rows of a CSV file that was read already.

    Takes UTF-8 with or without a byte order mark, any line ends, and blank
    lines. A line that is not UTF-8 is a problem and is kept with its bytes
    escaped, so that the row's other problems come out too.
    """
    other = _another_format(data)
    if other:
        return _unreadable(file, *other)
    table = RawTable(file=file, problems=_damaged_lines(file, data))
    text = data.decode("utf-8-sig", errors="backslashreplace").replace("\0", "\\x00")
    lines = _csv_rows(file, text, table.problems)
    found = next(lines, None)
    if found is None:
        if not table.problems:
            whole = Origin(file, 0)
            advice = "its first line must name the columns"
            table.problems.append(whole.problem("empty file", "is empty", advice))
        return table
    _, names = found
    header = tuple(name.strip() for name in names)
    if len(header) == 1 and (mark := _SEPARATORS.search(header[0])):
        return _unreadable(
            file,
            f"has its columns separated by {_SEPARATOR_NAMES[mark[0]]}",
            "save it with commas",
        )
    for origin, fields in lines:
        # What a spreadsheet leaves below and to the right of a table.
        if not any(map(str.strip, fields)):
            continue
        while len(fields) > len(header) and not fields[-1].strip():
            fields.pop()
        if len(fields) == len(header):
            table.rows.append((origin, dict(zip(header, fields, strict=True))))
            continue
        noun = "field" if len(fields) == 1 else "fields"
        sort = "short row" if len(fields) < len(header) else "long row"
        table.problems.append(
            origin.problem(
                sort,
                f"the row has {len(fields):,} {noun}, but the header has"
                f" {len(header):,}",
            )
        )
    return RawTable(file=file, header=header, rows=table.rows, problems=table.problems)


def _another_format(data: bytes) -> tuple[str, str] | None:
    """What a file is that is no CSV in UTF-8, and what to do about it."""
    if data.startswith(_GZIP_MAGIC):
        return "is compressed", "make its name end in .gz"
    if data.startswith(_UTF16_MARKS) or data[1:8:2] == b"\0\0\0\0":
        return "is UTF-16", "save it as UTF-8"
    for start, what in _OTHER_FORMATS.items():
        if data.startswith(start):
            return f"is {what}, not a CSV file", "export it as CSV"
    return None


def _unreadable(file: str, what: str, advice: str = "") -> RawTable:
    problem = Origin(file, 0).problem("unreadable file", what, advice)
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
                origin.problem(
                    "line that is not UTF-8",
                    f"byte {error.start + 1} of the line is"
                    f" 0x{line[error.start]:02x}, which is not UTF-8",
                    "save the file as UTF-8",
                )
            )
        if b"\0" in line:
            problems.append(
                origin.problem(
                    "NUL byte", f"byte {line.index(0) + 1} of the line is NUL, not text"
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
            unread = "nothing after it was read" if goes_on else ""
            problems.append(
                origin.problem(
                    "malformed row", f"the row is not valid CSV ({error})", unread
                )
            )
            if goes_on:
                return
            continue
        if not fields or (len(fields) == 1 and not fields[0].strip()):
            continue
        yield origin, fields
