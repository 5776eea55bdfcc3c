"""The colour bar of a heatmap."""

from itertools import pairwise

from sitegen.svg.axes import font_of
from sitegen.svg.colorscale import Colorscale
from sitegen.svg.frame import Frame
from sitegen.svg.markup import group, number, tag
from sitegen.svg.options import Options
from sitegen.svg.text import lines_of, text_at

_KEYS = (
    "orientation thickness len x y xanchor yanchor xpad ypad tickvals ticktext"
    " tickmode tickfont ticks outlinewidth"
)

Box = tuple[float, float, float, float]
"""Left, top, width, height."""


def colorbar(trace: Options, scale: Colorscale, frame: Frame) -> str:
    """A horizontal bar and its labels."""
    bar = trace.child("colorbar", _KEYS)
    bar.must_be("outlinewidth", value=0, why="an outline is not drawn")
    frame.layout.child("margin", "l r t b autoexpand pad").must_be(
        "autoexpand",
        value=False,
        why="else Plotly widens the margin for the colour bar",
    )
    bar.choice("ticks", " ", "")
    bar.choice("orientation", "h")
    bar.choice("xanchor", "left")
    bar.choice("yanchor", "top")
    bar.choice("tickmode", "array", "array")
    area = frame.area
    top = area.top + (1 - bar.number("y")) * area.height + bar.number("ypad", 10)
    xpad = bar.number("xpad", 10)
    box = (
        round(area.width * bar.number("x")) + area.left + xpad,
        area.top + round(top - area.top),
        round(bar.number("len", 1) * area.width) - 2 * xpad,
        bar.number("thickness", 30),
    )
    return _fill(scale, box, frame) + _labels(bar, scale, box, frame)


def _fill(scale: Colorscale, box: Box, frame: Frame) -> str:
    left, top, width, height = box
    drawn = ""
    for (start, color), (end, _) in pairwise(scale.stops):
        if start == end:
            continue
        part = {
            "x": number(left + start * width),
            "y": number(top),
            "width": number((end - start) * width),
            "height": number(height),
        }
        drawn += tag("rect", frame.ink.paint(fill=color) | part)
    return drawn


def _labels(bar: Options, scale: Colorscale, box: Box, frame: Frame) -> str:
    values = bar.numbers("tickvals")
    texts = bar.each_text("ticktext", len(values)) if values else []
    font = font_of(bar, frame.font, "tickfont")
    left, top, width, height = box
    drawn = []
    for value, text in zip(values, texts, strict=True):
        if scale.low <= value <= scale.high:
            share = (value - scale.low) / (scale.high - scale.low)
            x, y = left + share * width, top + height + 0.5 + 1.2 * font.size
            drawn.append(text_at(lines_of(text), x, y, font.size))
    return group(font.attributes(frame.ink, "middle"), *drawn)
