"""What may stand in a site although private files say it too."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

from harness_bench.errors import SettingsError
from harness_bench.readings import letters, words
from harness_bench.schema import COLUMNS, Status
from harness_bench.settings import SettingsReader, read_toml
from sitegen.gate.private_text import Piece, Source
from sitegen.records import Records

_NAMES = ("sweep", "model", "quant", "harness", "variant")
_SCHEMA = (
    *(column.name for column in COLUMNS),
    *map(str, Status),
    "true false null none ran read mentioned proxy attempt record check format",
    # JSON Schema, in which data files are described, and harnesses their tools.
    "http https json schema org draft 07 2020 12",
    "type object array string number integer boolean items properties required",
    "additionalProperties description title enum const default minimum maximum",
    "minLength maxLength minItems maxItems uniqueItems pattern anyOf oneOf allOf",
    "ref defs definitions examples exclusiveMinimum exclusiveMaximum",
)
_PUBLIC_FILES = frozenset({"task.toml", "run.toml", "pack.toml"})
_LOCK = "lock.json"
"""Which releases ran, and how they were set: of it, single words are published."""
_PUBLIC_KEYS = frozenset(
    {"title", "note", "family", "vendor", "name", "label", "quant", "sweep"}
    | {"language", "category", "difficulty"}
)
_WORDS_OF_NAME = 12
_WORDS_OF_QUOTE = 3
_SHORT_WORD = 2
"""In letters: at the end of a public text, "c2" is what a table goes on with."""
_LEAST_KINDS = 6
"""Of letters in a piece: a row of dashes or zeros tells nothing."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Allowed:
    """`[[allow]]`: a text that may stand in the site."""

    text: str
    reason: str


class Public:
    """Public words, and public texts.

    Args:
        texts: Names, of which rows are made, and longer texts; each may be quoted,
            whole or in part.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._said = frozenset((*_SCHEMA, *_PUBLIC_KEYS, *texts))

    @property
    def key(self) -> str:
        """Changes with what is public."""
        said = "\0".join(sorted(self._said)).encode("utf-8", "replace")
        return hashlib.sha256(said).hexdigest()

    @cached_property
    def _known(self) -> list[str]:
        return [words(each) for each in self._said]

    @cached_property
    def _words(self) -> frozenset[str]:
        split = [_WORD.findall(each) for each in self._known]
        return frozenset(
            word for each in split if len(each) <= _WORDS_OF_NAME for word in each
        )

    @cached_property
    def _texts(self) -> bytes:
        return b" ".join(map(letters, self._known))

    def covers(self, piece: Piece) -> bool:
        """Whether it is made of public words, numbers and parts of public texts."""
        if piece.bytes in self._texts or _is_dull(piece.bytes):
            return True
        left = _WORD.findall(piece.words)
        while left:
            known = next(
                (
                    length
                    for length in range(len(left), _WORDS_OF_QUOTE - 1, -1)
                    if "".join(left[:length]).encode() in self._texts
                ),
                int(
                    left[0] in self._words
                    or left[0].isdigit()
                    or len(left[0]) <= _SHORT_WORD
                ),
            )
            if not known:
                return False
            left = left[known:]
        return True


def _is_dull(piece: bytes) -> bool:
    """Whether it is one letter again and again, or the alphabet."""
    return len(set(piece)) < _LEAST_KINDS or sorted(piece) == list(piece)


def names_in(records: Records, *, tasks: bool) -> set[str]:
    """The names that a site shows of these records."""
    columns = (*_NAMES, *(("task",) if tasks else ()))
    return {each or "" for name in columns for each in records.coded(name).values}


def declared(files: Iterable[Source]) -> Iterator[str]:
    """What the files of tasks and runs call public: titles, notes, versions."""
    for file in files:
        with suppress(OSError, ValueError, TypeError, KeyError):
            if file.path.name in _PUBLIC_FILES:
                yield from _strings(tomllib.loads(file.path.read_text("utf-8")))
            elif file.path.name == _LOCK:
                harnesses = json.loads(file.path.read_text("utf-8"))["harness"]
                yield from re.findall(r"[\w.-]+", json.dumps(harnesses))


def _strings(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _strings(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, str) and key in _PUBLIC_KEYS:
        yield value


def allowed(path: Path) -> list[str]:
    """The texts of an allow file.

    Raises:
        SettingsError: It is no such file, or a text has no reason.
    """
    document = read_toml(path)
    reader = SettingsReader(path)
    reader.known(document, ["allow"])
    tables = document.get("allow", [])
    if not isinstance(tables, list):
        reader.problem("[[allow]]", "is no list of tables")
        tables = []
    found = [reader.section(_Allowed, "allow", table) for table in tables]
    for each in filter(None, found):
        for item in fields(each):
            if not getattr(each, item.name).strip():
                reader.problem(f"[allow] {item.name}", "is empty")
    if reader.problems:
        raise SettingsError(*reader.problems)
    return [each.text for each in found if each is not None]
