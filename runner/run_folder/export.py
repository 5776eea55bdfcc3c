"""From the ledger to the CSV files that a site is made from.

One row a trial of the plan: its first valid attempt, else its last one. The files are
the same bytes on every export of one ledger and plan, and each is replaced as a whole.
"""

import csv
import io
import statistics
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness_bench import cells_csv
from harness_bench.columns import Value, format_value
from harness_bench.errors import RunError, refused
from harness_bench.schema import COLUMNS, Record
from runner.harnesses.published_settings import published_settings
from runner.machine.durable import replacing
from runner.run_folder.attempt import Attempt
from runner.run_folder.ledger import Attempts
from runner.run_folder.older import older
from runner.spec import HarnessSpec, ModelSpec, Spec
from runner.tasks import Task

ALL_DEFINITIONS: Final = "all-definitions.csv"
"""Rows of every trial, older ones too; no part of a site."""
NOT_COUNTED: Final = "not-counted.txt"
"""What cells.csv leaves out, for those who build a site of it."""
PUBLIC: Final[Mapping[str, tuple[str, ...]]] = {
    "models.csv": (
        *("model", "title", "note"),
        *("family", "vendor", "total_params_b", "active_params_b"),
    ),
    "harnesses.csv": (
        *("harness", "title", "note", "vendor"),
        *("version", "settings", "prompt_tokens"),
    ),
    "tasks.csv": ("task", "title", "language", "category", "difficulty"),
}
"""The metadata files and their columns, the key first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of cells.csv."""

    attempts: tuple[Attempt, ...]
    """What they stand for."""
    notices: tuple[str, ...]
    """What is left out, with counts."""

    @property
    def records(self) -> tuple[Record, ...]:
        """The rows, in their order."""
        return cells_csv.canonical(each.record for each in self.attempts)


def counting(
    attempts: Attempts, *, planned: Collection[str] = ()
) -> dict[tuple[object, ...], Attempt]:
    """Identity of each cell and seed -> the attempt that says most of it.

    Two trials of one identity were made under two definitions: a prompt, a file or a
    limit was changed. The one that is planned counts, else the one that began later.
    """
    chosen: dict[tuple[object, ...], Attempt] = {}
    for attempt in _each(attempts):
        key = attempt.record.identity
        chosen[key] = max(
            (attempt, chosen.get(key, attempt)),
            key=lambda each: (each.trial in planned, *_began(each)),
        )
    return chosen


def rows(attempts: Attempts, *, planned: Collection[str] = ()) -> Rows:
    """The rows that attempts stand for: those of planned trials, and no other.

    Without `planned`, the settings are not known, and of each cell its latest
    definition counts.
    """
    found = counting(attempts, planned=planned).values()
    counted = [each for each in found if not planned or each.trial in planned]
    notice = str(older(attempts, planned))
    if count := 0 if planned else len(attempts.by_trial) - len(counted):
        what = "trial was" if count == 1 else "trials were"
        notice = (
            f"cells.csv: {count} {what} left out, because model, harness, task or"
            " limits were changed and the cell was run again"
        )
    return Rows(attempts=tuple(counted), notices=(notice,) if notice else ())


def _each(attempts: Attempts) -> Iterator[Attempt]:
    """Of each trial the attempt that counts."""
    valid = attempts.valid
    return (valid.get(trial, found[-1]) for trial, found in attempts.by_trial.items())


def export(
    folder: Path,
    attempts: Attempts,
    *,
    planned: Collection[str] = (),
    spec: Spec | None = None,
    tasks: Iterable[Task] = (),
) -> Rows:
    """Write cells.csv, models.csv, harnesses.csv and tasks.csv of a run.

    Names that neither spec nor tasks know keep what the files say of them; what was
    measured follows from the ledger alone.

    Returns:
        The rows of cells.csv.

    Raises:
        RunError: A file cannot be written.
    """
    found = rows(attempts, planned=planned)
    public: dict[str, list[tuple[Value, ...]]] = {
        "models.csv": _models(spec),
        "harnesses.csv": _harnesses(folder / "harnesses.csv", spec, found.attempts),
        "tasks.csv": [
            (task.name, task.title, task.language, task.category, task.difficulty)
            for task in tasks
        ],
    }
    _replace(folder / "cells.csv", cells_csv.write(found.records))
    _tell(folder / NOT_COUNTED, found.notices)
    for name, known in public.items():
        if known:
            _replace(folder / name, _merged(folder / name, PUBLIC[name], known))
    return found


def _began(attempt: Attempt) -> tuple[str, str]:
    return (attempt.record.started_at or "", attempt.trial)


