"""Heatmap traces: cells and the colour bar."""

from itertools import pairwise

from sitegen.svg.axes import Axis
from sitegen.svg.colorbar import colorbar
from sitegen.svg.colorscale import colorscale
from sitegen.svg.frame import Frame
from sitegen.svg.markup import Attributes, grouped, number, tag
from sitegen.svg.options import Options, is_number

KEYS = "type x y z xgap ygap zmin zmax colorscale colorbar showscale name showlegend"


def heatmap(trace: Options, frame: Frame) -> str:
    """A heatmap trace with its colour bar."""
    scale = colorscale(trace)
    rows = _rows(trace)
    gaps = trace.number("xgap", 0), trace.number("ygap", 0)
    lefts = _edges(trace, "x", len(rows[0]), frame.x)
    tops = _edges(trace, "y", len(rows), frame.y)
    painted: list[tuple[Attributes, str]] = []
    for row, down in zip(rows, tops, strict=True):
        for value, across in zip(row, lefts, strict=True):
            if value is None:
                continue
            (left, right), (top, bottom) = sorted(across), sorted(down)
            box = {
                "x": number(left + gaps[0] / 2),
                "y": number(top + gaps[1] / 2),
                "width": number(max(right - left - gaps[0], 0)),
                "height": number(max(bottom - top - gaps[1], 0)),
            }
            painted.append((frame.ink.paint(fill=scale.color(value)), tag("rect", box)))
    # Cells do not overlap, so their order is free, and one group a colour is short.
    painted.sort(key=lambda pair: tuple(pair[0].items()))
    drawn = frame.clipped(grouped(painted))
    if trace.flag("showscale", default=True):
        drawn += colorbar(trace, scale, frame)
    return drawn


def _rows(trace: Options) -> list[list[float | None]]:
    """The values of each row, at least one; None where a cell is blank."""
    rows = trace.items("z")
    widths = {len(row) if isinstance(row, list | tuple) else 0 for row in rows}
    if len(widths) != 1 or widths == {0}:
        raise trace.error("z", "rows of one length")
    found: list[list[float | None]] = []
    for row in rows:
        values = list(row)  # type: ignore[call-overload]  # looked at above
        if not all(value is None or is_number(value) for value in values):
            raise trace.error("z", "finite numbers")
        found.append([None if value is None else float(value) for value in values])
    return found


def _edges(
    trace: Options, letter: str, count: int, axis: Axis
) -> list[tuple[float, float]]:
    """Both sides of each cell, in whole px as Plotly paints them."""
    centres = trace.numbers(letter, default=list(range(count)))
    if len(centres) != count:
        raise trace.error(letter, f"{count} numbers, as z")
    if centres != sorted(set(centres)):
        raise trace.error(letter, "rising numbers")
    if axis.log:
        raise trace.error(letter, "a linear axis")
    between = [(a + b) / 2 for a, b in pairwise(centres)]
    first = 2 * centres[0] - between[0] if between else centres[0] - 0.5
    last = 2 * centres[-1] - between[-1] if between else centres[-1] + 0.5
    origin = min(axis.start, axis.end)
    edges = [origin + round(axis.px(e) - origin) for e in (first, *between, last)]
    return list(pairwise(edges))
