"""SVG markup: numbers, elements and colours as strings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from sitegen.escape import xml_text

Attributes = dict[str, str]

_COLOR = re.compile(r"#[0-9a-f]{3}(?:[0-9a-f]{3})?|rgba?\([0-9., %]+\)|[a-z]+")
_CLEAR = re.compile(r"transparent|none|rgba\((?:[^,]*,){3}\s*0(?:\.0*)?\s*\)")
_SHORT_HEX = 4


def number(value: float) -> str:
    """A coordinate: at most two decimals, no trailing zeros, no minus zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def tag(name: str, attributes: Mapping[str, str], *children: str) -> str:
    """An element; `children` are markup already."""
    head = name + "".join(f' {key}="{xml_text(v)}"' for key, v in attributes.items())
    inner = "".join(children)
    return f"<{head}>{inner}</{name}>" if inner else f"<{head}/>"


def group(attributes: Mapping[str, str], *children: str) -> str:
    """A group; nothing when it would be empty."""
    inner = "".join(children)
    if not inner:
        return ""
    return tag("g", attributes, inner) if attributes else inner


def grouped(marks: list[tuple[Attributes, str]]) -> str:
    """Marks in their order, neighbours with equal attributes in one group."""
    return "".join(
        group(dict(shared), *(mark for _, mark in run))
        for shared, run in groupby(marks, key=lambda pair: tuple(pair[0].items()))
    )


def hex_color(color: str) -> str:
    """A colour in lower case, three digits made six."""
    color = color.strip().lower()
    if not _COLOR.fullmatch(color):
        raise ValueError(f"colour {color[:40]!r}: expected #rrggbb, rgba() or a name")
    if color.startswith("#") and len(color) == _SHORT_HEX:
        return "#" + "".join(digit * 2 for digit in color[1:])
    return color


def is_clear(color: str) -> bool:
    """Whether a colour cannot be seen."""
    return _CLEAR.fullmatch(hex_color(color)) is not None


@dataclass(frozen=True, slots=True)
class Ink:
    """Turns colours into attributes, named ones into classes."""

    palette: Mapping[str, str]
    """Lower-case #rrggbb to the name that the style sheet knows it by."""

    def paint(
        self, *, fill: str | None = None, stroke: str | None = None, width: float = 0
    ) -> Attributes:
        """Attributes of a shape.

        Args:
            fill: None leaves the shape empty.
            stroke: None, or a width of 0, draws no outline.
            width: Of the outline, in px.
        """
        classes: list[str] = []
        found: Attributes = {}
        if fill is None or is_clear(fill):
            found["fill"] = "none"
        else:
            self._apply("fill", hex_color(fill), classes, found)
        if stroke is not None and width > 0 and not is_clear(stroke):
            self._apply("stroke", hex_color(stroke), classes, found)
            if width != 1:
                found["stroke-width"] = number(width)
        return ({"class": " ".join(classes)} if classes else {}) | found

    def _apply(
        self, kind: str, color: str, classes: list[str], found: Attributes
    ) -> None:
        if token := self.palette.get(color):
            classes.append(f"{kind[0]}-{token}")
        else:
            found[kind] = color
