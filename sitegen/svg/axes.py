"""An axis: where a value is, and its lines, ticks, labels and title."""

import math
from dataclasses import dataclass, replace

from sitegen.svg.markup import Attributes, Ink, group, number, tag
from sitegen.svg.options import Options
from sitegen.svg.text import (
    LINE,
    MIDDLE,
    Font,
    lines_of,
    text_at,
    text_width,
)

FONT = "size color weight family"
_DARK = "#444"
_AXIS = (
    "type range tickmode tickvals ticktext tickfont showgrid gridcolor gridwidth"
    " showline linecolor linewidth ticks ticklen tickcolor tickwidth zeroline title"
    " side visible showticklabels tickangle automargin autorange"
)


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

    @property
    def visible(self) -> bool:
        """Whether anything of the axis is drawn."""
        return self.options.flag("visible", default=True)

    def grid(self, ink: Ink) -> str:
        """Its grid lines; as in Plotly none on the very edge."""
        options, area = self.options, self.area
        if not self.visible or not options.flag("showgrid", default=True):
            return ""
        low, high = sorted((self.start, self.end))
        inside = [t.px for t in self.ticks if low + 1 < t.px < high - 1]
        if self.letter == "x":
            path = [
                f"M{number(p)},{number(area.top)}v{number(area.height)}" for p in inside
            ]
        else:
            path = [
                f"M{number(area.left)},{number(p)}h{number(area.width)}" for p in inside
            ]
        if not path:
            return ""
        paint = ink.paint(
            stroke=options.text("gridcolor", "#eee"),
            width=options.number("gridwidth", 1),
        )
        return tag("path", paint | crisp() | {"d": "".join(path)})

    def lines(self, ink: Ink) -> str:
        """The axis line and its ticks."""
        if not self.visible:
            return ""
        options = self.options
        away, edge = self._away(), self._edge()
        drawn = ""
        line = self._line_width()
        if options.flag("showline", default=False):
            at = number(edge + away * line / 2)
            ends = sorted((self.start, self.end))
            path = (
                f"M{number(ends[0])},{at}H{number(ends[1])}"
                if self.letter == "x"
                else f"M{at},{number(ends[0])}V{number(ends[1])}"
            )
            paint = ink.paint(stroke=options.text("linecolor", _DARK), width=line)
            drawn = tag("path", paint | crisp() | {"d": path})
        if self._tick_length():
            foot = number(edge + away * (line if drawn else 1))
            length = number(away * self._tick_length())
            paths = [
                f"M{number(t.px)},{foot}v{length}"
                if self.letter == "x"
                else f"M{foot},{number(t.px)}h{length}"
                for t in self.ticks
            ]
            paint = ink.paint(
                stroke=options.text("tickcolor", _DARK),
                width=options.number("tickwidth", 1),
            )
            drawn += tag("path", paint | crisp() | {"d": "".join(paths)})
        return drawn

    def labels(self, ink: Ink) -> str:
        """The tick labels."""
        if not self._labelled():
            return ""
        size, foot = self.font.size, self._foot()
        texts = []
        for tick in self.ticks:
            extra = (len(tick.lines) - 1) * LINE * size
            if self.letter == "y":
                y = tick.px + MIDDLE * size - extra / 2
                texts.append(text_at(tick.lines, foot, y, size))
            elif self.side == "top":
                y = foot - 0.2 * size - extra
                texts.append(text_at(tick.lines, tick.px, y, size))
            else:
                texts.append(text_at(tick.lines, tick.px, foot + size, size))
        anchor = "end" if self.letter == "y" else "middle"
        return group(self.font.attributes(ink, anchor), *texts)

    def title(self, ink: Ink) -> str:
        """The axis' title."""
        title = self.options.child("title", "text font standoff")
        if not self.visible or not title.text("text", ""):
            return ""
        if not title.has("standoff"):
            raise title.error("standoff", "a number: else Plotly moves the title about")
        font = font_of(title, self.font_default())
        lines = lines_of(title.text("text"))
        extra = (len(lines) - 1) * LINE * font.size
        gap = self._depth() + title.number("standoff")
        area = self.area
        shared = font.attributes(ink, "middle")
        if self.letter == "y":
            x, y = area.left - gap - 0.3 * font.size - extra, area.top + area.height / 2
            turned = {"transform": f"rotate(-90 {number(x)} {number(y)})"}
            return group(shared | turned, text_at(lines, x, y, font.size))
        y = (
            area.top - gap - 0.3 * font.size - extra
            if self.side == "top"
            else area.bottom + gap + 0.7 * font.size
        )
        x = area.left + area.width / 2
        return group(shared, text_at(lines, x, y, font.size))

    def font_default(self) -> Font:
        """The title's font where it has none: 1.2 times the labels' in Plotly."""
        return Font(size=round(self.font.size * 1.2), color=self.font.color)

    def _labelled(self) -> bool:
        return self.visible and self.options.flag("showticklabels", default=True)

    def _away(self) -> int:
        return 1 if self.side == "bottom" else -1

    def _edge(self) -> float:
        area = self.area
        return {"bottom": area.bottom, "top": area.top, "left": area.left}[self.side]

    def _line_width(self) -> float:
        return self.options.number("linewidth", 1)

    def _tick_length(self) -> float:
        outside = self.options.choice("ticks", " outside", "") == "outside"
        return self.options.number("ticklen", 5) if outside else 0

    def _foot(self) -> float:
        """Where labels start, seen from the axis."""
        standoff = self._tick_length() + self._line_width()
        if self._tick_length() or self.options.flag("showline", default=False):
            standoff += 0.2 * self.font.size
        return self._edge() + self._away() * standoff

    def _depth(self) -> float:
        """How far labels reach out from the plot area."""
        size = self.font.size
        if not self._labelled() or not self.ticks:
            return self._tick_length()
        depth = abs(self._foot() - self._edge())
        if self.letter == "y":
            return depth + max(
                text_width(line, size) for t in self.ticks for line in t.lines
            )
        extra = (max(len(t.lines) for t in self.ticks) - 1) * LINE * size
        if self.side == "top":
            return depth + (0.2 + 0.92) * size + extra
        return depth + (1 + 0.23) * size + extra


