"""The SVG of a figure and what plotly.js draws from it are the same picture."""

from collections.abc import Iterator
from math import hypot

import pytest
from playwright.sync_api import Page, sync_playwright

from sitegen.plotly_bundle import bundle
from sitegen.svg import svg
from tests.needs import needs
from tests.sitegen.svg_figures import Values

pytestmark = pytest.mark.browser

MARK, BAR, LINE, ERROR = "#0b62b5", "#c84b00", "#17191c", "#7b3fa0"
TOKENS = {MARK: "mark", BAR: "bar", LINE: "line", ERROR: "error"}
CSS = "".join(
    f".f-{token}{{fill:{color}}}.s-{token}{{stroke:{color}}}"
    for color, token in TOKENS.items()
)
TOLERANCE_PX = 1.5

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, from the picture's corner."""


def axis(*ends: float, at: dict[float, str], **more: object) -> Values:
    return {
        "range": list(ends),
        "tickmode": "array",
        "tickvals": list(at),
        "ticktext": list(at.values()),
        "tickfont": {"size": 11, "color": "#5a5f66"},
        "tickangle": 0,
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
    } | more


def figure(traces: list[Values], **layout: object) -> Values:
    return {
        "data": traces,
        "layout": {
            "width": 720,
            "height": 400,
            "margin": {"l": 80, "r": 60, "t": 70, "b": 70, "autoexpand": False},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"size": 13, "color": "#5a5f66", "family": "sans-serif"},
            "showlegend": False,
        }
        | layout,
    }


def note(text: str, x: float, y: float, **more: object) -> Values:
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    } | more


SCATTER = figure(
    [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [1, 10, 100, 1000],
            "y": [10, 40, 60, 80],
            "line": {"color": LINE, "width": 2, "shape": "hv"},
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": [3, 9, 27, 81, 243, 600, 5, 50, 500],
            "y": [70, 75, 80, 85, 90, 70, 30, 20, 10],
            "marker": {
                "color": MARK,
                "size": [8, 10, 12, 14, 16, 10, 9, 20, 7],
                "symbol": "circle",
                "opacity": 1,
                "line": {"width": 0, "color": "#ffffff"},
            },
            "error_x": {
                "type": "data",
                "symmetric": False,
                "array": [1, 2, 3, 4, 5, 6, 7, 8, 9],
                "arrayminus": [0.5] * 9,
                "thickness": 1.5,
                "width": 0,
                "color": ERROR,
            },
            "cliponaxis": False,
        },
        *(
            {
                "type": "scatter",
                "mode": "text",
                "x": [3, 81],
                "y": [level, level + 5],
                "text": ["a &lt;b&gt; &amp; c", "two<br>lines"],
                "textposition": f"middle {side}",
                "textfont": {"size": 12, "color": "#000000"},
                "cliponaxis": False,
            }
            for side, level in (("left", 20), ("center", 50), ("right", 80))
        ),
    ],
    xaxis=axis(
        -0.2,
        3.1,
        at={1: "1 s", 10: "10", 100: "100<br>two"},
        type="log",
        title={"text": "log scale", "font": {"size": 12}, "standoff": 10},
    ),
    yaxis=axis(0, 100, at={0: "0", 50: "50<br>half", 100: "100"}),
    annotations=[
        note("over the plot", 0, 1, xshift=-20, yshift=4),
        note("right", 1, 0.5, xanchor="right", yanchor="middle"),
        note("middle", 0.5, 0.5, xanchor="center", yanchor="top"),
        note("bold", 2, 50, xref="x", yref="y", font={"weight": 600, "size": 12}),
    ],
)


def bars(orientation: str) -> Values:
    flat = orientation == "h"
    lengths, places = [10, 20, 30], [0, 1, 2]
    trace: Values = {
        "type": "bar",
        "orientation": orientation,
        "x" if flat else "y": lengths,
        "y" if flat else "x": places,
        "width": 0.7,
        "marker": {"color": BAR},
    }
    along = axis(0, 70, at={0: "0", 35: "35"}, side="top" if flat else "left")
    across = axis(2.5, -0.5, at={0: "a", 1: "b", 2: "c"})
    return figure(
        [trace, trace | {"width": 0.3}],
        barmode="overlay",
        xaxis=along if flat else across,
        yaxis=across if flat else along,
    )


HEAT = figure(
    [
        {
            "type": "heatmap",
            "x": [0, 1, 2],
            "y": [0, 1],
            "z": [[0, 50, 100], [25, None, 75]],
            "xgap": 2,
            "ygap": 4,
            "zmin": 0,
            "zmax": 100,
            "colorscale": [
                *([0, "#e8eff7"], [0.3, "#e8eff7"]),
                *([0.3, "#74a5d6"], [0.6, "#74a5d6"]),
                *([0.6, "#0b4f94"], [1, "#0b4f94"]),
            ],
            "colorbar": {
                "orientation": "h",
                "thickness": 8,
                "len": 0.4,
                "x": 0,
                "xanchor": "left",
                "xpad": 0,
                "y": 0,
                "yanchor": "top",
                "outlinewidth": 0,
                "tickvals": [0, 50, 100],
                "ticktext": ["low", "mid", "high"],
                "tickfont": {"size": 11},
            },
        }
    ],
    xaxis=axis(-0.5, 2.5, at={0: "pi", 1: "qwen", 2: "claude"}, side="top"),
    yaxis=axis(1.5, -0.5, at={0: "one", 1: "two"}),
)

