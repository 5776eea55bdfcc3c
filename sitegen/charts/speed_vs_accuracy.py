"""Pass rate against time: every combo a mark, the Pareto frontier a line."""

from collections.abc import Mapping
from dataclasses import replace

from sitegen.charts.figure import (
    ONE_KIND,
    Chart,
    ChartKind,
    Figure,
    Width,
    hover,
    in_percent,
    passed_words,
)
from sitegen.charts.scatter import Point, scatter
from sitegen.keys import ComboKey
from sitegen.numbers import seconds
from sitegen.stats.standings import Standing
from sitegen.table import (
    MEASURES,
    Cell,
    Column,
    Table,
    measures,
    name_cell,
    rank_cell,
    rank_column,
)
from sitegen.view import View

TIME_TICKS = (
    (0.01, "10 ms"),
    (0.1, "0.1 s"),
    (0.2, "0.2 s"),
    (0.5, "0.5 s"),
    (1, "1 s"),
    (2, "2 s"),
    (5, "5 s"),
    (10, "10 s"),
    (30, "30 s"),
    (60, "1 min"),
    (120, "2 min"),
    (300, "5 min"),
    (600, "10 min"),
    (1200, "20 min"),
    (1800, "30 min"),
    (3600, "1 h"),
    (7200, "2 h"),
    (10800, "3 h"),
    (36000, "10 h"),
    (86400, "1 d"),
    (259200, "3 d"),
    (864000, "10 d"),
)
_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8)
_FINE_TICKS = tuple(
    (round(step * power * unit_s, 9), f"{step * power:g} {unit}")
    for unit, unit_s, powers, end in (
        ("s", 1, (0.0001, 0.001, 0.01, 0.1, 1, 10), 60),
        ("min", 60, (1, 10), 60),
        ("h", 3600, (1, 10), 24),
        ("d", 86400, (1, 10, 100, 1000, 10_000), 100_000),
    )
    for power in powers
    for step in _STEPS
    if step * power < end
)
"""For times that lie close together."""
LABELS: Mapping[Width, int] = {"wide": 6, "narrow": 3}
FEW = 8
"""Of so few marks each is named, not only the frontier's."""


def speed_vs_accuracy(view: View) -> Chart | None:
    """Every combo of the scope; None where no combo has a time."""
    points = [
        s
        for s in view.scope.combos
        if s.rate is not None and s.time_mean_s is not None and s.beside
    ]
    if not points:
        return None
    on_frontier = {step.standing.key for step in view.scope.frontier}
    listed = sorted(points, key=lambda s: s.key not in on_frontier)
    return Chart(
        id="speed_vs_accuracy",
        title="Speed against accuracy",
        caption=(
            "Each mark is a combo. Higher passes more, further left is faster; "
            "combos on the dotted line are beaten by no other on both."
            + (
                " Those in grey surely have not come first."
                if any(ruled_out(s) for s in points)
                else ""
            )
            + ("" if all(s.beside for s in view.scope.combos) else f" {ONE_KIND}")
        ),
        wide=_figure(view, points, "wide"),
        narrow=_figure(view, points, "narrow"),
        table=Table(
            caption=f"Combos, {view.label}: those on the frontier first",
            columns=(
                rank_column(listed),
                Column(title="Combo", kind="name"),
                *MEASURES,
            ),
            rows=tuple(_row(view, s) for s in listed),
        ),
        data=f"{view.data_folder}combos",
    )


def _row(view: View, standing: Standing[ComboKey]) -> tuple[Cell, ...]:
    combo = view.names[standing.key]
    named = name_cell(combo)
    muted = f"{combo.quant} + {combo.harness}" if combo.quant else f"+ {combo.harness}"
    return (
        rank_cell(standing, view.scope.size.tasks),
        replace(named, muted=muted),
        *measures(standing),
    )


def _figure(view: View, points: list[Standing[ComboKey]], width: Width) -> Figure:
    front = [step.standing for step in view.scope.frontier]
    named = [s.key for s in front[-LABELS[width] :]]
    if len(points) <= FEW:
        named += [s.key for s in points]
    smallest = min((float(t) for s in points if (t := s.time_mean_s)), default=1.0)
    ordered = sorted(points, key=lambda s: (s not in front, -(s.rate or 0)))
    place = {s.key: index for index, s in enumerate(view.scope.combos)}
    return scatter(
        [
            Point(
                entity=view.names[s.key],
                # A time of 0 has no place on a log axis and takes the least one.
                x=max(float(s.time_mean_s or 0), smallest),
                rate=in_percent(s.rate),
                hover=_hover(view, s),
                place=place[s.key],
                size=11 if s in front else 9,
                name=combo_name(view, s, width) if s.key in named else "",
                strong=s in front,
                recedes=ruled_out(s),
            )
            for s in ordered
        ],
        view.names,
        width,
        title="mean time per task (log scale)",
        ladders=(TIME_TICKS, _FINE_TICKS),
        line=[
            (max(float(s.time_mean_s or 0), smallest), in_percent(s.rate))
            for s in front
        ],
        receding="surely not first",
    )


def ruled_out(standing: Standing[ComboKey]) -> bool:
    """Whether it cannot have come first, as far as the verdicts tell."""
    return standing.rank_range is not None and standing.rank_range[0] > 1


def combo_name(view: View, standing: Standing[ComboKey], width: Width) -> str:
    """What stands beside a combo's mark."""
    named = view.names[standing.key]
    who = named.label if width == "narrow" else named.full
    return f"{who} + {named.harness}" if view.scope.size.harnesses > 1 else who


def _hover(view: View, standing: Standing[ComboKey]) -> str:
    time, unit = seconds(standing.time_mean_s)
    return hover(
        view.names[standing.key].text,
        passed_words(standing),
        f"{time} {unit} per task",
    )


CHART = ChartKind(
    id="speed_vs_accuracy",
    home="all",
    question="combos",
    draw=speed_vs_accuracy,
)
