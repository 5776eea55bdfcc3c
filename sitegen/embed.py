"""One chart of a built site elsewhere: the line for a post, and its Plotly figure."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness_bench.errors import Problem, PublishError, near_miss, reason, shown
from sitegen.escape import liquid, url_path

if TYPE_CHECKING:
    from pathlib import Path

    from plotly.graph_objects import Figure

INDEX = "data/charts.json"
"""The site's own list of its charts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart that can be embedded."""

    id: str
    title: str
    embed: str
    """Path of its page within the site."""
    height: int
    """Of that page, in CSS pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """All charts of a built site."""

    base_url: str
    """Where the site says that it is published; empty when it does not."""
    by_id: dict[str, Chart]


def read_charts(folder: Path) -> Charts:
    """Read the list of charts of a built site.

    Raises:
        PublishError: There is no built site, or its list is not one of ours.
    """
    path = folder / INDEX
    try:
        content = json.loads(path.read_bytes())
        charts = [
            Chart(
                id=str(each["id"]),
                title=str(each["title"]),
                embed=str(each["embed"]),
                height=int(each["height"]),
            )
            for each in content["charts"]
        ]
        base_url = str(content.get("base_url") or "")
    except OSError as error:
        what = f"cannot be read ({reason(error)})"
        advice = "make a site with harness-bench build"
        raise PublishError(Problem(str(path), what, advice)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = "is not a list of charts"
        raise PublishError(Problem(str(path), what, "build the site again")) from error
    return Charts(base_url=base_url, by_id={chart.id: chart for chart in charts})


def find(charts: Charts, wanted: str) -> Chart:
    """The chart of this ID.

    Raises:
        PublishError: There is none.
    """
    if wanted in charts.by_id:
        return charts.by_id[wanted]
    what = f"is not a chart of this site{near_miss(wanted, charts.by_id)}"
    advice = "`harness-bench embed` lists its charts"
    raise PublishError(Problem(shown(wanted), what, advice))


def figure(folder: Path, chart_id: str) -> Figure:
    """The figure of a chart of a built site, as Plotly has it.

    Raises:
        PublishError: There is no built site, or no chart of this ID.
    """
    import plotly.io  # noqa: PLC0415 - takes a second, and only this needs it

    find(read_charts(folder), chart_id)
    path = folder / "charts" / f"{chart_id}.json"
    try:
        found: Figure = plotly.io.from_json(path.read_text("utf-8"))
    except OSError as error:
        what = f"cannot be read ({reason(error)})"
        raise PublishError(Problem(str(path), what, "build the site again")) from error
    return found


def iframe(chart: Chart, *, base_url: str = "", jekyll: str | None = None) -> str:
    """One line of HTML, for a line of its own in a Markdown or HTML post.

    Args:
        chart: What to show.
        base_url: Address or path of the site; empty: relative to the post.
        jekyll: The site's folder within a Jekyll source, whose baseurl Jekyll adds.
    """
    path = url_path(chart.embed)
    if jekyll is not None:
        # Percent-encoded: neither a quote nor a brace can end the expression.
        inside = "/".join(filter(None, (url_path(jekyll.strip("/")), path)))
        source = f"{{{{ '/{inside}' | relative_url }}}}"
    else:
        base = base_url if not base_url or base_url.endswith("/") else f"{base_url}/"
        source = _attribute(base + path)
    return (
        f'<iframe src="{source}" title="{_attribute(chart.title)}" width="100%" '
        f'height="{chart.height}" loading="lazy" style="border:0"></iframe>'
    )


def _attribute(text: str) -> str:
    """Text within a quoted attribute, in a post that Liquid may read before HTML."""
    return liquid(html.escape(" ".join(text.split())))
