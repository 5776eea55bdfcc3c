"""What a harness is given, by its settings, in words that may be published.

A setting of which the adapter lists what it can be is told by its value. Free text may
be anything, a command or a path with a secret in it: of that only whether it is set.
"""

import re
from dataclasses import fields
from enum import Enum
from types import UnionType
from typing import (
    Any,
    Final,
    Literal,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

_NAME: Final = re.compile(r"[\w.-]+")
"""What names of tools look like, and sentences, commands and paths do not."""
_OWN_COLUMN: Final = "version"
_OPTIONAL: Final = {UnionType, Union}
"""What `X | None` is: the second where X is a Literal."""


def published_settings(harness: object) -> str | None:
    """The settings of a harness, those that were left as they are included.

    Args:
        harness: An adapter: an instance of a dataclass.

    Returns:
        One line: `edit_format diff; files all; test_command not set`. None: it has no
        settings.
    """
    hints = get_type_hints(type(harness))
    told = [
        f"{item.name} {_told(hints[item.name], getattr(harness, item.name))}"
        for item in fields(cast("Any", harness))
        if item.name != _OWN_COLUMN
    ]
    return "; ".join(told) or None


def _told(hint: Any, value: object) -> str:  # noqa: ANN401 - a type form
    """A value as far as its type lets it be told."""
    arguments = get_args(hint)
    if get_origin(hint) in _OPTIONAL:
        return _told(arguments[0], value)
    if isinstance(value, tuple) and arguments:
        return _listed(arguments[0], value)
    if _is_closed(hint, value):
        return _word(value)
    return "set" if value else "not set"


def _listed(hint: object, values: tuple[object, ...]) -> str:
    if not values:
        return "its own choice" if hint is str else "not set"
    words = [
        _word(value)
        for value in values
        if _is_closed(hint, value) or (hint is str and _NAME.fullmatch(str(value)))
    ]
    if not words:
        return "set"
    hidden = len(values) - len(words)
    more = f" and {hidden} more" if hidden else ""
    return f"{', '.join(words)}{more}"


def _is_closed(hint: object, value: object) -> bool:
    """Whether a value is one of those that a type lists, or has no words."""
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    return isinstance(value, bool | int | float | Enum)


def _word(value: object) -> str:
    """A value as run.toml spells it, on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(str(value.value if isinstance(value, Enum) else value).split())
