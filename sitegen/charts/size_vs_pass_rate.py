"""Pass rate of a model against its size in parameters."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10, sqrt
from typing import TYPE_CHECKING, TypeAlias

from sitegen.charts.figure import (
    PX,
    SMALL,
    Chart,
    ChartKind,
    Figure,
    Margin,
    Width,
    above_axis,
    axis,
    figure,
    fit,
    hover,
    in_percent,
    note,
    passed_words,
    telling,
)
from sitegen.svg import text_width
from sitegen.table import (
    EMPTY,
    Cell,
    Column,
    Table,
    count_cell,
    name_cell,
    percent_cell,
)
from sitegen.theme import PAPER, hue

if TYPE_CHECKING:
    from sitegen.keys import QuantKey
    from sitegen.metadata import ModelInfo
    from sitegen.stats.standings import Standing
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
_LABEL_PX = 150


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
    narrow = width == "narrow"
    totals = [info.total_params_b or 1 for _, info in sized]
    low, high = log10(min(totals)) - 0.12, log10(max(totals)) + 0.12
    rates = [in_percent(s.rate) for s, _ in sized]
    bottom = max(0, min(rates) // 10 * 10 - 10)
    scale = 14 if narrow else 18
    sizes = [
        round(
            max(7, scale * sqrt((i.active_params_b or i.total_params_b or 1) / 10)), 1
        )
        for i in (info for _, info in sized)
    ]
    ticks = [(t, f"{t:g}") for t in _TICKS if low <= log10(t) <= high]
    colours = [hue(view.names[s.key].hue) for s, _ in sized]
    marks: dict[str, object] = {
        "type": "scatter",
        "mode": "markers",
        "name": "models",
        "x": totals,
        "y": rates,
        **telling(
            [_hover(view, s, info) for s, info in sized],
            [view.names[s.key].href for s, _ in sized],
        ),
        "marker": {
            "symbol": "circle",
            "size": sizes,
            "color": colours,
            "opacity": 0.75,
            "line": {"color": PAPER, "width": 1},
        },
        "cliponaxis": False,
    }
    height = 420
    margin = Margin(left=34 if narrow else 40, right=14, top=28, bottom=46)
    inner = PX[width] - margin.left - margin.right
    plot = _Plot(
        width=inner,
        height=height - margin.top - margin.bottom,
        left=low,
        right=high,
        bottom=bottom - 2,
        top=102,
    )
    return figure(
        [marks],
        width=width,
        zoom=True,
        height=height,
        margin=margin,
        xaxis=axis(
            low,
            high,
            ticks,
            kind="log",
            title="total parameters, billions (log scale)",
        ),
        yaxis=axis(
            bottom - 2,
            102,
            [(r, f"{r}") for r in range(0, 101, 20) if r >= bottom],
            grid=True,
        ),
        annotations=[
            above_axis("pass rate, %"),
            *_labels(view, sized, sizes, plot),
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    """The plot area in pixels, and what its edges mean."""

    width: int
    height: int
    left: float
    right: float
    bottom: float
    top: float

    def centre(
        self, standing: Standing[QuantKey], info: ModelInfo
    ) -> tuple[float, float]:
        """Where the mark of a model lies, from the upper left corner."""
        across = (log10(info.total_params_b or 1) - self.left) / (
            self.right - self.left
        )
        up = (float(standing.rate or 0) * 100 - self.bottom) / (self.top - self.bottom)
        return across * self.width, (1 - up) * self.height


_Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def _labels(
    view: View,
    sized: list[tuple[Standing[QuantKey], ModelInfo]],
    sizes: list[float],
    plot: _Plot,
) -> list[dict[str, object]]:
    """Names beside the marks, best first; one that would cover another is left out."""
    taken: list[_Box] = []
    for (standing, info), size in zip(sized, sizes, strict=True):
        x, y = plot.centre(standing, info)
        taken.append((x - size / 2, y - size / 2, x + size / 2, y + size / 2))
    labels = []
    for (standing, info), size in zip(sized, sizes, strict=True):
        text = fit(view.names[standing.key].label, _LABEL_PX, SMALL)
        x, y = plot.centre(standing, info)
        wide, near = text_width(text, SMALL), size / 2 + 4
        for side, start, down in (
            ("left", x + near, 0.0),
            ("right", x - near - wide, 0.0),
            ("center", x - wide / 2, -near - 6),
            ("center", x - wide / 2, near + 6),
        ):
            box = (start, y + down - 7, start + wide, y + down + 7)
            inside = box[0] >= 0 and box[2] <= plot.width
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                beside = {"left": round(near), "right": -round(near), "center": 0}
                labels.append(
                    note(
                        text,
                        x=round(log10(info.total_params_b or 1), 4),
                        y=in_percent(standing.rate),
                        anchor=(side, "middle"),
                        shift=(beside[side], -round(down)),
                    )
                )
                break
    return labels


def _overlap(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


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
