"""Figures: complete, in the colours of the theme, and drawn by both renderers."""

import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, product
from math import dist
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from sitegen import theme
from sitegen.build import chart_kinds
from sitegen.chart_pictures import ChartPictures
from sitegen.charts.figure import NARROW_PX, WIDE_PX, Chart
from sitegen.charts.labels import fit
from sitegen.names import NEUTRAL, names
from sitegen.svg import text_width
from sitegen.view import View
from tests.records import CANAICODE, EXAMPLE, METR, TAU, computed, read
from tests.sites import example_site, figures_of

DATA = {"example": EXAMPLE, "canaicode": CANAICODE, "METR": METR, "tau-bench": TAU}
CLEAR = "rgba(0,0,0,0)"

Figure = dict[str, Any]


@cache
def charts(path: Path) -> tuple[Chart, ...]:
    """The chart of every kind and scope that a data set has something for."""
    found, results = read(path), computed(path)
    named = names(results, found.metadata, found.settings)
    drawn = [
        kind.draw(
            View(
                scope=scope,
                names=named,
                metadata=found.metadata,
                settings=found.settings,
                others=results.sweeps if scope is results.main else (),
            )
        )
        for scope, kind in product(results.scopes, chart_kinds())
    ]
    return tuple(chart for chart in drawn if chart is not None)


def page_figures() -> Iterator[tuple[str, Figure]]:
    """The figures of the example's own pages of models, harnesses and tasks."""
    site = example_site()
    for path in site:
        if path.startswith("charts/") and path.endswith(".js"):
            chart_id = path.removeprefix("charts/").removesuffix(".js")
            for width, figure in figures_of(site, chart_id).items():
                yield f"{chart_id} {width}", figure


@cache
def figures(name: str) -> list[tuple[str, Figure]]:
    if name == "example pages":
        return list(page_figures())
    return [
        (f"{chart.id} {width}", figure)
        for chart in charts(DATA[name])
        for width, figure in (("wide", chart.wide), ("narrow", chart.narrow))
    ]


every_set = pytest.mark.parametrize("name", [*DATA, "example pages"])


def test_every_kind_of_chart_is_drawn_from_the_example() -> None:
    found = {chart.id for chart in charts(EXAMPLE)}
    assert found == {kind.id for kind in chart_kinds()}
    assert len(found) >= 8


@every_set
def test_plotlys_own_schema_accepts_every_figure(name: str) -> None:
    found = figures(name)
    assert found
    for title, figure in found:
        types = [trace["type"] for trace in figure["data"]]
        assert types, title
        assert [trace.type for trace in go.Figure(figure).data] == types


@every_set
def test_every_range_tick_and_margin_is_explicit(name: str) -> None:
    for title, figure in figures(name):
        layout = figure["layout"]
        assert layout["width"] == (WIDE_PX if title.endswith("wide") else NARROW_PX)
        assert 0 < layout["height"] < 6000
        margin = layout["margin"]
        assert margin["autoexpand"] is False
        assert margin["l"] + margin["r"] < layout["width"]
        assert margin["t"] + margin["b"] < layout["height"]
        for axis in (layout["xaxis"], layout["yaxis"]):
            low, high = axis["range"]
            assert math.isfinite(low)
            assert math.isfinite(high)
            assert low != high
            assert (axis["autorange"], axis["automargin"]) == (False, False)
            assert axis["tickmode"] == "array"
            assert len(axis["tickvals"]) == len(axis["ticktext"])
            log = axis["type"] == "log"
            inside = [math.log10(v) if log else v for v in axis["tickvals"]]
            assert all(
                min(low, high) - 1e-6 <= tick <= max(low, high) + 1e-6
                for tick in inside
            ), title


@every_set
def test_no_figure_holds_a_number_that_is_none(name: str) -> None:
    for title, figure in figures(name):
        json.dumps(figure, allow_nan=False)
        for trace in figure["data"]:
            assert len(trace["x"]) == len(trace["y"]) or trace["type"] == "heatmap", (
                title
            )


def test_every_mark_that_leads_somewhere_leads_to_a_page_and_most_do() -> None:
    site, led = example_site(), 0
    for title, figure in page_figures():
        for trace in figure["data"]:
            links = trace.get("customdata", [])
            flat = [
                link
                for one in links
                for link in ([one] if isinstance(one, str) else one)
            ]
            assert {link for link in flat if link} <= set(site), title
            led += any(flat)
    assert led >= len(chart_kinds())


@every_set
def test_every_colour_is_of_the_theme(name: str) -> None:
    for title, figure in figures(name):
        strange = {c for c in colours(figure) if c not in theme.PALETTE and c != CLEAR}
        assert strange == set(), title


