"""Server-sent events, read from a stream that may be cut anywhere.

Source:
    https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Of a CR at the end of what has come, nobody can say yet whether it ends a line.
_END = re.compile(rb"(?:\r\n|\n|\r(?=[^\n])){2}")
_PLAIN = b"\n\n"
_PLAIN_END = re.compile(_PLAIN)
"""The same, much faster, for a stream without a CR."""
_LONGEST_END = 4
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class StreamEvent(NamedTuple):
    """One event with the bytes it came in."""

    raw: bytes
    """With the empty line that ends it."""

    def field(self, name: str) -> bytes | None:
        """The values of a field, joined by line feeds; None: it has none."""
        start = name.encode() + b":"
        found = [
            line[len(start) :].removeprefix(b" ")
            for line in self.raw.removeprefix(_BYTE_ORDER_MARK).splitlines()
            if line.startswith(start)
        ]
        return b"\n".join(found) if found else None


class Events:
    """Cuts a stream into events; what was cut is the same whatever the chunks."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._searched = 0
        self._end = _PLAIN_END

    def feed(self, chunk: bytes) -> list[StreamEvent]:
        """The events that this chunk completes."""
        self._rest += chunk
        if b"\r" in chunk:
            self._end = _END
        elif self._end is _PLAIN_END and self._rest.endswith(_PLAIN):  # nearly all
            whole = bytes(self._rest).split(_PLAIN)
            self._rest.clear()
            self._searched = 0
            return [StreamEvent(event + _PLAIN) for event in whole[:-1]]
        events = []
        start = 0
        while end := self._end.search(self._rest, max(start, self._searched)):
            events.append(StreamEvent(bytes(self._rest[start : end.end()])))
            start = self._searched = end.end()
        del self._rest[:start]
        # The end of an event may itself be cut: its first bytes are looked at again.
        self._searched = max(0, len(self._rest) - _LONGEST_END)
        return events

    def rest(self) -> bytes:
        """What came after the last whole event."""
        return bytes(self._rest)
