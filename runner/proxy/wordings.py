"""What a server means by the words of an error: a table that needs no code.

Every server words its errors in its own way. `wordings.toml` has what was reported of
them, each with its source; who meets another adds an entry. Words that fit none mean
nothing: then the evidence around them decides, see `runner/judging/blame.py`.
"""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache
from pathlib import Path
from typing import Final

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
    says: re.Pattern[str]
    """Is looked for in `type: code: message`."""
    example: str
    source: str
    shared: bool = False
    """Whether a neighbour that fills a shared cache can cause it too."""


def read(table: Path) -> tuple[Wording, ...]:
    """The entries of a table, in its order."""
    return tuple(
        Wording(
            **entry
            | {
                "means": Meaning(entry["means"]),
                "says": re.compile(entry["says"], re.IGNORECASE),
            }
        )
        for entry in tomllib.loads(table.read_text(encoding="utf-8"))["wording"]
    )


@cache
def known() -> tuple[Wording, ...]:
    """The table that comes with the program."""
    return read(_TABLE)


def understood(words: str) -> Wording | None:
    """The first entry that fits; None: nobody has reported such words."""
    return next((entry for entry in known() if entry.says.search(words)), None)
