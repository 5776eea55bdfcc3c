"""Pass rate of each model in each harness, as a heatmap with its numbers."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from sitegen.charts.figure import (
    HOVER,
    PX,
    Chart,
    ChartKind,
    Figure,
    Margin,
    Width,
    axis,
    figure,
    fit,
    hover,
    left_margin,
    words_at,
)
from sitegen.escape import plotly_text
from sitegen.names import in_harness
from sitegen.numbers import percent
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

    from sitegen.keys import ComboKey, QuantKey
    from sitegen.stats.standings import Standing
    from sitegen.view import View

_MOST_ROWS = 30
_MOST_COLUMNS: Mapping[Width, int] = {"wide": 10, "narrow": 6}
_CELL_PX = {"wide": 30, "narrow": 48}


def model_harness_heatmap(view: View) -> Chart | None:
    """Models by harnesses of the scope; None unless two of each were measured."""
    models, harnesses = view.scope.model_quants, view.scope.harnesses
    if any(sum(s.rate is not None for s in x) <= 1 for x in (models, harnesses)):
        return None
    n_columns = len({_column(s.key) for s in view.scope.combos})
    cut = len(models) > _MOST_ROWS or n_columns > _MOST_COLUMNS["narrow"]
    more = " Shown are those that met most often; the data file has all." if cut else ""
    return Chart(
        id="model_harness_heatmap",
        title="Model by harness",
        caption=(
            f"Pass rate in percent, {view.label}; models and harnesses from the "
            f"best down and to the right. A blank cell was not run.{more}"
        ),
        wide=_figure(view, "wide"),
        narrow=_figure(view, "narrow"),
        table=_table(view),
        data=f"{view.data_folder}combos",
    )


def _fullest(
    view: View, most_columns: int
) -> tuple[tuple[Standing[QuantKey], ...], tuple[ComboKey, ...]]:
    """The models and harnesses that met most often, in the order of the ranking.

    In a sparse grid the best of each would hardly share a cell. A harness is there
    once for each variant.
    """
    place = {s.key: index for index, s in enumerate(view.scope.harnesses)}
    met_harness = Counter(_column(s.key) for s in view.scope.combos)
    columns = heapq.nlargest(
        most_columns,
        sorted(met_harness, key=lambda c: (place[c.harness_of], c.variant)),
        key=lambda column: met_harness[column],
    )
    met_model = Counter(
        s.key.quant_of for s in view.scope.combos if _column(s.key) in columns
    )
    models = heapq.nlargest(
        _MOST_ROWS, view.scope.model_quants, key=lambda m: met_model[m.key]
    )
    shown = {m.key for m in models}
    used = {_column(s.key) for s in view.scope.combos if s.key.quant_of in shown}
    return (
        tuple(m for m in view.scope.model_quants if m.key in shown),
        tuple(
            sorted(
                used.intersection(columns),
                key=lambda c: (place[c.harness_of], c.variant),
            )
        ),
    )


def _column(combo: ComboKey) -> ComboKey:
    """A combo without its model: the harness and the variant."""
    return replace(combo, model="", quant="")


def _combo(model: QuantKey, column: ComboKey) -> ComboKey:
    return replace(column, model=model.model, quant=model.quant)


def _column_label(view: View, column: ComboKey) -> str:
    return in_harness(view.names[column.harness_of].label, column.variant)


def _table(view: View) -> Table:
    combos = {s.key: s for s in view.scope.combos}
    models, harnesses = _fullest(view, _MOST_COLUMNS["wide"])

    def cell(combo: ComboKey) -> Cell:
        standing = combos.get(combo)
        return count_cell(standing.passed, standing.n_trials) if standing else EMPTY

    return Table(
        caption=f"Passed trials by model and harness, {view.label}",
        columns=(
            Column(title="Model", kind="name"),
            *(Column(title=_column_label(view, h), folds=True) for h in harnesses),
        ),
        rows=tuple(
            (
                name_cell(view.names[m.key]),
                *(cell(_combo(m.key, h)) for h in harnesses),
            )
            for m in models
        ),
    )


def _figure(view: View, width: Width) -> Figure:
    narrow = width == "narrow"
    models, harnesses = _fullest(view, _MOST_COLUMNS[width])
    combos = {s.key: s for s in view.scope.combos}
    grid = [[combos.get(_combo(m.key, h)) for h in harnesses] for m in models]
    labels = _labels(view, models)
    columns = [_column_label(view, h) for h in harnesses]
    left = 4 if narrow else left_margin(labels, 330)
    offset = 0.17 if narrow else 0
    inner = (PX[width] - (8 if narrow else left + 8)) / max(len(columns), 1)
    traces: list[dict[str, object]] = [
        {
            "type": "heatmap",
            "name": "pass rate",
            "x": list(range(len(columns))),
            "y": [row + offset for row in range(len(models))],
            "z": [[_percent(s) for s in row] for row in grid],
            "zmin": 0,
            "zmax": 100,
            "colorscale": heat_scale(),
            "xgap": 2,
            "ygap": 20 if narrow else 2,
            "hovertext": [[_hover(view, s) for s in row] for row in grid],
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
                [-0.5] * len(models),
                [row - 0.3 for row in range(len(models))],
                [plotly_text(fit(label, 330)) for label in labels],
                colour=INK,
            )
        )
    return figure(
        traces,
        width=width,
        height=len(models) * _CELL_PX[width] + 30 + 62,
        margin=Margin(left=left, right=4 if narrow else 8, top=30, bottom=62),
        xaxis=axis(
            -0.5,
            len(columns) - 0.5,
            [(i, fit(name, inner - 6, 12)) for i, name in enumerate(columns)],
            side="top",
        ),
        yaxis=axis(
            len(models) - 0.5,
            -0.5,
            ()
            if narrow
            else [(i, fit(name, left - 14)) for i, name in enumerate(labels)],
            colour=INK,
        ),
    )


def _labels(view: View, models: tuple[Standing[QuantKey], ...]) -> list[str]:
    """The model alone where it has one quant in the scope, else with its quant."""
    several = [m.key.model for m in models]
    return [
        view.names[m.key].full
        if several.count(m.key.model) > 1
        else view.names[m.key].label
        for m in models
    ]


def _numbers(
    grid: list[list[Standing[ComboKey] | None]], offset: float
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


def _percent(standing: Standing[ComboKey] | None) -> float | None:
    if standing is None or standing.rate is None:
        return None
    return round(float(standing.rate) * 100, 3)


def _hover(view: View, standing: Standing[ComboKey] | None) -> str:
    if standing is None:
        return ""
    return hover(
        view.names[standing.key].text,
        f"{standing.passed}/{standing.n_trials} passed, {percent(standing.rate)} %",
    )


CHART = ChartKind(
    id="model_harness_heatmap",
    home="main",
    question="harnesses",
    draw=model_harness_heatmap,
)
