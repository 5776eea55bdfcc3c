"""How each combo moved since the sweep or the publish before."""

from collections.abc import Iterator
from fractions import Fraction

from sitegen.history import Point
from sitegen.numbers import count_of
from sitegen.page import Content, Page, PageType, Section, plain
from sitegen.site_data import SiteData
from sitegen.table import (
    EMPTY,
    Cell,
    Column,
    Table,
    count_cell,
    plain_cell,
    points_cell,
)
from sitegen.words import link, words

PATH = "history.html"
_VERDICTS = {True: "moved", False: "not shown"}


def history_pages(data: SiteData) -> Iterator[Page]:
    """The one page of changes; none where nothing has two results."""
    tables = {over: tuple(_rows(data, over)) for over in ("sweep", "publish")}
    told = {over: rows for over, rows in tables.items() if rows}
    if not told:
        return
    lead = words(
        " and ".join(
            f"{count_of(len(rows), 'comparison')} from {over} to {over}"
            for over, rows in told.items()
        ).capitalize(),
        ". A combo has moved where its rate lies beyond where 95 % of sweeps like "
        "the one before would; of twenty that did not, one seems to have. Publishes "
        "keep earlier trials: nothing is tested there. ",
        link("As data", "data.html#columns-history"),
    )
    yield Page(
        path=PATH,
        title="History",
        description=plain((lead,)),
        content=Content(
            heading="What has moved?",
            lead=(lead,),
            sections=tuple(
                Section(
                    title=f"From {over} to {over}",
                    anchor=over,
                    table=_table(f"Changes from {over} to {over}", rows),
                )
                for over, rows in told.items()
            ),
        ),
    )


def _rows(data: SiteData, over: str) -> Iterator[tuple[Cell, ...]]:
    last: dict[object, Point] = {}
    for now in data.history:
        if now.over != over:
            continue
        was = last.get(now.key)
        last[now.key] = now
        if was and (named := data.names.entities.get(now.key)):
            yield (
                Cell(text=named.text, href=named.href, sort=named.full.lower()),
                plain_cell(was.at),
                plain_cell(now.at),
                count_cell(was.passed, was.n_trials),
                count_cell(now.passed, now.n_trials),
                points_cell(Fraction(now.rate) - Fraction(was.rate)),
                EMPTY if now.moved is None else plain_cell(_VERDICTS[now.moved]),
            )


def _table(caption: str, rows: tuple[tuple[Cell, ...], ...]) -> Table:
    return Table(
        caption=caption,
        filterable=True,
        columns=(
            Column(title="Combo", kind="name"),
            Column(title="From", kind="text"),
            Column(title="To", kind="text"),
            Column(title="Passed before", folds=True),
            Column(title="Passed then", folds=True),
            Column(title="Change"),
            Column(title="Verdict", kind="text", hint="by a fresh sweep's 95 %"),
        ),
        rows=rows,
    ).tidy


PAGES = PageType(label="History", href=PATH, pages=history_pages)
