"""JSON that others wrote: each look says which type it wants, and gets it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Table = dict[str, Any]
_DECODER = json.JSONDecoder()
_ENCODER = json.JSONEncoder(separators=(",", ":"))


def parsed(text: bytes | str) -> object:
    """The value of a JSON text; None: it is none, or is nested too deep."""
    try:
        if isinstance(text, str) and text.startswith("{"):
            found, end = _DECODER.raw_decode(text)
            if end == len(text):  # nearly all; several times as fast
                return found
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def table(value: object) -> Table:
    """An object; empty where it is none."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> list[Table]:
    """The objects in a list; empty where it is none."""
    return [table(item) for item in value] if isinstance(value, list) else []


def text(value: object) -> str:
    """A string; empty where it is none."""
    return value if isinstance(value, str) else ""


def count(value: object) -> int | None:
    """A whole number from zero, written as `5` or `5.0`; None where it is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and value >= 0 else None


def number(value: object) -> float | None:
    """A finite number from zero; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    # An integer may be larger than any float.
    return float(value) if 0 <= value <= sys.float_info.max else None


def dumped(value: object) -> bytes:
    """The JSON text of a value, without spaces, on one line."""
    return _ENCODER.encode(value).encode()


def in_common(one: Sequence[object], other: Sequence[object]) -> int:
    """How many items two sequences begin with together."""
    shorter = min(len(one), len(other))
    for place in range(shorter):
        mine, theirs = one[place], other[place]
        # Most are the very same, of which a look inside would cost.
        if mine is not theirs and mine != theirs:
            return place
    return shorter


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
