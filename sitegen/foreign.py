"""The `[input]` adapter: other people's tables, put into our words.

It works on text, before anything is parsed: columns are renamed, statuses
translated, empty fields filled. What it does not mend stays as it is and is
judged by the same rules as a table of ours.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from harness_bench.columns import BLANKS, NUMBER
from harness_bench.csv_rows import Origin, RawTable
from harness_bench.errors import SHOWN_LENGTH, Problem, near_miss, shown
from harness_bench.schema import COLUMN_BY_NAME
from sitegen.config import Input
from sitegen.numbers import named_of

MANY = 12
"""A notice names this many and counts the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """Tables in our words, and what was done to them."""

    tables: tuple[RawTable, ...]
    """Columns outside the schema are still there; `parse` passes over them."""
    notices: tuple[str, ...]
    """What was changed, and what is dropped, with counts."""


def adapt(tables: Sequence[RawTable], given: Input) -> Adapted:
    """Tables with the columns and words of cells.csv.

    Args:
        tables: As they were read.
        given: The `[input]` settings.
    """
    counts: Counter[str] = Counter()
    adapted = tuple(_adapt(table, given, counts) for table in tables)
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
    notices = [
        _dropped("not part of cells.csv", outside),
        _dropped("because of [input] ignore", ignored),
        _dropped("because [input] columns takes another one", shadowed),
        *(f"{what}: {count:,}" for what, count in sorted(counts.items())),
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


def _dropped(why: str, names: Iterable[str]) -> str:
    unique = list(dict.fromkeys(names))
    if not unique:
        return ""
    columns = "column" if len(unique) == 1 else "columns"
    return f"{len(unique):,} {columns} dropped, {why}: {listed(unique)}"


def _adapt(table: RawTable, given: Input, counts: Counter[str]) -> RawTable:
    """One table in our words; adds to the counts what was done to its rows."""
    if given == Input() or not table.header:
        return table
    sources, problems = _sources(table, given)
    rows: list[tuple[Origin, dict[str, str]]] = []
    for origin, foreign in table.rows:
        row = {ours: foreign[theirs] for ours, theirs in sources.items()}
        if given.statuses and "status" in row:
            status = given.statuses.get(row["status"].strip(BLANKS))
            if status is not None:
                row["status"] = status.value
                counts["statuses translated ([input] statuses)"] += 1
        if given.score_outside != "error" and "score" in row:
            within = _within(row["score"], clip=given.score_outside == "clip")
            if within != row["score"]:
                row["score"] = within
                became = "clipped" if within else "left out"
                counts[f"scores outside 0..1 {became} ([input] score_outside)"] += 1
        for name, value in given.defaults.items():
            if not row.get(name, "").strip(BLANKS):
                row[name] = value
                counts[
                    f"rows without {name} given {shown(value)} ([input] defaults)"
                ] += 1
        rows.append((origin, row))
    return replace(
        table,
        header=tuple(dict.fromkeys([*sources, *given.columns, *given.defaults])),
        rows=rows,
        problems=[*table.problems, *problems],
    )


def _sources(table: RawTable, given: Input) -> tuple[dict[str, str], list[Problem]]:
    """For each column in our words, the column of the file it is taken from."""
    sources = {name: name for name in table.header if name not in given.ignore}
    problems: list[Problem] = []
    for ours, theirs in given.columns.items():
        if theirs in table.header:
            sources[ours] = theirs
        # One of several files may already be in our words.
        elif ours not in sources and ours not in given.defaults:
            problems.append(
                Origin(table.file, 1).problem(
                    f"missing column {theirs}",
                    f"column {shown(theirs)} is missing"
                    f"{near_miss(theirs, filter(None, table.header))}",
                    f"[input] columns.{ours} in site.toml asks for it",
                )
            )
    return sources, problems


def _within(text: str, *, clip: bool) -> str:
    """A score in 0..1, as text; what is no finite number stays for the parser."""
    stripped = text.strip(BLANKS)
    if not NUMBER.fullmatch(stripped):
        return text
    number = float(stripped)
    if 0 <= number <= 1 or not math.isfinite(number):
        return text
    if not clip:
        return ""
    return "1" if number > 1 else "0"
