"""Bar traces, side by side, over each other or stacked."""

from dataclasses import dataclass
from itertools import pairwise

from sitegen.svg.axes import Axis, font_of
from sitegen.svg.frame import Frame
from sitegen.svg.markup import Attributes, group, grouped, number, tag
from sitegen.svg.options import Options
from sitegen.svg.scatter import titles_of
from sitegen.svg.text import Font, ascent, block_height, lines_of, text_at

KEYS = (
    "type x y base width orientation name marker text textposition textfont textangle"
    " constraintext insidetextanchor cliponaxis showlegend visible opacity legendgroup"
)
_PAD = 3
"""Px between a bar's end and its text: Plotly's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: from where to where, and its width, in data units."""

    start: float
    end: float
    low: float
    """Of its two sides, across the bar."""
    high: float


def bars(traces: list[Options], frame: Frame) -> str:
    """All bar traces of a figure; their places depend on each other."""
    drawn = ""
    for trace, found in zip(traces, _placed(traces, frame.layout), strict=True):
        content = _trace(trace, found, frame)
        opacity = trace.number("opacity", 1)
        drawn += group({"opacity": number(opacity)} if opacity != 1 else {}, content)
    return drawn


def _is_vertical(trace: Options) -> bool:
    return trace.choice("orientation", "v h") == "v"


# -- places ----------------------------------------------------------------------


def _placed(traces: list[Options], layout: Options) -> list[list[Bar | None]]:
    if not traces:
        return []
    if len({_is_vertical(trace) for trace in traces}) > 1:
        raise traces[0].error("orientation", "the same in every bar trace")
    mode = layout.choice(
        "barmode", "overlay group stack", "group" if len(traces) == 1 else None
    )
    default = (1 - layout.number("bargap", 0.2)) * _step(traces)
    count = len(traces) if mode == "group" else 1
    sums: dict[tuple[float, bool], float] = {}
    placed = []
    for i, trace in enumerate(traces):
        if count > 1 and trace.has("width"):
            raise trace.error("width", "none in bar mode 'group'")
        offset = default * (i / count - 0.5) if count > 1 else None
        placed.append(
            _bars_of(trace, default / count, offset, sums if mode == "stack" else None)
        )
    return placed


def _step(traces: list[Options]) -> float:
    """The smallest distance of two bars."""
    letter = "x" if _is_vertical(traces[0]) else "y"
    places = sorted(
        {p for trace in traces for p in trace.numbers(letter) if p is not None}
    )
    return min((b - a for a, b in pairwise(places)), default=1)


def _bars_of(
    trace: Options,
    width: float,
    offset: float | None,
    sums: dict[tuple[float, bool], float] | None,
) -> list[Bar | None]:
    letters = "xy" if _is_vertical(trace) else "yx"
    places, lengths = trace.numbers(letters[0]), trace.numbers(letters[1])
    if len(places) != len(lengths):
        raise trace.error(letters[1], f"{len(places)} values, as {letters[0]}")
    widths = trace.each_number("width", len(places), default=width)
    bases = trace.each_number("base", len(places), default=0)
    found: list[Bar | None] = []
    for place, length, wide, base in zip(places, lengths, widths, bases, strict=True):
        if place is None or not length:
            found.append(None)
            continue
        start = base
        if sums is not None:
            start += sums.get((place, length > 0), 0)
            sums[place, length > 0] = start + length - base
        low = place + (offset if offset is not None else -wide / 2)
        found.append(Bar(start=start, end=start + length, low=low, high=low + wide))
    return found


# -- drawing -----------------------------------------------------------------------


def _trace(trace: Options, found: list[Bar | None], frame: Frame) -> str:
    vertical = _is_vertical(trace)
    along, across = (frame.y, frame.x) if vertical else (frame.x, frame.y)
    count = len(found)
    marker = trace.child("marker", "color opacity line")
    line = marker.child("line", "color width")
    widths = line.each_number("width", count, default=0)
    edges = line.each_text("color", count, default=None if any(widths) else "#444")
    colors = marker.each_text("color", count)
    opacities = marker.each_number("opacity", count, default=1)
    titles = titles_of(trace, count)
    marks: list[tuple[Attributes, str]] = []
    for i, bar in enumerate(found):
        if bar is None:
            continue
        shared = frame.ink.paint(fill=colors[i], stroke=edges[i], width=widths[i])
        own: Attributes = {}
        if opacities[i] != 1:
            (own if widths[i] else shared)[
                "opacity" if widths[i] else "fill-opacity"
            ] = number(opacities[i])
        path = {"d": _path(bar, along, across, vertical=vertical)}
        marks.append((shared, tag("path", path | own, titles[i])))
    texts = _texts(trace, found, frame, along, across)
    if trace.flag("cliponaxis", default=True):
        return frame.clipped(grouped(marks) + texts)
    return frame.clipped(grouped(marks)) + texts


def _path(bar: Bar, along: Axis, across: Axis, *, vertical: bool) -> str:
    start, end = number(along.px(bar.start)), number(along.px(bar.end))
    low, high = number(across.px(bar.low)), number(across.px(bar.high))
    if vertical:
        return f"M{low},{start}V{end}H{high}V{start}z"
    return f"M{start},{low}H{end}V{high}H{start}z"


def _texts(
    trace: Options, found: list[Bar | None], frame: Frame, along: Axis, across: Axis
) -> str:
    place = trace.choice("textposition", "inside outside none", "none")
    if place == "none" or not trace.has("text"):
        return ""
    trace.must_be("textangle", value=0, why="Plotly turns texts that do not fit")
    trace.must_be(
        "constraintext", value="none", why="Plotly shrinks texts that do not fit"
    )
    where = (
        trace.choice("insidetextanchor", "start middle end", "end")
        if place == "inside"
        else "outside"
    )
    font = font_of(trace, frame.font, "textfont")
    marks: list[tuple[Attributes, str]] = []
    texts = trace.each("text", len(found))
    for bar, text in zip(found, texts, strict=True):
        if bar is None or text in (None, ""):
            continue
        lines = lines_of(str(text))
        middle = (across.px(bar.low) + across.px(bar.high)) / 2
        ends = along.px(bar.start), along.px(bar.end)
        anchor, x, y = _text_place(ends, middle, where, lines, font, along.letter)
        shared = font.attributes(frame.ink, anchor)
        marks.append((shared, text_at(lines, x, y, font.size)))
    return grouped(marks)


def _text_place(
    ends: tuple[float, float],
    middle: float,
    where: str,
    lines: tuple[str, ...],
    font: Font,
    letter: str,
) -> tuple[str, float, float]:
    """Anchor, x and first baseline of a bar's text."""
    start, end = ends
    forward = 1 if end >= start else -1
    at, side = {
        "outside": (end + forward * _PAD, forward),
        "end": (end - forward * _PAD, -forward),
        "middle": ((start + end) / 2, 0),
        "start": (start + forward * _PAD, forward),
    }[where]
    height = block_height(len(lines), font.size)
    up = ascent(font.size)
    if letter == "x":
        return ("end", "middle", "start")[side + 1], at, middle - height / 2 + up
    top = at + (side - 1) * height / 2
    return "middle", middle, top + up
