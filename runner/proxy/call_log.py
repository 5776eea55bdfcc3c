"""The private log of a trial's calls: one JSON line each, with what is new in it.

With every call an agent sends its whole conversation once more, and its tools. Written
out each time, a trial of 200 calls would take hundreds of megabytes. So a line leaves
out what stood in the request of the line before:

    "request": {"messages": [<those that are new>]},
    "as_before": {"model": true, "tools": true, "messages": 12}

`true`: the field is as it was; a number: so many items of the list are, and come first.
What was no call of the model is a line `{"aside": "GET /v1/models", "status": 200}`.
"""

import errno
import os
from collections.abc import Iterable, Iterator
from io import FileIO
from typing import Final

from runner.proxy.metering import Call
from runner.proxy.wire.loose import Table, dumped, in_common, parsed, table

_AS_BEFORE: Final = "as_before"
_ASIDE: Final = "aside"
_LONGEST_PATH: Final = 200


class CallLog:
    """Writes lines; each is on its way to the disk when `add` returns."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._before: Table = {}

    def add(self, call: Call) -> None:
        """Write a call down.

        Raises:
            OSError: It cannot be written.
        """
        request, as_before = _without(self._before, call.request)
        # Whoever cannot read this line needs the next one whole.
        self._before = {}
        self._write(call.told() | {"request": request, _AS_BEFORE: as_before})
        self._before = call.request

    def note(self, method: str, path: str, status: int) -> None:
        """Write down a request that was no call of the model.

        Raises:
            OSError: It cannot be written.
        """
        self._write({_ASIDE: f"{method} {path[:_LONGEST_PATH]}", "status": status})

    def _write(self, said: Table) -> None:
        line = dumped(said) + b"\n"
        if self._file.write(line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def read_calls(log: Iterable[bytes]) -> Iterator[Table]:
    """The calls in the lines of a log, their requests whole.

    The log may be foreign or damaged: what does not fit is read as nothing.
    """
    before: Table = {}
    for line in log:
        call = table(parsed(line))
        if call and _ASIDE not in call:
            as_before = table(call.pop(_AS_BEFORE, None))
            before = _with(before, table(call.get("request")), as_before)
            yield call | {"request": before}


def _without(before: Table, request: Table) -> tuple[Table, Table]:
    """What is new in a request, and what is as before.

    Equal is what Python takes for equal: 1 and true are, which no protocol tells apart.
    """
    new, same = dict(request), {}
    for key, value in request.items():
        if key not in before:
            continue
        if isinstance(value, list) and isinstance(old := before[key], list):
            if known := in_common(old, value):
                new[key], same[key] = value[known:], known
        elif value == before[key]:
            del new[key]
            same[key] = True
    return new, same


def _with(before: Table, new: Table, same: Table) -> Table:
    """The opposite of `_without`."""
    whole = dict(new)
    for key, known in same.items():
        old, rest = before.get(key), new.get(key)
        if known is True and key in before:
            whole[key] = old
        elif (
            isinstance(known, int) and isinstance(old, list) and isinstance(rest, list)
        ):
            whole[key] = old[:known] + rest
    return whole
