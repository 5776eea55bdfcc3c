"""Pass rate against time: every combo a mark, the Pareto frontier a line."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor, log10
from typing import TYPE_CHECKING

from sitegen.charts.figure import (
    ONE_KIND,
    PX,
    SMALL,
    TITLE_PX,
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
    legend_above,
    note,
    passed_words,
    telling,
)
from sitegen.names import NEUTRAL
from sitegen.numbers import seconds
from sitegen.stats.quants import quant_bits
from sitegen.svg import text_width
from sitegen.table import (
    MEASURES,
    RANK,
    Cell,
    Column,
    Table,
    measures,
    name_cell,
    rank_cell,
)
from sitegen.theme import INK, MUTED, PAPER, hue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sitegen.charts.figure import Trace
    from sitegen.keys import ComboKey
    from sitegen.stats.standings import Standing
    from sitegen.table import Cell
    from sitegen.view import View

_TICKS = (
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
    (1800, "30 min"),
    (3600, "1 h"),
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
_FEWEST_TICKS = 3
_MOST_TICKS: Mapping[Width, int] = {"wide": 20, "narrow": 5}
_LABEL_PX: Mapping[Width, int] = {"wide": 300, "narrow": 200}
_EDGE = 0.12
"""Room beside the outermost marks, in powers of ten."""
_LABELS: Mapping[Width, int] = {"wide": 4, "narrow": 2}
_FEW = 8
"""Of so few marks each is named, not only the frontier's."""
_LINE_PX = 18
_TITLE = "pass rate, %"
_LEFT_PX: Mapping[Width, int] = {"wide": 40, "narrow": 34}
_RIGHT_PX = 14
_SYMBOLS = (
    ("circle", "up to 6-bit", lambda bits: bits is not None and bits <= 6),  # noqa: PLR2004
    ("square", "8-bit", lambda bits: bits == 8),  # noqa: PLR2004
    ("diamond", "16-bit and more", lambda bits: bits is not None and bits > 8),  # noqa: PLR2004
    ("triangle-up", "quant not known", lambda bits: bits is None),
)


def speed_vs_accuracy(view: View) -> Chart | None:
    """Every combo of the scope; None where no combo has a time."""
    points = [
        s
        for s in view.scope.combos
        if s.rate is not None and s.time_mean_s is not None and s.beside
    ]
    if not points:
        return None
    on_frontier = [step.standing.key for step in view.scope.frontier]
    listed = sorted(
        points, key=lambda s: (s.key not in on_frontier, view.scope.combos.index(s))
    )
    return Chart(
        id="speed_vs_accuracy",
        title="Speed against accuracy",
        caption=(
            "Each mark is a combo. Higher passes more, further left is faster; "
            "combos on the line are beaten by no other on both."
            + ("" if all(s.beside for s in view.scope.combos) else f" {ONE_KIND}")
        ),
        wide=_figure(view, points, "wide"),
        narrow=_figure(view, points, "narrow"),
        table=Table(
            caption=f"Combos, {view.label}: those on the frontier first",
            columns=(RANK, Column(title="Combo", kind="name"), *MEASURES),
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
    narrow = width == "narrow"
    times = [float(s.time_mean_s or 0) for s in points]
    smallest = min((t for t in times if t > 0), default=1.0)
    low, high = _range(smallest, max(*times, smallest))
    floor_rate = floor(min(float(s.rate or 0) for s in points) * 10) * 10
    bottom = max(0, floor_rate - 10 if floor_rate < 100 else 90)  # noqa: PLR2004
    step = 20 if 100 - bottom > 40 else 10  # noqa: PLR2004
    rates = range(ceil(bottom / step) * step, 101, step)
    keys = _keys(view, points)
    legend_rows = ceil(len(keys) / (2 if narrow else 7))
    return figure(
        [*_frontier(view, high, smallest), *_marks(view, points, smallest), *keys],
        width=width,
        zoom=True,
        height=(350 if narrow else 400) + legend_rows * 19,
        margin=Margin(
            left=_LEFT_PX[width],
            right=_RIGHT_PX,
            top=36 + legend_rows * 19,
            bottom=46,
        ),
        xaxis=axis(
            low,
            high,
            _ticks(low, high, width),
            kind="log",
            title="mean time per task (log scale)",
        ),
        yaxis=axis(bottom - 2, 102, [(rate, f"{rate}") for rate in rates], grid=True),
        annotations=[
            above_axis(_TITLE),
            *_labels(view, points, width, low, high, smallest),
        ],
        legend=legend_above(1 + 26 / _inner_px(width)[1]),
    )


def _inner_px(width: Width) -> tuple[int, int]:
    """Width and height of the plot between its axes."""
    return PX[width] - _LEFT_PX[width] - _RIGHT_PX, 268 if width == "narrow" else 318


def _range(smallest: float, largest: float) -> tuple[float, float]:
    """The ends of the time axis, in powers of ten: at least a doubling, centred."""
    middle = (log10(smallest) + log10(largest)) / 2
    reach = max(log10(largest / smallest), log10(2)) / 2 + _EDGE
    return middle - reach, middle + reach


def _ticks(low: float, high: float, width: Width) -> list[tuple[float, str]]:
    """As many round times as there is room for."""

    def within(ladder: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
        return [(time, text) for time, text in ladder if low <= log10(time) <= high]

    ticks = within(_TICKS)
    if len(ticks) < _FEWEST_TICKS:
        ticks = within(_FINE_TICKS)
    return ticks[:: max(1, ceil(len(ticks) / _MOST_TICKS[width]))]


def _frontier(view: View, high: float, smallest: float) -> list[Trace]:
    steps = [step.standing for step in view.scope.frontier]
    if not steps:
        return []
    x = [_time(s, smallest) for s in steps]
    y = [in_percent(s.rate) for s in steps]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Pareto frontier",
            "x": [*x, round(10**high, 9)],
            "y": [*y, y[-1]],
            "line": {"color": MUTED, "width": 1.5, "shape": "hv"},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]


def _marks(
    view: View, points: list[Standing[ComboKey]], smallest: float
) -> list[Trace]:
    """One trace for each symbol, the frontier's marks last and at full strength."""
    front = {step.standing.key for step in view.scope.frontier}
    traces: list[Trace] = []
    for strong in (False, True):
        for symbol, label, fits in _SYMBOLS:
            chosen = [
                s
                for s in points
                if (s.key in front) == strong and fits(quant_bits(s.key.quant))
            ]
            if chosen:
                colours = [hue(view.names[s.key].hue) for s in chosen]
                traces.append(
                    {
                        "type": "scatter",
                        "mode": "markers",
                        "name": label,
                        "x": [_time(s, smallest) for s in chosen],
                        "y": [in_percent(s.rate) for s in chosen],
                        **telling(
                            [_hover(view, s) for s in chosen],
                            [view.names[s.key].href for s in chosen],
                        ),
                        "marker": {
                            "symbol": symbol,
                            "size": 11 if strong else 9,
                            "color": colours,
                            "opacity": 1 if strong else 0.5,
                            "line": {"color": PAPER, "width": 1},
                        },
                        "cliponaxis": False,
                        "showlegend": False,
                    }
                )
    return traces


def _keys(view: View, points: list[Standing[ComboKey]]) -> list[Trace]:
    """The legend: a hue for each family, a symbol for each width of weights."""
    found = {view.names[s.key].hue for s in points}
    hues = [
        (hue(i + 1), family)
        for i, family in enumerate(view.names.families)
        if i + 1 in found
    ]
    if NEUTRAL in found:
        hues.append((hue(NEUTRAL), "other"))
    keys = [("circle", colour, family) for colour, family in hues]
    used = [
        (symbol, INK, label)
        for symbol, label, fits in _SYMBOLS
        if any(fits(quant_bits(s.key.quant)) for s in points)
    ]
    if len(used) > 1:
        keys += used
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": label,
            "x": [None],
            "y": [None],
            "marker": {"symbol": symbol, "size": 9, "color": colour},
            "showlegend": True,
            "hoverinfo": "skip",
        }
        for symbol, colour, label in keys
    ]


