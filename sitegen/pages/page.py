"""A page before it is rendered: a path, a template and one frozen context."""

from __future__ import annotations

from dataclasses import dataclass

from sitegen.charts.figure import Chart
from sitegen.table import Table
from sitegen.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a page: words first, then a picture, then a table."""

    title: str
    anchor: str
    """The id of its heading; unique on the page."""
    findings: tuple[Words, ...] = ()
    """What the numbers say."""
    paragraphs: tuple[Words, ...] = ()
    """How to read what follows, in the muted ink."""
    chart: Chart | None = None
    table: Table | None = None
    html: str = ""
    """Rendered Markdown of the site's owner; the one thing not escaped again."""
    terms: tuple[tuple[str, Words], ...] = ()
    """Definitions: a term and what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A link to the same page for another scope."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The context of `page.html`: everything between header and footer."""

    kicker: str = ""
    """What kind of thing the page is about, above the heading."""
    heading: str
    quant: str = ""
    """Follows the heading in the muted ink."""
    lead: tuple[Words, ...]
    """The answer, in a short paragraph."""
    switches: tuple[Switch, ...] = ()
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the site."""

    path: str
    title: str
    """Of the browser's tab; the site's title follows it."""
    description: str
    """One plain sentence for search engines and link previews."""
    section: str
    """Which entry of the navigation it belongs to; "" for none."""
    model: str | None = None
    """The one model whose results it shows; None: of several."""
    content: Content


def plain(paragraphs: tuple[Words, ...], *, most: int = 200) -> str:
    """The text of some paragraphs, cut at a word, for a description."""
    text = " ".join("".join(run.text for run in found) for found in paragraphs)
    if len(text) <= most:
        return text
    return text[:most].rsplit(" ", 1)[0] + " …"
