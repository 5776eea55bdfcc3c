"""Pass rates of models in columns, as a heatmap with its numbers.

Shared by every chart that sets models against something.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from sitegen.charts.figure import (
    HOVER,
    PX,
    Figure,
    Margin,
    Width,
    axis,
    figure,
    fit,
    left_margin,
    words_at,
)
from sitegen.escape import plotly_text
from sitegen.numbers import percent
from sitegen.theme import (
    HEAT_DARK_FROM,
    HEAT_STEPS,
    INK,
    PAPER,
    heat_scale,
    heat_step,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sitegen.keys import Key, QuantKey
    from sitegen.stats.standings import Standing
    from sitegen.view import View

MOST_ROWS = 30
MOST_COLUMNS: Mapping[Width, int] = {"wide": 10, "narrow": 6}
_CELL_PX = {"wide": 30, "narrow": 48}


def heatmap(
    rows: Sequence[str],
    columns: Sequence[str],
    grid: Sequence[Sequence[Standing[Key] | None]],
    hovers: Sequence[Sequence[str]],
    width: Width,
) -> Figure:
    """The pass rate of each row in each column; None: it was not run."""
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
            "z": [[_percent(s) for s in row] for row in grid],
            "zmin": 0,
            "zmax": 100,
            "colorscale": heat_scale(),
            "xgap": 2,
            "ygap": 20 if narrow else 2,
            "hovertext": [list(row) for row in hovers],
            "hovertemplate": HOVER,
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
            ()
            if narrow
            else [(i, fit(name, left - 14)) for i, name in enumerate(rows)],
            colour=INK,
        ),
    )


def model_labels(view: View, models: Sequence[Standing[QuantKey]]) -> list[str]:
    """The model alone where it has one quant in the scope, else with its quant."""
    several = [m.key.model for m in models]
    return [
        view.names[m.key].full
        if several.count(m.key.model) > 1
        else view.names[m.key].label
        for m in models
    ]


def _numbers(
    grid: Sequence[Sequence[Standing[Key] | None]], offset: float
) -> list[dict[str, object]]:
    """The percentages, in the ink on light cells and in the paper on dark ones."""
    traces: list[dict[str, object]] = []
    for dark, colour in ((False, INK), (True, PAPER)):
        cells = [
            (column, row + offset, standing.rate)
            for row, line in enumerate(grid)
            for column, standing in enumerate(line)
            if standing is not None
            and standing.rate is not None
            and (heat_step(float(standing.rate)) >= HEAT_DARK_FROM) == dark
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


def _percent(standing: Standing[Key] | None) -> float | None:
    if standing is None or standing.rate is None:
        return None
    return round(float(standing.rate) * 100, 3)
