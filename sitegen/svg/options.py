"""Reads a figure's dictionaries, refusing every key that would be drawn unread."""

import math
from collections.abc import Mapping, Sequence

_INVISIBLE = (
    "autosize captureevents clickmode customdata datarevision dragmode editrevision"
    " family fixedrange hoverdistance hoverformat hoverinfo hoverlabel hovermode"
    " hoverongaps hoversubplots hovertemplate hovertext ids itemclick"
    " itemdoubleclick meta modebar newselection selectdirection selectionrevision"
    " showspikes spikecolor spikedistance spikemode spikesnap spikethickness uid"
    " uirevision xhoverformat yhoverformat zhoverformat"
)
"""Keys that change what the pointer does, not what is drawn."""


class Options:
    """One dictionary of a figure, with its place in it for messages."""

    __slots__ = ("path", "values")

    def __init__(self, values: object, path: str, known: str) -> None:
        """Take a dictionary; None in place of one, or of a value, means absent.

        Raises:
            ValueError: Not a dictionary, or a key outside `known` (names with
                spaces between) that would change the picture.
        """
        if values is None:
            values = {}
        if not isinstance(values, Mapping):
            raise ValueError(  # noqa: TRY004 - a figure is data, not a call
                f"{path}: is {values!r}, expected an object"
            )
        self.path = path
        self.values: dict[str, object] = {
            str(key): value for key, value in values.items() if value is not None
        }
        unknown = sorted(self.values.keys() - {*known.split(), *_INVISIBLE.split()})
        if unknown:
            raise ValueError(
                "\n".join(f"{path}.{key}: is not drawn by svg()" for key in unknown)
            )

    def error(self, key: str, expected: str) -> ValueError:
        """What to raise for a value that is missing or wrong."""
        found = repr(self.values[key])[:80] if key in self.values else "missing"
        return ValueError(f"{self.path}.{key}: is {found}, expected {expected}")

    def has(self, key: str) -> bool:
        """Whether the key has a value."""
        return key in self.values

    def number(self, key: str, default: float | None = None) -> float:
        """A finite number; without a default it must be there."""
        value = self.values.get(key, default)
        if not is_number(value):
            raise self.error(key, "a finite number")
        return float(value)  # type: ignore[arg-type]  # is_number() has looked

    def text(self, key: str, default: str | None = None) -> str:
        """A string; without a default it must be there."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.error(key, "a string")
        return value

    def flag(self, key: str, *, default: bool | None = None, why: str = "") -> bool:
        """A truth value; without a default it must be there, and `why` says why."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"true or false{why}")
        return value

    def choice(self, key: str, allowed: str, default: str | None = None) -> str:
        """One of some words (`allowed` has them with spaces between)."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or value not in allowed.split(" "):
            raise self.error(key, "one of " + ", ".join(map(repr, allowed.split(" "))))
        return value

    def must_be(self, key: str, *, value: object, why: str) -> None:
        """Refuse what a figure leaves to Plotly's own mind."""
        if self.values.get(key) != value:
            raise self.error(key, f"{value!r}: {why}")

    def child(self, key: str, known: str) -> "Options":
        """The object under a key; empty when absent."""
        return Options(self.values.get(key), f"{self.path}.{key}", known)

    def objects(self, key: str, known: str) -> "list[Options]":
        """The objects of a list; none when absent."""
        return [
            Options(value, f"{self.path}.{key}[{i}]", known)
            for i, value in enumerate(self.items(key, default=()))
        ]

    def items(
        self, key: str, *, default: Sequence[object] | None = None
    ) -> list[object]:
        """A list; without a default it must be there."""
        value = self.values.get(key, default)
        if not isinstance(value, list | tuple):
            raise self.error(key, "a list")
        return list(value)

    def numbers(
        self, key: str, *, default: Sequence[object] | None = None
    ) -> list[float]:
        """A list of finite numbers."""
        values = self.items(key, default=default)
        for i, value in enumerate(values):
            if not is_number(value):
                raise ValueError(
                    f"{self.path}.{key}[{i}]: is {value!r}, expected a finite number"
                )
        return [float(v) for v in values]  # type: ignore[arg-type]

    def each(self, key: str, count: int, *, default: object = None) -> "list[object]":
        """One value a mark, from a list of that length or one value for all."""
        value = self.values.get(key, default)
        if not isinstance(value, list | tuple):
            return [value] * count
        if len(value) != count:
            raise ValueError(
                f"{self.path}.{key}: has {len(value)} values, expected {count}"
            )
        return list(value)

    def each_number(
        self, key: str, count: int, *, default: float | None = None
    ) -> list[float]:
        """As `each`, of finite numbers."""
        values = self.each(key, count, default=default)
        if not all(is_number(value) for value in values):
            raise self.error(key, "a finite number, or a list of them")
        return [float(v) for v in values]  # type: ignore[arg-type]

    def each_text(
        self, key: str, count: int, *, default: str | None = None
    ) -> list[str]:
        """As `each`, of strings."""
        values = self.each(key, count, default=default)
        if not all(isinstance(value, str) for value in values):
            raise self.error(key, "a string, or a list of them")
        return [str(v) for v in values]


def is_number(value: object) -> bool:
    """Whether a value is a finite number (true and false are not)."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
    )
