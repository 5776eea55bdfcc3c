"""Sentences made from numbers: text with emphasis and links, escaped on output."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sitegen.keys import ComboKey
    from sitegen.names import Entity, Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of text in one style."""

    text: str
    strong: bool = False
    href: str = ""
    """Site path, when it is a link."""


_BEFORE_UNIT = re.compile(r"(?<=\d) (?=%|(?:s|h|B|GB|k?Wh|tok/s)\b)")

Words: TypeAlias = tuple[Run, ...]
"""One paragraph."""


def words(*parts: str | Run) -> Words:
    """A paragraph from plain text and runs; a number keeps its unit beside it."""
    return tuple(
        Run(text=_BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", part))
        if isinstance(part, str)
        else part
        for part in parts
        if part != ""
    )


def strong(text: str, href: str = "") -> Run:
    """Text that matters."""
    return Run(text=text, strong=True, href=href)


def link(text: str, href: str) -> Run:
    """A link to a page of the site."""
    return Run(text=text, href=href)


def entity(found: Entity) -> Run:
    """An entity's full name, linked to its page."""
    return Run(text=found.full, href=found.href)


def combo(names: Names, key: ComboKey) -> Run:
    """A combo by its parts, strong, linked to its page."""
    return strong(names[key].text, names[key].href)
