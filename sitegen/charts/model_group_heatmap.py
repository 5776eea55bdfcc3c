"""Pass rate of each model on each group of tasks, as a heatmap with its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.charts.figure import Chart, ChartKind, Figure, Width, hover
from sitegen.charts.heatmap import MOST_COLUMNS, MOST_ROWS, heatmap, model_labels
from sitegen.numbers import percent
from sitegen.table import EMPTY, Column, Table, count_cell, name_cell

if TYPE_CHECKING:
    from sitegen.keys import GroupKey, QuantKey
    from sitegen.stats.standings import Standing
    from sitegen.view import View


def model_group_heatmap(view: View) -> Chart | None:
    """Models by groups of tasks; nothing where no such number is published."""
    groups, models = _drawn(view, MOST_COLUMNS["wide"])
    if not models:
        return None
    columns = list(dict.fromkeys(group.group for group in groups))
    some = len(_drawn(view, MOST_COLUMNS["narrow"])[0]) < len(view.scope.groups)
    more = " The first groups are shown; the data file has all." if some else ""
    return Chart(
        id="model_group_heatmap",
        title=f"Model by {' and '.join(columns)}",
        caption=(
            f"Pass rate in percent on the tasks of each group, {view.label}; models "
            f"from the best down. A blank cell was not run, or is not published.{more}"
        ),
        wide=_figure(view, "wide"),
        narrow=_figure(view, "narrow"),
        table=_table(view),
        data=f"{view.data_folder}task_groups",
    )


def _drawn(
    view: View, most_columns: int
) -> tuple[list[GroupKey], list[Standing[QuantKey]]]:
    """Groups of which a number of a model is published, and those models."""
    told = {
        group: {s.key for s in found.model_quants}
        for group, found in view.scope.in_groups.items()
        if found.model_quants
    }
    groups = list(told)[:most_columns]
    keys = {key for group in groups for key in told[group]}
    models = [s for s in view.scope.model_quants if s.key in keys]
    return groups, models[:MOST_ROWS]


def _by_group(view: View) -> dict[tuple[QuantKey, GroupKey], Standing[QuantKey]]:
    return {
        (s.key, group): s
        for group, found in view.scope.in_groups.items()
        for s in found.model_quants
    }


def _figure(view: View, width: Width) -> Figure:
    groups, models = _drawn(view, MOST_COLUMNS[width])
    found = _by_group(view)
    grid = [[found.get((m.key, group)) for group in groups] for m in models]
    names = view.names
    return heatmap(
        model_labels(view, models),
        [names[group].label for group in groups],
        grid,
        [
            [
                hover(
                    f"{names[s.key].full}, {names[group].label}",
                    f"{s.passed}/{s.n_trials} passed, {percent(s.rate)} %",
                )
                if s
                else ""
                for group, s in zip(groups, row, strict=True)
            ]
            for row in grid
        ],
        width,
    )


def _table(view: View) -> Table:
    groups, models = _drawn(view, MOST_COLUMNS["wide"])
    found = _by_group(view)
    return Table(
        caption=f"Passed trials by model and group of tasks, {view.label}",
        columns=(
            Column(title="Model", kind="name"),
            *(Column(title=view.names[group].label, folds=True) for group in groups),
        ),
        rows=tuple(
            (
                name_cell(view.names[m.key]),
                *(
                    count_cell(s.passed, s.n_trials)
                    if (s := found.get((m.key, group)))
                    else EMPTY
                    for group in groups
                ),
            )
            for m in models
        ),
    )


CHART = ChartKind(id="model_group_heatmap", home="all", draw=model_group_heatmap)
