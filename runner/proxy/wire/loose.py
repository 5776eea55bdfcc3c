"""JSON that others wrote: each look says which type it wants, and gets it."""

from __future__ import annotations

import json
import sys
from typing import Any

Table = dict[str, Any]


def parsed(text: bytes | str) -> object:
    """The value of a JSON text; None: it is none, or is nested too deep."""
    try:
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
    return json.dumps(value, separators=(",", ":")).encode()


def rewritten(raw: bytes, before: Table, after: Table) -> bytes:
    """The JSON text of an object that was changed.

    Where things were only added to it, they are put at the end of its text: to write
    a long conversation anew takes milliseconds.

    Args:
        raw: The text of `before`.
        before: As it was.
        after: As it is now.
    """
    if after == before:
        return raw
    added = {key: value for key, value in after.items() if key not in before}
    is_longer = bool(before) and after == before | added
    body = raw.strip()
    if not (is_longer and body[:1] == b"{" and body[-1:] == b"}"):
        return dumped(after)
    return body[:-1] + b"," + dumped(added)[1:]
