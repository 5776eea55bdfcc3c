"""Long tables over several pages, so that none is larger than a phone cares to load."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sitegen.page import Content, Page, Section
from sitegen.words import link, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sitegen.charts.figure import Chart
    from sitegen.table import Table
    from sitegen.words import Run, Words

    _Parts = Sequence[tuple[int, int]]

FIRST = 150
"""Rows of a table on the page that it belongs to; longer ones go on elsewhere."""
_OF_SEVERAL = 40
"""The same where a page has several tables that are longer."""
MORE = "more/"
"""Where pages stand that go on with a long table."""
_PART = 250
"""Rows on each further page."""
_UNDER_CHART = 60
"""Rows kept of a longer table under a chart, beside which there is its data file."""
_UNDER_CHARTS = 20
"""The same where a page has many of them."""


def in_parts(page: Page) -> Iterator[Page]:
    """The page with the first rows of its tables, then pages with the others."""
    sections: list[Section] = []
    more: list[Page] = []
    rest: dict[str, Table] = {}
    tables = [each.table for each in page.content.sections if each.table]
    several = sum(len(table.rows) > FIRST for table in tables) > 1
    crowded = _crowded(page)
    most, keep = (_UNDER_CHARTS, _UNDER_CHARTS) if crowded else (FIRST, _UNDER_CHART)
    for section in page.content.sections:
        found = section
        if section.chart and len(section.chart.table.rows) > most:
            found = replace(found, chart=_shortened(section.chart, keep))
        table = section.table
        if crowded:
            longest = first_rows = _UNDER_CHARTS if section.chart else _OF_SEVERAL
        else:
            longest, first_rows = FIRST, _OF_SEVERAL if several else FIRST
        if table and len(table.rows) > longest:
            n = len(table.rows)
            ends = [0, first_rows, *range(first_rows + _PART, n, _PART)]
            parts = [*zip(ends, [*ends[1:], n], strict=True)]
            more += [
                _part(page, section, table, parts, at) for at in range(1, len(parts))
            ]
            first = _rows(table, parts[0])
            if table.tool:
                path = table.tool.replace(".js", "-rows.js")
                rest[path] = _rows(table, (first_rows, n))
                first = replace(first, rest=path)
            after = (*table.after, *words(" "), *_where(page, section, parts, 0))
            found = replace(found, table=replace(first, after=after))
        sections.append(found)
    content = replace(page.content, sections=tuple(sections))
    yield replace(page, content=content, rest=rest)
    yield from more


def _crowded(page: Page) -> bool:
    """Whether the tables under its charts are together more than two long ones."""
    rows = [
        min(len(each.chart.table.rows), _UNDER_CHART)
        for each in page.content.sections
        if each.chart and not each.table_at
    ]
    return sum(rows) > 2 * _UNDER_CHART


def _shortened(chart: Chart, keep: int) -> Chart:
    table = chart.table
    after = words(f"{len(table.rows) - keep:,} more rows are in the CSV.")
    return replace(chart, table=replace(_rows(table, (0, keep)), after=after))


def _rows(table: Table, part: tuple[int, int]) -> Table:
    """The rows of one part, with what stands above them."""
    low, high = part
    heads = {at - low: text for at, text in table.heads.items() if low <= at < high}
    return replace(table, rows=table.rows[low:high], heads=heads)


def _path(page: Page, section: Section, at: int) -> str:
    if not at:
        return f"{page.path}#{section.anchor}"
    return f"{MORE}{page.path.removesuffix('.html')}/{section.anchor}-{at + 1}.html"


def _span(parts: _Parts, at: int) -> str:
    low, high = parts[at]
    return f"Rows {low + 1:,} to {high:,} of {parts[-1][1]:,}"


def around(paths: Sequence[str], at: int) -> Iterator[str | Run]:
    """Links from one of several pages to its neighbours, a space after each."""
    for text, step in (("Before", -1), ("Next", 1)):
        if 0 <= at + step < len(paths):
            yield link(text, paths[at + step])
            yield " "


def _where(page: Page, section: Section, parts: _Parts, at: int) -> Words:
    """Which rows these are, and where the others stand."""
    paths = [_path(page, section, each) for each in range(len(parts))]
    return words(
        f"{_span(parts, at)}. ",
        *around(paths, at),
        link("All as data", "data.html"),
    )


def _part(page: Page, section: Section, whole: Table, parts: _Parts, at: int) -> Page:
    """One further page."""
    where = _where(page, section, parts, at)
    table = replace(_rows(whole, parts[at]), tool="", after=where)
    of = page.content.heading
    span = _span(parts, at)
    name = f"{of}: {section.title or whole.caption}"
    return Page(
        path=_path(page, section, at),
        title=f"{page.title or of}, {section.title}, {span.lower()}",
        description=f"{name}. {span}.",
        model=page.model,
        shows=page.shows,
        content=Content(
            kicker=section.title or whole.caption,
            heading=of,
            quant=page.content.quant,
            lead=(words(f"{span}. ", link("The whole page", page.path), "."),),
            sections=(Section(title=span, anchor=section.anchor, table=table),),
        ),
    )
