"""The truth about a run: every attempt, one line each, never changed.

Each writing process has a file of its own, a segment, so that writers need no locks,
on a shared file system neither. A line carries a checksum and is on the disk before
the next trial begins. Reading takes whole lines only, and decides about attempts that
are there twice in a way that does not depend on the order of the segments.

    {"check":"0123456789abcdef","format":1,"attempt":{...}}
    {"check":"0123456789abcdef","format":2,"grading":{...}}

The checksum is over what follows it, up to the end of the line. Fields of the record
are written as cells.csv writes them; empty ones are left out, and so is what lines of
older versions do not have: the first request's tokens. A grading is an attempt
whose stored workspace was judged anew: nothing was executed. Of one execution, the
latest grading is read in the place of what came before.
"""

import hashlib
import json
import os
import re
import secrets
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness_bench import cells_csv
from harness_bench.columns import FieldError, Value, format_value
from harness_bench.errors import Problem, RunError, SchemaError, refused, shown
from harness_bench.schema import COLUMN_BY_NAME, COLUMNS, Record
from runner.machine.durable import make_folder, sync_folder
from runner.run_folder.attempt import Attempt

FOLDER = "ledger"
"""Inside the run folder."""

FORMAT = 1
"""Of a line that holds an attempt as it was executed."""
FORMAT_OF_GRADING = 2
"""Of a line that holds a grading; a higher one is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """What the ledger of a run says."""

    by_trial: Mapping[str, tuple[Attempt, ...]]
    """All attempts of each trial, in the order of their numbers."""
    notices: tuple[str, ...] = ()
    """What was passed over while reading."""

    @classmethod
    def of(
        cls, attempts: Iterable[Attempt], *, notices: Sequence[str] = ()
    ) -> "Attempts":
        """Attempts in any order, put into theirs; of each, its latest grading."""
        found = sorted(attempts, key=_order)
        graded = sorted((each for each in found if each.regraded_at), key=_regraded)
        latest = {attempt.folder: attempt for attempt in graded}
        grouped: dict[str, list[Attempt]] = {}
        for attempt in found:
            if latest.get(attempt.folder, attempt) is not attempt:
                continue
            grouped.setdefault(attempt.trial, []).append(attempt)
        return cls(
            by_trial={trial: tuple(grouped[trial]) for trial in sorted(grouped)},
            notices=tuple(notices),
        )

    @property
    def valid(self) -> Mapping[str, Attempt]:
        """The first valid attempt of each trial that has one: it is never run again."""
        firsts = {
            trial: next((found for found in attempts if found.is_valid), None)
            for trial, attempts in self.by_trial.items()
        }
        return {trial: found for trial, found in firsts.items() if found}

    def __len__(self) -> int:
        return sum(map(len, self.by_trial.values()))


class Ledger(AbstractContextManager["Ledger"]):
    """One process's part of a ledger, open for writing.

    The folder of the run is made if it is not there.

    Raises:
        RunError: The folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        folder = folder / FOLDER
        host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:60] or "host"
        name = f"{host}-{os.getpid()}-{secrets.token_hex(4)}.jsonl"
        self.path = folder / name
        self._size = 0
        """What a write that fails is cut back to."""
        self._is_torn = False
        """Whether half a line is behind them, which could not be taken back."""
        try:
            make_folder(folder)
            self._handle = os.open(
                self.path,
                os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC,
                0o600,
            )
        except OSError as error:
            raise RunError(refused(folder, "written", error)) from error
        try:
            sync_folder(folder)
        except OSError as error:
            os.close(self._handle)
            raise RunError(refused(folder, "written", error)) from error

    def append(self, attempt: Attempt) -> None:
        """Write an attempt; it is on the disk when this returns.

        Raises:
            RunError: The disk refuses, and the attempt is not kept, or a field of
                its record is one that cells.csv would not take.
        """
        line = _line(attempt)
        data = b"\n" + line if self._is_torn else line
        try:
            if self._is_torn:
                self._size = os.fstat(self._handle).st_size
            left = data
            while left:
                left = left[os.write(self._handle, left) :]
            os.fdatasync(self._handle)
        except OSError as error:
            try:  # cut off what it left
                os.ftruncate(self._handle, self._size)
            except OSError:
                # The next line begins on a line of its own; half a line has no check.
                self._is_torn = True
            raise RunError(refused(self.path, "written", error)) from error
        self._is_torn = False
        self._size += len(data)

    def close(self) -> None:
        """Close the segment; an empty one is removed."""
        os.close(self._handle)
        if not self._size and not self._is_torn:
            with suppress(OSError):
                self.path.unlink()

    def __exit__(self, *_: object) -> None:
        self.close()


