"""Heatmap traces: cells, their texts and the colour bar."""

from itertools import pairwise

from sitegen.svg.axes import Axis, font_of
from sitegen.svg.colorbar import colorbar
from sitegen.svg.colorscale import colorscale, contrast
from sitegen.svg.frame import Frame
from sitegen.svg.markup import Attributes, group, grouped, number, tag
from sitegen.svg.options import Options
from sitegen.svg.text import LINE, MIDDLE, lines_of, text_at

KEYS = (
    "type x y z xgap ygap zmin zmax colorscale text texttemplate textfont colorbar"
    " showscale name visible opacity showlegend"
)

Cell = tuple[float, float, float, float, float, str]
"""Left, top, right, bottom, value, text."""


def heatmap(trace: Options, frame: Frame) -> str:
    """A heatmap trace with its colour bar."""
    scale = colorscale(trace)
    cells = _cells(trace, frame)
    gaps = trace.number("xgap", 0), trace.number("ygap", 0)
    painted: list[tuple[Attributes, str]] = []
    texts: list[tuple[Attributes, str]] = []
    for left, top, right, bottom, value, text in cells:
        color = scale.color(value)
        box = {
            "x": number(left + gaps[0] / 2),
            "y": number(top + gaps[1] / 2),
            "width": number(max(right - left - gaps[0], 0)),
            "height": number(max(bottom - top - gaps[1], 0)),
        }
        painted.append((frame.ink.paint(fill=color), tag("rect", box)))
        if text:
            texts.append(
                _text(
                    trace, frame, color, text, ((left + right) / 2, (top + bottom) / 2)
                )
            )
    # Cells do not overlap, so their order is free, and one group a colour is short.
    painted.sort(key=lambda pair: tuple(pair[0].items()))
    texts.sort(key=lambda pair: tuple(pair[0].items()))
    drawn = frame.clipped(grouped(painted) + grouped(texts))
    opacity = trace.number("opacity", 1)
    if opacity != 1:
        drawn = group({"opacity": number(opacity)}, drawn)
    if trace.flag("showscale", default=True):
        drawn += colorbar(trace, scale, frame)
    return drawn


def _text(
    trace: Options, frame: Frame, color: str, text: str, middle: tuple[float, float]
) -> tuple[Attributes, str]:
    options = trace.child("textfont", "size color weight family")
    if not options.has("size"):
        raise options.error("size", "a number: else Plotly fits texts into cells")
    font = font_of(trace, frame.font, "textfont")
    paint = frame.ink.paint(fill=options.text("color", contrast(color)))
    lines = lines_of(text)
    x, y = middle
    y += MIDDLE * font.size - (len(lines) - 1) * LINE * font.size / 2
    shared = font.attributes(frame.ink, "middle")
    shared = {k: v for k, v in shared.items() if k not in ("class", "fill")} | paint
    return shared, text_at(lines, x, y, font.size)


def _cells(trace: Options, frame: Frame) -> list[Cell]:
    rows = [
        Options({"z": row}, f"{trace.path}.z[{i}]", "z").numbers("z")
        for i, row in enumerate(trace.items("z"))
    ]
    columns = len(rows[0]) if rows else 0
    if any(len(row) != columns for row in rows):
        raise trace.error("z", "rows of one length")
    if not rows or not columns:
        return []
    texts = _texts(trace, len(rows), columns)
    lefts = _edges(trace, "x", columns, frame.x)
    tops = _edges(trace, "y", len(rows), frame.y)
    return [
        (*sorted_cell(left, top), value, texts[i][j])
        for i, (row, top) in enumerate(zip(rows, tops, strict=True))
        for j, (value, left) in enumerate(zip(row, lefts, strict=True))
        if value is not None
    ]


def sorted_cell(
    across: tuple[float, float], down: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Left, top, right and bottom, whichever way the axes run."""
    left, right = sorted(across)
    top, bottom = sorted(down)
    return left, top, right, bottom


def _texts(trace: Options, rows: int, columns: int) -> list[list[str]]:
    if not trace.has("texttemplate"):
        return [[""] * columns] * rows
    trace.choice("texttemplate", "%{text}")
    given = trace.items("text")
    if len(given) != rows:
        raise trace.error("text", f"{rows} rows, as z")
    return [
        [
            "" if text is None else str(text)
            for text in Options({"text": row}, trace.path, "text").each("text", columns)
        ]
        for row in given
    ]


def _edges(
    trace: Options, letter: str, count: int, axis: Axis
) -> list[tuple[float, float]]:
    """Both sides of each cell, in whole px as Plotly paints them."""
    centres = trace.numbers(letter, default=list(range(count)))
    known = [c for c in centres if c is not None]
    if len(known) != len(centres) or len(known) != count:
        raise trace.error(letter, f"{count} numbers, as z")
    if known != sorted(set(known)):
        raise trace.error(letter, "rising numbers")
    if axis.log:
        raise trace.error(letter, "a linear axis")
    between = [(a + b) / 2 for a, b in pairwise(known)]
    first = 2 * known[0] - between[0] if between else known[0] - 0.5
    last = 2 * known[-1] - between[-1] if between else known[-1] + 0.5
    origin = min(axis.start, axis.end)
    edges = [origin + round(axis.px(e) - origin) for e in (first, *between, last)]
    return list(pairwise(edges))