FIGURES = {
    "scatter": SCATTER,
    "bars": bars("h"),
    "columns": bars("v"),
    "heatmap": HEAT,
}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    chromium = needs("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.set_content(
            f"<style>body{{margin:0}}#ours{{font-family:sans-serif}}{CSS}</style>"
            "<div id=theirs></div><div id=ours></div>"
        )
        page.add_script_tag(content=bundle().content.decode())
        yield page
        browser.close()


def drawn(page: Page, found: Values) -> None:
    """Draw a figure twice: by plotly.js and by us, at its own size."""
    ours = svg(found, title="t", description="d", prefix="p", palette=TOKENS)
    page.evaluate(
        """async ([figure, ours]) => {
            document.getElementById('ours').innerHTML = ours;
            const {width, height} = figure.layout;
            const style = document.querySelector('#ours svg').style;
            Object.assign(style, {display: 'block', width: `${width}px`,
                                  height: `${height}px`});
            await Plotly.newPlot('theirs', figure.data, figure.layout,
                                 {displayModeBar: false});
        }""",
        [found, ours],
    )


def boxes(page: Page, selector: str) -> list[Box]:
    """The boxes of elements, from the corner of the picture they are in."""
    found = page.evaluate(
        """selector => [...document.querySelectorAll(selector)].map(element => {
            const frame = element.closest('#ours, #theirs').getBoundingClientRect();
            const box = element.getBoundingClientRect();
            return [box.left - frame.left, box.top - frame.top,
                    box.right - frame.left, box.bottom - frame.top];
        })""",
        selector,
    )
    return [(left, top, right, bottom) for left, top, right, bottom in found]


def words(page: Page, root: str) -> list[tuple[str, Box]]:
    """Every text that is shown, and its box."""
    said = page.evaluate(
        """root => [...document.querySelectorAll(`${root} text`)]
            .map(element => element.textContent)""",
        root,
    )
    found = zip(said, boxes(page, f"{root} text"), strict=True)
    return sorted((text, box) for text, box in found if text.strip())


def distance(one: Box, other: Box) -> float:
    """Between two centres."""
    (x, y), (u, v) = (((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in (one, other))
    return hypot(x - u, y - v)


def apart(one: Box, other: Box) -> float:
    """The farthest that a side of one is from the same side of the other."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("name", FIGURES)
def test_every_text_stands_where_plotly_puts_it(page: Page, name: str) -> None:
    drawn(page, FIGURES[name])
    theirs, ours = words(page, "#theirs"), words(page, "#ours")
    assert [text for text, _ in ours] == [text for text, _ in theirs]
    far = {
        text: distance(box, other)
        for (text, box), (_, other) in zip(ours, theirs, strict=True)
    }
    assert max(far.values()) < TOLERANCE_PX, far


def test_markers_lines_and_error_bars_cover_what_plotlys_cover(page: Page) -> None:
    drawn(page, SCATTER)
    marks = boxes(page, "#ours .f-mark > *")
    theirs = boxes(page, "#theirs .scatterlayer .point")
    assert len(marks) == len(theirs) == 9
    assert max(map(apart, marks, theirs)) < TOLERANCE_PX
    (line,) = boxes(page, "#ours path.s-line")
    parts = boxes(page, "#theirs .js-line")
    assert apart(line, around(parts)) < TOLERANCE_PX
    (errors,) = boxes(page, "#ours path.s-error")
    assert apart(errors, around(boxes(page, "#theirs .xerror"))) < TOLERANCE_PX


def around(found: list[Box]) -> Box:
    """The box around some boxes that are not empty."""
    full = [b for b in found if b[2] > b[0] or b[3] > b[1]]
    return (
        min(b[0] for b in full),
        min(b[1] for b in full),
        max(b[2] for b in full),
        max(b[3] for b in full),
    )


@pytest.mark.parametrize("name", ["bars", "columns"])
def test_bars_cover_what_plotlys_bars_cover(page: Page, name: str) -> None:
    drawn(page, FIGURES[name])
    ours = boxes(page, "#ours .f-bar > path")
    theirs = boxes(page, "#theirs .bars .point > path")
    assert len(ours) == len(theirs) == 6
    assert max(map(apart, ours, theirs)) < TOLERANCE_PX


def test_heat_cells_have_plotlys_colours_up_to_their_corners(page: Page) -> None:
    drawn(page, HEAT)
    differing = page.evaluate(
        """async inset => {
            const image = document.querySelector('#theirs .heatmaplayer image');
            const picture = new Image();
            picture.src = image.href.baseVal;
            await picture.decode();
            const canvas = new OffscreenCanvas(picture.width, picture.height);
            const pen = canvas.getContext('2d');
            pen.drawImage(picture, 0, 0);
            const at = image.getBoundingClientRect();
            const from = document.getElementById('theirs').getBoundingClientRect();
            const origin = document.getElementById('ours').getBoundingClientRect();
            const wrong = [];
            let cells = 0;
            for (const cell of document.querySelectorAll('#ours g[clip-path] rect')) {
                cells += 1;
                const box = cell.getBoundingClientRect();
                const colour = getComputedStyle(cell).fill;
                const x = box.left - origin.left - (at.left - from.left);
                const y = box.top - origin.top - (at.top - from.top);
                for (const u of [x + inset, x + box.width - inset])
                    for (const v of [y + inset, y + box.height - inset]) {
                        const [r, g, b, a] = pen.getImageData(u, v, 1, 1).data;
                        const theirs = `rgb(${r}, ${g}, ${b})`;
                        if (theirs !== colour || a !== 255)
                            wrong.push([u, v, colour, theirs, a]);
                    }
            }
            return {cells, wrong};
        }""",
        TOLERANCE_PX,
    )
    assert differing == {"cells": 5, "wrong": []}
