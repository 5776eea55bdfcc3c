"""Annotations and shapes."""

from sitegen.svg.axes import Axis, font_of
from sitegen.svg.frame import Frame
from sitegen.svg.markup import group, number, tag
from sitegen.svg.options import Options
from sitegen.svg.text import ascent, descent, lines_of, text_at

_ANNOTATION = "text x y xref yref xanchor yanchor xshift yshift showarrow font"
_SHAPE = "type x0 x1 y0 y1 xref yref line layer"
_SHARES = {"left": 0, "center": 0.5, "right": 1, "top": 0, "middle": 0.5, "bottom": 1}
_PAD = 2
"""Px between a text and the edge of its box: Plotly's."""


def annotations(frame: Frame) -> str:
    """All texts of the layout's annotations."""
    notes = frame.layout.objects("annotations", _ANNOTATION)
    return "".join(_annotation(note, frame) for note in notes)


def _annotation(note: Options, frame: Frame) -> str:
    note.must_be("showarrow", value=False, why="arrows are not drawn")
    x, y = (_place(note, axis) for axis in (frame.x, frame.y))
    if x is None or y is None:
        return ""
    font = font_of(note, frame.font)
    lines = lines_of(note.text("text"))
    if len(lines) > 1:
        raise note.error("text", "one line")
    across = _SHARES[note.choice("xanchor", "left center right")]
    down = _SHARES[note.choice("yanchor", "top middle bottom")]
    # It hangs by the edge that the anchor names, so its estimated width plays no part.
    x += note.number("xshift", 0) + (1 - 2 * across) * _PAD
    height = ascent(font.size) + descent(font.size)
    top = y - note.number("yshift", 0) + (1 - 2 * down) * _PAD - down * height
    shared = font.attributes(frame.ink, ("start", "middle", "end")[int(2 * across)])
    return group(shared, text_at(lines, x, top + ascent(font.size), font.size))


def _place(note: Options, axis: Axis) -> float | None:
    """Where a note hangs; None beyond an axis, where Plotly hides it."""
    letter = axis.letter
    value = note.number(letter)
    if note.choice(f"{letter}ref", f"{letter} paper") == "paper":
        return axis.share(value)
    # On a log axis a note's place is a power of ten, unlike a shape's.
    at = axis.at(value)
    return at if axis.shows(at) else None


def shapes(frame: Frame) -> str:
    """The layout's shapes: lines behind the traces."""
    shapes = frame.layout.objects("shapes", _SHAPE)
    return "".join(_shape(shape, frame) for shape in shapes)


def _shape(shape: Options, frame: Frame) -> str:
    shape.choice("type", "line")
    shape.choice("layer", "below")
    (x0, x1), (y0, y1) = (_ends(shape, axis) for axis in (frame.x, frame.y))
    line = shape.child("line", "color width")
    paint = frame.ink.paint(stroke=line.text("color"), width=line.number("width"))
    path = {"d": f"M{number(x0)},{number(y0)}L{number(x1)},{number(y1)}"}
    cut = "".join(a for a in "xy" if shape.text(f"{a}ref") == a)
    drawn = tag("path", paint | path)
    return frame.clipped(drawn, cut) if cut else drawn


def _ends(shape: Options, axis: Axis) -> tuple[float, float]:
    letter = axis.letter
    values = shape.number(f"{letter}0"), shape.number(f"{letter}1")
    if shape.choice(f"{letter}ref", f"{letter} paper") == "paper":
        return axis.share(values[0]), axis.share(values[1])
    return axis.px(values[0]), axis.px(values[1])
