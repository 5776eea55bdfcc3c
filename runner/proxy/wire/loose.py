"""JSON that others wrote: each look says which type it wants, and gets it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
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
