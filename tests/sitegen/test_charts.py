"""Figures: complete, in the colours of the theme, and drawn by both renderers."""

import json
import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from sitegen import theme
from sitegen.build import chart_kinds
from sitegen.charts.figure import NARROW_PX, WIDE_PX, Chart, fit
from sitegen.names import names
from sitegen.render import picture, svg_file
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
        both = ET.fromstring(f"<div>{picture(chart, 'c1')}</div>")  # noqa: S314 - ours
        assert len(list(both.iter("svg"))) == 2
        assert both.findtext(".//title") == chart.title
        alone = ET.fromstring(svg_file(chart))  # noqa: S314 - our own output
        assert alone.tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("name", DATA)
def test_every_chart_has_a_table_with_as_many_cells_as_columns(name: str) -> None:
    for chart in charts(DATA[name]):
        table = chart.table.tidy
        assert len(table.rows) >= 1
        assert {len(row) for row in table.rows} == {len(table.columns)}


# Theme

TEXT = ("ink", "muted", "accent", *(f"hue{i}" for i in range(1, 9)))
STEPS = [f"heat{i}" for i in range(theme.HEAT_STEPS)]
GRAPHICS = ("accent", *(f"hue{i}" for i in range(1, 9)))
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
@pytest.mark.parametrize("step", range(theme.HEAT_STEPS))
def test_the_number_on_a_heat_cell_is_read(step: int, mode: str) -> None:
    text = "paper" if step >= theme.HEAT_DARK_FROM else "ink"
    assert contrast(text, f"heat{step}", mode) >= 4.5


@both_modes
def test_heat_runs_one_way_from_the_paper(mode: str) -> None:
    steps = [contrast(token, "paper", mode) for token in STEPS]
    assert steps == sorted(steps)
    assert len(set(steps)) == theme.HEAT_STEPS


@both_modes
def test_a_notice_is_read(mode: str) -> None:
    assert contrast("notice-ink", "notice", mode) >= 4.5


def test_no_two_tokens_share_a_light_value() -> None:
    assert len(theme.PALETTE) == len(theme.TOKENS)


@pytest.mark.parametrize(
    ("rate", "step"), [(0.0, 0), (0.111, 0), (0.112, 1), (0.5, 4), (0.999, 8), (1.0, 8)]
)
def test_a_rate_falls_into_one_of_nine_steps(rate: float, step: int) -> None:
    assert theme.heat_step(rate) == step


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
