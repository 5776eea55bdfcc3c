"""A CSV file as a table of text.

pandas reads a large table whose rows are all as long as its header. Any other goes row
by row, so that each problem has its line: reading goes on after a problem and returns
all it found. Nothing is raised for a file that is damaged or no CSV at all.
"""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np

from harness_bench.errors import Problem, shown
from sitegen.raw_table import Origin, RawTable, unreadable
from sitegen.texts import Codes, Texts, TextsBuilder

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MARKED_LINE = re.compile(rb"(?:(?<=[\r\n])|\A)(?:%s)+" % _BYTE_ORDER_MARK)
_OTHER_FORMATS = {
    rb"PK\x03\x04": "a workbook (Excel or the like)",
    rb"\xd0\xcf\x11\xe0": "an old Excel workbook",
    rb"PAR1": "Parquet",
    rb"ARROW1|FEA1": "Feather",
    rb'\s*(\{\s*["}]|\[\s*[{\[])': "JSON",
    rb"(---\s+)?(- )?\w+:( [^,\r\n]*)?[\r\n]": "YAML",
    rb"\s*<(!doctype|html|\?xml|table)": "a web page or XML",
    rb"%PDF": "PDF",
    rb"SQLite format 3": "an SQLite database",
    rb"version https://git-lfs": "a pointer of Git LFS",
}
"""How files begin that people give a name ending in .csv."""
_COMPRESSED = {
    rb"PK\x03\x04(?s:(?!.*(\[Content_Types|mimetype)))": "unpack it",
    rb"\x1f\x8b": "make its name end in .gz",
    rb"\x28\xb5\x2f\xfd": "make its name end in .zst",
    rb"BZh[1-9]1AY|\xfd7zXZ|(?s:.{257})ustar": "unpack it",
}
_SEPARATOR_NAMES = {";": "semicolons", "\t": "tabs", "|": "bars"}
_READ = (";", "\t")
"""Those that nobody writes for another reason."""
_SEPARATOR_LINE = re.compile(
    rb"""\s*["']?sep=.["']?[,;\t|]*[ ]*(?:\r\n|\r|\n)""", re.IGNORECASE
)
_LINE_END = re.compile(rb"\r\n|\r|\n")
_QUOTED = re.compile(rb'(?:(?<=[,\r\n])|\A)"(?:[^"]|"")*+"(?=[,\r\n]|\Z)')
_OPENED = re.compile(rb'(?:[,\r\n]|\A)"')
_BARE_RETURN = re.compile(rb"\r(?!\n)")
_LARGE = 2**17
"""Bytes from which on pandas reads."""
_PART = 2**22
"""So many bytes are looked at at once."""
_BLOCK = 10_000
"""So many rows wait to become columns."""


def decode(file: str, data: bytes) -> RawTable:
    """The table that the bytes of a CSV file hold.

    Takes UTF-8 with or without a byte order mark, any line ends, blank lines, and the
    line with which a spreadsheet names its separator; with a notice UTF-16 with its
    mark, and semicolons or tabs where the header has no comma. A line that is not UTF-8
    is a problem and is kept with its bytes escaped, so that the row's other problems
    come out too.
    """
    read = []
    if data.startswith(_UTF16_MARKS):
        with suppress(UnicodeDecodeError):
            data = data.decode("utf-16").encode()
            read.append("as UTF-16")
    other = another_format(data)
    if other:
        return unreadable(file, *other)
    problems = _damaged_lines(file, data)
    # Files that were put one behind the other have marks inside.
    if _BYTE_ORDER_MARK in data:
        data = _MARKED_LINE.sub(b"", data)
    if problems and problems[0].line == 1:
        return RawTable(file=file, problems=problems[:1])
    if problems:
        text = data.decode(errors="backslashreplace").replace("\0", "\\x00")
        data = text.encode()
    told = _SEPARATOR_LINE.match(data)
    before = len(_LINE_END.findall(told[0])) if told else 0
    data = data[told.end() :] if told else data
    mark, other = _header(data)
    if other:
        return unreadable(file, *other)
    if mark != ",":
        read.append(f"with its columns separated by {_SEPARATOR_NAMES[mark]}")
    # pandas takes longer to import than a small table takes to read.
    found = None
    if not problems and mark == "," and len(data) > _LARGE:
        found = regular(file, data, before)
    found = found or row_by_row(file, data.decode(), before, problems, mark)
    read += [found.notice] if found.notice else []
    return replace(found, notice=f"{file}: read {', '.join(read)}") if read else found


