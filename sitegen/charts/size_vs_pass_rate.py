"""Pass rate of a model against its size in parameters."""

from __future__ import annotations

from math import log10, sqrt
from typing import TYPE_CHECKING

from sitegen.charts.figure import (
    HOVER,
    Chart,
    ChartKind,
    Figure,
    Margin,
    Width,
    axis,
    figure,
    fit,
    hover,
    note,
)
from sitegen.charts.theme import MUTED, PAPER, hue
from sitegen.numbers import percent
from sitegen.svg import text_width
from sitegen.table import Column, Table, count_cell, name_cell, percent_cell, plain_cell

if TYPE_CHECKING:
    from sitegen.metadata import ModelInfo
    from sitegen.stats.standings import Standing
    from sitegen.view import View

_TICKS = (0.5, 1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 70, 100, 140, 200, 400, 700, 1000, 2000)
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
                Column(title="Active", folds=True, hint="parameters a token"),
                Column(title="Passed", sorted="descending"),
                Column(title="Rate"),
            ),
            rows=tuple(
                (
                    name_cell(view.names.model_quants[s.key]),
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


def _billions(value: float | None):  # noqa: ANN202 a Cell
    cell = plain_cell(None if value is None else f"{value:g}", " B")
    return cell if value is None else type(cell)(text=cell.text, muted=" B", sort=value)


def _sized(view: View) -> list[tuple[Standing, ModelInfo]]:
    found = []
    for standing in view.scope.model_quants:
        info = view.metadata.models.get(standing.key[0])
        if info and info.total_params_b and standing.rate is not None:
            found.append((standing, info))
    return found[:_MOST]


def _figure(
    view: View, sized: list[tuple[Standing, ModelInfo]], width: Width
) -> Figure:
    narrow = width == "narrow"
    totals = [info.total_params_b or 1 for _, info in sized]
    low, high = log10(min(totals)) - 0.12, log10(max(totals)) + 0.12
    rates = [round(float(s.rate or 0) * 100, 3) for s, _ in sized]
    bottom = max(0, min(rates) // 10 * 10 - 10)
    scale = 14 if narrow else 18
    sizes = [
        round(max(7, scale * sqrt((i.active_params_b or i.total_params_b or 1) / 10)), 1)
        for i in (info for _, info in sized)
    ]
    ticks = [(t, f"{t:g}") for t in _TICKS if low <= log10(t) <= high]
    colours = [hue(view.names.model_quants[s.key].hue) for s, _ in sized]
    marks: dict[str, object] = {
        "type": "scatter",
        "mode": "markers",
        "name": "models",
        "x": totals,
        "y": rates,
        "hovertext": [_hover(view, s, info) for s, info in sized],
        "hovertemplate": HOVER,
        "marker": {
            "symbol": "circle",
            "size": sizes,
            "color": colours,
            "opacity": 0.75,
            "line": {"color": PAPER, "width": 1},
        },
        "cliponaxis": False,
    }
    height = 420 if narrow else 420
    margin = Margin(left=34 if narrow else 40, right=14, top=28, bottom=46)
    inner = (358 if narrow else 920) - margin.left - margin.right
    return figure(
        [marks],
        width=width,
        height=height,
        margin=margin,
        xaxis=axis(
            low, high, ticks, kind="log", title="total parameters, billions (log scale)"
        ),
        yaxis=axis(
            bottom - 2, 102, [(r, f"{r}") for r in range(0, 101, 20) if r >= bottom], grid=True
        ),
        annotations=[
            note(
                "pass rate, %",
                x=0,
                y=1,
                refs=("paper", "paper"),
                anchor=("left", "bottom"),
                shift=(-26, 4),
                colour=MUTED,
            ),
            *_labels(view, sized, sizes, inner, height - 74, (low, high, bottom - 2, 102)),
        ],
    )


def _labels(  # noqa: PLR0913 the geometry of one figure
    view: View,
    sized: list[tuple[Standing, ModelInfo]],
    sizes: list[float],
    inner: int,
    tall: int,
    ranges: tuple[float, float, float, float],
) -> list[dict[str, object]]:
    """Names beside the marks, best first; a name that would cover another is left out."""
    low, high, bottom, top = ranges
    boxes = [
        _box_of(s, info, size, inner, tall, ranges)
        for (s, info), size in zip(sized, sizes, strict=True)
    ]
    taken = list(boxes)
    labels = []
    for (standing, info), size in zip(sized, sizes, strict=True):
        text = fit(view.names.model_quants[standing.key].label, 150, 12)
        x = (log10(info.total_params_b or 1) - low) / (high - low) * inner
        y = (top - float(standing.rate or 0) * 100) / (top - bottom) * tall
        wide = text_width(text, 12)
        near = size / 2 + 4
        for side, start, down in (
            ("left", x + near, 0.0),
            ("right", x - near - wide, 0.0),
            ("center", x - wide / 2, -near - 6),
            ("center", x - wide / 2, near + 6),
        ):
            box = (start, y + down - 7, start + wide, y + down + 7)
            fits_in = box[0] >= -4 and box[2] <= inner + 10  # noqa: PLR2004
            if fits_in and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                beside = {"left": round(near), "right": -round(near), "center": 0}
                labels.append(
                    note(
                        text,
                        x=round(log10(info.total_params_b or 1), 4),
                        y=round(float(standing.rate or 0) * 100, 3),
                        anchor=(side, "middle"),
                        shift=(beside[side], -round(down)),
                    )
                )
                break
    return labels


def _box_of(  # noqa: PLR0913 the geometry of one mark
    standing: Standing,
    info: ModelInfo,
    size: float,
    inner: int,
    tall: int,
    ranges: tuple[float, float, float, float],
) -> tuple[float, float, float, float]:
    low, high, bottom, top = ranges
    x = (log10(info.total_params_b or 1) - low) / (high - low) * inner
    y = (top - float(standing.rate or 0) * 100) / (top - bottom) * tall
    half = size / 2
    return (x - half, y - half, x + half, y + half)


def _overlap(
    a: tuple[float, float, float, float], b: tuple[float, float, float, float]
) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _hover(view: View, standing: Standing, info: ModelInfo) -> str:
    active = f", {info.active_params_b:g} B active" if info.active_params_b else ""
    return hover(
        view.names.model_quants[standing.key].full,
        f"{standing.passed}/{standing.n_trials} passed, {percent(standing.rate)} %",
        f"{info.total_params_b:g} B parameters{active}",
    )


CHART = ChartKind(id="size_vs_pass_rate", home="main", draw=size_vs_pass_rate)
