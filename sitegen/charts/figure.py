"""The frame that every chart shares: a chart as a value, and its Plotly layout."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal, TypeAlias

from sitegen.charts.labels import SIZE, SMALL, fit, fit_all
from sitegen.escape import plotly_text, script_json
from sitegen.keys import Key
from sitegen.numbers import percent
from sitegen.stats.intervals import Interval
from sitegen.stats.standings import Standing
from sitegen.svg import text_width
from sitegen.table import Table
from sitegen.theme import BAND, FONT, HAIRLINE, INK, MUTED
from sitegen.view import View

Figure: TypeAlias = dict[str, object]
Trace: TypeAlias = dict[str, object]
Width: TypeAlias = Literal["wide", "narrow"]
Question: TypeAlias = Literal[
    "combos", "models", "harnesses", "budget", "grader", "sweeps", "quants", "tasks"
]
"""What the analysis page asks."""

WIDE_PX = 920
NARROW_PX = 358
PX: dict[Width, int] = {"wide": WIDE_PX, "narrow": NARROW_PX}
TITLE_PX = -26
"""Where the title of the upward axis begins: left of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart: two layouts of one figure, and the table under it."""

    id: str
    """Unique on the site; also its path: "speed_vs_accuracy", "q8/audit"."""
    title: str
    caption: str
    """How to read it."""
    wide: Figure
    narrow: Figure
    table: Table
    data: str
    """Site path of the data file, without its ending."""


def chart_script(name: str, wide: Figure, narrow: Figure) -> bytes:
    """What the browser asks for to make a picture live."""
    figures = {"wide": wide, "narrow": narrow}
    return f"harnessBench.add({script_json(name)},{script_json(figures)});\n".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartKind:
    """What a chart plugin offers: one entry point of `harness_bench.charts`."""

    id: str
    """A word of lower-case letters and underscores."""
    home: Literal["all", "main"]
    """The scope whose chart carries the plain id: all trials, or the main one."""
    question: Question | None = None
    """The question that it answers on the analysis page; None: it stands there at the
    end, under its own title."""
    draw: Callable[[View], Chart | None]
    """The chart of one scope; None where it has nothing to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """Pixels between the figure's edge and its plot area."""

    left: int
    right: int
    top: int
    bottom: int


def figure(  # noqa: PLR0913 - the parts of a figure
    traces: Sequence[Trace],
    *,
    width: Width,
    height: int,
    margin: Margin,
    xaxis: dict[str, object],
    yaxis: dict[str, object],
    annotations: Sequence[dict[str, object]] = (),
    shapes: Sequence[dict[str, object]] = (),
    legend: dict[str, object] | None = None,
    zoom: bool = False,
) -> Figure:
    """A complete figure: every range, tick and margin is explicit.

    With `zoom`, a reader may zoom in on the live chart.

    Nothing is left to Plotly's defaults that the SVG would have to guess.
    """
    return {
        "data": list(traces),
        "layout": {
            "width": PX[width],
            "height": height,
            "margin": {
                "l": margin.left,
                "r": margin.right,
                "t": margin.top,
                "b": margin.bottom,
                "pad": 0,
                "autoexpand": False,
            },
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": SIZE, "color": INK},
            "xaxis": xaxis | {"fixedrange": not zoom},
            "yaxis": yaxis | {"fixedrange": not zoom},
            "annotations": list(annotations),
            "shapes": list(shapes),
            "showlegend": legend is not None,
            "legend": legend or {},
            "hovermode": "closest",
            "hoverlabel": {"align": "left", "font": {"family": FONT, "size": SIZE}},
            "dragmode": "zoom" if zoom else False,
            "bargap": 0.35,
            "barmode": "overlay",
        },
    }


def axis(
    low: float,
    high: float,
    ticks: Iterable[tuple[float, str]] = (),
    *,
    kind: Literal["linear", "log"] = "linear",
    grid: bool = False,
    title: str = "",
    side: Literal["", "top"] = "",
    colour: str = MUTED,
) -> dict[str, object]:
    """One axis with explicit range and ticks; a log range is in powers of ten.

    A line break in the text of a tick is one on the picture.
    """
    marks = list(ticks)
    found: dict[str, object] = {
        "type": kind,
        "range": [round(low, 6), round(high, 6)],
        "autorange": False,
        "tickmode": "array",
        "tickvals": [value for value, _ in marks],
        "ticktext": [
            "<br>".join(map(plotly_text, text.split("\n"))) for _, text in marks
        ],
        "tickfont": {"size": SMALL, "color": colour},
        "tickangle": 0,
        "ticks": "",
        "showgrid": grid,
        "gridcolor": HAIRLINE,
        "showline": False,
        "zeroline": False,
        "automargin": False,
    }
    if title:
        found["title"] = {
            "text": title,
            "font": {"size": SMALL, "color": MUTED},
            "standoff": 10,
        }
    if side:
        found["side"] = side
    return found