def another_format(data: bytes, meant: str = "CSV") -> tuple[str, str] | None:
    """What a file is that is not meant to be it, or not in UTF-8, and what helps."""
    for start, advice in _COMPRESSED.items():
        if re.match(start, data):
            return "is compressed", advice
    if data.startswith(_UTF16_MARKS) or b"\0\0\0\0" in (data[:8:2], data[1:8:2]):
        return "is UTF-16", "save it as UTF-8"
    # All JSON is YAML.
    fits = {meant, *(("JSON", "YAML") if meant != "CSV" else ())}
    for start, what in _OTHER_FORMATS.items():
        matches = re.match(start, data.removeprefix(_BYTE_ORDER_MARK), re.IGNORECASE)
        if matches and what not in fits:
            return f"is {what}, not a {meant} file", f"export it as {meant}"
    return None


def _header(data: bytes) -> tuple[str, tuple[str, str] | None]:
    """What separates the names, or what the first lines are instead and what helps."""
    lines = [each for each in _LINE_END.split(data, maxsplit=9)[:9] if each.strip()]
    # A mark in a quoted name separates nothing.
    first, *rest = (
        re.sub('"[^"]*"', "", line.decode(errors="replace")).rstrip(",;\t ")
        for line in lines or [b""]
    )
    for mark, name in _SEPARATOR_NAMES.items():
        if mark in _READ and mark in first and "," not in first:
            return mark, None
        if first.count(mark) > first.count(","):
            what = f"has its columns separated by {name}"
            return ",", (what, "save it with commas")
    if "," not in first and any(line.count(",") > 1 for line in rest):
        what = f"begins with {shown(lines[0].decode(errors='replace'))}, not its header"
        return ",", (what, "remove what stands before the names of the columns")
    if "," not in first and len(first.split()) > _WORDS:
        what = "has its columns separated by blanks"
        return ",", (what, "save it with commas")
    return ",", None


_WORDS = 2
"""A header of more words than this and without commas has its columns in blanks."""


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


def regular(file: str, data: bytes, before: int) -> RawTable | None:
    """The table of a file whose rows are all as long as its header; else None.

    Args:
        file: What messages call it.
        data: UTF-8 without NUL bytes.
        before: So many lines of the file stand before it.
    """
    plain = data
    if b', "' in data:
        return None
    if b'"' in data:
        plain = _QUOTED.sub(lambda m: b"\0" * len(_LINE_END.findall(m[0])), data)
        # pandas does not take a line that ends in a bare carriage return.
        if _OPENED.search(plain) or _BARE_RETURN.search(plain):
            return None
        plain = plain.replace(b"\r\n", b"\n")
    elif b"\r" in data:
        data = plain = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    commas = _commas(plain)
    if len(commas) != 1:
        return None
    more = [line.count(b"\0") for line in io.BytesIO(plain)] if b"\0" in plain else []
    import pandas as pd  # noqa: PLC0415 - slow, and for large tables only

    frame = pd.read_csv(
        io.BytesIO(data),
        header=None,
        names=range(1 + commas.pop()),
        dtype=object,
        na_filter=False,
        skip_blank_lines=False,
    )
    lines = np.arange(len(frame), dtype=np.int32) + 1 + before
    if more:
        lines[1:] += np.cumsum(more[: len(frame)], dtype=np.int32)[:-1]
    columns = []
    for place in frame:
        codes, words = pd.factorize(frame[place].to_numpy())
        columns.append(Texts(codes.astype(np.int32), words.tolist()))
    filled = np.any([column.where(str.strip) for column in columns], axis=0)
    top = int(np.argmax(filled))
    filled[top] = False
    header = [column[top] for column in columns]
    return _table(file, header, [each.kept(filled) for each in columns], lines[filled])


