"""What can be quoted of a built site: its charts, tables, values and claims by name.

It is read from the site's own data files, so that a post on the site, one in a Jekyll
blog and a snapshot of an earlier day all get the same texts.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

from harness_bench.errors import Problem, PublishError, near_miss, reason, shown
from sitegen.numbers import (
    UNKNOWN,
    decimal,
    percent,
    points,
    probability,
    seconds,
    signed,
)

CHARTS = "data/charts.json"
"""The site's own list of its charts, and what it says about itself."""
MOST_ROWS = 300
"""Jekyll reads all data at every build; longer tables are left to the site."""
_HEAD = 2_000
"""The bytes of a page up to its title and beyond."""
_TABLES = ""
"""No file is called so: their names, once they were looked for."""
_NEEDED = ("id", "title", "embed", "height", "svg")

Row: TypeAlias = Mapping[str, Any]

_NBSP = "\N{NO-BREAK SPACE}"
_TABLE = re.compile(r"data/((?!schema/)(?:[^/]+/)?[a-z_]+)\.json")
_POINTS = re.compile(r"delta_(rate|low|high)")
_SHARE = re.compile(r"(rate|ci|se|score|pass_hat|pass_at)(_.*)?|.*_rate")
_P = re.compile(r"p(_.*)?|.*_p")
_NAMED = re.compile(r"(?:best_|worst_)?(model|harness|task)(?:_[ab])?")
"""Columns of names that may have a title."""
_TITLES = {
    "agent_time_mean_s": "Time",
    "n_trials": "Trials",
    "ci_low": "95 % from",
    "ci_high": "to",
    "mentions": "Mention the grader",
    "accesses": "Access it",
    "accesses_passed": "Access it and pass",
    "ran": "Ran it",
    "read": "Read it",
    "delta": "Change",
    "n_a": "Trials A",
    "n_b": "Trials B",
    "p": "p",
    "p_alone": "p alone",
    "pass_at_k": "pass@k",
    "pass_hat_k": "pass^k",
    "se_seeds": "Standard error, seeds",
    "se_tasks": "Standard error, tasks",
    "infra": "Lost to infrastructure",
    "in_grid": "In the shared grid",
}
_SPELT = (
    ("^delta(_rate)?", "difference"),
    ("_low$", " from"),
    ("_high$", " to"),
    ("_usd$", " in US dollars"),
    ("^n_|_s$", ""),
    ("_a$", " A"),
    ("_b$", " B"),
    ("_", " "),
)
"""What is spelt out of other columns, in this order."""


