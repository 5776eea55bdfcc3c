"""Names beside marks and in little room: none covers another or is cut to the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, log10
from typing import TypeAlias

from sitegen.escape import one_line
from sitegen.svg import text_width

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels of the plot."""

SIZE = 13
"""Text size of names, in pixels."""
SMALL = 12
"""That of ticks and of names beside marks."""
_LINE_PX = 15
_HEADROOM_PX = 20
"""What names may take above the plot."""
_CLEAR_PX = 4
"""Between a mark and its name."""
_WHOLE = 200
"""Longer texts are halved before they are cut character by character."""
_HEADS = (0.5, 0.3, 0.7, 0.12, 0.88)
"""Shares of what is kept that stand before the cut, in the order they are tried."""


# Names in little room


def fit(text: str, pixels: float, size: float = SIZE) -> str:
    """The text, its middle left out where it is wider than `pixels`.

    The middle, because model names differ at their start and at their end.
    """
    return _cut(text, pixels, size, _HEADS[0])


def fit_all(texts: Sequence[str], pixels: float, size: float = SIZE) -> list[str]:
    """As `fit`, of texts on one picture: different ones stay different.

    Where two are cut to the same, they are cut elsewhere; where that does not help,
    they are numbered.
    """
    texts = [one_line(text) for text in texts]
    shown = {text: fit(text, pixels, size) for text in texts}
    for head in _HEADS[1:]:
        for text in _alike(shown):
            shown[text] = _cut(text, pixels, size, head)
    for number, text in enumerate(_alike(shown), 1):
        tail = f" ({number})"
        room = pixels - text_width(tail, size)
        shown[text] = _cut(text, room, size, _HEADS[0]) + tail
    return [shown[text] for text in texts]


def in_lines(texts: Sequence[str], pixels: float, size: float) -> list[str]:
    """As `fit_all`, in two lines where that shows more; a line break between them."""
    halves = [_broken(one_line(text), pixels, size) for text in texts]
    rest = fit_all(texts, pixels, size)
    return [half or one for half, one in zip(halves, rest, strict=True)]


def _broken(text: str, pixels: float, size: float) -> str:
    """A text broken at a blank or hyphen; "" where that is not needed or no help."""
    if text_width(text, size) <= pixels or len(text) > _WHOLE:
        return ""
    for cut in range(1, len(text)):
        if text[cut - 1] in " -_/":
            lines = text[:cut].rstrip(" "), text[cut:]
            if all(line and text_width(line, size) <= pixels for line in lines):
                return "\n".join(lines)
    return ""


def _alike(shown: dict[str, str]) -> list[str]:
    """The texts that are shown as another one is."""
    found: dict[str, list[str]] = {}
    for text, short in shown.items():
        found.setdefault(short, []).append(text)
    return [text for texts in found.values() if len(texts) > 1 for text in texts]


def _cut(text: str, pixels: float, size: float, head: float) -> str:
    if text_width(text, size) <= pixels:
        return text
    kept = len(text) - 1
    while kept > 2 and text_width(_elided(text, kept, head), size) > pixels:  # noqa: PLR2004
        kept = kept // 2 if kept > _WHOLE else kept - 1
    return _elided(text, kept, head)


def _elided(text: str, kept: int, head: float) -> str:
    start = max(round(kept * head + 0.01), 1)
    return f"{text[:start]}…{text[len(text) - (kept - start) :]}"


# Names beside marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """The plot area in pixels, and what its edges mean: x is a power of ten."""

    width: float
    height: float
    left: float
    right: float
    bottom: float
    top: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a value lies, from the upper left corner."""
        across = (log10(x) - self.left) / (self.right - self.left)
        up = (y - self.bottom) / (self.top - self.bottom)
        return across * self.width, (1 - up) * self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark, and the name that it would like to have beside it; "" for none."""

    x: float
    y: float
    size: float
    """Diameter, in pixels."""
    name: str = ""
    bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a name stands: as `note` takes it."""

    mark: Mark
    anchor: str
    shift: tuple[int, int]


def beside(marks: Sequence[Mark], plot: Plot, taken: Iterable[Box] = ()) -> list[Place]:
    """Places of names that cover neither a mark nor each other, the first named first.

    Right of the mark, above it, left or below, and a little aside; a name for which
    nothing is free is left out.
    """
    boxes = list(taken)
    for mark in marks:
        x, y, half = *plot.at(mark.x, mark.y), mark.size / 2
        boxes.append((x - half, y - half, x + half, y + half))
    found = []
    for mark in marks:
        if mark.name and (place := _free(mark, plot, boxes)):
            box, chosen = place
            boxes.append(box)
            found.append(chosen)
    return found


def _free(mark: Mark, plot: Plot, boxes: Sequence[Box]) -> tuple[Box, Place] | None:
    x, y = plot.at(mark.x, mark.y)
    wide = text_width(mark.name, SMALL, bold=mark.bold)
    near = round(mark.size / 2) + _CLEAR_PX
    over = near + _LINE_PX // 2
    for anchor, across, down in (
        ("left", near, 0),
        ("center", 0, -over),
        ("right", -near, 0),
        ("center", 0, over),
        ("left", near, -over + 3),
        ("left", near, over - 3),
        ("right", -near, -over + 3),
        ("right", -near, over - 3),
    ):
        start = x + across - wide * {"left": 0, "center": 0.5, "right": 1}[anchor]
        # One over or under its mark moves in from the edge, as far as it stays there.
        inward = ceil(max(-start, 0)) - ceil(max(start + wide - plot.width, 0))
        moved = inward if anchor == "center" and abs(inward) <= wide / 2 else 0
        start += moved
        middle = y + down
        box = (start, middle - _LINE_PX / 2, start + wide, middle + _LINE_PX / 2)
        inside = (
            box[0] >= 0
            and box[2] <= plot.width
            and box[1] >= -_HEADROOM_PX
            and box[3] <= plot.height
        )
        if inside and not any(_overlap(box, other) for other in boxes):
            return box, Place(mark=mark, anchor=anchor, shift=(across + moved, -down))
    return None


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def apart(values: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The values moved as little as needed to lie `gap` apart, order kept.

    Runs that touch are spread around their common middle, between `low` and `high`
    where there is room for all.
    """
    order = sorted(range(len(values)), key=lambda i: (values[i], i))
    runs: list[list[int]] = []
    for index in order:
        runs.append([index])
        while len(runs) > 1 and _foot(runs[-1], values, gap, low, high) < (
            _foot(runs[-2], values, gap, low, high) + len(runs[-2]) * gap
        ):
            runs[-2:] = [runs[-2] + runs[-1]]
    placed = list(values)
    for run in runs:
        foot = _foot(run, values, gap, low, high)
        for position, index in enumerate(run):
            placed[index] = foot + position * gap
    return placed


def _foot(
    run: Sequence[int], values: Sequence[float], gap: float, low: float, high: float
) -> float:
    """The lowest place of a run."""
    length = (len(run) - 1) * gap
    middle = sum(values[i] for i in run) / len(run)
    return max(min(middle - length / 2, high - length), low)
