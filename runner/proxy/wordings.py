"""What a server means by the words of an error: a table that needs no code.

Every server words its errors in its own way. `wordings.toml` has what was reported of
them, each with its source; who meets another adds an entry, in a table of their own
that run.toml names. Words that fit none mean nothing: then the evidence around them
decides, see `runner/judging/blame.py`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache
from pathlib import Path
from typing import Any, Final

from harness_bench.errors import SettingsError, shown
from harness_bench.settings import SettingsReader, read_toml

BUSY: Final = frozenset({429, 529})
"""Statuses that need no words: too many requests; overloaded, says Anthropic."""
_TABLE: Final = Path(__file__).with_suffix(".toml")


class Meaning(StrEnum):
    """What an error is about."""

    OVERFLOW = auto()
    """The conversation is longer than the model's context."""
    QUOTA = auto()
    """Nothing is left to spend; no wait mends that."""
    BUSY = auto()
    """Too many requests: a wait mends it."""
    REFUSAL = auto()
    """The request is not one that the server takes."""
    UNPARSABLE = auto()
    """The model wrote a tool call that the server cannot read."""
    BREAKAGE = auto()
    """The server, or what stands before it, is broken."""
    LOADING = auto()
    """The model is not there yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One entry of the table."""

    means: Meaning
    says: str
    """A regular expression that is looked for in `type: code: message`."""
    example: str = ""
    source: str = ""
    shared: bool = False
    """Whether a neighbour that fills a shared cache can cause it too."""

    def found(self, words: str) -> re.Match[str] | None:
        """Where it stands in words; case does not count."""
        return re.search(self.says, words, re.IGNORECASE | re.ASCII)


class _Reader(SettingsReader):
    """The entries of a table."""

    def wordings(self, document: Mapping[str, Any]) -> Iterator[Wording]:
        """Those that are whole; there is a problem for each of the others."""
        self.known(document, ["wording"])
        found = document.get("wording")
        if not isinstance(found, list) or not found:
            self.problem("", "has no [[wording]]")
            return
        for place, table in enumerate(found, start=1):
            entry = self.section(Wording, f"wording {place}", table)
            if entry is not None:
                self._check(f"[wording {place}] says", entry)
                yield entry

    def _check(self, where: str, entry: Wording) -> None:
        try:
            if entry.found(""):
                self.problem(where, f"is {shown(entry.says)}, which fits anything")
            elif entry.example and not entry.found(entry.example):
                self.problem(where, "is not in its example")
        except re.error as error:
            what = f"is {shown(entry.says)}, no regular expression: {error}"
            self.problem(where, what)


def read(table: Path) -> tuple[Wording, ...]:
    """The entries of a table, in its order.

    Raises:
        SettingsError: With everything that is wrong with it.
    """
    reader = _Reader(table)
    found = tuple(reader.wordings(read_toml(table)))
    if reader.problems:
        raise SettingsError(*reader.problems)
    return found


_read_once: Final = cache(read)
_theirs: list[Wording] = []


def use(table: Path | None) -> None:
    """From now on, know the wordings of this table too; they come first.

    Raises:
        SettingsError: With everything that is wrong with it.
    """
    _theirs[:] = () if table is None else read(table)


def known() -> tuple[Wording, ...]:
    """The table of the run, then the one that comes with the program."""
    return (*_theirs, *_read_once(_TABLE))


def understood(words: str) -> Wording | None:
    """The first entry that fits; None: nobody has reported such words."""
    return next((entry for entry in known() if entry.found(words)), None)