class QuoteError(Exception):
    """Something is quoted that is not published, or that several things are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A table as texts."""

    titles: tuple[str, ...]
    numeric: tuple[bool, ...]
    """Whether a column is one of numbers."""
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The data files of a site, read when they are asked for."""

    files: Mapping[str, bytes]
    """By site path; others than data files may be among them."""
    _read: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def _json(self, path: str) -> Any:  # noqa: ANN401 - of a file
        if path not in self._read:
            self._read[path] = json.loads(self.files[path])
        return self._read[path]

    @property
    def about(self) -> Mapping[str, Any]:
        """What the site says about itself: title, address, date, status and rules."""
        found: Mapping[str, Any] = self._json(CHARTS)
        return found

    @property
    def day(self) -> str:
        """The day of the results: "28 April 2026"; "" where it is not known."""
        known = self.about.get("date")
        found = date.fromisoformat(known) if known else None
        return f"{found.day} {found:%B %Y}" if found else ""

    @property
    def charts(self) -> Mapping[str, Mapping[str, Any]]:
        """The entries of the list of charts, by id."""
        return {each["id"]: each for each in self._json(CHARTS)["charts"]}

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of all tables with a row: "combos", "q4/harnesses"."""
        if _TABLES not in self._read:
            found = (_TABLE.fullmatch(path) for path in sorted(self.files))
            names = [match[1] for match in found if match and match[0] != CHARTS]
            self._read[_TABLES] = tuple(name for name in names if self.rows(name))
        tables: tuple[str, ...] = self._read[_TABLES]
        return tables

    @property
    def quotable(self) -> tuple[str, ...]:
        """The tables that are quoted whole: in a Jekyll blog, or in a frame."""
        return tuple(n for n in self.tables if len(self.rows(n)) <= MOST_ROWS)

    def table_title(self, of: str) -> str:
        """What a table holds: "Harnesses, over all models"; a sweep's with its name."""
        said = self._json(f"data/{of}.json")
        scope = said.get("scope", "all")
        return f"{said.get('title', '')}{'' if scope == 'all' else f'; sweep {scope}'}"

    def rows(self, of: str) -> Sequence[Row]:
        """All rows of a table.

        Raises:
            QuoteError: There is no such table.
        """
        path = f"data/{of}.json"
        if path not in self.files or path == CHARTS:
            raise QuoteError(f"{shown(of)} is no table{_near(of, self._names())}")
        rows: Sequence[Row] = self._json(path)["rows"]
        return rows

    def titled(self, column: str, value: object) -> str:
        """The public title of the model, harness or task that a column names.

        "" where it has none, or the column names nothing of the kind.
        """
        kind, known = _NAMED.fullmatch(column), self.about.get("titles", {})
        found: str = known.get(kind[1], {}).get(value, "") if kind else ""
        return found

    def text(self, column: str, value: Any, digits: object = None) -> str:  # noqa: ANN401 - of a file
        """A value as `text` has it, or the title of what it names."""
        return self.titled(column, value) or text(column, value, digits)

    def filled(self, of: str) -> list[str]:
        """The columns of a table that are not empty in every row."""
        rows = self.rows(of)
        return [
            name
            for name in (rows[0] if rows else ())
            if any(row[name] not in {None, ""} for row in rows)
        ]

    def _names(self) -> Iterable[str]:
        return (match[1] for path in self.files if (match := _TABLE.fullmatch(path)))

    def chart(self, chart_id: str) -> Mapping[str, Any]:
        """The entry of a chart.

        Raises:
            QuoteError: There is none of this id.
        """
        if chart_id not in self.charts:
            near = _near(chart_id, self.charts)
            raise QuoteError(f"{shown(chart_id)} is no chart{near}")
        return self.charts[chart_id]

    def chosen(self, of: str, where: Mapping[str, object]) -> list[Row]:
        """The rows of a table that have these values, or else these titles.

        "" is a value that is not known.

        Raises:
            QuoteError: A column is not there, or no row has a value.
        """
        found = list(self.rows(of))
        for name, wanted in where.items():
            _known(of, name, found)
            text = str(wanted)
            left = [row for row in found if _key(row[name]) == text] or [
                row for row in found if text and self.titled(name, row[name]) == text
            ]
            if found and not left:
                near = _near(text, {_key(row[name]) for row in found})
                what = f"no row of {of} has {name} {shown(text)}"
                raise QuoteError(what + near)
            found = left
        return found

    def named(self, of: str, row: Row) -> dict[str, str] | None:
        """The words that tell a row from the others; None where they do not."""
        left, where = self.rows(of), {}
        for name, value in row.items():
            same = [each for each in left if each[name] == value]
            if len(same) < len(left) and (value is None or isinstance(value, str)):
                left, where[name] = same, _key(value)
        return where if len(left) == 1 else None

    def value(
        self, of: str, column: str, where: Mapping[str, object], digits: object = None
    ) -> str:
        """One number or word of one row, as text with its unit.

        Args:
            of: A table.
            column: Of it.
            where: What names the row.
            digits: Places of a share in percent; None: one.

        Raises:
            QuoteError: There is no such row, or there are several.
        """
        found = self.chosen(of, where)
        _known(of, column, found)
        if len(found) != 1:
            free = [
                name
                for name, value in (found[0] if found else {}).items()
                if isinstance(value, str)
                and name not in where
                and len({row[name] for row in found}) > 1
            ]
            advice = f"; say which {' or '.join(free)}" if free else ""
            raise QuoteError(f"fits {len(found):,} rows of {of}{advice}")
        return self.text(column, found[0][column], digits)

    def table(
        self, of: str, columns: Sequence[str], top: int | None, where: Row
    ) -> Cited:
        """Rows of a table as texts.

        Args:
            of: A table.
            columns: Names, each with ":Title" behind it where it has one of its own;
                none: all that are not empty throughout.
            top: As many rows at most; None: all.
            where: What chooses rows.

        Raises:
            QuoteError: A table, column or value is not there.
        """
        found = self.chosen(of, where)[:top]
        asked = list(columns) or self.filled(of)
        names = [each.partition(":")[0].strip() for each in asked]
        for name in names:
            _known(of, name, found)
        titles = [each.partition(":")[2].strip() for each in asked]
        numbers = self.numeric(of)
        return Cited(
            titles=tuple(
                given or title(name) for given, name in zip(titles, names, strict=True)
            ),
            numeric=tuple(name in numbers for name in names),
            rows=tuple(tuple(self.text(n, row[n]) for n in names) for row in found),
        )

    def texts(self, row: Row) -> dict[str, str]:
        """All texts of a row; of shares in whole percent too, as "rate@0"."""
        found = {name: self.text(name, value) for name, value in row.items()}
        whole = {
            f"{name}@0": text(name, value, 0)
            for name, value in row.items()
            if _is_number(value) and _SHARE.fullmatch(name)
        }
        return found | whole

    def keys(self, row: Row) -> dict[str, str]:
        """What a row is chosen by: its words, its answers of yes and no, its titles."""
        known = {name: self.titled(name, value) for name, value in row.items()}
        return {
            name: _key(value)
            for name, value in row.items()
            if value is None or isinstance(value, str | bool)
        } | {f"{name} title": found for name, found in known.items() if found}

    def numeric(self, of: str) -> list[str]:
        """The columns of a table that hold numbers."""
        rows = self.rows(of)
        return [
            name
            for name in (rows[0] if rows else ())
            if any(_is_number(row[name]) for row in rows)
        ]

    def claim(self, name: str) -> Row:
        """The row of a claim, by its name.

        Raises:
            QuoteError: No claim is called so.
        """
        rows = self.rows("claims") if "data/claims.json" in self.files else ()
        by_name = {row["name"]: row for row in rows if row.get("name")}
        if name not in by_name:
            advice = "" if by_name else "; a claim in claims.toml is named by `name`"
            near = _near(name, by_name) or advice
            raise QuoteError(f"{shown(name)} is no claim{near}")
        return by_name[name]


