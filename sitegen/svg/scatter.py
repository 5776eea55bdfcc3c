"""Scatter traces: lines, error bars, markers and texts."""

from dataclasses import dataclass

from sitegen.escape import xml_text
from sitegen.svg.axes import Axis, font_of
from sitegen.svg.frame import Frame
from sitegen.svg.markup import Attributes, dashes, group, grouped, number, tag
from sitegen.svg.options import Options
from sitegen.svg.symbols import SYMBOLS, symbol
from sitegen.svg.text import LINE, hover_text, lines_of, text_at

KEYS = (
    "type x y mode name line marker error_x error_y text textposition textfont"
    " cliponaxis connectgaps showlegend visible opacity legendgroup"
)
LINE_KEYS = "color width dash shape"
MARKER_KEYS = "symbol size color opacity line"
_ERROR = "type array arrayminus symmetric thickness width color visible"
_MODES = "none lines markers text"
_MOST_TITLES = 200
_SIGNS = {"top": -1, "middle": 0, "bottom": 1, "left": -1, "center": 0, "right": 1}
_POSITIONS = tuple(
    f"{v} {h}" for v in ("top", "middle", "bottom") for h in ("left", "center", "right")
)
_BUBBLE_OPACITY = 0.7

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Markers:
    """How each marker of a trace looks."""

    symbols: list[str]
    sizes: list[float]
    colors: list[str]
    opacities: list[float]
    edges: list[str]
    edge_widths: list[float]


def modes(trace: Options) -> frozenset[str]:
    """The parts of a trace's mode."""
    found = frozenset(trace.text("mode").split("+"))
    if not found <= set(_MODES.split()):
        raise trace.error("mode", "lines, markers and text joined by +")
    return found


def markers_of(trace: Options, count: int) -> Markers:
    """Every marker's looks, with Plotly's defaults where they are simple."""
    marker = trace.child("marker", MARKER_KEYS)
    line = marker.child("line", "color width")
    bubbles = isinstance(marker.values.get("size"), list | tuple)
    symbols = marker.each_text("symbol", count, default="circle")
    for name in symbols:
        if name not in SYMBOLS.split():
            raise marker.error("symbol", f"one of {SYMBOLS}")
    if bubbles:
        line.each_number("width", count)
    widths = line.each_number("width", count, default=0)
    return Markers(
        symbols=symbols,
        sizes=marker.each_number("size", count, default=6),
        colors=marker.each_text("color", count),
        opacities=marker.each_number(
            "opacity", count, default=_BUBBLE_OPACITY if bubbles else 1
        ),
        edges=line.each_text(
            "color", count, default="#444" if not any(widths) else None
        ),
        edge_widths=widths,
    )


def scatter(trace: Options, frame: Frame) -> str:
    """A scatter trace."""
    xs, ys = trace.numbers("x"), trace.numbers("y")
    if len(xs) != len(ys):
        raise trace.error("y", f"{len(xs)} values, as many as x")
    parts = modes(trace)
    points: list[Point | None] = [
        None if x is None or y is None else (frame.x.px(x), frame.y.px(y))
        for x, y in zip(xs, ys, strict=True)
    ]
    drawn = _error_bars(trace, frame, points)
    if "lines" in parts:
        drawn += _line(trace, frame, points)
    drawn = frame.clipped(drawn)
    over = _markers(trace, frame, points) if "markers" in parts else ""
    if "text" in parts:
        over += _texts(trace, frame, points, with_markers="markers" in parts)
    if trace.flag("cliponaxis", default=True):
        over = frame.clipped(over)
    opacity = trace.number("opacity", 1)
    return group({"opacity": number(opacity)} if opacity != 1 else {}, drawn, over)


# -- lines ---------------------------------------------------------------------


def line_paint(trace: Options, frame: Frame) -> Attributes:
    """How a trace's line looks."""
    line = trace.child("line", LINE_KEYS)
    width = line.number("width", 2)
    paint = frame.ink.paint(stroke=line.text("color"), width=width)
    return paint | dashes(line.choice("dash", "solid dot dash", "solid"), width)


def _line(trace: Options, frame: Frame, points: list[Point | None]) -> str:
    shape = trace.child("line", LINE_KEYS).choice("shape", "linear hv vh", "linear")
    if trace.flag("connectgaps", default=False):
        points = [point for point in points if point is not None]
    path, last = "", None
    for point in points:
        if point is None:
            last = None
            continue
        x, y = number(point[0]), number(point[1])
        if last is None:
            path += f"M{x},{y}"
        elif shape == "linear":
            path += f"L{x},{y}"
        else:
            path += f"H{x}V{y}" if shape == "hv" else f"V{y}H{x}"
        last = point
    return tag("path", line_paint(trace, frame) | {"d": path}) if path else ""


# -- error bars ------------------------------------------------------------------


