"""The legend: one row of trace names over or under the plot, or several."""

import math
from dataclasses import dataclass

from sitegen.svg.axes import font_of
from sitegen.svg.frame import Frame
from sitegen.svg.markup import group, number, tag
from sitegen.svg.options import Options
from sitegen.svg.scatter import circle, line_paint, markers_of, modes
from sitegen.svg.text import LINE, Font, lines_of, text_at, text_width

_KEYS = "orientation x y xanchor yanchor font traceorder"
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


def legend(traces: list[Options], frame: Frame) -> str:
    """The legend of a figure; empty where it has none."""
    if not _wanted(traces, frame.layout):
        return ""
    options = frame.layout.child("legend", _KEYS)
    options.choice("orientation", "h")
    options.choice("traceorder", "normal", "normal")
    frame.layout.child("margin", "l r t b autoexpand pad").must_be(
        "autoexpand", value=False, why="else Plotly widens the margin for the legend"
    )
    font = font_of(options, frame.font)
    items = [_item(trace, font) for trace in traces if _listed(trace)]
    row = max(LINE * font.size, 16) + 3
    places, width, height = _layout(items, frame.area.width, row)
    left, top = _corner(options, frame, width, height)
    drawn = []
    for item, (x, y) in zip(items, places, strict=True):
        drawn.append(_symbol(item.trace, frame, left + x, top + y))
        foot = top + y + 0.3 * LINE * font.size
        text = text_at(item.lines, left + x + _SYMBOL, foot, font.size)
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
    lines = lines_of(trace.text("name"))
    if len(lines) > 1:
        raise trace.error("name", "one line")
    return Item(trace=trace, lines=lines, width=text_width(lines[0], font.size))


def _layout(
    items: list[Item], available: float, row: float
) -> tuple[list[tuple[float, float]], float, float]:
    """Places (left, middle) of items in rows, and the legend's width and height."""
    widths = [_SYMBOL + item.width + _GAP for item in items]
    if sum(widths) - _GAP >= available:
        widths = [max(widths)] * len(items)
    places: list[tuple[float, float]] = []
    x = y = widest = 0.0
    for width in widths:
        if x and x + width > available:
            x, y = 0.0, y + row
        places.append((x, _PAD + y + row / 2))
        x += width
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
    parts = modes(trace) if kind == "scatter" else {"text"}
    if "text" in parts:
        raise trace.error("showlegend", "false: nothing stands for it in a legend")
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
    return circle(x, y, size, looks.paint(0, frame))


def _swatch(trace: Options, frame: Frame, x: float, y: float) -> str:
    colors = trace.child("marker", "color").each_text("color", len(trace.items("x")))
    box = {"x": number(x - 6), "y": number(y - 6), "width": "12", "height": "12"}
    return tag("rect", frame.ink.paint(fill=colors[0]) | box)