def read_site(folder: Path) -> Published:
    """What a built site publishes: its data, that cards are there, and their titles.

    Raises:
        PublishError: There is no built site, or its list of charts is not one of ours.
    """
    path = folder / CHARTS
    try:
        content = json.loads(path.read_bytes())
        ours = all(each[name] for each in content["charts"] for name in _NEEDED)
    except OSError as error:
        what = f"cannot be read ({reason(error)})"
        advice = "name the folder of a site (--out, or --site of embed), or build one"
        raise PublishError(Problem(str(path), what, advice)) from error
    except (ValueError, KeyError, TypeError, AttributeError):
        ours = False
    if not ours:
        what = "is not a list of charts"
        raise PublishError(Problem(str(path), what, "build the site again"))
    files = {each: each.read_bytes() for each in (folder / "data").rglob("*.json")}
    for card in (folder / "cards").rglob("*.png"):
        page = (folder / card.relative_to(folder / "cards")).with_suffix(".html")
        files[card] = b""
        with suppress(FileNotFoundError), page.open("rb") as opened:
            files[page] = opened.read(_HEAD)
    known = {each.relative_to(folder).as_posix(): files[each] for each in files}
    return Published(files=dict(sorted(known.items())))


_OVER_ALL = frozenset({"model", "harness", "task"})
"""Columns that are empty in rows of totals and never otherwise."""


def title(name: str) -> str:
    """What a column is called above a table of a post."""
    words = name
    for part, instead in _SPELT:
        words = re.sub(part, instead, words)
    return _TITLES.get(name) or words[:1].upper() + words[1:]


def text(column: str, value: Any, digits: object = None) -> str:  # noqa: ANN401, PLR0911 - of a file; one a unit
    """A value of a data file as text: shares in percent, times with their unit."""
    if value is None or value == "":
        return "all" if column in _OVER_ALL else UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not _is_number(value):
        return str(value)
    exact = Fraction(str(value))
    if _POINTS.fullmatch(column):
        return f"{points(exact)}{_NBSP}points"
    if _SHARE.fullmatch(column):
        places = 1 if digits is None else int(str(digits))
        return f"{percent(exact, places)}{_NBSP}%"
    if column.endswith("_s"):
        return _NBSP.join(seconds(exact))
    if _P.fullmatch(column):
        return probability(exact)
    if isinstance(value, int):
        return signed(value) if column == "delta" else f"{value:,}"
    return decimal(exact, 2 if digits is None else int(str(digits)))


def _key(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    return str(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _known(of: str, name: str, rows: Sequence[Row]) -> None:
    if rows and name not in rows[0]:
        raise QuoteError(f"{of} has no column {shown(name)}{_near(name, rows[0])}")


def _near(word: str, known: Iterable[str]) -> str:
    """The nearest name; where none is near, the first few."""
    names = sorted(known)
    few = ", ".join(names[:6])
    more = f", … ({len(names):,})" if len(names) > 6 else ""  # noqa: PLR2004 - few
    return near_miss(word, names) or (f"; there are {few}{more}" if few else "")
