"""Pass rate of a model against its size in parameters."""

from math import sqrt

from sitegen.charts.figure import (
    Chart,
    ChartKind,
    Figure,
    Width,
    hover,
    in_percent,
    passed_words,
)
from sitegen.charts.scatter import Point, scatter
from sitegen.keys import QuantKey
from sitegen.metadata import ModelInfo
from sitegen.stats.standings import Standing
from sitegen.table import (
    EMPTY,
    Cell,
    Column,
    Table,
    count_cell,
    name_cell,
    percent_cell,
)
from sitegen.view import View

_TICKS = (
    0.5,
    1,
    2,
    3,
    5,
    7,
    10,
    14,
    20,
    30,
    50,
    70,
    100,
    140,
    200,
    400,
    700,
    1000,
    2000,
)
_MOST = 60


def size_vs_pass_rate(view: View) -> Chart | None:
    """Models whose total parameters are known; None with fewer than two."""
    sized = _sized(view)
    if len(sized) <= 1:
        return None
    return Chart(
        id="size_vs_pass_rate",
        title="Size against pass rate",
        caption=(
            f"Each circle is a model at a quant, over all harnesses, {view.label}. "
            "Its area grows with the parameters that are active for a token: "
            "small circles are sparse models. The hue is the family."
        ),
        wide=_figure(view, sized, "wide"),
        narrow=_figure(view, sized, "narrow"),
        table=Table(
            caption=f"Models by size, {view.label}",
            columns=(
                Column(title="Model", kind="name"),
                Column(title="Total", folds=True, hint="parameters, in billions"),
                Column(title="Active", folds=True, hint="parameters per token"),
                Column(title="Passed", sorted="descending"),
                Column(title="Rate"),
            ),
            rows=tuple(
                (
                    name_cell(view.names[s.key]),
                    _billions(info.total_params_b),
                    _billions(info.active_params_b),
                    count_cell(s.passed, s.n_trials),
                    percent_cell(s.rate),
                )
                for s, info in sized
            ),
        ),
        data=f"{view.data_folder}models",
    )


def _billions(value: float | None) -> Cell:
    return EMPTY if value is None else Cell(text=f"{value:g}", muted=" B", sort=value)


def _sized(view: View) -> list[tuple[Standing[QuantKey], ModelInfo]]:
    found = []
    for standing in view.scope.model_quants:
        info = view.metadata.models.get(standing.key.model)
        if info and info.total_params_b and standing.rate is not None:
            found.append((standing, info))
    return found[:_MOST]


def _figure(
    view: View, sized: list[tuple[Standing[QuantKey], ModelInfo]], width: Width
) -> Figure:
    scale = 14 if width == "narrow" else 18
    return scatter(
        [
            Point(
                entity=view.names[s.key],
                x=total,
                rate=in_percent(s.rate),
                hover=_hover(view, s, info),
                size=round(
                    max(7, scale * sqrt((info.active_params_b or total) / 10)), 1
                ),
                name=view.names[s.key].label,
            )
            for s, info in sized
            for total in (info.total_params_b or 1,)
        ],
        view.names,
        width,
        title="total parameters, billions (log scale)",
        ladders=[[(tick, f"{tick:g}") for tick in _TICKS]],
    )


def _hover(view: View, standing: Standing[QuantKey], info: ModelInfo) -> str:
    active = f", {info.active_params_b:g} B active" if info.active_params_b else ""
    return hover(
        view.names[standing.key].full,
        passed_words(standing),
        f"{info.total_params_b:g} B parameters{active}",
    )


CHART = ChartKind(
    id="size_vs_pass_rate",
    home="main",
    question="models",
    draw=size_vs_pass_rate,
)
