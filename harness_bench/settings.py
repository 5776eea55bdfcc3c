"""TOML settings as frozen dataclasses, with every problem told at once.

A section is a dataclass and each key one of its fields, with its default; the reader
follows the types. A field without a default is a key that must be given.
"""

import os
import tomllib
import types
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from enum import StrEnum
from pathlib import Path
from string import Template
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from harness_bench.errors import Problem, SettingsError, near_miss, reason, shown

Section = TypeVar("Section")


def read_toml(path: Path, content: bytes | None = None) -> dict[str, Any]:
    """The document in a TOML file.

    Args:
        path: The file.
        content: What it is to hold; None: what it holds.

    Raises:
        SettingsError: It cannot be read, or is not UTF-8 TOML.
    """
    try:
        raw = path.read_bytes() if content is None else content
        return tomllib.loads(raw.decode("utf-8-sig"))
    except OSError as error:
        folder = "is a folder, not a TOML file"
        what = folder if path.is_dir() else f"cannot be read ({reason(error)})"
        raise SettingsError(Problem(path.name, what)) from error
    except ValueError as error:  # not UTF-8, not TOML, or an endless number
        what = f"is not valid UTF-8 TOML: {error}"
        raise SettingsError(Problem(path.name, what)) from error


class SettingsReader:
    """Turns parts of a TOML document into dataclasses and collects what does not fit.

    Args:
        path: The file; paths in it are relative to its folder, may begin with `~` and
            may hold variables of the environment.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def problem(self, where: str, what: str, advice: str = "") -> None:
        """Note one more: `file: where what; advice`."""
        self.problems.append(
            Problem(self.path.name, f"{where} {what}".lstrip(), advice)
        )

    def known(
        self, found: Collection[str], known: Iterable[str], where: str = ""
    ) -> list[str]:
        """Note each section, or each key of a section, that nobody reads.

        Returns:
            The others.
        """
        known, sort = list(known), "key" if where else "section"
        for name in (name for name in found if name not in known):
            self.problem(
                where,
                f"unknown {sort} {shown(name)}{near_miss(name, known)}",
                f"the {sort}s are {', '.join(known)}",
            )
        return [name for name in found if name in known]

    def section(self, kind: type[Section], name: str, table: object) -> Section | None:
        """A section's dataclass; a key that does not fit keeps its default.

        Returns:
            None when a key that must be given is missing or does not fit, or when
            it is no table and cannot be empty: there is a problem for each.
        """
        if not isinstance(table, dict):
            self.problem(f"[{name}]", f"is {shown(table)}, expected a table")
            return None if _required(kind) else kind()
        annotations = get_type_hints(kind)
        values: dict[str, object] = {}
        names = [item.name for item in _fields(kind)]
        for key in self.known(table, names, f"[{name}]"):
            try:
                values[key] = self._value(annotations[key], table[key])
            except _UnexpectedError as unexpected:
                self.problem(
                    f"[{name}] {key}{unexpected.inside}",
                    f"is {shown(unexpected.found)}, {unexpected}",
                )
        missing = [key for key in _required(kind) if key not in values]
        for key in missing:
            if key not in table:
                self.problem(f"[{name}]", f"{key} is missing")
        return None if missing else kind(**values)

    def _value(self, annotation: Any, value: object) -> object:  # noqa: ANN401 - a type form
        """A TOML value as a field's type wants it.

        Raises:
            _UnexpectedError: It has another type, or is no word of the type.
        """
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin in (types.UnionType, Union):  # `X | None`: TOML has no None
            return self._value(arguments[0], value)
        if origin is Literal:
            return _one_of(arguments, value)
        if origin is tuple:
            if not isinstance(value, list):
                raise _UnexpectedError(value, "expected a list of strings")
            return tuple(self._value(arguments[0], item) for item in value)
        if origin is Mapping:
            if not isinstance(value, dict):
                raise _UnexpectedError(value, "expected a table of strings")
            return {
                key: self._entry(key, arguments[1], item) for key, item in value.items()
            }
        return self._scalar(annotation, value)

    def _entry(self, key: str, annotation: object, value: object) -> object:
        try:
            return self._value(annotation, value)
        except _UnexpectedError as unexpected:
            unexpected.inside = f".{key}{unexpected.inside}"
            raise

    def _scalar(self, kind: type, value: object) -> object:
        expected = f"expected {_TAKES.get(kind, 'a string')}"
        # In Python a bool is an int; in TOML it is not.
        if kind is float and type(value) is int:
            return float(value)
        if kind in _TAKES:
            if type(value) is not kind:
                raise _UnexpectedError(value, expected)
            return value
        if not isinstance(value, str):
            raise _UnexpectedError(value, expected)
        if issubclass(kind, StrEnum):
            return kind(_one_of([member.value for member in kind], value))
        if "\0" in value or not value:
            raise _UnexpectedError(value, "expected a path")
        return (self.path.parent / Path(_filled_in(value)).expanduser()).resolve()


def _one_of(words: Sequence[str], value: object) -> str:
    if isinstance(value, str) and value in words:
        return value
    hint = near_miss(value, words) if isinstance(value, str) else ""
    raise _UnexpectedError(value, f"expected one of {', '.join(words)}{hint}")


def _filled_in(path: str) -> str:
    """A path with the values of its variables; an empty one counts as not set.

    Raises:
        _UnexpectedError: One is not set, or a `$` begins none.
    """
    known = {name: value for name, value in os.environ.items() if value}
    try:
        return Template(path).substitute(known)
    except KeyError as error:
        why = f"but the variable {error.args[0]} is not set"
    except ValueError:
        why = "but a $ that begins no variable is written $$"
    raise _UnexpectedError(path, why)


class _UnexpectedError(Exception):
    """A value that a setting does not take; str() is why, or what it takes."""

    def __init__(self, found: object, why: str) -> None:
        super().__init__(why)
        self.found = found
        self.inside = ""
        """Where in the setting's table it stands."""


def _fields(kind: type) -> tuple[Field[Any], ...]:
    return fields(kind)


def _required(kind: type) -> list[str]:
    return [
        item.name
        for item in _fields(kind)
        if item.default is MISSING and item.default_factory is MISSING
    ]


_TAKES = {
    str: "a string",
    bool: "true or false",
    int: "an integer",
    float: "a number",
}