def read_ledger(folder: Path) -> Attempts:
    """Every whole attempt of a run; none where there is no such folder.

    Returns:
        Damaged and torn lines are passed over and counted in the notices.

    Raises:
        RunError: A segment cannot be read, or was written by a newer version.
    """
    lines: dict[tuple[str, ...], bytes] = {}
    found: dict[tuple[str, ...], Attempt] = {}
    notices: list[str] = []
    parse = _Parser()
    for path, data in _segments(folder / FOLDER):
        damaged = []
        for number, line in enumerate(data.split(b"\n"), start=1):
            if not line:
                continue
            body = _whole(line)
            if body is None:
                damaged.append(number)
                continue
            try:
                attempt = parse(body)
            except _UnreadableError as error:
                raise RunError(error.problem.within(f"{path}:{number}")) from error
            # One attempt may be written twice, where a write seemed to fail.
            key = (attempt.trial, attempt.folder, *_regraded(attempt))
            if key not in lines or body < lines[key]:
                lines[key], found[key] = body, attempt
        if damaged:
            many = f"{len(damaged)} damaged lines were"
            what = many if len(damaged) > 1 else "a damaged line was"
            notices.append(f"{path.name}:{damaged[0]}: {what} skipped")
    return Attempts.of(found.values(), notices=notices)


def _segments(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every segment with what it holds, in the order of their names."""
    if not folder.exists():
        return  # nothing has been run yet
    try:
        for path in sorted(folder.iterdir()):
            if path.suffix == ".jsonl":
                with suppress(FileNotFoundError):  # an empty one that was just closed
                    yield path, path.read_bytes()
    except OSError as error:
        raise RunError(refused(error.filename, "read", error)) from error


def _order(attempt: Attempt) -> tuple[int, str, str]:
    # The number comes first: clocks are set back, batteries run out.
    return (attempt.number, attempt.record.started_at or "", attempt.folder)


def _regraded(attempt: Attempt) -> tuple[str, str]:
    """What orders the gradings of one execution."""
    when = attempt.regraded_at
    return ("", "") if when is None else (when, attempt.trial)


def _line(attempt: Attempt) -> bytes:
    values = {name: getattr(attempt, name) for name in _FIELDS}
    values["record"] = _fields(attempt.record)
    for name in _OPTIONAL:
        if values[name] is None:
            del values[name]
    number = FORMAT if attempt.regraded_at is None else FORMAT_OF_GRADING
    head = f'"format":{number},"{_KINDS[number]}"'
    text = json.dumps(values, separators=(",", ":"), allow_nan=False)
    body = f"{head}:{text}}}".encode()
    return b'{"check":"%b",%b\n' % (_check(body), body)


def _fields(record: Record) -> dict[str, str]:
    """The fields of a record that are not empty, as cells.csv has them.

    Raises:
        RunError: cells.csv would not take it, and so never be exported again.
    """
    try:
        cells_csv.write([record])
    except SchemaError as error:
        raise RunError(*(each.within("ledger") for each in error.problems)) from error
    texts = {
        column.name: format_value(getattr(record, column.name)) for column in COLUMNS
    }
    return {name: text for name, text in texts.items() if text}


def _check(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest()[:16].encode()


def _whole(line: bytes) -> bytes | None:
    """What the checksum of a line is over; None when it does not fit."""
    found = _LINE.fullmatch(line)
    if found is None or _check(found["body"]) != found["check"]:
        return None
    return found["body"]


class _UnreadableError(Exception):
    """A whole line that this version does not understand."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.problem = Problem("", what, advice)


class _Parser:
    """Turns lines into attempts; most fields repeat, so each text is parsed once."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Value]] = {name: {} for name in COLUMN_BY_NAME}

    def __call__(self, body: bytes) -> Attempt:
        """The attempt of a whole line.

        Raises:
            _UnreadableError: The line has another format, or holds what no column
                takes.
        """
        document = json.loads(b"{" + body)
        kind = _KINDS.get(document["format"])
        if kind is None:
            what = f"a newer harness-bench wrote it (format {document['format']})"
            raise _UnreadableError(what, "update harness-bench")
        values = document[kind]
        values |= {"record": self._record(values["record"])}
        return Attempt(**{name: values[name] for name in _FIELDS if name in values})

    def _record(self, texts: Mapping[str, str]) -> Record:
        values: dict[str, Any] = {}
        for name, text in texts.items():
            try:
                known = self._known[name]
                if text not in known:
                    known[text] = COLUMN_BY_NAME[name].parse(text)
            except KeyError as error:
                what = f"{shown(name)} is not a column of cells.csv"
                raise _UnreadableError(what, "update harness-bench") from error
            except FieldError as error:
                raise _UnreadableError(error.what) from error
            values[name] = known[text]
        return Record(**values)


_OPTIONAL = ("prompt_tokens", "regraded_at")
_FIELDS = ("trial", "number", "folder", "detail", "workspace", "record", *_OPTIONAL)
"""Of an attempt, in the order in which a line has them."""
_KINDS = {FORMAT: "attempt", FORMAT_OF_GRADING: "grading"}
"""Format of a line, and what it holds."""
_LINE = re.compile(rb'\{"check":"(?P<check>[0-9a-f]{16})",(?P<body>"format":\d+,.*\})')
