"""Pass rate of each model in each harness, as a heatmap with its numbers."""

import heapq
from collections import Counter
from dataclasses import replace

from sitegen.charts.dots import in_order
from sitegen.charts.figure import Chart, ChartKind
from sitegen.charts.heatmap import (
    MOST_COLUMNS,
    MOST_ROWS,
    Grid,
    Shown,
    blank,
    heatmap_chart,
)
from sitegen.keys import ComboKey, QuantKey
from sitegen.names import in_harness
from sitegen.stats.standings import Standing
from sitegen.view import View


def model_harness_heatmap(view: View) -> Chart | None:
    """Models by harnesses of the scope; None unless two of each were measured."""
    models, harnesses = view.scope.model_quants, view.scope.harnesses
    if not view.scope.combos or any(
        sum(s.rate is not None for s in x) <= 1 for x in (models, harnesses)
    ):
        return None
    n_columns = len({_column(s.key) for s in view.scope.combos})
    cut = len(models) > MOST_ROWS or n_columns > MOST_COLUMNS["narrow"]
    more = " Shown are those that met most often; the data file has all." if cut else ""
    return heatmap_chart(
        view,
        ("model_harness_heatmap", "Model by harness"),
        f"Pass rate in percent, {view.label}; models and harnesses in the order of "
        "their lists. Blue passed more than the mean of the same model in these "
        f"harnesses, brown less, by so many points. {blank(view)}"
        f"{in_order(models)}{more}",
        wide=_grid(view, MOST_COLUMNS["wide"]),
        narrow=_grid(view, MOST_COLUMNS["narrow"]),
        passed_by="model and harness",
        data="combos",
    )


def _fullest(
    view: View, most_columns: int
) -> tuple[tuple[Standing[QuantKey], ...], tuple[ComboKey, ...]]:
    """The models and harnesses that met most often, in the order of the ranking.

    In a sparse grid the best of each would hardly share a cell. A harness is there
    once for each variant.
    """
    place = {s.key: index for index, s in enumerate(view.scope.harnesses)}
    met_harness = Counter(
        _column(s.key) for s in view.scope.combos if s.key.harness_of in place
    )
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


def _grid(view: View, most_columns: int) -> Grid:
    models, columns = _fullest(view, most_columns)
    combos = {
        s.key: Shown(view.names[s.key].text, s, view.names[s.key].href)
        for s in view.scope.combos
    }
    return Grid(
        models=models,
        columns=[
            in_harness(view.names[column.harness_of].label, column.variant)
            for column in columns
        ],
        cells=[
            [
                combos.get(replace(column, model=m.key.model, quant=m.key.quant))
                for column in columns
            ]
            for m in models
        ],
        usual="row",
    )


CHART = ChartKind(
    id="model_harness_heatmap",
    home="main",
    question="harnesses",
    draw=model_harness_heatmap,
)
