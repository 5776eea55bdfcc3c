"""A ranking as dots with their intervals, one line an entity.

Shared by every chart that orders entities by pass rate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from sitegen.charts.figure import (
    RATE_TICKS,
    Figure,
    Margin,
    Width,
    axis,
    figure,
    hover,
    in_percent,
    interval_bars,
    interval_line,
    left_margin,
    names_above,
    names_beside,
    passed_words,
    telling,
    words_at,
)
from sitegen.charts.labels import SMALL
from sitegen.keys import Key
from sitegen.numbers import seconds
from sitegen.stats.standings import Standing
from sitegen.svg import text_width
from sitegen.theme import INK, hue

_LEFT, _RIGHT = -1.5, 101.5
"""A little beyond 0 and 100, so that marks there stay clear of names and counts."""

MOST = 40
"""Lines drawn; the table under the chart has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One line: a name and what it reached."""

    label: str
    standing: Standing[Key]
    href: str = ""
    hue: int = 0


def in_order(standings: Iterable[Standing[Key]]) -> str:
    """What a caption adds where rates are drawn in another order than theirs."""
    by_score = any(standing.score is not None for standing in standings)
    return " In the order of mean scores." if by_score else ""


def dots(found: Sequence[Dot], width: Width) -> Figure:
    """The first `MOST` of `found`, top down in the order given."""
    shown = [dot for dot in found if dot.standing.rate is not None][:MOST]
    narrow = width == "narrow"
    line = 44 if narrow else 30
    rows = list(range(len(shown)))
    labels = [dot.label for dot in shown]
    left = 6 if narrow else left_margin(labels, 330)
    right = ceil(max((text_width(_count(dot), SMALL) for dot in shown), default=0)) + 8
    traces: list[dict[str, object]] = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "pass rate",
            "x": [in_percent(dot.standing.rate) for dot in shown],
            "y": rows,
            "error_x": interval_bars(
                [dot.standing.rate for dot in shown],
                [dot.standing.interval for dot in shown],
            ),
            "marker": {"size": 9, "color": [hue(dot.hue) for dot in shown]},
            **telling([_hover(dot) for dot in shown], [dot.href for dot in shown]),
            "cliponaxis": False,
        },
        words_at("counts", [_RIGHT] * len(shown), rows, [_count(dot) for dot in shown]),
    ]
    if narrow:
        traces.append(names_above(labels, _LEFT, [row - 0.42 for row in rows]))
    return figure(
        traces,
        width=width,
        height=len(shown) * line + (65 if narrow else 71),
        margin=Margin(left=left, right=right, top=8, bottom=45),
        xaxis=axis(_LEFT, _RIGHT, RATE_TICKS, grid=True, title="pass rate, %"),
        yaxis=axis(
            len(shown) - 0.4,
            -0.75 if narrow else -0.6,
            () if narrow else names_beside(labels, left),
            colour=INK,
        ),
    )


def _count(dot: Dot) -> str:
    return f"{dot.standing.passed:,}/{dot.standing.n_trials:,}"


def _hover(dot: Dot) -> str:
    standing = dot.standing
    time, unit = seconds(standing.time_mean_s)
    return hover(
        dot.label,
        passed_words(standing),
        interval_line(standing.interval),
        f"{time} {unit} per task" if unit else "",
    )