def _models(spec: Spec | None) -> list[tuple[Value, ...]]:
    """What is known of each model; of its tables, the first that says it.

    Vendors are all named: each has seen the tasks.
    """
    tables: dict[str, list[ModelSpec]] = {}
    for model in spec.models if spec else ():
        tables.setdefault(model.name, []).append(model)
    known = []
    for name, models in tables.items():
        said = {key: _first(models, key) for key in PUBLIC["models.csv"][1:]}
        vendors = dict.fromkeys(each.vendor for each in models if each.vendor)
        known.append((name, *(said | {"vendor": " and ".join(vendors)}).values()))
    return known


def _first(found: Iterable[object], key: str) -> Value:
    """What the first says that says it."""
    return next((v for each in found if (v := getattr(each, key)) is not None), None)


def _harnesses(
    path: Path, spec: Spec | None, counted: Iterable[Attempt]
) -> list[tuple[Value, ...]]:
    """What is known of each harness, and what was measured of it."""
    known: dict[str, tuple[Value, ...]] = {
        name: (row["title"], row["note"], row["vendor"], row["settings"])
        for name, row in _lines(path, PUBLIC["harnesses.csv"]).items()
    }
    tables: dict[str, list[HarnessSpec]] = defaultdict(list)
    for each in spec.harnesses if spec else ():
        tables[each.name].append(each)
    for name, found in tables.items():
        said = (_first(found, key) for key in PUBLIC["harnesses.csv"][1:4])
        known[name] = (*said, _given(found))
    versions: dict[str, set[str]] = defaultdict(set)
    tokens: dict[str, list[int]] = defaultdict(list)
    for attempt in counted:
        name, version = attempt.record.harness, attempt.record.harness_version
        if version is not None:
            versions[name].add(version)
        if attempt.prompt_tokens is not None:
            tokens[name].append(attempt.prompt_tokens)
    return [
        (
            *(name, *said, ", ".join(sorted(versions[name])), settings),
            statistics.median_low(tokens[name]) if tokens[name] else None,
        )
        for name, (*said, settings) in known.items()
    ]


def _given(variants: Sequence[HarnessSpec]) -> str | None:
    """The settings of a harness; where its variants differ in them, those of each."""
    told = {
        each.variant or "no variant": published_settings(each.harness)
        for each in variants
    }
    if len(set(told.values())) == 1:
        return published_settings(variants[0].harness)
    return " | ".join(f"{variant}: {settings}" for variant, settings in told.items())


def _lines(path: Path, header: Sequence[str]) -> dict[str, dict[str, str]]:
    """What a metadata file says of each name, in our columns; it may be missing."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="backslashreplace")
    except FileNotFoundError:
        return {}
    rows = csv.DictReader(io.StringIO(text, newline=""))
    lines = ({each: row.get(each) or "" for each in header} for row in rows)
    return {line[header[0]]: line for line in lines}


def _merged(
    path: Path, header: Sequence[str], known: Iterable[Sequence[Value]]
) -> bytes:
    """A metadata file with rows for what is known, and its own for all other names."""
    lines = {name: list(row.values()) for name, row in _lines(path, header).items()}
    for values in known:
        texts = [format_value(value) for value in values]
        lines[texts[0]] = texts
    return _table(header, (lines[name] for name in sorted(lines)))


def _table(header: Sequence[str], lines: Iterable[Iterable[Value]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(map(format_value, line) for line in lines)
    return text.getvalue().encode()


def export_all(folder: Path, attempts: Attempts) -> Path:
    """Write a row of every trial of a ledger, beside cells.csv; its id comes first.

    Raises:
        RunError: The file cannot be written.
    """
    names = [column.name for column in COLUMNS]
    found = sorted(
        _each(attempts), key=lambda each: (each.record.identity, *_began(each))
    )
    path = folder / ALL_DEFINITIONS
    lines = (
        (each.trial, *(getattr(each.record, name) for name in names)) for each in found
    )
    _replace(path, _table(("trial", *names), lines))
    return path


def _tell(path: Path, notices: Sequence[str]) -> None:
    """Keep for readers of the folder what is left out; without it, no file."""
    if notices:
        _replace(path, "".join(f"{line}\n" for line in notices).encode())
        return
    try:
        if path.exists():  # else a disk that is read-only refuses too
            path.unlink()
    except OSError as error:
        raise RunError(refused(path, "removed", error)) from error


def _replace(path: Path, data: bytes) -> None:
    """Bring a file to hold the data; one that does is not touched."""
    try:
        if path.exists() and path.read_bytes() == data:
            return
        with replacing(path) as file:
            file.write(data)
    except OSError as error:
        raise RunError(refused(path, "written", error)) from error
