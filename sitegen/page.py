"""A page before it is rendered: a path, a template and one frozen context."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sitegen.charts.figure import Chart
from sitegen.definitions import Definition, defined
from sitegen.keys import Key
from sitegen.site_data import SiteData
from sitegen.table import Grid, Table
from sitegen.words import Words, sentences, text_of

_COMPANIONS = {
    "tier": ("rank", "places"),
    "interval": ("noise",),
    "difference": ("p",),
}
"""What is explained with another statistic."""


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
    table_at: str = ""
    """Where the chart's rows are listed, if not in a table of its own: "#board"."""
    table: Table | None = None
    grid: Grid | None = None
    html: str = ""
    """Rendered Markdown of the site's owner; the one thing not escaped again."""
    terms: tuple[tuple[str, Words], ...] = ()
    """Facts: a term and what it means."""
    folded: str = ""
    """What opens the terms; empty: they stand open."""
    defines: tuple[Definition, ...] = ()
    """Statistics that are explained here, each with an id to link to."""
    about: tuple[str, ...] = ()
    """Anchors of the statistics in its words; those of its table tell themselves."""

    @property
    def statistics(self) -> set[str]:
        """The anchors of everything that it shows."""
        inside = self.chart.table if self.chart and not self.table_at else None
        tables = (self.table, inside)
        columns = [
            column.about for table in tables if table for column in table.columns
        ]
        return {*self.about, *filter(None, columns)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeLink:
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
    code: str = ""
    """The name in the data, where the heading is another."""
    lead: tuple[Words, ...]
    """The answer, in a short paragraph."""
    scopes: tuple[ScopeLink, ...] = ()
    sections: tuple[Section, ...]

    listed: bool = False
    """Whether a list of the sections, each with its answer, comes before them."""
    scripts: tuple[str, ...] = ()
    """Site paths of the scripts of this page alone, in order."""

    @property
    def answers(self) -> tuple[tuple[str, str, Words], ...]:
        """Title, anchor and first finding, cut to a sentence, of each section."""
        return tuple(
            (each.title, each.anchor, sentences(each.findings[0])[0])
            for each in self.sections
            if each.title and each.findings and each.findings[0]
        )

    @property
    def statistics(self) -> tuple[Definition, ...]:
        """What the page shows, in the order of the methodology page."""
        found = defined({about for each in self.sections for about in each.statistics})
        more = {other for entry in found for other in _COMPANIONS.get(entry.anchor, ())}
        return defined({*(entry.anchor for entry in found), *more})


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the site."""

    path: str
    title: str
    """Of the browser's tab; the site's title follows it."""
    description: str
    """One plain sentence for search engines and link previews."""
    model: str | None = None
    """The one model whose results it shows; None: of several."""
    shows: Key | str | None = None
    """The one entity or sweep whose trials are behind it; None: all trials."""
    content: Content
    files: Mapping[str, bytes] = field(default_factory=dict)
    """What its scripts ask for, by site path."""
    rest: Mapping[str, Table] = field(default_factory=dict)
    """Rows that its script adds, by the site path where they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageType:
    """Pages of one kind."""

    label: str
    """Their entry in the navigation."""
    href: str
    """The page that the entry leads to; where it is not made, there is no entry."""
    pages: Callable[[SiteData], Iterable[Page]]


def plain(paragraphs: tuple[Words, ...], *, most: int = 300) -> str:
    """The first sentences of some paragraphs, whole ones, for a description.

    The first stands there whatever its length.
    """
    text = ""
    for sentence in (each for found in paragraphs for each in sentences(found)):
        longer = f"{text} {text_of(sentence).strip()}".strip()
        if text and len(longer) > most:
            break
        text = longer
    return text
