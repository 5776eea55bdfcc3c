"""What of a built site can stand elsewhere: the line for a post, and Plotly figures."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from harness_bench.errors import Problem, PublishError, near_miss, reason, shown
from sitegen.escape import liquid, url_path
from sitegen.published import CHARTS, Published
from sitegen.quotes import (
    Quote,
    at,
    figure_html,
    markdown_table,
    source_line,
    table_html,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plotly.graph_objects import Figure

Form: TypeAlias = Literal["iframe", "jekyll", "html", "img", "markdown"]
FORMS: dict[str, tuple[Form, ...]] = {
    "chart": ("iframe", "jekyll", "html", "img", "markdown"),
    "table": ("markdown", "jekyll", "html"),
    "card": ("img", "markdown"),
}
"""What each can be had as; the first unless another is asked for."""
_TABLE, _CARD = "data/", "cards/"
_NEEDED = ("id", "title", "embed", "height", "svg")


def read_site(folder: Path) -> Published:
    """What a built site publishes.

    Raises:
        PublishError: There is no built site, or its list of charts is not one of ours.
    """
    path = folder / CHARTS
    try:
        content = json.loads(path.read_bytes())
        ours = all(each[name] for each in content["charts"] for name in _NEEDED)
    except OSError as error:
        what = f"cannot be read ({reason(error)})"
        advice = "make a site with harness-bench build"
        raise PublishError(Problem(str(path), what, advice)) from error
    except (ValueError, KeyError, TypeError, AttributeError):
        ours = False
    if not ours:
        what = "is not a list of charts"
        raise PublishError(Problem(str(path), what, "build the site again"))
    found = [path, *sorted((folder / "data").rglob("*.json"))]
    cards = sorted((folder / "cards").rglob("*.png"))
    pages = [folder / _page(each.relative_to(folder).as_posix()) for each in cards]
    found += [*cards, *(each for each in pages if each.is_file())]
    return Published(
        files={each.relative_to(folder).as_posix(): each.read_bytes() for each in found}
    )


def listed(site: Published) -> Iterator[tuple[str, str, str]]:
    """The name of all that can be embedded, its title and its page, page by page."""
    charts = site.charts.values()
    homes = {str(each.get("page", "")): "" for each in charts}
    homes |= {str(e.get("page", "")): e["id"] for e in charts if "/" not in e["id"]}
    # Pages about everything come before those about one model or sweep.
    for page in sorted(homes, key=lambda page: not homes[page]):
        for each in charts:
            if each.get("page", "") == page:
                yield each["id"], each["title"], page
    for path in site.files:
        if path.startswith(_CARD):
            yield path.removesuffix(".png"), f"Card: {_title(site, path)}", ""
    for name in site.tables:
        yield f"{_TABLE}{name}", f"Table: {site.table_title(name)}", ""


def _page(card: str) -> str:
    """The page of which a card is the picture."""
    return f"{card.removeprefix(_CARD).removesuffix('.png')}.html"


def _title(site: Published, card: str) -> str:
    """What the page of a card is called; its path where it is not there."""
    page = _page(card)
    found = re.search(r"<title>(.*?)</title>", site.files.get(page, b"").decode())
    return html.unescape(found[1]) if found else page


def find(site: Published, wanted: str) -> str:
    """Whether it is a chart, a table or a card.

    Raises:
        PublishError: It is none.
    """
    if wanted in site.charts:
        return "chart"
    if f"{wanted}.png" in site.files:
        return "card"
    if wanted.startswith(_TABLE) and wanted.removeprefix(_TABLE) in site.tables:
        return "table"
    near = near_miss(wanted, [name for name, *_ in listed(site)])
    what = f"is not a chart, card or table of this site{near}"
    advice = "`harness-bench embed` lists them"
    raise PublishError(Problem(shown(wanted), what, advice))


def figure(folder: Path, chart_id: str) -> Figure:
    """The figure of a chart of a built site, as Plotly has it.

    Raises:
        PublishError: There is no built site, or no chart of this ID.
    """
    import plotly.io  # noqa: PLC0415 - takes a second, and only this needs it

    find(read_site(folder), chart_id)
    path = folder / "charts" / f"{chart_id}.json"
    try:
        found: Figure = plotly.io.from_json(path.read_text("utf-8"))
    except OSError as error:
        what = f"cannot be read ({reason(error)})"
        raise PublishError(Problem(str(path), what, "build the site again")) from error
    return found


def line(
    site: Published,
    wanted: str,
    form: Form,
    *,
    base_url: str = "",
    jekyll: str | None = None,
) -> str:
    """What is pasted into a post, on lines of its own between blank lines.

    Args:
        site: What it publishes.
        wanted: A name that `find` knows, of what has this form.
        form: What the post takes.
        base_url: Address or path of the site; empty: relative to the post.
        jekyll: The site's folder within a Jekyll source, whose baseurl Jekyll adds.
    """
    base = base_url if not base_url or base_url.endswith("/") else f"{base_url}/"
    chart = site.charts.get(wanted)
    if chart is None and wanted.startswith(_TABLE):
        return _table_line(site, wanted.removeprefix(_TABLE), form, base)
    if form == "jekyll":
        return f'{{% include harness-bench/chart.html id="{wanted}" %}}'
    if form == "html":
        return figure_html(site, wanted, at(base))

    def source(path: str) -> str:
        if jekyll is None:
            return _attribute(base + url_path(path))
        # Percent-encoded: neither a quote nor a brace can end the expression.
        inside = "/".join(filter(None, (url_path(jekyll.strip("/")), url_path(path))))
        return f"{{{{ '/{inside}' | relative_url }}}}"

    picture = source(chart["svg"] if chart else f"{wanted}.png")
    title = _attribute(chart["title"] if chart else _title(site, wanted))
    if form == "img":
        caption = f". {_attribute(chart.get('caption', ''))}" if chart else ""
        return f'<img src="{picture}" alt="{title}{caption}">'
    page = source(chart["embed"] if chart else _page(wanted))
    if form == "markdown" or chart is None:
        said = _attribute("".join(source_line(site)))
        named = f"{title}. " if chart else ""
        return f"[![{title}]({picture})]({page})\n\n*{named}{said}*"
    return (
        f'<iframe src="{page}" title="{title}" width="100%" height="{chart["height"]}" '
        f'loading="lazy" frameborder="0"></iframe>'
        f'<script defer src="{source("assets/embed.js")}"></script>'
    )


def _table_line(site: Published, name: str, form: Form, base: str) -> str:
    if form == "markdown":
        return markdown_table(site, name, (), None)
    if form == "jekyll":
        return f'{{% include harness-bench/table.html of="{name}" %}}'
    quote = Quote(name="table", of=name, options={}, where={}, span=(0, 0), line=1)
    return table_html(quote, site, at(base))


def _attribute(text: str) -> str:
    """Text within a quoted attribute, in a post that Liquid may read before HTML."""
    return liquid(html.escape(" ".join(text.split())))
