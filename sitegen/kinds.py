"""The kinds of entity there are, and what is particular to each.

To add a kind, add its key to `keys` and its value here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic

from sitegen.keys import (
    ComboKey,
    GroupKey,
    HarnessKey,
    Key,
    KeyT,
    KeyT_co,
    ModelKey,
    QuantKey,
    TaskKey,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[KeyT_co]):
    """What pages, charts, data files and statistics know of one kind of entity."""

    key: type[KeyT_co]
    word: str
    """In sentences, claims and the column `kind` of data files."""
    plural: str
    folder: str
    """Where its pages lie."""
    axis: str
    """The field of `Trials` that groups by it; empty: a trial is in several."""
    standings: str
    """The field of `Scope` that ranks it."""


def _kind(key: type[KeyT], word: str, **other: str) -> Kind[KeyT]:
    """What is not said otherwise is all called by the plural."""
    plural = other.get("plural", f"{word}s")
    named = {"plural": plural, "folder": plural, "standings": plural, "axis": word}
    return Kind(key=key, word=word, **named | other)


MODEL = _kind(ModelKey, "model")
QUANT = _kind(
    QuantKey, "model", folder="quants", axis="quant", standings="model_quants"
)
"""A model at a quant: what is compared wherever models are."""
HARNESS = _kind(HarnessKey, "harness", plural="harnesses")
COMBO = _kind(ComboKey, "combo")
TASK = _kind(TaskKey, "task")
GROUP = _kind(GroupKey, "task group", folder="groups", axis="", standings="groups")
KINDS: tuple[Kind[Key], ...] = (MODEL, QUANT, HARNESS, TASK, GROUP, COMBO)
COMPARED: tuple[Kind[Key], ...] = (QUANT, HARNESS, COMBO)
"""Those that are ranked and compared with each other."""
_BY_KEY = {kind.key: kind for kind in KINDS}
COMPARED_BY_WORD = {kind.word: kind for kind in COMPARED}


def kind_of(key: Key) -> Kind[Key]:
    """The kind of entity that a key names."""
    return _BY_KEY[type(key)]
