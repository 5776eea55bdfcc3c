"""A ranking as dots with their intervals, one line an entity.

Shared by every chart that orders entities by pass rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from sitegen.charts.figure import (
    HOVER,
    SIZE,
    SMALL,
    Figure,
    Margin,
    Width,
    axis,
    figure,
    fit,
    hover,
    interval_bars,
    interval_line,
    left_margin,
    words_at,
)
from sitegen.escape import plotly_text
from sitegen.keys import Key
from sitegen.numbers import percent, seconds
from sitegen.stats.standings import Standing
from sitegen.svg import text_width
from sitegen.theme import INK, hue

if TYPE_CHECKING:
    from collections.abc import Sequence


_LEFT, _RIGHT = -1.5, 101.5
"""A little beyond 0 and 100, so that marks there stay clear of names and counts."""

MOST = 40
"""Lines drawn; the table under the chart has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One line: a name and what it reached."""

    label: str
    standing: Standing[Key]
    hue: int = 0


def dots(found: Sequence[Dot], width: Width) -> Figure:
    """The first `MOST` of `found`, top down in the order given."""
    shown = [dot for dot in found if dot.standing.rate is not None][:MOST]
    narrow = width == "narrow"
    line = 44 if narrow else 30
    rows = list(range(len(shown)))
    left = 6 if narrow else left_margin((dot.label for dot in shown), 330)
    right = ceil(max((text_width(_count(dot), SMALL) for dot in shown), default=0)) + 8
    rates = [round(float(dot.standing.rate or 0) * 100, 3) for dot in shown]
    names = [
        (row, fit(dot.label, left - 14)) for row, dot in zip(rows, shown, strict=True)
    ]
    traces: list[dict[str, object]] = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "pass rate",
            "x": rates,
            "y": rows,
            "error_x": interval_bars(
                [dot.standing.rate for dot in shown],
                [dot.standing.interval for dot in shown],
            ),
            "marker": {"size": 9, "color": [hue(dot.hue) for dot in shown]},
            "hovertext": [_hover(dot) for dot in shown],
            "hovertemplate": HOVER,
            "cliponaxis": False,
        },
        words_at("counts", [_RIGHT] * len(shown), rows, [_count(dot) for dot in shown]),
    ]
    if narrow:
        traces.append(
            words_at(
                "names",
                [_LEFT] * len(shown),
                [row - 0.42 for row in rows],
                [plotly_text(fit(dot.label, 330)) for dot in shown],
                size=SIZE,
                colour=INK,
            )
        )
    ticks = [(rate, f"{rate}") for rate in (0, 25, 50, 75, 100)]
    return figure(
        traces,
        width=width,
        height=len(shown) * line + 72,
        margin=Margin(left=left, right=right, top=14 if narrow else 8, bottom=46),
        xaxis=axis(_LEFT, _RIGHT, ticks, grid=True, title="pass rate, %"),
        yaxis=axis(
            len(shown) - 0.4,
            -0.75 if narrow else -0.6,
            () if narrow else names,
            colour=INK,
        ),
    )


def _count(dot: Dot) -> str:
    return f" {dot.standing.passed:,}/{dot.standing.n_trials:,}"


def _hover(dot: Dot) -> str:
    standing = dot.standing
    time, unit = seconds(standing.time_mean_s)
    return hover(
        dot.label,
        f"{standing.passed}/{standing.n_trials} passed, {percent(standing.rate)} %",
        interval_line(standing.interval),
        f"{time} {unit} per task" if unit else "",
    )
