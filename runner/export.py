"""From the ledger to the CSV files that a site is made from.

One row a trial: its first valid attempt, else its last one. The files are the same
bytes on every export of one ledger, and each is replaced as a whole.
"""

import csv
import io
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness_bench import cells_csv
from harness_bench.columns import Value, format_value
from harness_bench.csv_rows import read_raw
from harness_bench.errors import RunError
from harness_bench.schema import Record
from runner.attempt import Attempt
from runner.durable import replacing
from runner.ledger import Attempts
from runner.spec import Spec
from runner.tasks import Task

PUBLIC: Final[Mapping[str, tuple[str, ...]]] = {
    "models.csv": (
        *("model", "title", "note"),
        *("family", "total_params_b", "active_params_b"),
    ),
    "harnesses.csv": ("harness", "title", "note"),
    "tasks.csv": ("task", "title", "language", "category"),
}
"""The metadata files and their columns, the key first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of cells.csv."""

    records: tuple[Record, ...]
    notices: tuple[str, ...]
    """What is left out, with counts."""


def counting(
    attempts: Attempts, *, planned: Container[str] = ()
) -> dict[tuple[object, ...], Attempt]:
    """Identity of each row -> the attempt that it stands for; see `rows`."""
    chosen: dict[tuple[object, ...], Attempt] = {}
    valid = attempts.valid
    for trial, found in attempts.by_trial.items():
        attempt = valid.get(trial, found[-1])
        key = attempt.record.identity
        chosen[key] = max(
            (attempt, chosen.get(key, attempt)),
            key=lambda each: (each.trial in planned, *_began(each)),
        )
    return chosen


def rows(attempts: Attempts, *, planned: Container[str] = ()) -> Rows:
    """The rows that attempts stand for.

    Two trials of one identity are one cell under two definitions: a prompt, a file
    or a limit was changed. They are never mixed; the one that is planned counts, else
    the one that began later.

    Args:
        attempts: A ledger.
        planned: Ids of the trials that the run was last started for.
    """
    chosen = counting(attempts, planned=planned)
    older = len(attempts.by_trial) - len(chosen)
    what = "trial was" if older == 1 else "trials were"
    notice = (
        f"cells.csv: {older} {what} left out, because model, harness, task or limits"
        " were changed and the cell was run again"
    )
    return Rows(
        records=cells_csv.canonical(attempt.record for attempt in chosen.values()),
        notices=(notice,) if older else (),
    )


def export(
    folder: Path,
    attempts: Attempts,
    *,
    planned: Container[str] = (),
    spec: Spec | None = None,
    tasks: Iterable[Task] = (),
) -> Rows:
    """Write cells.csv, models.csv, harnesses.csv and tasks.csv of a run.

    Args:
        folder: The run folder.
        attempts: Its ledger.
        planned: Ids of the trials that it was last started for.
        spec: What is publicly known of models and harnesses.
        tasks: What is publicly known of tasks. Names that neither knows keep what
            the files say of them.

    Returns:
        The rows of cells.csv.

    Raises:
        RunError: A file cannot be written.
    """
    found = rows(attempts, planned=planned)
    given: dict[str, list[tuple[Value, ...]]] = {
        "models.csv": _models(spec),
        "harnesses.csv": [
            (each.name, each.title, each.note)
            for each in (spec.harnesses if spec else ())
        ],
        "tasks.csv": [
            (task.name, task.title, task.language, task.category) for task in tasks
        ],
    }
    _replace(folder / "cells.csv", cells_csv.write(found.records))
    for name, known in given.items():
        if known:
            _replace(folder / name, _merged(folder / name, PUBLIC[name], known))
    return found


def _began(attempt: Attempt) -> tuple[str, str]:
    return (attempt.record.started_at or "", attempt.trial)


def _models(spec: Spec | None) -> list[tuple[Value, ...]]:
    """What is known of each model; of its quantisations, the first that says it."""
    known: dict[str, list[Value]] = {}
    for model in spec.models if spec else ():
        said: Sequence[Value] = (
            *(model.title, model.note, model.family),
            *(model.total_params_b, model.active_params_b),
        )
        before = known.setdefault(model.name, [None] * len(said))
        known[model.name] = [
            new if old is None else old for old, new in zip(before, said, strict=True)
        ]
    return [(name, *said) for name, said in known.items()]


def _merged(
    path: Path, header: Sequence[str], known: Iterable[Sequence[Value]]
) -> bytes:
    """A metadata file with rows for what is known, and its own for all other names."""
    lines = {}
    if path.exists():
        for _, row in read_raw(path).rows:
            texts = [row.get(column, "") for column in header]
            lines[texts[0]] = texts
    for values in known:
        texts = [format_value(value) for value in values]
        lines[texts[0]] = texts
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines[name] for name in sorted(lines))
    return text.getvalue().encode()


def _replace(path: Path, data: bytes) -> None:
    """Bring a file to hold the data; one that does is not touched."""
    try:
        if path.exists() and path.read_bytes() == data:
            return
        with replacing(path) as file:
            file.write(data)
    except OSError as error:
        raise RunError(
            f"{path}: cannot be written ({(error.strerror or '').lower()}), expected a"
            " disk with room"
        ) from error
