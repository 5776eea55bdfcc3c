"""Pass rate against a quantity on a log axis, one mark an entity.

Shared by every chart that sets the pass rate against something.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, inf, log10

from sitegen.charts.figure import (
    PX,
    TITLE_PX,
    Figure,
    Margin,
    Trace,
    Width,
    above_axis,
    axis,
    figure,
    legend_above,
    note,
    telling,
)
from sitegen.charts.labels import SMALL, Box, Mark, Plot, beside, fit, fit_all
from sitegen.escape import plotly_text
from sitegen.names import NEUTRAL, Entity, Names
from sitegen.svg import text_width
from sitegen.theme import INK, MUTED, PAPER, RECEDE, hue

_TITLE = "pass rate, %"
_EDGE = 0.12
"""Room beside the outermost marks, in powers of ten."""
_HEIGHT_PX = {"wide": 400, "narrow": 350}
_LEGEND_PX = 19
_TOP_PX, _BOTTOM_PX, _RIGHT_PX = 35, 45, 14
_LEFT_PX = {"wide": 40, "narrow": 34}
_NAME_PX = {"wide": 300, "narrow": 200}
_TICK_GAP_PX = 14
_FEWEST_TICKS = 3
_ROW_PX = 40
"""What the legend takes for a symbol; its names follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One entity."""

    entity: Entity
    x: float
    rate: float
    """In percent."""
    hover: str
    place: int = -1
    """Among the combos of the scope, by which the board knows it; -1: not told."""
    size: float = 9
    """Diameter, in pixels."""
    name: str = ""
    """Beside the mark, where there is room."""
    strong: bool = False
    recedes: bool = False
    """In grey, behind the others."""


def scatter(
    points: Sequence[Point],
    names: Names,
    width: Width,
    *,
    title: str,
    ladders: Sequence[Sequence[tuple[float, str]]],
    line: Sequence[tuple[float, float]] = (),
    receding: str = "",
) -> Figure:
    """The figure; names of earlier points are placed first.

    Args:
        points: What is drawn.
        names: Knows the families.
        width: Of the screen.
        title: Of the axis to the right.
        ladders: Round values with their texts, the coarsest first. Ticks are chosen
            from the first that has enough within the axis.
        line: Corners of a frontier, from left to right, which runs on to the edge.
        receding: What the legend says of the points in grey.
    """
    low, high = log_range([point.x for point in points])
    bottom = max(0, floor(min(point.rate for point in points) / 10) * 10 - 10)
    step = 20 if bottom < 50 else 10  # noqa: PLR2004
    rates = range(ceil(bottom / step) * step, 101, step)
    traces = _marks(points, names, receding)
    listed = [str(trace["name"]) for trace in traces] if len(traces) > 1 else []
    rows = _legend_rows(listed, PX[width] - _LEFT_PX[width] - _RIGHT_PX)
    plot = Plot(
        width=PX[width] - _LEFT_PX[width] - _RIGHT_PX,
        height=_HEIGHT_PX[width] - _TOP_PX - _BOTTOM_PX,
        left=low,
        right=high,
        bottom=bottom - 2,
        top=102,
    )
    corners = [*line, (10**high, line[-1][1])] if line else []
    return figure(
        [*_frontier(corners), *traces],
        width=width,
        zoom=True,
        height=_HEIGHT_PX[width] + rows * _LEGEND_PX,
        margin=Margin(
            left=_LEFT_PX[width],
            right=_RIGHT_PX,
            top=_TOP_PX + rows * _LEGEND_PX,
            bottom=_BOTTOM_PX,
        ),
        xaxis=axis(low, high, ticks(ladders, plot), kind="log", title=title),
        yaxis=axis(bottom - 2, 102, [(rate, f"{rate}") for rate in rates], grid=True),
        annotations=[
            above_axis(_TITLE),
            *_names(points, plot, width, corners),
        ],
        legend=legend_above(1 + 26 / plot.height) if rows else None,
    )


def log_range(values: Sequence[float]) -> tuple[float, float]:
    """The ends of the axis, in powers of ten: at least a doubling, centred."""
    least, most = log10(min(values)), log10(max(values))
    reach = max(most - least, log10(2)) / 2 + _EDGE
    return (least + most) / 2 - reach, (least + most) / 2 + reach


def ticks(
    ladders: Iterable[Sequence[tuple[float, str]]], plot: Plot
) -> list[tuple[float, str]]:
    """As many round values as there is room for, evenly thinned."""
    found: list[tuple[float, str]] = []
    for ladder in ladders:
        found = [each for each in ladder if plot.left <= log10(each[0]) <= plot.right]
        if len(found) >= _FEWEST_TICKS:
            break
    thinned = found
    for step in range(1, len(found) + 1):
        thinned = found[::step]
        if thinned == _side_by_side(thinned, plot):
            break
    return thinned if len(thinned) >= _FEWEST_TICKS else _side_by_side(found, plot)


def _side_by_side(
    ticks: Sequence[tuple[float, str]], plot: Plot
) -> list[tuple[float, str]]:
    """Those whose texts do not touch, from the left."""
    kept: list[tuple[float, str]] = []
    free = -inf
    for value, text in ticks:
        middle, half = plot.at(value, 0)[0], text_width(text, SMALL) / 2
        if middle - half >= free:
            kept.append((value, text))
            free = middle + half + _TICK_GAP_PX
    return kept


def _frontier(corners: Sequence[tuple[float, float]]) -> list[Trace]:
    if not corners:
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Pareto frontier",
            "x": [round(x, 9) for x, _ in corners],
            "y": [y for _, y in corners],
            "line": {"color": MUTED, "width": 1.5, "shape": "hv", "dash": "dot"},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]


def _marks(points: Sequence[Point], names: Names, receding: str) -> list[Trace]:
    """A trace for each family, those in grey first; each can be switched off."""
    kinds: list[tuple[str, str, list[Point]]] = [
        (receding, RECEDE, [p for p in points if p.recedes])
    ]
    labels = fit_all(names.families, _NAME_PX["narrow"], SMALL)
    for index, family in (
        *((NEUTRAL, "other"), (0, "all")),
        *enumerate(labels, 1),
    ):
        chosen = [p for p in points if p.entity.hue == index and not p.recedes]
        kinds.append((plotly_text(family), hue(index), chosen))
    several = sum(bool(chosen) for *_, chosen in kinds) > 1
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": [round(p.x, 9) for p in chosen],
            "y": [p.rate for p in chosen],
            **telling([p.hover for p in chosen], [p.entity.href for p in chosen]),
            **_places(chosen),
            "marker": {
                "symbol": "circle",
                "size": [p.size for p in chosen],
                "color": colour,
                "opacity": 1,
                "line": {"color": PAPER, "width": 1},
            },
            "cliponaxis": False,
            "showlegend": several,
        }
        for name, colour, chosen in kinds
        if chosen
    ]


def _places(chosen: Sequence[Point]) -> Trace:
    """Which combo each mark is, for the board's script."""
    places = [str(point.place) for point in chosen if point.place >= 0]
    return {"ids": places} if len(places) == len(chosen) else {}


