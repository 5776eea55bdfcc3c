"""The `[input]` adapter: other people's tables, put into our words.

It works on text, before anything is parsed: columns are renamed, statuses
translated, empty fields filled. What it does not mend stays as it is and is
judged by the same rules as a table of ours.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

import numpy as np

from harness_bench.columns import BLANKS, NUMBER, FieldError, Value
from harness_bench.errors import SHOWN_LENGTH, Problem, near_miss, shown
from harness_bench.schema import COLUMN_BY_NAME, IDENTITY, NAMED, OUTCOMES, Status
from sitegen.config import SCORE_DECIDES, Input
from sitegen.numbers import named_of
from sitegen.raw_table import Origin, RawTable
from sitegen.repeats import number
from sitegen.texts import Texts, blank, firsts, grouped, stacked
from sitegen.usual_words import (
    FLAGS,
    STATUSES,
    bare,
    look_alikes,
    without_trials,
)

MANY = 12
"""A notice names this many and counts the rest."""

_LONGEST_TASK = 200
_SHORT_TASK = 60
_LINES = re.compile("[\n\r\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """Tables in our words, and what was done to them."""

    tables: tuple[RawTable, ...]
    """Columns outside the schema are still there; `parse` passes over them."""
    notices: tuple[str, ...]
    """What was changed, and what is dropped, with counts."""


def adapt(
    tables: Sequence[RawTable], given: Input, *, pass_score: float = 1.0
) -> Adapted:
    """Tables with the columns and words of cells.csv.

    Args:
        tables: As they were read.
        given: The `[input]` settings.
        pass_score: Of the policy, for `verdict = "score"`.
    """
    everywhere = {name for table in tables for name in table.header if name}
    tables = [_with_trials(table, given) for table in tables]
    words = _Words(given, pass_score)
    adapted = tuple(_adapt(table, given, words, everywhere) for table in tables)
    refused = _beyond_full_marks(adapted, given)
    adapted = tuple(_scaled(table, words, leave=bool(refused)) for table in adapted)
    if refused:
        first = adapted[0]
        adapted = (replace(first, problems=[*first.problems, refused]), *adapted[1:])
    adapted = _number(adapted, tables, given, words.counts)
    used = set(given.columns.values())
    headers = [name for table in tables for name in table.header if name]
    outside = [n for n in headers if n not in COLUMN_BY_NAME and n not in used]
    ignored = [name for name in headers if name in given.ignore and name not in used]
    shadowed = [
        name
        for table in tables
        for name in table.header
        if name in given.columns
        and given.columns[name] != name
        and given.columns[name] in table.header
        and name not in used
        and name not in given.ignore
    ]
    taken = {*given.columns, *given.ignore, *headers}
    notices = [
        *(table.notice for table in tables),
        _dropped("not part of cells.csv", outside),
        _look_alike(look_alikes(outside, taken)),
        _dropped("because of [input] ignore", ignored),
        _dropped("because [input] columns takes another one", shadowed),
        *words.usual(),
        *(f"{what}: {count:,}" for what, count in sorted(words.counts.items())),
    ]
    return Adapted(tables=adapted, notices=tuple(filter(None, notices)))


def listed(names: Iterable[str]) -> str:
    """Names from a file in a sentence; many or odd ones do not flood it."""
    plain = [
        name if name.isprintable() and len(name) <= SHOWN_LENGTH else shown(name)
        for name in names
    ]
    named = named_of(len(plain), MANY)
    more = f" and {len(plain) - named:,} more" if named < len(plain) else ""
    return ", ".join(plain[:named]) + more


def _look_alike(found: Mapping[str, str]) -> str:
    if not found:
        return ""
    named = [f"{ours} = {toml(theirs)}" for ours, theirs in found.items()]
    settings = ", ".join(named[:MANY])
    units = {COLUMN_BY_NAME[name].unit for name in found} & {"seconds"}
    return (
        f"dropped, but by their names columns of cells.csv: [input] columns ="
        f" {{ {settings} }} takes them" + (", times in seconds" if units else "")
    )


def toml(text: str) -> str:
    """A string as a person can paste it into site.toml."""
    return f"'{text}'" if text.isprintable() and "'" not in text else shown(text)


def one_line(name: str) -> str:
    """A task's name without line breaks: its beginning, and a hash of the whole.

    One that is on one line already stays as it is.
    """
    if not _LINES.search(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    start = " ".join(_LINES.sub(" ", name[:1_000]).split())[:_SHORT_TASK].rstrip()
    return f"{start}… {digest}"


def _dropped(why: str, names: Iterable[str]) -> str:
    unique = list(dict.fromkeys(names))
    if not unique:
        return ""
    columns = "column" if len(unique) == 1 else "columns"
    return f"{len(unique):,} {columns} dropped, {why}: {listed(unique)}"


Columns = dict[str, Texts]
"""Of a table, in our words."""


class _Words:
    """What fields mean in our words, and what was done to how many of them."""

    def __init__(self, given: Input, pass_score: float) -> None:
        self.given = given
        self.pass_score = pass_score
        self.counts: Counter[str] = Counter()
        self._read: dict[str, Counter[tuple[str, str]]] = {
            "status": Counter(),
            "passed": Counter(),
        }

    def translate(self, columns: Columns) -> None:
        """Put the columns of a table into our words, but for its scores."""
        given = self.given
        for name, texts in given.unknown.items():
            self._change(
                columns,
                name,
                partial(_without, texts=set(texts)),
                f"{name} taken as not measured ([input] unknown)",
            )
        for name, meant in given.aliases.items():
            self._change(
                columns,
                name,
                partial(_meant, meant=meant),
                f"{name} put in its usual spelling ([input] aliases)",
            )
        self._change(
            columns,
            "task",
            lambda text: one_line(text) if _LINES.search(text) else None,
            "rows whose task has a line break, put on one line with a hash"
            " ([input] aliases.task or a title in tasks.csv can name it)",
        )
        self._change(
            columns,
            "task",
            lambda text: text if len(text) > _LONGEST_TASK else None,
            f"rows whose task has more than {_LONGEST_TASK} characters ([input]"
            " aliases.task or a title in tasks.csv can name it)",
        )
        if "status" in columns:
            columns["status"] = columns["status"].changed(self._status)
        if "passed" in columns:
            columns["passed"] = columns["passed"].changed(
                lambda text, count: self._usual(text, count, "passed", FLAGS)
            )

    def _change(
        self,
        columns: Columns,
        name: str,
        change: Callable[[str], str | None],
        what: str,
    ) -> None:
        """Change those texts of a column that are given another, and count them."""

        def counted(text: str, count: int) -> str:
            other = change(text)
            if other is None:
                return text
            self.counts[what] += count
            return other

        if name in columns:
            columns[name] = columns[name].changed(counted)

    def _status(self, text: str, count: int) -> str:
        status = self.given.statuses.get(text.strip(BLANKS))
        if status is None:
            return self._usual(text, count, "status", STATUSES)
        self.counts["statuses translated ([input] statuses)"] += count
        return "" if status == SCORE_DECIDES else status

    def _usual(self, text: str, count: int, name: str, words: Mapping[str, str]) -> str:
        stripped = text.strip(BLANKS)
        if not stripped or len(stripped) > SHOWN_LENGTH:
            return text
        try:
            COLUMN_BY_NAME[name].parse(stripped)
        except FieldError:
            meant = words.get(bare(stripped))
            if meant is not None:
                self._read[name][stripped, meant] += count
                return meant
        return text

    def usual(self) -> list[str]:
        """A notice for each column whose words were read without being told how."""
        return [
            f"{name} read in other words: "
            + ", ".join(
                f"{shown(text)} as {meant} ({count:,})"
                for (text, meant), count in sorted(read.items())[:MANY]
            )
            + (f" and {len(read) - MANY:,} more" if len(read) > MANY else "")
            for name, read in self._read.items()
            if read
        ]

    def score(self, text: str, count: int, *, leave: bool) -> str:
        """A score on the scale 0..1.

        Args:
            text: As the file has it.
            count: So many rows have it.
            leave: Leave out what is beyond full marks, since it is told already.
        """
        given = self.given
        scale = given.score_scale
        if scale == 1 and text.strip(BLANKS).endswith("%"):
            self.counts["scores in percent, divided by 100"] += count
            text, scale = text.strip(BLANKS)[:-1], 100
        text = _of_full_marks(text, scale)
        if leave and (_number_of(text) or 0) > 1:
            text = "1"
        if given.score_outside != "error":
            within = _within(text, clip=given.score_outside == "clip")
            if within != text:
                became = "clipped" if within else "left out"
                what = f"scores outside 0..1 {became} ([input] score_outside)"
                self.counts[what] += count
            text = within
        return text

    def fill(self, columns: Columns, size: int) -> None:
        """Fill what is empty, an outcome only where there is none."""
        nothing = Texts.same("", size)
        outcomes = [columns.get(name, nothing).where(blank) for name in OUTCOMES]
        undecided = np.all(outcomes, axis=0)
        for name, value in self.given.defaults.items():
            texts = columns.get(name, nothing)
            rows = undecided if name in OUTCOMES else texts.where(blank)
            columns[name] = texts.put(rows, value)
            if count := int(rows.sum()):
                what = f"rows without {name} given {shown(value)} ([input] defaults)"
                self.counts[what] += count

    def decide(self, columns: Columns) -> None:
        """Leave out the outcomes that another column overrules."""
        names = [name for name in OUTCOMES if name in columns]
        if self.given.verdict not in names:
            return
        groups = grouped((columns[name].codes, columns[name].words) for name in names)
        counts = np.bincount(groups).tolist()
        decided = [
            self._decided({name: columns[name][row] for name in names}, count)
            for row, count in zip(firsts(groups), counts, strict=True)
        ]
        for name in names:
            columns[name] = Texts(groups, [row[name] for row in decided])

    def _decided(self, row: dict[str, str], count: int) -> dict[str, str]:
        wins = self.given.verdict
        values = {name: _value(name, row) for name in OUTCOMES}
        if wins is None or values[wins] is None:
            return row
        status, passed = values["status"], values["passed"]
        if wins == "status":
            verdict = status is Status.PASS
        elif wins == "passed":
            verdict = passed is True
        else:
            verdict = float(values["score"] or 0) >= self.pass_score
        over = wins != "passed" and passed is not None and passed != verdict
        if over:
            row["passed"] = ""
        if wins != "status" and isinstance(status, Status):
            spared = wins == "score" and (
                not status.is_measured or status is Status.VOID_CHEAT
            )
            if not spared and (status is Status.PASS) != verdict:
                row["status"] = ""
                over = True
        if wins == "score" and row.get("status") in ("pass", "fail"):
            row["status"] = ""
        if wins == "score":
            row["passed"] = ""
        if over:
            what = f"rows in which {wins} overrules ([input] verdict)"
            self.counts[what] += count
        return row


def _adapt(
    table: RawTable, given: Input, words: _Words, everywhere: Iterable[str]
) -> RawTable:
    """One table in our words, with its scores on their own scale."""
    if not table.header:
        return table
    sources, problems = _sources(table, given, everywhere)
    columns = {ours: table.columns[theirs] for ours, theirs in sources.items()}
    words.translate(columns)
    added = [
        name
        for name in (*given.columns, *given.defaults)
        if name in sources or name in given.defaults
    ]
    missing = [name for name in given.columns if name in NAMED]
    repeats = table.repeated(set(given.columns.values()) - COLUMN_BY_NAME.keys())
    # What is there twice under one of our names is told by `parse`.
    twice = [n for n in table.header if n in sources and sources[n] == n]
    header = [*dict.fromkeys([*sources, *added, *missing])]
    header += [name for name in sorted(set(twice)) if twice.count(name) > 1]
    return replace(
        table,
        header=table.header if given == Input() else tuple(header),
        columns=columns,
        problems=[*table.problems, *repeats, *problems],
    )


def _scaled(table: RawTable, words: _Words, *, leave: bool) -> RawTable:
    """The same table with scores on our scale, defaults and one verdict."""
    columns = dict(table.columns)
    if "score" in columns:
        columns["score"] = columns["score"].changed(
            lambda text, count: words.score(text, count, leave=leave)
        )
    words.fill(columns, table.size)
    words.decide(columns)
    return replace(table, columns=columns)


def _with_trials(table: RawTable, given: Input) -> RawTable:
    """A table whose rows are trials; of totals none are made, and that is said."""
    ours = [name for name in given.columns if given.columns[name] in table.header]
    found = without_trials(table.header, [*ours, *table.header])
    # `task` without a column for it, beside totals: not a trial each.
    if not found:
        return table
    problem = table.head().problem(
        "totals in place of trials",
        f"has no column of tasks, but {listed(found)}: its rows are totals",
        "a board of totals needs passed and n, which [input] columns can name; a site"
        " with ranks needs a row for each trial",
    )
    return RawTable(file=table.file, problems=[*table.problems, problem])


def _number(
    tables: Sequence[RawTable],
    foreign: Sequence[RawTable],
    given: Input,
    counts: Counter[str],
) -> tuple[RawTable, ...]:
    """The tables with seeds for repeats without one, and for those that are named."""
    *names, seed = IDENTITY
    columns = [stacked([table.text(name) for table in tables]) for name in names]
    stripped = [[text.strip(BLANKS) for text in each.words] for each in columns]
    cells = grouped((c.codes, s) for c, s in zip(columns, stripped, strict=True))
    ends = np.cumsum([table.size for table in tables])

    def row(number: int) -> dict[str, str]:
        place = int(np.searchsorted(ends, number, side="right"))
        table = foreign[place]
        return table.row(number - int(ends[place]) + table.size)

    seeds = stacked([table.text(seed) for table in tables])
    done = number(cells, seeds, row, repeats=given.duplicates == "number")
    for what, count in (
        ("rows whose seed is text, numbered within each cell in its order", done.named),
        ("rows numbered within their cells ([input] duplicates)", done.repeated),
        ("of them equal to another in every column", done.alike),
    ):
        if count:
            counts[what] += count
    if done.seeds is seeds:
        return tuple(tables)
    parts = np.split(done.seeds.codes, ends[:-1])
    return tuple(
        replace(table, columns={**table.columns, seed: Texts(p, done.seeds.words)})
        for table, p in zip(tables, parts, strict=True)
    )


def _beyond_full_marks(tables: Iterable[RawTable], given: Input) -> Problem | None:
    """That scores are on another scale: most of those above 0 are beyond the end.

    Clipped or left out one by one they would all be equal, or gone.
    """
    scale = given.score_scale
    first: RawTable | None = None
    marks: Counter[float] = Counter()
    for table in tables:
        first = first or table
        for text, count in table.text("score").counted():
            mark = _number_of(text)
            if count and mark is not None and mark > 0:
                marks[mark] += count
    beyond = Counter({mark: n for mark, n in marks.items() if mark > scale})
    if (
        first is None
        or beyond.total() < _SEVERAL
        or 2 * beyond.total() <= marks.total()
    ):
        return None
    likely = next((full for full in (10, 100, 1_000) if max(beyond) <= full), None)
    full = f"{likely or max(beyond):g}"
    return Origin(first.file, 0).problem(
        "scores on another scale",
        f"{beyond.total():,} of {marks.total():,} scores above 0 are above {scale:g},"
        f" up to {max(beyond):g}",
        f"if {full} is full marks, [input] score_scale = {full} in site.toml divides by"
        " it",
    )


_SEVERAL = 2
"""From so many on, scores beyond full marks can be most of them."""


def _sources(
    table: RawTable, given: Input, everywhere: Iterable[str]
) -> tuple[dict[str, str], list[Problem]]:
    """For each column in our words, the column of the file it is taken from.

    A column that may be absent may also be absent from one of several files.
    """
    sources = {name: name for name in table.header if name not in given.ignore}
    problems: list[Problem] = []
    for ours, theirs in given.columns.items():
        if theirs in table.header:
            sources[ours] = theirs
        # One of several files may already be in our words.
        elif (
            ours not in sources
            and ours not in given.defaults
            and (ours in NAMED or theirs not in everywhere)
        ):
            problems.append(
                table.head().problem(
                    f"missing column {theirs}",
                    f"column {shown(theirs)} is missing"
                    f"{near_miss(theirs, filter(None, table.header))}",
                    f"[input] columns.{ours} in site.toml asks for it",
                )
            )
    return sources, problems


def _value(name: str, row: Mapping[str, str]) -> Value:
    """A field as it will be parsed; None also where it cannot be."""
    try:
        return COLUMN_BY_NAME[name].parse(row.get(name, ""))
    except FieldError:
        return None


def _number_of(text: str) -> float | None:
    stripped = text.strip(BLANKS)
    number = float(stripped) if NUMBER.fullmatch(stripped) else math.nan
    return number if math.isfinite(number) else None


def _without(text: str, texts: Iterable[str]) -> str | None:
    """Nothing in the place of a text that is one of these."""
    stripped = text.strip(BLANKS)
    known = stripped in texts or _same_number(stripped, texts)
    return "" if stripped and known else None


def _meant(text: str, meant: Mapping[str, str]) -> str | None:
    return meant.get(text.strip(BLANKS))


def _same_number(text: str, texts: Iterable[str]) -> bool:
    number = _number_of(text)
    return number is not None and any(number == _number_of(each) for each in texts)


def _of_full_marks(text: str, scale: float) -> str:
    """A score divided by full marks, exactly; what is no number stays as it is."""
    stripped = text.strip(BLANKS)
    if scale == 1 or not NUMBER.fullmatch(stripped):
        return text
    return str(Decimal(stripped) / Decimal(str(scale)))


def _within(text: str, *, clip: bool) -> str:
    """A score in 0..1, as text; what is no finite number stays for the parser."""
    stripped = text.strip(BLANKS)
    if not NUMBER.fullmatch(stripped):
        return text
    value = float(stripped)
    if 0 <= value <= 1 or not math.isfinite(value):
        return text
    if not clip:
        return ""
    return "1" if value > 1 else "0"
