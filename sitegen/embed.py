"""What of a built site can stand elsewhere: the line for a post, and Plotly figures."""

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from harness_bench.errors import Problem, PublishError, near_miss, reason, shown
from sitegen.escape import liquid, url_path
from sitegen.published import MOST_ROWS, Published, QuoteError, read_site
from sitegen.quotes import (
    Quote,
    Wrong,
    at,
    called,
    included,
    markdown_table,
    quoted,
    quotes,
    said,
    source_line,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Form: TypeAlias = Literal["iframe", "jekyll", "html", "img", "markdown", "value"]
FORMS: dict[str, tuple[Form, ...]] = {
    "chart": ("iframe", "jekyll", "html", "img", "markdown"),
    "table": ("markdown", "jekyll", "html", "iframe"),
    "value": ("value", "jekyll", "html", "markdown"),
    "claim": ("jekyll", "html", "markdown"),
    "card": ("img", "markdown"),
}
"""What each can be had as; the first unless another is asked for."""
_TABLE, _CARD = "data/", "cards/"
_FRAME_PX, _ROW_PX = 130, 30
"""Of a table, where no script tells its height."""


def frame_path(table: str) -> str:
    """The page of a table for an iframe."""
    return f"embed/tables/{table}.html"


def listed(site: Published, form: Form | None = None) -> Iterator[tuple[str, str, str]]:
    """The name of all that can be embedded, its title and its page, page by page.

    Args:
        site: What it publishes.
        form: Only what can be had so; a value is listed for this form alone.
    """
    if form == "value":
        yield from _values(site)
        return
    charts = site.charts.values()
    homes = {str(each.get("page", "")): "" for each in charts}
    homes |= {str(e.get("page", "")): e["id"] for e in charts if "/" not in e["id"]}
    # Pages about everything come before those about one model or sweep.
    for page in sorted(homes, key=lambda page: not homes[page]):
        for each in charts:
            if each.get("page", "") == page:
                yield each["id"], each["title"], page
    if form in {None, *FORMS["card"]}:
        for path in site.files:
            if path.startswith(_CARD):
                yield path.removesuffix(".png"), f"Card: {_title(site, path)}", ""
    if form in {None, *FORMS["table"]}:
        for name in site.quotable if form == "iframe" else site.tables:
            yield f"{_TABLE}{name}", f"Table: {site.table_title(name)}", ""


def _values(site: Published) -> Iterator[tuple[str, str, str]]:
    for of in site.quotable:
        numbers = site.numeric(of)
        for row in site.rows(of):
            where = site.named(of, row)
            for field in numbers if where is not None else ():
                if row[field] is not None:
                    name = called("value", of, **(where or {}), field=field)
                    yield name, site.text(field, row[field]), ""


def _page(card: str) -> str:
    """The page of which a card is the picture."""
    return f"{card.removeprefix(_CARD).removesuffix('.png')}.html"


def _title(site: Published, card: str) -> str:
    """What the page of a card is called; its path where it is not there."""
    page = _page(card)
    found = re.search(
        r"<title>(.*?)</title>", site.files.get(page, b"").decode(errors="ignore")
    )
    return html.unescape(found[1]) if found else page


def find(site: Published, wanted: str) -> Quote:
    """What is meant: an ID that `listed` names, or a quote as posts spell it.

    Raises:
        PublishError: It is nothing of this site.
    """
    if wanted in site.charts:
        return Quote(name="chart", of=wanted)
    if f"{wanted}.png" in site.files:
        return Quote(name="card", of=wanted)
    if wanted.startswith(_TABLE) and wanted.removeprefix(_TABLE) in site.tables:
        return Quote(name="table", of=wanted.removeprefix(_TABLE))
    for each in quotes(wanted):
        if isinstance(each, Wrong):
            raise PublishError(Problem(shown(wanted), each.what))
        if each.name in FORMS:
            return each
    near = near_miss(wanted, [name for name, *_ in listed(site)])
    what = f"is not a chart, card or table of this site{near}"
    advice = "`harness-bench embed` lists them"
    raise PublishError(Problem(shown(wanted), what, advice))


def figure(folder: Path, chart_id: str) -> "Figure":
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
    wanted: Quote,
    form: Form,
    *,
    base_url: str = "",
    jekyll: str | None = None,
) -> str:
    """What is pasted into a post, on lines of its own between blank lines.

    Args:
        site: What it publishes.
        wanted: What `find` found, of what has this form.
        form: What the post takes.
        base_url: Address or path of the site; empty: relative to the post.
        jekyll: The site's folder within a Jekyll source, whose baseurl Jekyll adds.

    Raises:
        PublishError: What it names is not published, or has no such form.
    """
    base = base_url if not base_url or base_url.endswith("/") else f"{base_url}/"

    def source(path: str, asked: str = "") -> str:
        if jekyll is None:
            return _attribute(base + url_path(path) + asked)
        # Percent-encoded: neither a quote nor a brace can end the expression.
        inside = "/".join(filter(None, (url_path(jekyll.strip("/")), url_path(path))))
        return f"{{{{ '/{inside}{asked}' | relative_url }}}}"

    try:
        picture = form == "markdown" and wanted.name in {"chart", "card"}
        if picture or form in {"iframe", "img"}:
            return _pointing(site, wanted, form, source)
        return _standing(site, wanted, form, base)
    except QuoteError as error:
        raise PublishError(Problem(shown(wanted.of), str(error))) from error


