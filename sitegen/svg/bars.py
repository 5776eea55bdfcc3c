"""Bar traces, one over the other."""

from sitegen.svg.frame import Frame
from sitegen.svg.markup import Attributes, grouped, number, tag
from sitegen.svg.options import Options
from sitegen.svg.scatter import titles_of

KEYS = "type x y width orientation name marker showlegend"


def bars(trace: Options, frame: Frame) -> str:
    """A bar trace: from 0 to each length, as wide as it says, in units of the axis."""
    frame.layout.must_be("barmode", value="overlay", why="bars stand over each other")
    vertical = trace.choice("orientation", "v h") == "v"
    across, along = (frame.x, frame.y) if vertical else (frame.y, frame.x)
    places, lengths = trace.numbers(across.letter), trace.numbers(along.letter)
    count = len(places)
    if len(lengths) != count:
        raise trace.error(along.letter, f"{count} values, as {across.letter}")
    widths = trace.each_number("width", count)
    colors = trace.child("marker", "color").each_text("color", count)
    titles = titles_of(trace, count)
    start = number(along.px(0))
    marks: list[tuple[Attributes, str]] = []
    for i, length in enumerate(lengths):
        if not length:
            continue
        end = number(along.px(length))
        low = number(across.px(places[i] - widths[i] / 2))
        high = number(across.px(places[i] - widths[i] / 2 + widths[i]))
        path = (
            f"M{low},{start}V{end}H{high}V{start}z"
            if vertical
            else f"M{start},{low}H{end}V{high}H{start}z"
        )
        paint = frame.ink.paint(fill=colors[i])
        marks.append((paint, tag("path", {"d": path}, titles[i])))
    return frame.clipped(grouped(marks))
