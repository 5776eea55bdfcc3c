"""A request as its harness wrote it: what stays is passed on letter by letter."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from runner.proxy.wire.loose import Table, dumped

_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Written:
    """An object as somebody wrote it."""

    fields: Table
    places: dict[str, slice]
    """Where in the text each value stands."""
    said: bytes | str
    """The text: as bytes where one of these is one letter, for it is long."""

    def rewritten(self, after: Table) -> bytes:
        """The JSON text of the object once it was changed.

        What stayed is as it was written, and is copied once: to write a long
        conversation anew takes milliseconds.
        """
        said = memoryview(self.said) if isinstance(self.said, bytes) else self.said
        parts: list[bytes | memoryview] = []
        for key, value in after.items():
            parts.append(b"," if parts else b"{")
            parts.append(json.dumps(key).encode() + b":")
            if not (key in self.fields and self.fields[key] is value):
                parts.append(dumped(value))
            elif isinstance(said, str):
                kept = said[self.places[key]]
                parts.append(kept.encode(errors="surrogatepass"))
            else:
                parts.append(said[self.places[key]])
        return b"".join((*parts, b"}")) if parts else b"{}"


def written(raw: bytes) -> Written | None:
    """The object that a text is; None: it is none. Of one name the last holds."""
    try:
        said = raw.decode(json.detect_encoding(raw), "surrogatepass")
        found = _members(said)
    except (ValueError, RecursionError):
        return None
    if found is None:
        return None
    is_same = raw.isascii() and len(said) == len(raw)
    return Written(*found, raw if is_same else said)


def _members(said: str) -> tuple[Table, dict[str, slice]] | None:
    fields: Table = {}
    places: dict[str, slice] = {}
    at = _blank(said, 0)
    if said[at : at + 1] != "{":
        return None
    at = _blank(said, at + 1)
    while said[at : at + 1] == '"':
        key, at = _DECODER.raw_decode(said, at)
        at = _blank(said, at)
        if said[at : at + 1] != ":":
            return None
        begin = _blank(said, at + 1)
        fields[key], at = _DECODER.raw_decode(said, begin)
        places[key] = slice(begin, at)
        at = _blank(said, at)
        if said[at : at + 1] != ",":
            break
        at = _blank(said, at + 1)
        if said[at : at + 1] != '"':
            return None
    is_end = said[at : at + 1] == "}" and _blank(said, at + 1) == len(said)
    return (fields, places) if is_end else None


_BLANK = re.compile(r"[ \t\n\r]*")


def _blank(said: str, at: int) -> int:
    found = _BLANK.match(said, at)
    return found.end() if found else at
