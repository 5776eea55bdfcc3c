"""Pass rate of each model on each group of tasks, as a heatmap with its numbers."""

from itertools import islice

from sitegen.charts.figure import Chart, ChartKind
from sitegen.charts.heatmap import (
    MOST_COLUMNS,
    MOST_ROWS,
    Grid,
    Shown,
    blank,
    heatmap_chart,
)
from sitegen.keys import GroupKey, QuantKey
from sitegen.stats.standings import Standing
from sitegen.view import View


def model_group_heatmap(view: View) -> Chart | None:
    """Models by groups of tasks; nothing where no such number is published."""
    grid = _grid(view, MOST_COLUMNS["wide"])
    if not grid.models:
        return None
    columns = dict.fromkeys(g.group for g in _told(view, MOST_COLUMNS["wide"]))
    narrow = _grid(view, MOST_COLUMNS["narrow"])
    more = ""
    if len(grid.columns) < len(view.scope.groups):
        more = " The first groups are shown; the data file has all."
    elif len(narrow.columns) < len(grid.columns):
        more = " A narrow screen shows the first groups."
    return heatmap_chart(
        view,
        ("model_group_heatmap", f"Model by {' and '.join(columns)}"),
        f"Pass rate in percent on the tasks of each group, {view.label}; models "
        "in the order of their list. Blue passed more than the mean of these models on "
        f"the group, brown less, by so many points. {blank(view)}{more}",
        wide=grid,
        narrow=narrow,
        passed_by="model and group of tasks",
        data="task_groups",
    )


def _told(
    view: View, most_columns: int
) -> dict[GroupKey, dict[QuantKey, Standing[QuantKey]]]:
    """The first groups of which a number of a model is published, and these."""
    told = (
        (group, {s.key: s for s in found.model_quants})
        for group, found in view.scope.in_groups.items()
        if found.model_quants
    )
    return dict(islice(told, most_columns))


def _grid(view: View, most_columns: int) -> Grid:
    names, told = view.names, _told(view, most_columns)
    keys = {key for found in told.values() for key in found}
    models = [s for s in view.scope.model_quants if s.key in keys][:MOST_ROWS]
    return Grid(
        models=models,
        columns=[names[group].label for group in told],
        cells=[
            [
                Shown(
                    f"{names[m.key].full}, {names[group].label}",
                    found[m.key],
                    names[group].href,
                )
                if m.key in found
                else None
                for group, found in told.items()
            ]
            for m in models
        ],
        usual="column",
    )


CHART = ChartKind(id="model_group_heatmap", home="all", draw=model_group_heatmap)
