"""The colour bar of a heatmap."""

from itertools import pairwise

from sitegen.svg.axes import font_of
from sitegen.svg.colorscale import Colorscale
from sitegen.svg.frame import Frame
from sitegen.svg.markup import group, number, tag
from sitegen.svg.options import Options
from sitegen.svg.text import (
    Font,
    lines_of,
    text_at,
    text_width,
)

_KEYS = (
    "orientation thickness len x y xanchor yanchor xpad ypad tickvals ticktext"
    " tickmode tickfont ticks outlinewidth title thicknessmode lenmode showticklabels"
)

Box = tuple[float, float, float, float]
"""Left, top, width, height."""


def colorbar(trace: Options, scale: Colorscale, frame: Frame) -> str:
    """A horizontal bar, its labels and, before it, its title."""
    bar = trace.child("colorbar", _KEYS)
    bar.must_be("outlinewidth", value=0, why="an outline is not drawn")
    frame.layout.child("margin", "l r t b autoexpand pad").must_be(
        "autoexpand",
        value=False,
        why="else Plotly widens the margin for the colour bar",
    )
    bar.choice("ticks", " ", "")
    bar.choice("thicknessmode", "pixels", "pixels")
    bar.choice("lenmode", "fraction", "fraction")
    bar.choice("orientation", "h")
    box, title = _placed(bar, frame)
    return _fill(scale, box, frame) + _labels(bar, scale, box, frame) + title


def _title(bar: Options, frame: Frame) -> tuple[str, Font]:
    title = bar.child("title", "text font")
    default = Font(size=round(frame.font.size * 1.2), color=frame.font.color)
    return title.text("text", ""), font_of(title, default)


def _set_title(text: str, font: Font, frame: Frame, x: float, y: float) -> str:
    lines = lines_of(text)
    return group(font.attributes(frame.ink), text_at(lines, x, y, font.size))


def _placed(bar: Options, frame: Frame) -> tuple[Box, str]:
    area = frame.area
    bar.choice("yanchor", "top")
    length = round(bar.number("len", 1) * area.width)
    share = {"left": 0, "center": 0.5, "right": 1}
    anchor = share[bar.choice("xanchor", "left center right", "center")]
    left = round(area.width * bar.number("x", 0.5) - anchor * length) + area.left
    top = area.top + (1 - bar.number("y", 1.02)) * area.height + bar.number("ypad", 10)
    xpad = bar.number("xpad", 10)
    text, font = _title(bar, frame)
    used, drawn = 0.0, ""
    if text:
        # Measured: the title starts this much before the bar's own start.
        x, y = left + 1.5 * xpad - 7.4, top + 3 + 0.75 * font.size
        drawn = _set_title(text, font, frame, x, y)
        used = text_width(max(lines_of(text), key=len), font.size) + 5
    box = (
        left + xpad + used,
        area.top + round(top - area.top),
        length - 2 * xpad - used,
        bar.number("thickness", 30),
    )
    return box, drawn


def _fill(scale: Colorscale, box: Box, frame: Frame) -> str:
    left, top, width, height = box
    if not scale.stepped:
        name = f"{frame.prefix}-scale"
        stops = (
            tag("stop", {"offset": number(at), "stop-color": color})
            for at, color in scale.stops
        )
        rect = _rect(left, top, width, height) | {"fill": f"url(#{name})"}
        return tag("linearGradient", {"id": name}, *stops) + tag("rect", rect)
    drawn = ""
    for (start, color), (end, _) in pairwise(scale.stops):
        if start == end:
            continue
        part = _rect(left + start * width, top, (end - start) * width, height)
        drawn += tag("rect", frame.ink.paint(fill=color) | part)
    return drawn


def _rect(left: float, top: float, width: float, height: float) -> dict[str, str]:
    return {
        "x": number(left),
        "y": number(top),
        "width": number(width),
        "height": number(height),
    }


def _labels(bar: Options, scale: Colorscale, box: Box, frame: Frame) -> str:
    if not bar.flag("showticklabels", default=True):
        return ""
    bar.choice("tickmode", "array", "array")
    values = bar.numbers("tickvals")
    texts = bar.each_text("ticktext", len(values)) if values else []
    font = font_of(bar, frame.font, "tickfont")
    left, top, width, height = box
    size = font.size
    drawn = []
    for value, text in zip(values, texts, strict=True):
        if value is None or not scale.low <= value <= scale.high:
            continue
        share = (value - scale.low) / (scale.high - scale.low)
        x, y = left + share * width, top + height + 0.5 + 1.2 * size
        drawn.append(text_at(lines_of(text), x, y, size))
    return group(font.attributes(frame.ink, "middle"), *drawn)
