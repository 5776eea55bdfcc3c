"""Pass rates of models in columns, as a heatmap with its numbers.

Shared by every chart that sets models against something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from sitegen.charts.figure import (
    PX,
    Chart,
    Figure,
    Margin,
    Width,
    axis,
    figure,
    fit,
    hover,
    in_percent,
    left_margin,
    names_beside,
    passed_words,
    telling,
    words_at,
)
from sitegen.escape import plotly_text
from sitegen.keys import Key, QuantKey
from sitegen.numbers import percent
from sitegen.stats.standings import Standing
from sitegen.table import EMPTY, Cell, Column, Table, count_cell, name_cell
from sitegen.theme import (
    HEAT_DARK_FROM,
    HEAT_STEPS,
    INK,
    PAPER,
    heat_scale,
    heat_step,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sitegen.view import View

MOST_ROWS = 30
MOST_COLUMNS: Mapping[Width, int] = {"wide": 10, "narrow": 6}
_CELL_PX = {"wide": 30, "narrow": 48}


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
    """A chart of models against something.

    Args:
        view: The scope.
        named: Id and title.
        caption: How to read it.
        wide: What a wide screen has room for; the table shows it too.
        narrow: What a phone has room for.
        passed_by: What the table says that trials passed by.
        data: The data file.
    """
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
    columns, grid = drawn.columns, drawn.cells
    narrow = width == "narrow"
    left = 4 if narrow else left_margin(rows, 330)
    offset = 0.17 if narrow else 0
    inner = (PX[width] - (8 if narrow else left + 8)) / max(len(columns), 1)
    traces: list[dict[str, object]] = [
        {
            "type": "heatmap",
            "name": "pass rate",
            "x": list(range(len(columns))),
            "y": [row + offset for row in range(len(rows))],
            "z": [
                [
                    in_percent(cell.standing.rate)
                    if cell and cell.standing.rate is not None
                    else None
                    for cell in row
                ]
                for row in grid
            ],
            "zmin": 0,
            "zmax": 100,
            "colorscale": heat_scale(),
            "xgap": 2,
            "ygap": 20 if narrow else 2,
            **telling(
                [
                    [
                        hover(cell.name, passed_words(cell.standing)) if cell else ""
                        for cell in row
                    ]
                    for row in grid
                ],
                [[cell.href if cell else "" for cell in row] for row in grid],
            ),
            "hoverongaps": False,
            "showscale": True,
            "colorbar": _legend(narrow=narrow),
        },
        *_numbers(grid, offset),
    ]
    if narrow:
        traces.append(
            words_at(
                "names",
                [-0.5] * len(rows),
                [row - 0.3 for row in range(len(rows))],
                [plotly_text(fit(label, 330)) for label in rows],
                colour=INK,
            )
        )
    return figure(
        traces,
        width=width,
        height=len(rows) * _CELL_PX[width] + 30 + 62,
        margin=Margin(left=left, right=4 if narrow else 8, top=30, bottom=62),
        xaxis=axis(
            -0.5,
            len(columns) - 0.5,
            [(i, fit(name, inner - 6, 12)) for i, name in enumerate(columns)],
            side="top",
        ),
        yaxis=axis(
            len(rows) - 0.5,
            -0.5,
            () if narrow else names_beside(rows, left),
            colour=INK,
        ),
    )


def _labels(view: View, models: Sequence[Standing[QuantKey]]) -> list[str]:
    """The model alone where it has one quant in the scope, else with its quant."""
    times = Counter(m.key.model for m in models)
    return [
        view.names[m.key].full if times[m.key.model] > 1 else view.names[m.key].label
        for m in models
    ]


def _numbers(
    grid: Sequence[Sequence[Shown | None]], offset: float
) -> list[dict[str, object]]:
    """The percentages, in the ink on light cells and in the paper on dark ones."""
    traces: list[dict[str, object]] = []
    for dark, colour in ((False, INK), (True, PAPER)):
        cells = [
            (column, row + offset, rate)
            for row, line in enumerate(grid)
            for column, cell in enumerate(line)
            if cell is not None
            and (rate := cell.standing.rate) is not None
            and (heat_step(float(rate)) >= HEAT_DARK_FROM) == dark
        ]
        if not cells:
            continue
        traces.append(
            {
                "type": "scatter",
                "mode": "text",
                "name": "percent",
                "x": [x for x, _, _ in cells],
                "y": [y for _, y, _ in cells],
                "text": [percent(rate, 0) for _, _, rate in cells],
                "textposition": "middle center",
                "textfont": {"size": 12, "color": colour},
                "hoverinfo": "skip",
            }
        )
    return traces


def _legend(*, narrow: bool) -> dict[str, object]:
    steps = [round(Fraction(100 * step, HEAT_STEPS)) for step in (0, 3, 6, 9)]
    return {
        "orientation": "h",
        "thickness": 8,
        "len": 0.6 if narrow else 0.3,
        "x": 0,
        "xanchor": "left",
        "xpad": 0,
        "y": 0,
        "yanchor": "top",
        "ypad": 14,
        "outlinewidth": 0,
        "tickmode": "array",
        "tickvals": steps,
        "ticktext": [f"{step}" if step < 100 else "100 %" for step in steps],  # noqa: PLR2004
        "tickfont": {"size": 12, "color": INK},
        "ticks": "",
    }