def _commas(data: bytes) -> set[int]:
    """How many commas lines have; without lines that are blank.

    In parts, so that it takes no memory to speak of.
    """
    found = set[int]()
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + _PART) + 1 or len(data)
        part = np.frombuffer(data, np.uint8, end - start, start)
        ends = np.flatnonzero(part[:-1] == ord("\n")) + 1
        starts = np.concatenate([[0], ends])
        counts = np.add.reduceat(part == ord(","), starts, dtype=np.int32)
        found.update(np.unique(counts[counts > 0]).tolist())
        bare = np.flatnonzero(counts == 0)
        lasts = np.concatenate([ends, [len(part)]])[bare] + start
        if any(
            data[first:last].strip(b" \t\n\0")
            for first, last in zip(starts[bare] + start, lasts, strict=True)
        ):
            found.add(0)
        start = end
    return found


def _table(
    file: str,
    header: list[str],
    columns: list[Texts],
    lines: Codes,
    problems: list[Problem] | None = None,
) -> RawTable:
    names = tuple(name.strip() for name in header)
    problems = [] if problems is None else problems
    # Files that were put one behind the other have headers inside.
    inside = np.full(len(lines), len({*names}) > 1)
    for column in columns:
        if inside.any():
            inside &= column.where(lambda text: text.strip() in names)
    again = 0
    for row in np.flatnonzero(inside).tolist():
        if tuple(column[row].strip() for column in columns) == names:
            again += 1
        else:
            what = "names the columns again, in another order"
            origin = Origin(file, int(lines[row]))
            problems.append(origin.problem("another header", what))
    kept = [column.kept(~inside) for column in columns]
    return RawTable(
        file=file,
        header=names,
        columns=dict(zip(names, kept, strict=True)),
        places=lines[~inside],
        problems=problems,
        notice=f"without lines that repeat its header ({again:,})" if again else "",
    )


def row_by_row(
    file: str, text: str, before: int, problems: list[Problem], mark: str = ","
) -> RawTable:
    """The rows that are as long as the header, and what is wrong with the others."""
    rows = _csv_rows(file, text, before, problems, mark)
    header = next((row for _, row in rows if any(map(str.strip, row))), None)
    if not header:
        if not problems:
            whole = Origin(file, 0)
            advice = "its first line must name the columns"
            problems.append(whole.problem("empty file", "is empty", advice))
        return RawTable(file=file, problems=problems)
    columns = TextsBuilder(len(header))
    lines: list[int] = []
    block: list[list[str]] = []
    for origin, fields in rows:
        # What a spreadsheet leaves below and to the right of a table.
        if not any(map(str.strip, fields)):
            continue
        while len(fields) > len(header) and not fields[-1].strip():
            fields.pop()
        if not any(map(str.strip, header[len(fields) :])):
            fields.extend(header[len(fields) :])
        if len(fields) == len(header):
            lines.append(origin.line)
            block.append(fields)
            if len(block) == _BLOCK:
                columns.add(block)
                block.clear()
            continue
        noun = "field" if len(fields) == 1 else "fields"
        sort = "short row" if len(fields) < len(header) else "long row"
        problems.append(
            origin.problem(
                sort,
                f"the row has {len(fields):,} {noun}, but the header has"
                f" {len(header):,}",
            )
        )
    columns.add(block)
    places = np.array(lines, np.int32)
    return _table(file, header, columns.columns(), places, problems)


def _csv_rows(
    file: str, text: str, before: int, problems: list[Problem], mark: str
) -> Iterator[tuple[Origin, list[str]]]:
    """The rows that the csv module finds, each with its first line's number.

    Fields may be of any length: those of our columns are measured later. Strict mode,
    because otherwise a quote that is never closed swallows the rest of the file without
    a word.
    """
    csv.field_size_limit(2**31 - 1)  # of the whole process, and so never put back
    lines = io.StringIO(text, newline="")
    last = ""

    def watched() -> Iterator[str]:
        nonlocal last
        for line in lines:
            last = line
            yield line

    spaced = f'{mark} "' in text
    reader = csv.reader(watched(), strict=True, delimiter=mark, skipinitialspace=spaced)
    while True:
        origin = Origin(file, before + reader.line_num + 1)
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # After an error the module begins afresh at the next line. That is
            # a new row only if no quoted field goes on there.
            several_lines = before + reader.line_num > origin.line
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
