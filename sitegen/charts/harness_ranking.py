"""Harnesses by pass rate over all models."""

from sitegen.charts.dots import MOST, Dot, dots, in_order
from sitegen.charts.figure import Chart, ChartKind
from sitegen.table import Table, ranked_table
from sitegen.view import View


def harness_ranking(view: View) -> Chart | None:
    """Every harness of the scope; None with a single one, or nothing measured."""
    standings = view.scope.harnesses
    if len(standings) <= 1 or all(each.rate is None for each in standings):
        return None
    names = view.names
    found = [
        Dot(label=names[s.key].label, standing=s, href=names[s.key].href)
        for s in standings
    ]
    more = f" The first {MOST} are drawn." if len(found) > MOST else ""
    return Chart(
        id="harness_ranking",
        title="Harnesses",
        caption=(
            f"Pass rate of each harness over all models, {view.label}; the bar is "
            f"the 95 % interval.{in_order(standings)}{more}"
        ),
        wide=dots(found, "wide"),
        narrow=dots(found, "narrow"),
        table=harness_table(view),
        data=f"{view.data_folder}harnesses",
    )


def harness_table(view: View) -> Table:
    """Every harness of the scope, the best first."""
    return ranked_table(
        f"Harnesses, {view.label}",
        "Harness",
        view.names,
        view.scope.harnesses,
        tasks=view.scope.size.tasks,
    )


CHART = ChartKind(
    id="harness_ranking",
    home="main",
    question="harnesses",
    draw=harness_ranking,
)