def colours(value: object, key: str = "") -> Iterator[str]:
    """Every value of a key that names a colour, at any depth."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from colours(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from colours(item, key)
    elif isinstance(value, str) and key.endswith(("color", "colorscale")):
        yield value


@pytest.mark.parametrize("name", DATA)
def test_every_figure_is_drawn_as_svg(name: str) -> None:
    for chart in charts(DATA[name]):
        pictures = ChartPictures()
        inline = pictures.inline(chart, "c1")
        both = ET.fromstring(f"<div>{inline}</div>")  # noqa: S314 - ours
        assert len(list(both.iter("svg"))) == 2
        assert both.findtext(".//title") == chart.title
        alone = ET.fromstring(pictures.file(chart))  # noqa: S314 - our own output
        assert alone.tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("name", DATA)
def test_every_chart_has_a_table_with_as_many_cells_as_columns(name: str) -> None:
    for chart in charts(DATA[name]):
        table = chart.table.tidy
        assert len(table.rows) >= 1
        assert {len(row) for row in table.rows} == {len(table.columns)}


# Theme

TEXT = ("ink", "muted", "accent")
HUES = [f"hue{i}" for i in range(1, NEUTRAL + 1)]
GRAPHICS = ("accent", *HUES)
MODES = {"light": 0, "dark": 1}

both_modes = pytest.mark.parametrize("mode", MODES)


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str, mode: str) -> float:
    """Of two tokens, 1 to 21."""
    pair = [luminance(theme.TOKENS[token][MODES[mode]]) for token in (one, other)]
    return (max(pair) + 0.05) / (min(pair) + 0.05)


def test_the_contrast_formula_is_that_of_wcag() -> None:
    assert luminance("#ffffff") == pytest.approx(1)
    assert luminance("#000000") == 0
    assert luminance("#777777") == pytest.approx(0.1845, abs=1e-4)


@both_modes
@pytest.mark.parametrize("token", TEXT)
def test_text_and_hues_are_read_on_the_paper(token: str, mode: str) -> None:
    assert contrast(token, "paper", mode) >= 4.5


@both_modes
@pytest.mark.parametrize("token", GRAPHICS)
def test_marks_are_seen_on_the_paper(token: str, mode: str) -> None:
    assert contrast(token, "paper", mode) >= 3


@both_modes
@pytest.mark.parametrize("step", range(-4, 5))
def test_the_number_on_a_tint_is_read(step: int, mode: str) -> None:
    text = theme.PALETTE[theme.ink_on(step)]
    assert contrast(text, theme.LESS_TO_MORE[step + 4], mode) >= 4.5


@both_modes
def test_tints_grow_stronger_both_ways_from_the_usual(mode: str) -> None:
    steps = [contrast(token, "paper", mode) for token in theme.LESS_TO_MORE]
    assert steps[:5] == sorted(steps[:5], reverse=True)
    assert steps[4:] == sorted(steps[4:])


SEEN = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no long cones": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no middle cones": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
"""Linear RGB as it is seen with colour blindness: Machado et al. (2009), severity 1."""
TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)


def lab(colour: str, seen: str) -> list[float]:
    """CIE L*a*b* of a colour, as it is seen."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    shown = [min(max(part, 0.0), 1.0) for part in times(SEEN[seen], linear)]
    ratios = [
        one / white
        for one, white in zip(times(TO_XYZ, shown), times(TO_XYZ, [1] * 3), strict=True)
    ]
    x, y, z = (
        r ** (1 / 3) if r > 216 / 24389 else (24389 / 27 * r + 16) / 116 for r in ratios
    )
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


def times(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


@both_modes
@pytest.mark.parametrize("seen", SEEN)
def test_families_are_told_apart_whatever_eyes_look(mode: str, seen: str) -> None:
    found = {
        token: lab(theme.TOKENS[token][MODES[mode]], seen)
        for token in [*HUES, "recede"]
    }
    near = {
        pair: round(apart, 1)
        for pair in combinations(found, 2)
        if (apart := dist(found[pair[0]], found[pair[1]])) < 23
        and set(pair) != {"recede", HUES[-1]}
    }
    assert near == {}


@both_modes
def test_a_notice_is_read(mode: str) -> None:
    assert contrast("notice-ink", "notice", mode) >= 4.5


def test_no_two_tokens_share_a_light_value() -> None:
    assert len(theme.PALETTE) == len(theme.TOKENS)


# Labels


@pytest.mark.parametrize(
    "text", ["short", "x" * 1900, "Qwen3.6-27B-UD-Q4_K_XL", "模型" * 40]
)
def test_a_label_is_cut_in_its_middle_until_it_fits(text: str) -> None:
    shown = fit(text, 120)
    assert text_width(shown, 13) <= 120
    if shown != text:
        head, _, tail = shown.partition("…")
        assert head
        assert text.startswith(head)
        assert text.endswith(tail)