def crisp() -> Attributes:
    """Hairlines stay one pixel wide."""
    return {"shape-rendering": "crispEdges"}


def font_of(options: Options, default: Font, key: str = "font") -> Font:
    """The font under a key, with what it leaves open from `default`."""
    font = options.child(key, FONT)
    weight = font.values.get("weight", default.weight)
    words = {"normal": 400, "bold": 700}
    found = words.get(weight, 0) if isinstance(weight, str) else weight
    if not isinstance(found, int) or not found:
        raise font.error("weight", "a number, 'normal' or 'bold'")
    return Font(
        size=font.number("size", default.size),
        color=font.text("color", default.color),
        weight=found,
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
    for key in ("automargin", "autorange"):
        if options.has(key):
            options.must_be(key, value=False, why="margins and ranges are the figure's")
    labelled = options.flag("showticklabels", default=True)
    shown = options.flag("visible", default=True)
    if shown:
        options.flag("showgrid", why=": Plotly's own choice depends on the traces")
        if is_x and labelled and options.items("tickvals", default=()):
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
    if not shown:
        return found
    return _with_ticks(found, labelled=labelled)


def _range(options: Options) -> tuple[float, float]:
    ends = options.numbers("range", default=())
    match ends:
        case [float(low), float(high)] if low != high:
            return low, high
    raise options.error("range", "two different numbers")


def _with_ticks(found: Axis, *, labelled: bool) -> Axis:
    options = found.options
    if options.choice("tickmode", "array", "array") and not options.has("tickvals"):
        raise options.error("tickvals", "a list: Plotly would choose its own")
    values = options.numbers("tickvals")
    texts = options.each_text("ticktext", len(values)) if labelled and values else []
    ticks = []
    for i, value in enumerate(values):
        if value is None:
            continue
        px = found.px(value)
        if found.shows(px):
            lines = lines_of(texts[i]) if texts else ("",)
            ticks.append(Tick(px=px, lines=lines))
    return replace(found, ticks=tuple(ticks))
