"""An axis: where a value is, and its lines, ticks, labels and title."""

import math
from dataclasses import dataclass, replace

from sitegen.svg.markup import Ink, group, number, tag
from sitegen.svg.options import Options
from sitegen.svg.text import (
    LINE,
    MIDDLE,
    Font,
    lines_of,
    text_at,
)

FONT = "size color weight family"
_AXIS = (
    "type range tickmode tickvals ticktext tickfont showgrid gridcolor showline ticks"
    " zeroline title side tickangle automargin autorange"
)
_OFF = 1
"""Px from the axis to its labels: Plotly's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The plot area, in px of the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A tick inside the axis' range."""

    px: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A linear or logarithmic axis."""

    letter: str
    """x or y."""
    start: float
    """In px, where the first end of the range is."""
    end: float
    low: float
    """First end of the range; a power of ten on a logarithmic axis."""
    high: float
    log: bool
    side: str
    area: Area
    options: Options
    font: Font
    """Of the tick labels."""
    ticks: tuple[Tick, ...]

    def scaled(self, value: float) -> float:
        """A value in the units of the range."""
        if not self.log:
            return value
        if value <= 0:
            raise ValueError(
                f"{self.options.path}: {value!r} has no place on a log axis"
            )
        return math.log10(value)

    def px(self, value: float) -> float:
        """Where a value is."""
        return self.at(self.scaled(value))

    def at(self, scaled: float) -> float:
        """Where a value in the units of the range is."""
        share = (scaled - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def shows(self, px: float) -> bool:
        """Whether a position is on the axis."""
        low, high = sorted((self.start, self.end))
        return low - 0.01 <= px <= high + 0.01

    def share(self, fraction: float) -> float:
        """Where a fraction of the plot area ("paper") is."""
        if self.letter == "x":
            return self.area.left + fraction * self.area.width
        return self.area.bottom - fraction * self.area.height

    # -- drawing ---------------------------------------------------------------

    def grid(self, ink: Ink) -> str:
        """Its grid lines; as in Plotly none on the very edge."""
        options, area = self.options, self.area
        low, high = sorted((self.start, self.end))
        inside = [number(t.px) for t in self.ticks if low + 1 < t.px < high - 1]
        if not inside or not options.flag("showgrid"):
            return ""
        if self.letter == "x":
            path = [f"M{p},{number(area.top)}v{number(area.height)}" for p in inside]
        else:
            path = [f"M{number(area.left)},{p}h{number(area.width)}" for p in inside]
        paint = ink.paint(stroke=options.text("gridcolor", "#eee"), width=1)
        # Hairlines stay one pixel wide.
        paint["shape-rendering"] = "crispEdges"
        return tag("path", paint | {"d": "".join(path)})

    def labels(self, ink: Ink) -> str:
        """The tick labels."""
        area, size = self.area, self.font.size
        texts = []
        for tick in self.ticks:
            extra = (len(tick.lines) - 1) * LINE * size
            if self.letter == "y":
                x, y = area.left - _OFF, tick.px + MIDDLE * size - extra / 2
            elif self.side == "top":
                x, y = tick.px, area.top - _OFF - 0.2 * size - extra
            else:
                x, y = tick.px, area.bottom + _OFF + size
            texts.append(text_at(tick.lines, x, y, size))
        anchor = "end" if self.letter == "y" else "middle"
        return group(self.font.attributes(ink, anchor), *texts)

    def title(self, ink: Ink) -> str:
        """The title under the labels of an axis at the bottom."""
        title = self.options.child("title", "text font standoff")
        if not title.values:
            return ""
        if not title.has("standoff"):
            raise title.error("standoff", "a number: else Plotly moves the title about")
        # 1.2 times the size of the labels where it has none, as in Plotly.
        font = font_of(
            title, Font(size=round(self.font.size * 1.2), color=self.font.color)
        )
        most = max((len(tick.lines) for tick in self.ticks), default=0)
        size = self.font.size
        depth = _OFF + (1 + 0.23) * size + (most - 1) * LINE * size if most else 0
        x = self.area.left + self.area.width / 2
        y = self.area.bottom + (depth + title.number("standoff")) + 0.7 * font.size
        lines = lines_of(title.text("text"))
        return group(font.attributes(ink, "middle"), text_at(lines, x, y, font.size))


def font_of(options: Options, default: Font, key: str = "font") -> Font:
    """The font under a key, with what it leaves open from `default`."""
    font = options.child(key, FONT)
    return Font(
        size=font.number("size", default.size),
        color=font.text("color", default.color),
        weight=round(font.number("weight", default.weight)),
    )


def axis(letter: str, layout: Options, area: Area, font: Font) -> Axis:
    """The axis of a layout.

    Raises:
        ValueError: It leaves something open that Plotly would decide from the
            data: range, tick positions and texts, grid, label angle.
    """
    options = layout.child(f"{letter}axis", _AXIS)
    low, high = _range(options)
    is_x = letter == "x"
    options.must_be("zeroline", value=False, why="Plotly draws one by default")
    for key in ("automargin", "autorange", "showline"):
        if options.has(key):
            options.must_be(key, value=False, why="that would not be drawn")
    options.choice("ticks", " ", "")
    options.flag("showgrid", why=": Plotly's own choice depends on the traces")
    if is_x and options.items("tickvals", default=()):
        options.must_be(
            "tickangle", value=0, why="Plotly turns labels that seem crowded"
        )
    found = Axis(
        letter=letter,
        start=area.left if is_x else area.bottom,
        end=area.right if is_x else area.top,
        low=low,
        high=high,
        log=options.choice("type", "linear log", "linear") == "log",
        side=options.choice("side", "top bottom", "bottom")
        if is_x
        else options.choice("side", "left", "left"),
        area=area,
        options=options,
        font=font_of(options, font, "tickfont"),
        ticks=(),
    )
    if found.side != "bottom" and options.has("title"):
        raise options.error("title", "none: one at the bottom is all that is drawn")
    return replace(found, ticks=_ticks(found))


def _range(options: Options) -> tuple[float, float]:
    ends = options.numbers("range", default=())
    match ends:
        case [float(low), float(high)] if low != high:
            return low, high
    raise options.error("range", "two different numbers")


def _ticks(found: Axis) -> tuple[Tick, ...]:
    """Those within the range."""
    options = found.options
    if options.choice("tickmode", "array", "array") and not options.has("tickvals"):
        raise options.error("tickvals", "a list: Plotly would choose its own")
    values = options.numbers("tickvals")
    texts = options.each_text("ticktext", len(values)) if values else []
    places = zip(map(found.px, values), texts, strict=True)
    return tuple(
        Tick(px=px, lines=lines_of(text)) for px, text in places if found.shows(px)
    )
