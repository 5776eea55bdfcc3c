"""Sentences made from numbers: text with emphasis and links, escaped on output."""

import re
from dataclasses import dataclass, replace
from typing import TypeAlias

from sitegen.keys import ComboKey
from sitegen.names import Entity, Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of text in one style."""

    text: str
    strong: bool = False
    href: str = ""
    """Site path, when it is a link."""


_ENDS = (".", "!", "?")
_SENTENCE = re.compile(r"(?<=[.!?])(?= )")
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


def paragraph(*parts: str | Run) -> tuple[Words, ...]:
    """One paragraph where there may be several."""
    return (words(*parts),)


def sentences(found: Words) -> tuple[Words, ...]:
    """The sentences of a paragraph; a point in a name or a link ends none."""
    whole: list[Words] = []
    current: list[Run] = []
    for run in found:
        plain = not run.strong and not run.href
        for part in _SENTENCE.split(run.text) if plain else [run.text]:
            if part[:1] == " " and current and current[-1].text[-1:] in _ENDS:
                whole.append(tuple(current))
                current, part = [], part.lstrip()  # noqa: PLW2901 - the rest of it
            if part:
                current.append(replace(run, text=part))
    return tuple([*whole, tuple(current)] if current else whole)


def text_of(found: Words) -> str:
    """What it says, without emphasis and links."""
    return "".join(run.text for run in found)


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