def note(
    text: str,
    *,
    x: float,
    y: float,
    refs: tuple[str, str] = ("x", "y"),
    anchor: tuple[str, str] = ("left", "middle"),
    shift: tuple[int, int] = (0, 0),
    colour: str = INK,
    bold: bool = False,
) -> dict[str, object]:
    """A piece of text at a place of the figure, without an arrow."""
    return {
        "text": plotly_text(text),
        "x": x,
        "y": y,
        "xref": refs[0],
        "yref": refs[1],
        "xanchor": anchor[0],
        "yanchor": anchor[1],
        "xshift": shift[0],
        "yshift": shift[1],
        "showarrow": False,
        "font": {
            "size": SMALL,
            "color": colour,
            **({"weight": 600} if bold else {}),
        },
    }


def above_axis(text: str) -> dict[str, object]:
    """What the upward axis counts: over it, and a little to its left."""
    return note(
        text,
        x=0,
        y=1,
        refs=("paper", "paper"),
        anchor=("left", "bottom"),
        shift=(TITLE_PX, 4),
        colour=MUTED,
    )


def legend_above(y: float, *, order: str = "") -> dict[str, object]:
    """A legend in lines over the plot, which is to be read and not clicked.

    Args:
        y: Where it ends, in heights of the plot.
        order: Of the traces; Plotly's own unless it is said.
    """
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": y,
        "yanchor": "bottom",
        **({"traceorder": order} if order else {}),
        "font": {"size": SMALL, "color": MUTED},
        "itemclick": False,
        "itemdoubleclick": False,
    }


def words_at(
    name: str,
    x: Sequence[float],
    y: Sequence[float],
    text: Sequence[str],
    *,
    size: int = SMALL,
    colour: str = MUTED,
) -> Trace:
    """A trace of text alone, each piece a little to the right of its place."""
    return {
        "type": "scatter",
        "mode": "text",
        "name": name,
        "x": x,
        "y": y,
        # A blank at the start would be lost in SVG.
        "text": [f"\N{NO-BREAK SPACE}{each}" for each in text],
        "textposition": "middle right",
        "textfont": {"size": size, "color": colour},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def names_above(labels: Sequence[str], x: float, y: Sequence[float]) -> Trace:
    """The names of rows, each over its row: on phones there is no room beside them."""
    fitted = [plotly_text(label) for label in fit_all(labels, 330)]
    names = words_at("names", [x] * len(labels), y, fitted, size=SIZE, colour=INK)
    return names | {"text": fitted}


def names_beside(labels: Iterable[str], left: int) -> list[tuple[float, str]]:
    """The names of rows as ticks of their axis, in a margin of so many pixels."""
    return list(enumerate(fit_all(list(labels), left - 14)))


RATE_TICKS = tuple((rate, f"{rate}") for rate in (0, 25, 50, 75, 100))


def interval_bars(
    rates: Sequence[Fraction | None], intervals: Sequence[Interval | None]
) -> dict[str, object]:
    """The 95 % intervals of rates, as bars of a trace; none where there is none."""
    pairs = [
        (float(rate or 0), found) for rate, found in zip(rates, intervals, strict=True)
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [
            in_percent(max(found.high - rate, 0)) if found else 0
            for rate, found in pairs
        ],
        "arrayminus": [
            in_percent(max(rate - found.low, 0)) if found else 0
            for rate, found in pairs
        ],
        "color": BAND,
        "thickness": 5,
        "width": 0,
    }


def in_percent(rate: Fraction | float | None) -> float:
    """A rate as figures have it; 0 where there is none."""
    return round(float(rate or 0) * 100, 3)


def passed_words(standing: Standing[Key]) -> str:
    """What an entity passed, as a line of hover text."""
    counts = f"{standing.passed}/{standing.n_trials}"
    return f"{counts} passed, {percent(standing.rate)} %"


def interval_line(interval: Interval | None) -> str:
    """An interval as a line of hover text; empty where there is none."""
    if interval is None:
        return ""
    return f"95 % interval {interval.low * 100:.0f} to {interval.high * 100:.0f} %"


def left_margin(labels: Iterable[str], most: int) -> int:
    """Room for the widest label, at most `most` pixels."""
    widest = max(
        (min(text_width(fit(label, most), SIZE), most) for label in labels), default=0
    )
    return ceil(widest) + 14


def hover(*lines: str) -> str:
    """Hover text from lines that are not markup, each no wider than a phone."""
    return "<br>".join(plotly_text(fit(line, NARROW_PX)) for line in lines if line)


def telling(texts: Sequence[object], links: Sequence[object]) -> dict[str, object]:
    """What marks say when they are pointed at, and the page that each leads to.

    Args:
        texts: One a mark, from `hover`; a heatmap has a list a row.
        links: Site paths in the same shape; "" leads nowhere.
    """
    return {
        "hovertext": list(texts),
        "hovertemplate": "%{hovertext}<extra></extra>",
        "customdata": list(links),
    }


ONE_KIND = "Only those are shown that ran on the kind of hardware of most trials alone."
"""What the caption of a chart of times says where others were left out."""
