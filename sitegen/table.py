"""Tables as values: every cell formatted once, in Python, sort keys included.

The template only lays them out; the browser only re-orders and filters rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from sitegen.keys import Key
from sitegen.measures import SCORE
from sitegen.names import Entity, Names
from sitegen.numbers import UNKNOWN, percent, points, probability, seconds
from sitegen.stats.intervals import Interval
from sitegen.stats.standings import Standing
from sitegen.words import Words

Kind = Literal["name", "text", "number", "interval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An interval drawn in its row; all three in percent of the track."""

    low: float
    high: float
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one field of a table shows."""

    text: str
    muted: str = ""
    """Follows the text in the muted ink: a unit, a denominator, a quant."""
    href: str = ""
    """Site path the text links to."""
    sort: str | float | None = None
    """What the column is sorted by; None: last, in either direction."""
    span: Span | None = None
    hue: int = 0
    strong: bool = False

    @property
    def key(self) -> str:
        """The sort key as text; a number with as many digits as tell rows apart."""
        return f"{self.sort:.9g}" if isinstance(self.sort, float) else str(self.sort)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    title: str
    kind: Kind = "number"
    folds: bool = False
    """On a narrow screen it moves under the name."""
    sorted: Literal["", "ascending", "descending"] = ""
    """The order in which the rows come."""
    rising: bool = False
    """The least is the best, and comes first when a reader sorts by it."""
    hint: str = ""
    about: str = ""
    """The entry of `definitions` that says what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table ready to be laid out."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    filterable: bool = False
    heads: Mapping[int, str] = field(default_factory=dict)
    """What stands above a row, by its place: the rows below belong together."""
    after: Words = ()
    """Under the last row: which rows these are, and where the others stand."""
    rest: str = ""
    """Site path of the script with the rows that are not on the page."""
    tool: str = ""
    """Site path of what the board's script knows of the rows; empty: no board."""

    @property
    def tidy(self) -> Table:
        """Without the columns in which nothing was measured."""
        used = [
            index
            for index, column in enumerate(self.columns)
            if column.kind == "name" or any(row[index] != EMPTY for row in self.rows)
        ]
        if len(used) == len(self.columns):
            return self
        return replace(
            self,
            columns=tuple(self.columns[index] for index in used),
            rows=tuple(tuple(row[index] for index in used) for row in self.rows),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one combo did: a trial is a mark, several are counted."""

    look: str
    """Of the mark: p passed, f failed, s some passed."""
    text: str
    """Inside it: how many passed where it is not one trial, and their time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row or column: whose it is, and how many of its trials passed."""

    label: str
    muted: str
    href: str
    passed: str
    marks: tuple[Mark | None, ...] = ()
    """Of a row, one a column; None: not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Rows and columns, both with those that pass most first."""

    caption: str
    columns: tuple[Line, ...]
    rows: tuple[Line, ...]


SCREENFUL = 20
"""Longer tables get a filter."""

EMPTY = Cell(text=UNKNOWN)
_LAST = 10**9
"""Sorts whatever has no rank behind all that have one."""


def name_cell(entity: Entity) -> Cell:
    """A linked name, with its quant muted behind it and its family's dot."""
    return Cell(
        text=entity.label,
        muted=entity.quant,
        href=entity.href,
        sort=entity.full.lower(),
        hue=entity.hue,
    )


def count_cell(passed: int, n: int, *, strong: bool = True) -> Cell:
    """A count with its denominator beside it; sorted by the proportion."""
    if not n:
        return EMPTY
    return Cell(text=f"{passed:,}", muted=f"/{n:,}", sort=passed / n, strong=strong)


def percent_cell(rate: Fraction | None) -> Cell:
    """A proportion as percent with one place."""
    if rate is None:
        return EMPTY
    return Cell(text=percent(rate), muted="%", sort=float(rate))


def interval_cell(rate: Fraction | None, interval: Interval | None) -> Cell:
    """The interval as a drawn span and in whole percent."""
    if rate is None or interval is None:
        return EMPTY
    low, high = interval.low * 100, interval.high * 100
    return Cell(
        text=f"{low:.0f}–{high:.0f}",
        sort=interval.low,
        span=Span(
            low=round(low, 2), high=round(high, 2), at=round(float(rate) * 100, 2)
        ),
    )


def rate_cell(standing: Standing[Key]) -> Cell:
    """The pass rate, and behind it the mean score where ranks are by that.

    One trial is no rate: it passed or did not, as the count beside says.
    """
    if standing.n_trials == 1 and standing.score is None:
        return EMPTY
    cell = percent_cell(standing.rate)
    if standing.score is None:
        return cell
    return replace(cell, muted=f"{cell.muted}, score {SCORE.text(standing.score)}")


def time_cell(time_s: Fraction | None) -> Cell:
    """A mean time with its unit muted."""
    if time_s is None:
        return EMPTY
    text, unit = seconds(time_s)
    return Cell(text=text, muted=f" {unit}", sort=float(time_s))


def rank_cell(standing: Standing[Key], n_tasks: int) -> Cell:
    """A rank as the range that the tasks leave open, and the tier: "1–3 · a".

    The rank alone where cells are private. An incomplete entry shows how many of the
    tasks it ran instead.
    """
    if standing.rate is None:
        return EMPTY
    if standing.rank is None:
        part = f" {standing.n_across}/{n_tasks}" if standing.n_across < n_tasks else ""
        return Cell(text=UNKNOWN, muted=part, sort=_LAST)
    tier = f" · {standing.tier}" if standing.tier else ""
    found = standing.rank_range or (standing.rank, standing.rank)
    return Cell(text=ranks(found), muted=tier, sort=standing.rank)


def rank_column(standings: Iterable[Standing[Key]]) -> Column:
    """The head of ranks, which says of tiers where there are any."""
    return _TIER if any(s.tier for s in standings) else _RANK


def ranks(found: tuple[int, int]) -> str:
    """A range of ranks: "3", "1–3"."""
    low, high = found
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def points_cell(delta: Fraction) -> Cell:
    """A difference of two proportions in percentage points."""
    return Cell(text=points(delta), muted=" pt", sort=float(delta), strong=True)


def p_cell(p: Fraction | float | None) -> Cell:
    """A p value."""
    return EMPTY if p is None else Cell(text=probability(p), sort=float(p))


def plain_cell(value: str | int | None, muted: str = "") -> Cell:
    """Text or a whole number as it is."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, int):
        return Cell(text=f"{value:,}", muted=muted, sort=value)
    return Cell(text=value, muted=muted, sort=value.lower())


_RANK = Column(title="Rank", folds=True, rising=True, about="rank")
_TIER = replace(
    _RANK, hint="the places that it may truly have, and the tier", about="tier"
)
PASSED = Column(title="Passed", sorted="descending", hint="passed / measured trials")
RATE = Column(title="Rate", about="rate")
INTERVAL = Column(
    title="95 % interval",
    kind="interval",
    folds=True,
    hint="chance within a cell and the choice of tasks together",
    about="interval",
)
TIME = Column(
    title="Time",
    folds=True,
    rising=True,
    hint="mean wall clock in the agent",
    about="time",
)


def measures(standing: Standing[Key]) -> tuple[Cell, ...]:
    """Passed, rate, interval and time: the columns every ranking ends with."""
    return (
        count_cell(standing.passed, standing.n_trials),
        rate_cell(standing),
        interval_cell(standing.rate, standing.interval),
        time_cell(standing.time_mean_s),
    )


MEASURES = (PASSED, RATE, INTERVAL, TIME)
"""Of a table whose best row comes first."""
HARDEST_FIRST = (replace(PASSED, sorted="ascending"), RATE, INTERVAL, TIME)
UNORDERED = (replace(PASSED, sorted=""), RATE, INTERVAL, TIME)
"""Of a table that is ordered by something it does not show."""


def ranked_table(
    caption: str,
    title: str,
    names: Names,
    standings: Sequence[Standing[Key]],
    *,
    tasks: int | None = None,
) -> Table:
    """Entities of a kind with their measures.

    Args:
        caption: What the table holds.
        title: The kind of entity: "Harness".
        names: How they are called.
        standings: In order.
        tasks: Tasks over which they are ranked; None: without a column of ranks.
    """
    rank = () if tasks is None else (rank_column(standings),)
    return Table(
        caption=caption,
        columns=(*rank, Column(title=title, kind="name"), *MEASURES),
        rows=tuple(
            (
                *(() if tasks is None else (rank_cell(s, tasks),)),
                name_cell(names[s.key]),
                *measures(s),
            )
            for s in standings
        ),
    )


def task_results(
    caption: str, names: Names, found: Iterable[tuple[Key, Standing[Key]]]
) -> Table:
    """What one entity did on each task, in the order of the tasks."""
    return Table(
        caption=caption,
        columns=(Column(title="Task", kind="name"), *UNORDERED),
        rows=tuple((name_cell(names[task]), *measures(s)) for task, s in found),
    )
