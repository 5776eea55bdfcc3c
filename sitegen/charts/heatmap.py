"""Pass rates of models in columns: numbers, tinted by what is unusual.

Shared by every chart that sets models against something.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Literal, NamedTuple

from sitegen.charts.figure import (
    PX,
    Chart,
    Figure,
    Margin,
    Width,
    axis,
    figure,
    hover,
    left_margin,
    names_above,
    names_beside,
    passed_words,
    telling,
)
from sitegen.charts.labels import SMALL, in_lines
from sitegen.keys import Key, QuantKey
from sitegen.numbers import percent, points, signed
from sitegen.stats.standings import Standing
from sitegen.table import EMPTY, Cell, Column, Table, count_cell, name_cell
from sitegen.theme import INK, MUTED, diverging_scale, ink_on
from sitegen.view import View

MOST_ROWS = 30
MOST_COLUMNS: Mapping[Width, int] = {"wide": 10, "narrow": 6}
_CELL_PX = {"wide": 30, "narrow": 48}
_STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25)
"""Points from one tint to the next."""


class Shown(NamedTuple):
    """A cell that may be shown: whose it is, and what came of it."""

    name: str
    standing: Standing[Key]
    href: str
    """Site path of the page that says more of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What a heatmap has room for."""

    models: Sequence[Standing[QuantKey]]
    columns: Sequence[str]
    cells: Sequence[Sequence[Shown | None]]
    """A row a model; None: it was not run, or is not published."""
    usual: Literal["row", "column"]
    """Over what the mean is taken that tints show the difference from."""


def blank(view: View) -> str:
    """What a caption says of cells without a number."""
    more = "" if view.settings.publish.cells else ", or is not published"
    return f"A blank cell was not run{more}."


def heatmap_chart(
    view: View,
    named: tuple[str, str],
    caption: str,
    *,
    wide: Grid,
    narrow: Grid,
    passed_by: str,
    data: str,
) -> Chart:
    """A chart of models against something."""
    chart_id, title = named
    return Chart(
        id=chart_id,
        title=title,
        caption=caption,
        wide=_figure(_labels(view, wide.models), wide, "wide"),
        narrow=_figure(_labels(view, narrow.models), narrow, "narrow"),
        table=Table(
            caption=f"Passed trials by {passed_by}, {view.label}",
            columns=(
                Column(title="Model", kind="name"),
                *(Column(title=title, folds=True) for title in wide.columns),
            ),
            rows=tuple(
                (name_cell(view.names[model.key]), *map(_counts, cells))
                for model, cells in zip(wide.models, wide.cells, strict=True)
            ),
        ),
        data=f"{view.data_folder}{data}",
    )


def _counts(cell: Shown | None) -> Cell:
    if cell is None:
        return EMPTY
    return count_cell(cell.standing.passed, cell.standing.n_trials)


def _figure(rows: Sequence[str], drawn: Grid, width: Width) -> Figure:
    narrow = width == "narrow"
    left = 4 if narrow else left_margin(rows, 330)
    offset = 0.17 if narrow else 0
    inner = (PX[width] - (8 if narrow else left + 8)) / max(len(drawn.columns), 1)
    heads = in_lines(drawn.columns, inner - 6, SMALL)
    top = 36 if any("\n" in head for head in heads) else 20
    unusual = _unusual(drawn)
    step = _step(unusual)
    traces: list[dict[str, object]] = [
        {
            "type": "heatmap",
            "name": "pass rate",
            "x": list(range(len(heads))),
            "y": [row + offset for row in range(len(rows))],
            "z": [
                [None if each is None else round(float(each) * 100, 3) for each in row]
                for row in unusual
            ],
            "zmin": -4.5 * step,
            "zmax": 4.5 * step,
            "colorscale": diverging_scale(),
            "xgap": 2,
            "ygap": 20 if narrow else 2,
            **telling(
                [
                    [
                        _hover(cell, each, drawn.usual)
                        for cell, each in zip(row, differing, strict=True)
                    ]
                    for row, differing in zip(drawn.cells, unusual, strict=True)
                ],
                [[cell.href if cell else "" for cell in row] for row in drawn.cells],
            ),
            "hoverongaps": False,
            "showscale": True,
            "colorbar": _legend(step, narrow=narrow),
        },
        *_numbers(drawn, unusual, step, offset),
    ]
    if narrow:
        traces.append(names_above(rows, -0.5, [y - 0.3 for y in range(len(rows))]))
    return figure(
        traces,
        width=width,
        height=len(rows) * _CELL_PX[width] + top + 45,
        margin=Margin(left=left, right=4 if narrow else 8, top=top, bottom=45),
        xaxis=axis(-0.5, len(heads) - 0.5, enumerate(heads), side="top"),
        yaxis=axis(
            len(rows) - 0.5,
            -0.5,
            () if narrow else names_beside(rows, left),
            colour=INK,
        ),
    )


def _unusual(drawn: Grid) -> list[list[Fraction | None]]:
    """What each rate differs by from the mean of its row, or column."""
    rates = [[cell.standing.rate if cell else None for cell in r] for r in drawn.cells]
    if drawn.usual == "row":
        return [_from_mean(row) for row in rates]
    columns = [_from_mean(column) for column in zip(*rates, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


def _from_mean(rates: Sequence[Fraction | None]) -> list[Fraction | None]:
    known = [rate for rate in rates if rate is not None]
    mean = sum(known, Fraction(0)) / max(len(known), 1)
    return [None if rate is None else rate - mean for rate in rates]


def _step(unusual: Sequence[Sequence[Fraction | None]]) -> int:
    """Points from one tint to the next: round, and enough for the largest."""
    most = max((abs(d) for row in unusual for d in row if d is not None), default=0)
    return next(step for step in _STEPS if 4.5 * step >= most * 100)


def _hover(cell: Shown | None, unusual: Fraction | None, usual: str) -> str:
    if cell is None:
        return ""
    differs = f"{points(unusual)} points from the mean of its {usual}"
    return hover(
        cell.name, passed_words(cell.standing), differs if unusual is not None else ""
    )


def _labels(view: View, models: Sequence[Standing[QuantKey]]) -> list[str]:
    """The model alone where it has one quant in the scope, else with its quant."""
    times = Counter(m.key.model for m in models)
    return [
        view.names[m.key].full if times[m.key.model] > 1 else view.names[m.key].label
        for m in models
    ]


def _numbers(
    drawn: Grid,
    unusual: Sequence[Sequence[Fraction | None]],
    step: int,
    offset: float,
) -> list[dict[str, object]]:
    """The percentages, each in what is read on its tint."""
    by_ink: dict[str, list[tuple[int, float, str]]] = {}
    for row, line in enumerate(drawn.cells):
        for column, cell in enumerate(line):
            apart = unusual[row][column]
            if cell and cell.standing.rate is not None and apart is not None:
                ink = ink_on(floor(apart * 100 / step + Fraction(1, 2)))
                found = column, row + offset, percent(cell.standing.rate, 0)
                by_ink.setdefault(ink, []).append(found)
    return [
        {
            "type": "scatter",
            "mode": "text",
            "name": "percent",
            "x": [x for x, _, _ in cells],
            "y": [y for _, y, _ in cells],
            "text": [text for _, _, text in cells],
            "textposition": "middle center",
            "textfont": {"size": SMALL, "color": ink},
            "hoverinfo": "skip",
        }
        for ink, cells in sorted(by_ink.items())
    ]


def _legend(step: int, *, narrow: bool) -> dict[str, object]:
    ticks = [place * step for place in (-4, -2, 0, 2, 4)]
    return {
        "orientation": "h",
        "thickness": 8,
        "len": 0.6 if narrow else 0.36,
        "x": 0,
        "xanchor": "left",
        "xpad": 0,
        "y": 0,
        "yanchor": "top",
        "ypad": 14,
        "outlinewidth": 0,
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [signed(tick) for tick in ticks],
        "tickfont": {"size": SMALL, "color": MUTED},
        "ticks": "",
    }
