"""JSON that others wrote: each look says which type it wants, and gets it."""

import json
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
    """A whole number from zero; None where it is none."""
    return value if type(value) is int and value >= 0 else None


def dumped(value: object) -> bytes:
    """The JSON text of a value, without spaces, on one line."""
    return json.dumps(value, separators=(",", ":")).encode()