def _standing(site: Published, wanted: Quote, form: Form, base: str) -> str:
    """What holds all that is shown, or names it for Jekyll."""
    if form == "jekyll":
        return included(wanted)
    if form == "html":
        return quoted(wanted, site, at(base))
    table = wanted.name == "table"
    return markdown_table(wanted, site) if table else said(wanted, site)


def _pointing(
    site: Published, wanted: Quote, form: Form, source: Callable[..., str]
) -> str:
    """What shows a file of the site."""
    chart = site.charts.get(wanted.of)
    if form == "iframe":
        page, title, height = _frame(site, wanted)
        return (
            f'<iframe src="{source(*page)}" title="{_attribute(title)}" width="100%" '
            f'height="{height}" loading="lazy" frameborder="0"></iframe>'
            f'<script defer src="{source("assets/embed.js")}"></script>'
        )
    picture = source(chart["svg"] if chart else f"{wanted.of}.png")
    title = _attribute(chart["title"] if chart else _title(site, wanted.of))
    if form == "img":
        caption = f". {_attribute(chart.get('caption', ''))}" if chart else ""
        return f'<img src="{picture}" alt="{title}{caption}">'
    home = source(chart["embed"] if chart else _page(wanted.of))
    told = _attribute("".join(source_line(site)))
    named = f"{title}. " if chart else ""
    return f"[![{title}]({picture})]({home})\n\n*{named}{told}*"


def _frame(site: Published, wanted: Quote) -> tuple[tuple[str, str], str, int]:
    """Page and query of a chart or table, its title, and its height in px."""
    if wanted.name == "chart":
        chart = site.chart(wanted.of)
        return (chart["embed"], ""), chart["title"], chart["height"]
    if wanted.where or "columns" in wanted.options or wanted.of not in site.quotable:
        what = f"a frame shows a whole table of at most {MOST_ROWS} rows, or its top"
        raise QuoteError(what)
    top = wanted.options.get("top", "")
    rows = int(top or len(site.rows(wanted.of)))
    page = frame_path(wanted.of), f"?top={rows}" if top else ""
    return page, site.table_title(wanted.of), _FRAME_PX + _ROW_PX * rows


def _attribute(text: str) -> str:
    """Text within a quoted attribute, in a post that Liquid may read before HTML."""
    return liquid(html.escape(" ".join(text.split())))
