"""Scatter traces: lines, error bars, markers and texts."""

from dataclasses import dataclass

from sitegen.escape import xml_text
from sitegen.svg.axes import Axis, font_of
from sitegen.svg.frame import Frame
from sitegen.svg.markup import Attributes, group, grouped, number, tag
from sitegen.svg.options import Options
from sitegen.svg.text import LINE, hover_text, lines_of, text_at

KEYS = (
    "type x y mode name line marker error_x error_y text textposition textfont"
    " cliponaxis showlegend"
)
_LINE = "color width dash shape"
_MARKER = "symbol size color opacity line"
_ERROR = "type array arrayminus symmetric thickness width color"
_MODES = "lines markers lines+markers text"
_ANCHORS = {"middle left": "end", "middle center": "middle", "middle right": "start"}
_MOST_TITLES = 200

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Markers:
    """How each marker of a trace looks."""

    sizes: list[float]
    """Diameters in px."""
    colors: list[str]
    edge: str | None
    edge_width: float

    def paint(self, i: int, frame: Frame) -> Attributes:
        """What a marker shares with its like."""
        return frame.ink.paint(
            fill=self.colors[i], stroke=self.edge, width=self.edge_width
        )


def modes(trace: Options) -> frozenset[str]:
    """The parts of a trace's mode."""
    return frozenset(trace.choice("mode", _MODES).split("+"))


def markers_of(trace: Options, count: int) -> Markers:
    """Every marker's looks: circles."""
    marker = trace.child("marker", _MARKER)
    marker.choice("symbol", "circle", "circle")
    line = marker.child("line", "color width")
    bubbles = isinstance(marker.values.get("size"), list | tuple)
    # Of bubbles Plotly has its own mind where nothing is said.
    if marker.number("opacity", None if bubbles else 1) != 1:
        raise marker.error("opacity", "1")
    width = line.number("width", None if bubbles else 0)
    return Markers(
        sizes=marker.each_number("size", count, default=6),
        colors=marker.each_text("color", count),
        edge=line.text("color") if width else None,
        edge_width=width,
    )


def scatter(trace: Options, frame: Frame) -> str:
    """A scatter trace."""
    xs, ys = trace.numbers("x"), trace.numbers("y")
    if len(xs) != len(ys):
        raise trace.error("y", f"{len(xs)} values, as many as x")
    parts = modes(trace)
    points = [(frame.x.px(x), frame.y.px(y)) for x, y in zip(xs, ys, strict=True)]
    drawn = _error_bars(trace, frame, points)
    if "lines" in parts:
        drawn += _line(trace, frame, points)
    over = _markers(trace, frame, points) if "markers" in parts else ""
    if "text" in parts:
        over += _texts(trace, frame, points)
    if trace.flag("cliponaxis", default=True):
        over = frame.clipped(over)
    return frame.clipped(drawn) + over


# -- lines ---------------------------------------------------------------------


def line_paint(trace: Options, frame: Frame) -> Attributes:
    """How a trace's line looks."""
    line = trace.child("line", _LINE)
    width = line.number("width", 2)
    paint = frame.ink.paint(stroke=line.text("color"), width=width)
    dotted = line.choice("dash", "solid dot", "solid") == "dot"
    return paint | ({"stroke-dasharray": number(max(width, 3))} if dotted else {})


def _line(trace: Options, frame: Frame, points: list[Point]) -> str:
    if not points:
        return ""
    stepped = trace.child("line", _LINE).choice("shape", "linear hv", "linear") == "hv"
    places = [(number(x), number(y)) for x, y in points]
    path = "M{},{}".format(*places[0])
    path += "".join(f"H{x}V{y}" if stepped else f"L{x},{y}" for x, y in places[1:])
    return tag("path", line_paint(trace, frame) | {"d": path})


# -- error bars ------------------------------------------------------------------


def _error_bars(trace: Options, frame: Frame, points: list[Point]) -> str:
    drawn = ""
    for axis in (frame.y, frame.x):
        error = trace.child(f"error_{axis.letter}", _ERROR)
        if error.values and points:
            error.choice("type", "data")
            error.must_be("symmetric", value=False, why="both arrays are given")
            error.must_be("width", value=0, why="its ends are not drawn")
            paint = frame.ink.paint(
                stroke=error.text("color"), width=error.number("thickness", 2)
            )
            path = _error_path(error, axis, trace.numbers(axis.letter), points)
            drawn += tag("path", paint | {"d": path})
    return drawn


def _error_path(
    error: Options, axis: Axis, values: list[float], points: list[Point]
) -> str:
    plus, minus = error.numbers("array"), error.numbers("arrayminus")
    if not len(plus) == len(minus) == len(values):
        raise error.error("array", f"{len(values)} values, as arrayminus")
    path = ""
    for value, more, less, (x, y) in zip(values, plus, minus, points, strict=True):
        high, low = number(axis.px(value + more)), number(axis.px(value - less))
        if axis.letter == "x":
            path += f"M{high},{number(y)}H{low}"
        else:
            path += f"M{number(x)},{high}V{low}"
    return path


# -- markers -----------------------------------------------------------------------


def circle(x: float, y: float, size: float, extra: Attributes, *children: str) -> str:
    """A marker around a place, so many px wide."""
    place = {"cx": number(x), "cy": number(y), "r": number(size / 2)}
    return tag("circle", place | extra, *children)


def _shown(point: Point, trace: Options, frame: Frame) -> bool:
    """Whether a mark is drawn: unclipped ones vanish outside the axes."""
    if trace.flag("cliponaxis", default=True):
        return True
    return frame.x.shows(point[0]) and frame.y.shows(point[1])


def _markers(trace: Options, frame: Frame, points: list[Point]) -> str:
    looks = markers_of(trace, len(points))
    titles = titles_of(trace, len(points))
    ids = trace.each_text("ids", len(points), default="")
    marks: list[tuple[Attributes, str]] = []
    for i, point in enumerate(points):
        if _shown(point, trace, frame) and looks.sizes[i]:
            own = {"data-id": ids[i]} if ids[i] else {}
            mark = circle(*point, looks.sizes[i], own, titles[i])
            marks.append((looks.paint(i, frame), mark))
    return grouped(marks)


def titles_of(trace: Options, count: int) -> list[str]:
    """The tooltip of each mark: of `hovertext`, and only where marks are few."""
    given = trace.values.get("hovertext")
    if not isinstance(given, list | tuple) or count > _MOST_TITLES:
        return [""] * count
    texts = trace.each_text("hovertext", count)
    return [tag("title", {}, xml_text(hover_text(t))) if t else "" for t in texts]


# -- texts ---------------------------------------------------------------------------


def _texts(trace: Options, frame: Frame, points: list[Point]) -> str:
    font = font_of(trace, frame.font, "textfont")
    texts = trace.each_text("text", len(points))
    place = trace.text("textposition", "middle center")
    if place not in _ANCHORS:
        raise trace.error("textposition", "one of " + ", ".join(_ANCHORS))
    drawn = []
    for (x, y), text in zip(points, texts, strict=True):
        if text and _shown((x, y), trace, frame):
            lines = lines_of(text)
            foot = y + font.size * (0.75 - ((len(lines) - 1) * LINE + 1) / 2)
            drawn.append(text_at(lines, x, foot, font.size))
    return group(font.attributes(frame.ink, _ANCHORS[place]), *drawn)
