"""The legend: one row of trace names over or under the plot, or several."""

import math
from dataclasses import dataclass

from sitegen.svg.axes import font_of
from sitegen.svg.frame import Frame
from sitegen.svg.markup import group, number, tag
from sitegen.svg.options import Options
from sitegen.svg.scatter import (
    line_paint,
    marker_paint,
    markers_of,
    modes,
)
from sitegen.svg.symbols import symbol
from sitegen.svg.text import LINE, Font, lines_of, text_at, text_width

_KEYS = (
    "orientation x y xanchor yanchor font bgcolor borderwidth traceorder"
    " tracegroupgap xref yref visible"
)
_SYMBOL = 40
"""Px that a symbol takes: Plotly's."""
_GAP = 5
_PAD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One trace in the legend."""

    trace: Options
    lines: tuple[str, ...]
    width: float
    height: float


def legend(traces: list[Options], frame: Frame) -> str:
    """The legend of a figure; empty where it has none."""
    if not _wanted(traces, frame.layout):
        return ""
    options = frame.layout.child("legend", _KEYS)
    options.choice("orientation", "h")
    stacked = frame.layout.values.get("barmode") == "stack"
    # Plotly lists stacked bars from the top down unless told otherwise.
    options.choice("traceorder", "normal", None if stacked else "normal")
    frame.layout.child("margin", "l r t b autoexpand pad").must_be(
        "autoexpand", value=False, why="else Plotly widens the margin for the legend"
    )
    font = font_of(options, frame.font)
    items = [_item(trace, font) for trace in traces if _listed(trace)]
    places, width, height = _layout(items, frame.area.width)
    left, top = _corner(options, frame, width, height)
    drawn = []
    for item, (x, y) in zip(items, places, strict=True):
        drawn.append(_symbol(item.trace, frame, left + x, top + y))
        foot = (0.3 + (1 - len(item.lines)) / 2) * LINE * font.size
        text = text_at(item.lines, left + x + _SYMBOL, top + y + foot, font.size)
        drawn.append(group(font.attributes(frame.ink), text))
    return "".join(drawn)


def _wanted(traces: list[Options], layout: Options) -> bool:
    if layout.has("showlegend"):
        return layout.flag("showlegend") and any(map(_listed, traces))
    if len([t for t in traces if _listed(t)]) > 1 or any(
        t.values.get("showlegend") is True for t in traces
    ):
        raise layout.error("showlegend", "true or false")
    return False


def _listed(trace: Options) -> bool:
    listed = trace.text("type", "scatter") != "heatmap"
    return trace.flag("showlegend", default=listed)


def _item(trace: Options, font: Font) -> Item:
    if trace.has("legendgroup"):
        raise trace.error("legendgroup", "none: Plotly sets groups apart")
    lines = lines_of(trace.text("name"))
    return Item(
        trace=trace,
        lines=lines,
        width=max(text_width(line, font.size) for line in lines),
        height=max(LINE * font.size * len(lines), 16) + 3,
    )


def _layout(
    items: list[Item], available: float
) -> tuple[list[tuple[float, float]], float, float]:
    """Places (left, middle) of items, and the legend's width and height."""
    widths = [_SYMBOL + item.width + _GAP for item in items]
    if sum(widths) - _GAP >= available:
        widths = [max(widths)] * len(items)
    places: list[tuple[float, float]] = []
    x = y = row = widest = 0.0
    for item, width in zip(items, widths, strict=True):
        if x and x + width > available:
            x, y, row = 0.0, y + row, 0.0
        places.append((x, _PAD + y + item.height / 2))
        x += width
        row = max(row, item.height)
        widest = max(widest, x)
    return places, math.ceil(widest), math.ceil(y + row + 2 * _PAD)


def _corner(
    options: Options, frame: Frame, width: float, height: float
) -> tuple[float, float]:
    """Left and top; kept inside the picture sideways, as Plotly does."""
    across = {"left": 0, "center": 0.5, "right": 1}
    down = {"top": 0, "middle": 0.5, "bottom": 1}
    anchors = (
        across[options.choice("xanchor", "left center right")],
        down[options.choice("yanchor", "top middle bottom")],
    )
    left = frame.x.share(options.number("x")) - anchors[0] * width
    top = frame.y.share(options.number("y")) - anchors[1] * height
    return max(min(left, frame.width - width), 0), top


def _symbol(trace: Options, frame: Frame, x: float, y: float) -> str:
    kind = trace.text("type")
    if kind == "bar":
        return _swatch(trace, frame, x + _SYMBOL / 2, y)
    if kind != "scatter":
        raise trace.error("showlegend", f"false for type {kind!r}")
    parts = modes(trace)
    if parts <= {"text", "none"}:
        raise trace.error("showlegend", "false for a trace of texts alone")
    drawn = ""
    if "lines" in parts:
        path = {"d": f"M{number(x + 5)},{number(y)}h30"}
        drawn += tag("path", line_paint(trace, frame) | path)
    if "markers" in parts:
        drawn += _marker(trace, frame, x + _SYMBOL / 2, y)
    return drawn


def _marker(trace: Options, frame: Frame, x: float, y: float) -> str:
    """The first marker's looks in the mean size, between 2 and 16 px."""
    looks = markers_of(trace, len(trace.items("x")))
    if not looks.sizes:
        return ""
    size = min(max(sum(looks.sizes) / len(looks.sizes), 2), 16)
    shared, own = marker_paint(looks, 0, frame)
    return symbol(looks.symbols[0], x, y, size, shared | own)


def _swatch(trace: Options, frame: Frame, x: float, y: float) -> str:
    count = len(trace.items("x"))
    marker = trace.child("marker", "color opacity line")
    line = marker.child("line", "color width")
    color = marker.each_text("color", max(count, 1))[0]
    width = line.each_number("width", max(count, 1), default=0)[0]
    edge = line.each_text("color", max(count, 1), default="#444")[0]
    paint = frame.ink.paint(fill=color, stroke=edge, width=width)
    box = {"x": number(x - 6), "y": number(y - 6), "width": "12", "height": "12"}
    return tag("rect", paint | box)
