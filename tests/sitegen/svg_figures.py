"""Figures that the tests of sitegen.svg draw."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from sitegen.svg import svg

BLUE = "#0b62b5"
PALETTE = {BLUE: "accent", "#5a5f66": "muted", "#e3e5e8": "hairline"}
SVG = "{http://www.w3.org/2000/svg}"

Values = dict[str, object]


def axis(*ends: float, at: tuple[float, ...] = (), **more: object) -> Values:
    """An axis that says all that svg() wants said."""
    return {
        "range": list(ends),
        "tickvals": list(at),
        "ticktext": [f"{tick:g}" for tick in at],
        "tickangle": 0,
        "showgrid": False,
        "zeroline": False,
    } | more


def figure(*traces: Values, **layout: object) -> Values:
    """A figure whose plot area is 100 by 100 px, at (50, 20)."""
    return {
        "data": list(traces),
        "layout": {
            "width": 170,
            "height": 160,
            "margin": {"l": 50, "r": 20, "t": 20, "b": 40, "autoexpand": False},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"size": 10, "color": "#5a5f66"},
            "showlegend": False,
            "xaxis": axis(0, 10),
            "yaxis": axis(0, 10),
        }
        | layout,
    }


def dots(*points: tuple[float, float], **more: object) -> Values:
    """A trace of blue circles, 8 px wide."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "marker": {"color": BLUE, "size": 8},
    } | more


def draw(*traces: Values, **layout: object) -> str:
    """The inline picture of a figure."""
    return svg(
        figure(*traces, **layout),
        title="Title",
        description="What it shows",
        prefix="c1",
        palette=PALETTE,
    )


def elements(picture: str, name: str) -> list[ET.Element]:
    """The elements of a name, in document order."""
    return list(parsed(picture).iter(name))


def texts(picture: str) -> Iterator[tuple[str, float, float]]:
    """What each text says, and where."""
    for text in parsed(picture).iter("text"):
        place = float(text.get("x", "nan")), float(text.get("y", "nan"))
        yield ("".join(text.itertext()), *place)


def parsed(picture: str) -> ET.Element:
    """The picture as a tree; ill-formed XML fails."""
    return ET.fromstring(picture)  # noqa: S314 - our own output