def _legend_rows(listed: Sequence[str], available: float) -> int:
    """The lines that a legend takes."""
    if not listed:
        return 0
    widths = [_ROW_PX + text_width(name, SMALL) + 5 for name in listed]
    if sum(widths) - 5 < available:
        return 1
    return ceil(len(widths) / max(1, int(available // max(widths))))


def _names(
    points: Sequence[Point],
    plot: Plot,
    width: Width,
    corners: Sequence[tuple[float, float]],
) -> list[dict[str, object]]:
    marks = [
        Mark(
            x=p.x,
            y=p.rate,
            size=p.size,
            name=fit(p.name, _NAME_PX[width], SMALL),
            bold=p.strong,
        )
        for p in points
    ]
    title = (TITLE_PX, -20.0, TITLE_PX + text_width(_TITLE, SMALL) + 6, 0.0)
    return [
        note(
            place.mark.name,
            x=round(log10(place.mark.x), 4),
            y=place.mark.y,
            anchor=(place.anchor, "middle"),
            shift=place.shift,
            colour=INK if place.mark.bold else MUTED,
            bold=place.mark.bold,
        )
        for place in beside(marks, plot, [title, *_line_boxes(corners, plot)])
    ]


def _line_boxes(corners: Sequence[tuple[float, float]], plot: Plot) -> list[Box]:
    """What a line in steps covers."""
    places = [plot.at(x, y) for x, y in corners]
    found: list[Box] = []
    for (x, y), (next_x, next_y) in pairwise(places):
        found += [
            (x, y - 1, next_x, y + 1),
            (next_x - 1, min(y, next_y), next_x + 1, max(y, next_y)),
        ]
    return found
