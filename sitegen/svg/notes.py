"""Annotations and shapes."""

from sitegen.svg.axes import Axis, font_of
from sitegen.svg.frame import Frame
from sitegen.svg.markup import dashes, group, number, tag
from sitegen.svg.options import Options
from sitegen.svg.text import (
    ascent,
    block_height,
    lines_of,
    text_at,
    text_width,
)

_ANNOTATION = (
    "text x y xref yref xanchor yanchor xshift yshift showarrow align font textangle"
    " borderpad borderwidth opacity visible name"
)
_SHAPE = "type x0 x1 y0 y1 xref yref line fillcolor layer opacity visible name"
_QUARTER = -90
_SHARES = {"left": 0, "center": 0.5, "right": 1, "top": 0, "middle": 0.5, "bottom": 1}


def annotations(frame: Frame) -> str:
    """All texts of the layout's annotations."""
    return "".join(
        _annotation(note, frame)
        for note in frame.layout.objects("annotations", _ANNOTATION)
        if note.flag("visible", default=True)
    )


def _annotation(note: Options, frame: Frame) -> str:
    note.must_be("showarrow", value=False, why="arrows are not drawn")
    angle = note.number("textangle", 0)
    if angle not in (0, _QUARTER):
        raise note.error("textangle", "0 or -90")
    place = [_place(note, axis) for axis in (frame.x, frame.y)]
    if None in place:
        return ""
    font = font_of(note, frame.font)
    lines = lines_of(note.text("text"))
    pad = note.number("borderpad", 1) + note.number("borderwidth", 1)
    width = max(text_width(line, font.size) for line in lines)
    height = block_height(len(lines), font.size)
    outer = (width + 2 * pad, height + 2 * pad)
    if angle:
        outer = outer[::-1]
    anchors = (
        note.choice("xanchor", "left center right"),
        note.choice("yanchor", "top middle bottom"),
    )
    x, y = (
        (at or 0) + (0.5 - _SHARES[anchor]) * size
        for at, anchor, size in zip(place, anchors, outer, strict=True)
    )
    x += note.number("xshift", 0)
    y -= note.number("yshift", 0)
    # Where text hangs by the edge that the anchor names, its estimated width
    # plays no part in where it is.
    align = note.choice("align", "left center right", "center")
    hang = _SHARES[anchors[0] if len(lines) == 1 and not angle else align]
    x_text = x + (hang - 0.5) * width
    foot = y - height / 2 + ascent(font.size)
    shared = font.attributes(frame.ink, ("start", "middle", "end")[int(2 * hang)])
    if angle:
        shared["transform"] = f"rotate({angle:.0f} {number(x)} {number(y)})"
    opacity = note.number("opacity", 1)
    if opacity != 1:
        shared["opacity"] = number(opacity)
    return group(shared, text_at(lines, x_text, foot, font.size))


def _place(note: Options, axis: Axis) -> float | None:
    """Where a note hangs; None beyond an axis, where Plotly hides it."""
    letter = axis.letter
    value = note.number(letter)
    if note.choice(f"{letter}ref", f"{letter} paper") == "paper":
        return axis.share(value)
    # On a log axis a note's place is a power of ten, unlike a shape's.
    at = axis.at(value)
    return at if axis.shows(at) else None


def shapes(frame: Frame, layer: str) -> str:
    """The layout's shapes below, or above, the traces."""
    return "".join(
        _shape(shape, frame)
        for shape in frame.layout.objects("shapes", _SHAPE)
        if shape.choice("layer", "above below", "above") == layer
        and shape.flag("visible", default=True)
    )


def _shape(shape: Options, frame: Frame) -> str:
    kind = shape.choice("type", "line rect")
    (x0, x1), (y0, y1) = (_ends(shape, axis) for axis in (frame.x, frame.y))
    line = shape.child("line", "color width dash")
    width = line.number("width")
    paint = frame.ink.paint(
        fill=shape.text("fillcolor", "transparent") if kind == "rect" else None,
        stroke=line.text("color", "#444"),
        width=width,
    ) | dashes(line.choice("dash", "solid dot dash", "solid"), width)
    opacity = shape.number("opacity", 1)
    if opacity != 1:
        paint["opacity"] = number(opacity)
    start = f"M{number(x0)},{number(y0)}"
    path = (
        f"{start}L{number(x1)},{number(y1)}"
        if kind == "line"
        else f"{start}H{number(x1)}V{number(y1)}H{number(x0)}z"
    )
    cut = "".join(a for a in "xy" if shape.text(f"{a}ref") == a)
    drawn = tag("path", paint | {"d": path})
    return frame.clipped(drawn, cut) if cut else drawn


def _ends(shape: Options, axis: Axis) -> tuple[float, float]:
    letter = axis.letter
    values = shape.number(f"{letter}0"), shape.number(f"{letter}1")
    if shape.choice(f"{letter}ref", f"{letter} paper") == "paper":
        return axis.share(values[0]), axis.share(values[1])
    return axis.px(values[0]), axis.px(values[1])
