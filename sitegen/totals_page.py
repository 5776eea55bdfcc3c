"""The one page of a site of totals: a board without ranks, tiers and verdicts."""

from harness_bench.schema import COLUMN_BY_NAME
from sitegen.config import SiteSettings
from sitegen.datafiles.column import Column as DataColumn
from sitegen.datafiles.column import integer, number, table, text
from sitegen.datafiles.format import DataFile
from sitegen.numbers import count_of, percent
from sitegen.page import Content, Page, Section, plain
from sitegen.stats.intervals import wilson
from sitegen.table import (
    SCREENFUL,
    Cell,
    Column,
    Table,
    count_cell,
    interval_cell,
    percent_cell,
    plain_cell,
)
from sitegen.totals import NAMES, Total
from sitegen.words import link, strong, words


def totals_page(totals: tuple[Total, ...], site: SiteSettings) -> Page:
    """The board."""
    best = [each for each in totals if each.rate == totals[0].rate]
    who = (
        best[0].names[0] if len(best) == 1 else count_of(len(best), "entry", "entries")
    )
    lead = (
        words(
            strong(who),
            f" passed {percent(best[0].rate)} %, the highest rate of "
            f"{count_of(len(totals), 'entry', 'entries')}. These are ",
            strong("totals"),
            ", not trials.",
        ),
        words(
            "Nothing tells which tasks each entry passed, so no test compares two, and "
            "there are no ranks or tiers. Each interval is Wilson's, 95 %, as if every "
            "trial were of another task; where tasks were tried several times, it "
            "should be wider. Where two intervals overlap, do not read one entry as "
            "better. The rows as ",
            link("CSV", "data/totals.csv"),
            " and ",
            link("JSON", "data/totals.json"),
            ".",
        ),
    )
    return Page(
        path="index.html",
        title="Totals",
        description=plain(lead),
        content=Content(
            heading=site.question,
            lead=lead,
            sections=(Section(title="Totals", anchor="board", table=_board(totals)),),
        ),
    )


def totals_file(totals: tuple[Total, ...]) -> DataFile:
    """The same as data."""
    return table(
        "totals",
        "Totals of entries; no trials are known",
        totals,
        *map(_name, NAMES),
        integer("passed", "How many passed"),
        integer("n", "Of how many"),
        integer("passed_first?", "At the first try", lambda t: t.first),
        number("rate", "passed / n, in 0..1", lambda t: t.rate),
        number("ci_low", "Low end of Wilson's 95 % interval", lambda t: _ends(t)[0]),
        number("ci_high", "High end", lambda t: _ends(t)[1]),
    )


def _name(name: str) -> DataColumn[Total]:
    at = NAMES.index(name)
    return text(name, COLUMN_BY_NAME[name].description, lambda total: total.names[at])


def _ends(total: Total) -> tuple[float, float]:
    found = wilson(total.passed, total.n)
    assert found is not None, "n is above 0"  # noqa: S101 - `totals_of` has checked it
    return found.low, found.high


def _board(totals: tuple[Total, ...]) -> Table:
    return Table(
        caption="Totals, the highest share first",
        columns=(
            Column(title="Model", kind="name"),
            *(Column(title=each.capitalize(), kind="text") for each in NAMES[2:]),
            Column(title="Passed", hint="of how many"),
            Column(title="Rate", sorted="descending"),
            Column(title="95 % interval", kind="interval", hint="Wilson's, unpaired"),
            Column(title="At the first try"),
        ),
        rows=tuple(_row(each) for each in totals),
        filterable=len(totals) > SCREENFUL,
    )


def _row(total: Total) -> tuple[Cell, ...]:
    model, quant, *others = total.names
    return (
        Cell(text=model, muted=quant, sort=f"{model} {quant}".lower()),
        *map(plain_cell, others),
        count_cell(total.passed, total.n),
        percent_cell(total.rate),
        interval_cell(total.rate, wilson(total.passed, total.n)),
        plain_cell(None) if total.first is None else count_cell(total.first, total.n),
    )
