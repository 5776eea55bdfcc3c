"""The same results as pages, the plain way: pandas, plotly and Jinja2.

What a blogger writes in an afternoon: a page for the board, each model, quant, harness,
combo and task; on each the pass rates of what it meets, as a table and as a chart. No
ranks, no tests, no pictures before Plotly, nothing kept private.

    .venv/bin/python benchmarks/plain_site.py cells.csv FOLDER
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pandas as pd
import plotly.graph_objects as go

PAGE = jinja2.Environment(autoescape=True).from_string(
    """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>{{ title }}</title><script src="plotly.min.js" defer></script></head>
<body><h1>{{ title }}</h1>
<p>{{ passed }} of {{ trials }} trials passed.</p>
{% for chart in charts %}<figure>{{ chart | safe }}</figure>{% endfor %}
{% for table in tables %}{{ table | safe }}{% endfor %}
</body></html>
"""
)
Z = 1.96


def main(table: Path, folder: Path) -> None:
    """Write all pages."""
    cells = pd.read_csv(table)
    cells["combo"] = cells["model"] + " " + cells["quant"] + " " + cells["harness"]
    cells["model_quant"] = cells["model"] + " " + cells["quant"]
    folder.mkdir(parents=True, exist_ok=True)
    for name, mine, axes in pages(cells):
        write(folder / f"{name}.html", name, mine, axes)


def pages(cells: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame, list[str]]]:
    """Name, trials, and by what they are told."""
    yield "index", cells, ["combo", "model", "harness"]
    kinds = {
        "model": ["harness", "task"],
        "model_quant": ["harness", "task"],
        "harness": ["model_quant", "task"],
        "combo": ["task"],
        "task": ["model_quant", "harness"],
    }
    for kind, axes in kinds.items():
        for name in cells[kind].unique():
            yield f"{kind} {name}", cells[cells[kind] == name], axes


def write(path: Path, title: str, cells: pd.DataFrame, axes: list[str]) -> None:
    """One page."""
    tables, charts = [], []
    for axis in axes:
        told = rates(cells, axis)
        tables.append(told.to_html(index=False, float_format="{:.1f}".format))
        bars = go.Bar(
            x=told["rate"],
            y=told[axis],
            orientation="h",
            error_x={
                "array": told["high"] - told["rate"],
                "arrayminus": told["rate"] - told["low"],
            },
        )
        figure = go.Figure(bars, layout={"title": f"Pass rate by {axis}"})
        charts.append(figure.to_html(full_html=False, include_plotlyjs=False))
    path.write_text(
        PAGE.render(
            title=title,
            passed=int(cells["passed"].sum()),
            trials=len(cells),
            tables=tables,
            charts=charts,
        ),
        encoding="utf-8",
    )


def rates(cells: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Pass rates in percent with Wilson's interval, best first."""
    told = cells.groupby(axis)["passed"].agg(["sum", "count"]).reset_index()
    share, n = told["sum"] / told["count"], told["count"]
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * (share * (1 - share) / n + Z**2 / (4 * n**2)) ** 0.5
    told["rate"] = 100 * share
    told["low"], told["high"] = 100 * (middle - half), 100 * (middle + half)
    return told.sort_values("rate", ascending=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
