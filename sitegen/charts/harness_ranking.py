"""Harnesses by pass rate over all models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.charts.dots import MOST, Dot, dots
from sitegen.charts.figure import Chart, ChartKind
from sitegen.table import MEASURES, RANK, Column, Table, measures, name_cell, rank_cell

if TYPE_CHECKING:
    from sitegen.view import View


def harness_ranking(view: View) -> Chart | None:
    """Every harness of the scope; None with a single one."""
    standings = view.scope.harnesses
    if len(standings) <= 1:
        return None
    names = view.names
    found = [Dot(label=names[s.key].label, standing=s) for s in standings]
    more = f" The first {MOST} are drawn." if len(found) > MOST else ""
    return Chart(
        id="harness_ranking",
        title="Harnesses",
        caption=(
            f"Pass rate of each harness over all models, {view.label}; the bar is "
            f"the 95 % interval.{more}"
        ),
        wide=dots(found, "wide"),
        narrow=dots(found, "narrow"),
        table=Table(
            caption=f"Harnesses, {view.label}",
            columns=(RANK, Column(title="Harness", kind="name"), *MEASURES),
            rows=tuple(
                (
                    rank_cell(s, view.scope.size.tasks),
                    name_cell(names[s.key]),
                    *measures(s),
                )
                for s in standings
            ),
        ),
        data=f"{view.data_folder}harnesses",
    )


CHART = ChartKind(
    id="harness_ranking",
    home="main",
    question="harnesses",
    draw=harness_ranking,
)
