"""Pass rate of each model in each harness, as a heatmap with its numbers."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from sitegen.charts.figure import Chart, ChartKind, Figure, Width, hover
from sitegen.charts.heatmap import MOST_COLUMNS, MOST_ROWS, heatmap, model_labels
from sitegen.names import in_harness
from sitegen.numbers import percent
from sitegen.table import EMPTY, Cell, Column, Table, count_cell, name_cell

if TYPE_CHECKING:
    from sitegen.keys import ComboKey, QuantKey
    from sitegen.stats.standings import Standing
    from sitegen.view import View


def model_harness_heatmap(view: View) -> Chart | None:
    """Models by harnesses of the scope; None unless two of each were measured."""
    models, harnesses = view.scope.model_quants, view.scope.harnesses
    if any(sum(s.rate is not None for s in x) <= 1 for x in (models, harnesses)):
        return None
    n_columns = len({_column(s.key) for s in view.scope.combos})
    cut = len(models) > MOST_ROWS or n_columns > MOST_COLUMNS["narrow"]
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
        MOST_ROWS, view.scope.model_quants, key=lambda m: met_model[m.key]
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
    models, harnesses = _fullest(view, MOST_COLUMNS["wide"])

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
    models, harnesses = _fullest(view, MOST_COLUMNS[width])
    combos = {s.key: s for s in view.scope.combos}
    grid = [[combos.get(_combo(m.key, h)) for h in harnesses] for m in models]
    return heatmap(
        model_labels(view, models),
        [_column_label(view, h) for h in harnesses],
        grid,
        [[_hover(view, s) for s in row] for row in grid],
        width,
    )


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