def _labels(
    view: View,
    points: list[Standing[ComboKey]],
    width: Width,
    low: float,
    high: float,
    smallest: float,
) -> list[dict[str, object]]:
    """Names at the best of the frontier, and of few marks at the others too.

    Up and to the left of a frontier mark lies nothing, by definition: its name
    goes there, unless the edge or the axis's title is too near. The others are
    named where there is room.
    """
    inner, tall = _inner_px(width)
    front = [step.standing for step in view.scope.frontier][-_LABELS[width] :]
    others = [s for s in points if s not in front] if len(points) <= _FEW else []
    several = view.scope.size.harnesses > 1
    title_end = TITLE_PX + text_width(_TITLE, SMALL) + 6
    labels: list[dict[str, object]] = []
    taken: list[tuple[float, float, float]] = []
    for standing in (*front, *others):
        named = view.names[standing.key]
        who = named.label if width == "narrow" else named.full
        where = f" + {named.harness}" if several else ""
        text = fit(f"{who}{where}", _LABEL_PX[width], SMALL)
        long = text_width(text, SMALL)
        at = log10(_time(standing, smallest))
        at_px = (at - low) / (high - low) * inner
        up = in_percent(standing.rate) / 100 * tall
        # At the top the axis has its title: a name goes to the right of it, or below.
        edge = 6 if up < tall - _LINE_PX else title_end
        fits = edge <= at_px - 4 - long
        left = at_px - 4 - long if fits else at_px + 4
        below = not fits and edge == title_end > left
        free = all(
            abs(up - other) > _LINE_PX or left > end or left + long < start
            for start, end, other in taken
        )
        if not (free or standing in front):
            continue
        taken.append((left, left + long, up))
        labels.append(
            note(
                text,
                x=round(at, 4),
                y=in_percent(standing.rate),
                anchor=("right" if fits else "left", "top" if below else "bottom"),
                shift=(-4 if fits else 4, -6 if below else 6),
                colour=INK if standing in front else MUTED,
                bold=standing in front,
            )
        )
    return labels


def _hover(view: View, standing: Standing[ComboKey]) -> str:
    time, unit = seconds(standing.time_mean_s)
    return hover(
        view.names[standing.key].text,
        passed_words(standing),
        f"{time} {unit} per task",
    )


def _time(standing: Standing[ComboKey], smallest: float) -> float:
    """In seconds; a time of 0 has no place on a log axis and takes the least one."""
    return round(max(float(standing.time_mean_s or 0), smallest), 9)


CHART = ChartKind(
    id="speed_vs_accuracy",
    home="all",
    question="combos",
    draw=speed_vs_accuracy,
)