def _error_bars(trace: Options, frame: Frame, points: list[Point | None]) -> str:
    drawn = ""
    for axis in (frame.y, frame.x):
        error = trace.child(f"error_{axis.letter}", _ERROR)
        if not error.values or not error.flag("visible", default=True):
            continue
        error.choice("type", "data")
        error.must_be("symmetric", value=False, why="both arrays are given")
        path = _error_path(error, axis, trace.numbers(axis.letter), points)
        if path:
            paint = frame.ink.paint(
                stroke=error.text("color"), width=error.number("thickness", 2)
            )
            drawn += tag("path", paint | {"d": path})
    return drawn


def _error_path(
    error: Options, axis: Axis, values: list[float | None], points: list[Point | None]
) -> str:
    plus, minus = error.numbers("array"), error.numbers("arrayminus")
    if not len(plus) == len(minus) == len(values):
        raise error.error("array", f"{len(values)} values, as arrayminus")
    cap = error.number("width")
    path = ""
    for value, more, less, point in zip(values, plus, minus, points, strict=True):
        if value is None or more is None or less is None or point is None:
            continue
        ends = [number(axis.px(v)) for v in (value + more, value - less)]
        if axis.letter == "x":
            path += f"M{ends[0]},{number(point[1])}H{ends[1]}"
            foot, up = number(point[1] - cap), number(2 * cap)
            caps = "".join(f"M{end},{foot}v{up}" for end in ends)
        else:
            path += f"M{number(point[0])},{ends[0]}V{ends[1]}"
            foot, along = number(point[0] - cap), number(2 * cap)
            caps = "".join(f"M{foot},{end}h{along}" for end in ends)
        path += caps if cap > 0 else ""
    return path


# -- markers -----------------------------------------------------------------------


def marker_paint(looks: Markers, i: int, frame: Frame) -> tuple[Attributes, Attributes]:
    """What a marker shares with its like, and what it must carry itself."""
    width, opacity = looks.edge_widths[i], looks.opacities[i]
    paint = frame.ink.paint(fill=looks.colors[i], stroke=looks.edges[i], width=width)
    if opacity == 1:
        return paint, {}
    if not width:
        # On the group this is each mark's own; `opacity` would be the group's.
        return paint | {"fill-opacity": number(opacity)}, {}
    return paint, {"opacity": number(opacity)}


def shown(point: Point | None, trace: Options, frame: Frame) -> bool:
    """Whether a mark is drawn: unclipped ones vanish outside the axes."""
    if point is None:
        return False
    if trace.flag("cliponaxis", default=True):
        return True
    return frame.x.shows(point[0]) and frame.y.shows(point[1])


def _markers(trace: Options, frame: Frame, points: list[Point | None]) -> str:
    looks = markers_of(trace, len(points))
    titles = titles_of(trace, len(points))
    marks: list[tuple[Attributes, str]] = []
    for i, point in enumerate(points):
        if point is None or not shown(point, trace, frame) or not looks.sizes[i]:
            continue
        shared, own = marker_paint(looks, i, frame)
        mark = symbol(looks.symbols[i], *point, looks.sizes[i], own, titles[i])
        marks.append((shared, mark))
    return grouped(marks)


def titles_of(trace: Options, count: int) -> list[str]:
    """The tooltip of each mark: of `hovertext`, and only where marks are few."""
    given = trace.values.get("hovertext")
    if not isinstance(given, list | tuple) or count > _MOST_TITLES:
        return [""] * count
    texts = trace.each_text("hovertext", count)
    return [tag("title", {}, xml_text(hover_text(t))) if t else "" for t in texts]


# -- texts ---------------------------------------------------------------------------


def _texts(
    trace: Options, frame: Frame, points: list[Point | None], *, with_markers: bool
) -> str:
    count = len(points)
    font = font_of(trace, frame.font, "textfont")
    texts = trace.each("text", count, default="")
    places = trace.each_text("textposition", count, default="middle center")
    sizes = markers_of(trace, count).sizes if with_markers else [0.0] * count
    marks: list[tuple[Attributes, str]] = []
    for point, text, place, size in zip(points, texts, places, sizes, strict=True):
        if place not in _POSITIONS:
            raise trace.error("textposition", "one of " + ", ".join(_POSITIONS))
        if point is None or text in (None, "") or not shown(point, trace, frame):
            continue
        vertical, horizontal = (_SIGNS[word] for word in place.split(" "))
        radius = size / 1.6 + 1 if with_markers else 0
        lines = lines_of(str(text))
        block = (len(lines) - 1) * LINE + 1
        x = point[0] + horizontal * radius
        y = point[1] + vertical * radius
        y += font.size * (0.75 + (vertical - 1) * block / 2)
        anchor = ("end", "middle", "start")[horizontal + 1]
        shared = font.attributes(frame.ink, anchor)
        marks.append((shared, text_at(lines, x, y, font.size)))
    return grouped(marks)
