"""Success against budget: what each harness, or model, had solved by then."""

from collections.abc import Sequence
from math import log10

from sitegen.charts.figure import (
    ONE_KIND,
    Chart,
    ChartKind,
    Figure,
    Margin,
    Trace,
    Width,
    above_axis,
    axis,
    figure,
    hover,
    in_percent,
    interval_bars,
    interval_line,
    left_margin,
    note,
    telling,
)
from sitegen.charts.labels import SMALL, apart, fit_all
from sitegen.keys import Key
from sitegen.kinds import kind_of
from sitegen.numbers import percent
from sitegen.stats.budgets import Curve
from sitegen.table import (
    Cell,
    Column,
    Table,
    interval_cell,
    name_cell,
    percent_cell,
    plain_cell,
)
from sitegen.theme import ACCENT, INK, MUTED, RECEDE
from sitegen.view import View

_HEIGHT = 380
_GAP = 17
"""Pixels between two names at the ends of their lines."""
_EDGE = 0.01
"""Room for the last bar, in powers of ten."""
_MOST = 7
_FEWEST = 2
"""Budgets that make a line."""
_TICKS: dict[Width, int] = {"wide": 9, "narrow": 4}


def success_within_budget(view: View) -> Chart | None:
    """Harnesses, or the models of a single one; None without a recorded resource."""
    found = _chosen(view)
    curves = found[:_MOST]
    if not curves:
        return None
    best = view.names[curves[0].key].full
    measure = curves[0].measure
    others = "; those of the others are in the table" if len(curves) > 1 else ""
    more = f" The best {_MOST} are drawn." if len(found) > _MOST else ""
    kind = kind_of(curves[0].key)
    if measure.of_machine and not all(s.beside for s in view.scope.standings(kind)):
        more += f" {ONE_KIND}"
    return Chart(
        id="success_within_budget",
        title="What is solved within a budget",
        caption=(
            f"The share of trials that passed within so {measure.much} per task, over "
            f"the cells that all ranked ones share, {view.label}: the pass rate, had "
            "each been stopped there. The bars are "
            f"95 % intervals of {best}{others}.{more}"
        ),
        wide=_figure(view, curves, "wide"),
        narrow=_figure(view, curves, "narrow"),
        table=_table(view, curves),
        data=f"{view.data_folder}budgets",
    )


def _chosen(view: View) -> list[Curve[Key]]:
    """The curves of the first recorded resource, highest end first."""
    scope = view.scope
    of = scope.harness_curves if scope.size.harnesses > 1 else scope.model_curves
    for measure in dict.fromkeys(curve.measure for curve in of):
        found = [c for c in of if c.measure == measure and len(c.points) >= _FEWEST]
        if found:
            return sorted(found, key=lambda curve: (-curve.points[-1].rate, curve.key))
    return []


def _figure(view: View, curves: Sequence[Curve[Key]], width: Width) -> Figure:
    names = [view.names[curve.key].full for curve in curves]
    most = 200 if width == "wide" else 110
    right = left_margin(names, most) + 4
    # Where nothing is solved yet there is nothing to see.
    first = min(
        index
        for curve in curves
        for index, point in enumerate(curve.points)
        if point.passed
    )
    start = max(first - 1, 0)
    measure = curves[0].measure
    budgets = [point.budget for point in curves[0].points][start:]
    low, high = log10(budgets[0]), log10(budgets[-1]) + _EDGE
    step = -(-len(budgets) // _TICKS[width])
    ticks = [(float(b), measure.text(b).replace(".0 ", " ")) for b in budgets[::step]]
    rates = range(0, 101, 20)
    gap = 104 * _GAP / (_HEIGHT - 76)
    ends = apart([in_percent(curve.points[-1].rate) for curve in curves], gap, 0, 100)
    return figure(
        [_band(curves[0], start), *_lines(view, curves, start)],
        width=width,
        zoom=True,
        height=_HEIGHT,
        margin=Margin(left=40, right=right, top=27, bottom=45),
        xaxis=axis(
            low,
            high,
            ticks,
            kind="log",
            title=f"{measure.name} per task (log scale)",
        ),
        yaxis=axis(-2, 102, [(rate, f"{rate}") for rate in rates], grid=True),
        annotations=[
            above_axis("passed, % of all trials"),
            *(
                note(
                    name,
                    x=1,
                    y=round(end, 3),
                    refs=("paper", "y"),
                    shift=(4, 0),
                    colour=MUTED if index else INK,
                    bold=not index,
                )
                for index, (name, end) in enumerate(
                    zip(fit_all(names, most, SMALL), ends, strict=True)
                )
            ),
        ],
    )


def _band(curve: Curve[Key], start: int) -> Trace:
    points = [point for point in curve.points[start:] if point.passed]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "95 % interval",
        "x": [float(point.budget) for point in points],
        "y": [in_percent(point.rate) for point in points],
        "error_y": interval_bars(
            [point.rate for point in points], [point.interval for point in points]
        ),
        "marker": {"size": 5, "color": ACCENT},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _lines(view: View, curves: Sequence[Curve[Key]], start: int) -> list[Trace]:
    return [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": view.names[curve.key].full,
            "x": [float(point.budget) for point in curve.points[start:]],
            "y": [in_percent(point.rate) for point in curve.points[start:]],
            "line": {
                "color": RECEDE if index else ACCENT,
                "width": 1.5 if index else 2.5,
                "shape": "linear",
            },
            "marker": {"size": 5, "color": RECEDE if index else ACCENT},
            **telling(
                [
                    hover(
                        view.names[curve.key].full,
                        f"{percent(point.rate)} % passed within "
                        f"{curve.measure.text(point.budget)}",
                        interval_line(point.interval),
                    )
                    for point in curve.points[start:]
                ],
                [view.names[curve.key].href] * len(curve.points[start:]),
            ),
            "showlegend": False,
            "cliponaxis": False,
        }
        for index, curve in reversed(list(enumerate(curves)))
    ]


def _table(view: View, curves: Sequence[Curve[Key]]) -> Table:
    return Table(
        caption=f"Passed within a budget, {view.label}",
        columns=(
            Column(title=kind_of(curves[0].key).word.capitalize(), kind="name"),
            Column(title="Budget", sorted="ascending", about="budget"),
            Column(title="Passed", folds=True),
            Column(title="Rate"),
            Column(title="95 % interval", kind="interval", folds=True),
        ),
        rows=tuple(
            (
                name_cell(view.names[curve.key]),
                Cell(
                    text=curve.measure.text(curve.points[place].budget),
                    sort=float(curve.points[place].budget),
                ),
                plain_cell(curve.points[place].passed, f"/{curve.n_trials:,}"),
                percent_cell(curve.points[place].rate),
                interval_cell(curve.points[place].rate, curve.points[place].interval),
            )
            for place in range(len(curves[0].points))
            for curve in curves
            if any(other.points[place].passed for other in curves)
        ),
        filterable=True,
    )


CHART = ChartKind(
    id="success_within_budget",
    home="main",
    question="budget",
    draw=success_within_budget,
)
