"""Tables that several people brought, checked against each other and joined."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness_bench.cells_csv import canonical
from harness_bench.columns import format_value
from harness_bench.errors import Problem, SchemaError, shown
from harness_bench.schema import COLUMNS, Record
from sitegen.config import Settings, read_settings
from sitegen.foreign import adapt
from sitegen.inputs import CELLS, companion, mixed_versions
from sitegen.numbers import count_of, listed
from sitegen.parsed import parse
from sitegen.paths import with_parts
from sitegen.raw_table import Origin
from sitegen.read_table import is_table, read_raw, stem
from sitegen.records import Records

WANTED = ("hardware", "quant", "server_build")
"""What tells the machines of contributors apart; a table without it is told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """One table of all."""

    records: tuple[Record, ...]
    said: tuple[str, ...]
    """A line for each file."""


def merged(given: Sequence[Path]) -> Merged:
    """The trials of all files, each with who brought it.

    The settings beside a file, `NAME.site.toml` or `site.toml`, put it into our words.

    Raises:
        SchemaError: With every problem of every file, and of two files together.
    """
    paths = [each for path in given for each in _files(path)]
    problems: list[Problem] = []
    found: dict[object, tuple[Origin, Record]] = {}
    rows: list[tuple[Origin, Record]] = []
    said = []
    for path in paths:
        own = list(_records(path, problems))
        rows += own
        again = 0
        for origin, record in own:
            first = found.setdefault(record.identity, (origin, record))
            if first[1] is record:
                continue
            again += 1
            if other := _differences(first[1], record):
                what = f"is the trial of {first[0]} with another {other}"
                help_ = "take one of them out; repeats need a seed of their own"
                problems.append(origin.problem("contradiction", what, help_))
        lacks = [name for name in WANTED if any(not getattr(r, name) for _, r in own)]
        line = f"{path}: {count_of(len(own), 'trial')}"
        line += f", {again:,} of them brought before" if again else ""
        line += f"; some do not say {listed(lacks, 'or')}" if lacks else ""
        said.append(line)
    problems += mixed_versions(Records.of(r for _, r in rows), lambda n: rows[n][0])
    if not rows and not problems:
        problems.append(Problem("", "no table was given, or none holds a trial"))
    if problems:
        raise SchemaError(*problems)
    return Merged(records=canonical(r for _, r in found.values()), said=tuple(said))


def _files(given: Path) -> list[Path]:
    if not given.is_dir():
        return [given]
    return [each for each in sorted(given.rglob("*")) if is_table(each)]


def _records(path: Path, problems: list[Problem]) -> Iterator[tuple[Origin, Record]]:
    chosen = companion(path, "site.toml")
    settings = read_settings(chosen) if chosen else Settings()
    given, score = settings.input, settings.policy.pass_score
    table = read_raw(path, name=str(path), asked=given.columns.values())
    tables = [with_parts(table, path, given.paths)]
    adapted = adapt(tables, given, pass_score=score).tables
    parsed = parse(adapted, duplicates=given.duplicates)
    problems += parsed.problems
    who = path.parent.name if path.name == CELLS else stem(path.name)
    for number, record in enumerate(parsed.records):
        yield (
            parsed.origin(number),
            replace(record, contributor=record.contributor or who),
        )


def _differences(one: Record, other: Record) -> str:
    """What two rows of one trial say otherwise; an empty field says nothing."""
    pairs = (
        (column.name, getattr(one, column.name), getattr(other, column.name))
        for column in COLUMNS
        if column.name != "contributor"
    )
    return ", ".join(
        f"{name} ({shown(format_value(second))} and not {shown(format_value(first))})"
        for name, first, second in pairs
        if None not in (first, second) and first != second
    )
