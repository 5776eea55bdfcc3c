"""The text of a figure: what it says, how wide it is, how it is set."""

import re
import unicodedata
from dataclasses import dataclass

from sitegen.escape import xml_text
from sitegen.svg.markup import Attributes, Ink, number, tag

LINE = 1.3
"""Distance of two baselines, as a multiple of the font size: Plotly's."""
MIDDLE = 0.35
"""How far below the middle of a line its baseline is, in font sizes: Plotly's."""

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_STYLE_TAG = re.compile(r"</?(?:b|i|em|strong|extra)>")
_ENTITY = re.compile(r"&(#\d+|#x[0-9a-fA-F]+|amp|lt|gt|nbsp|times|plusmn|deg|mu);")
_NAMED = {
    "amp": "&",
    "lt": "<",
    "gt": ">",
    "nbsp": "\u00a0",
    "times": "\u00d7",
    "plusmn": "\u00b1",
    "deg": "\u00b0",
    "mu": "\u03bc",
}
_LAST_CODE_POINT = 0x10FFFF
_NORMAL = 400

_WIDTHS = {
    "'ijl|": 0.278,
    "IJ": 0.295,
    " ,./:;\\": 0.337,
    "f-()[]t!r": 0.411,
    '"*_`sz?': 0.531,
    "cLFk": 0.579,
    "vxyPTYoaehnu": 0.634,
    "ESbdgpq$0123456789{}": 0.636,
    "KAVXZBRC": 0.698,
    "UNHD": 0.77,
    "G&OQ": 0.787,
    "w#+<=>^~\N{MINUS SIGN}": 0.838,
    "M%mW@\N{HORIZONTAL ELLIPSIS}": 1.0,
}
"""Advance widths in font sizes, of DejaVu Sans: the widest of the fonts that pages ask
for. Characters of nearly one width share the wider."""
_WIDTH = {character: width for row, width in _WIDTHS.items() for character in row}
_BOLD = 1.12
"""How much wider its bold is, at most."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of one line of sans-serif text in px, in the widest font in use.

    Args:
        text: As it is read, not escaped.
        size: Font size in px.
        bold: Whether it is set in bold.
    """
    return size * sum(map(_character_width, text)) * (_BOLD if bold else 1)


def _character_width(character: str) -> float:
    if (known := _WIDTH.get(character)) is not None:
        return known
    if unicodedata.combining(character) or unicodedata.category(character) in (
        "Cf",
        "Mn",
        "Me",
    ):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    return 0.75 if character.isupper() else 0.64


def ascent(size: float) -> int:
    """Height of a line's box over its baseline, as a browser rounds it."""
    return round(0.928 * size)


def descent(size: float) -> int:
    """Depth of a line's box under its baseline, as a browser rounds it."""
    return round(0.236 * size)


def lines_of(text: str) -> tuple[str, ...]:
    """What Plotly shows for a text: its lines, entities undone.

    Raises:
        ValueError: Markup other than a line break, which Plotly would style.
    """
    parts = _BREAK.split(text)
    for part in parts:
        if "<" in part:
            raise ValueError(
                f"text {text[:80]!r}: has markup, expected escaped text and <br>"
            )
    return tuple(_ENTITY.sub(_character, re.sub(r"\r\n?|\n", " ", p)) for p in parts)


def hover_text(text: str) -> str:
    """What a hover label says, without its looks."""
    return "\n".join(lines_of(_STYLE_TAG.sub("", text)))


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if not name.startswith("#"):
        return _NAMED[name]
    code = int(name[1:].lstrip("x"), 16 if name[1] == "x" else 10)
    return chr(code) if code <= _LAST_CODE_POINT else "\ufffd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """How a text is set."""

    size: float
    """In px."""
    color: str
    weight: int = _NORMAL

    def attributes(self, ink: Ink, anchor: str = "start") -> Attributes:
        """What a group of texts in this font shares."""
        found = ink.paint(fill=self.color) | {"font-size": number(self.size)}
        if self.weight != _NORMAL:
            found["font-weight"] = str(self.weight)
        if anchor != "start":
            found["text-anchor"] = anchor
        return found


def text_at(lines: tuple[str, ...], x: float, y: float, size: float) -> str:
    """A text whose first baseline is at y."""
    if len(lines) == 1:
        return tag("text", {"x": number(x), "y": number(y)}, xml_text(lines[0]))
    step = number(LINE * size)
    spans = [
        tag("tspan", {"x": number(x)} | ({"dy": step} if i else {}), xml_text(line))
        for i, line in enumerate(lines)
    ]
    return tag("text", {"x": number(x), "y": number(y)}, *spans)
