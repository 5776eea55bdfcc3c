"""Results of another runner as trials of ours, with what each was decided by."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from harness_bench import registry
from harness_bench.columns import FieldError
from harness_bench.errors import PluginError, Problem, SchemaError, near_miss
from harness_bench.schema import COLUMN_BY_NAME, NAMED
from sitegen.config import Input
from sitegen.foreign import adapt
from sitegen.importers.importer import Importer, Left, Trial
from sitegen.nested import text_of
from sitegen.numbers import count_of
from sitegen.parsed import parse
from sitegen.read_table import of_frame
from sitegen.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a folder of another runner holds."""

    records: Records
    said: tuple[str, ...]
    """What was taken, by what each status was decided, what was not; for the author."""
    left: int
    """So many records say of no trial how it ended."""


def importer_of(name: str) -> Importer:
    """The plugin that reads a format.

    Raises:
        PluginError: There is none of this name, or it is none.
    """
    found = registry.load("importers", name)
    if not isinstance(found, Importer):
        what = f"{name} is a {type(found).__name__}, not an Importer"
        raise PluginError(Problem("importers", what))
    return found


def imported(importer: Importer, folder: Path, given: Mapping[str, str]) -> Imported:
    """The trials in a folder, seeds numbered within each cell.

    Args:
        importer: How to read it.
        folder: As the runner left it.
        given: Our column to what it is where the folder does not say.

    Raises:
        SchemaError: It holds no trial, or does not say of a model, harness or task.
    """
    unfit = list(_unfit(given))
    if unfit:
        raise SchemaError(*unfit)
    if not folder.is_dir():
        raise SchemaError(Problem(str(folder), "is not a folder"))
    found = list(importer.read(folder))
    trials = [each for each in found if isinstance(each, Trial)]
    left = [each for each in found if isinstance(each, Left)]
    if not trials:
        what = f"holds no trial of {importer.runner}"
        raise SchemaError(
            Problem(str(folder), what if left else f"{what}: no {importer.files}"),
            *(Problem(each.where, each.why) for each in left),
        )
    spoiled: list[Left] = []
    rows = [_row(each, given, spoiled) for each in trials]
    lacking = []
    for name in NAMED:
        empty = [t.where for t, r in zip(trials, rows, strict=True) if not r[name]]
        if empty:
            n = count_of(len(empty), "trial")
            what = f"does not say which {name} {n} had, as {empty[0]}"
            help_ = f"--set {name}=NAME says it"
            lacking.append(Problem(str(folder), what, help_))
    if lacking:
        raise SchemaError(*lacking)
    table = of_frame(pd.DataFrame(rows), file=str(folder))
    # Two trials of a cell that nothing tells apart are still two.
    parsed = parse(adapt([table], Input(duplicates="number")).tables)
    if parsed.problems:
        raise SchemaError(*parsed.problems)
    records = parsed.records.canonical()
    ends = Counter(
        (str(t.fields.get("status") or "by score"), t.because) for t in trials
    )
    said = [
        f"{importer.runner} ({importer.version}): {count_of(len(records), 'trial')}",
        *(f"  {status}: {n:,} by {why}" for (status, why), n in sorted(ends.items())),
        *_listed("no trials", left),
        *_listed("values left empty", spoiled),
    ]
    return Imported(records=records, said=tuple(said), left=len(left))


def _unfit(given: Mapping[str, str]) -> Iterator[Problem]:
    for name, text in given.items():
        if name not in COLUMN_BY_NAME:
            near = near_miss(name, COLUMN_BY_NAME)
            yield Problem("--set", f"{name} is no column of cells.csv{near}")
            continue
        try:
            COLUMN_BY_NAME[name].parse(text)
        except FieldError as error:
            yield Problem("--set", error.what)


def _row(trial: Trial, given: Mapping[str, str], spoiled: list[Left]) -> dict[str, str]:
    """The texts of a trial; what no column takes is left empty, and told."""
    row = dict.fromkeys((*NAMED, "seed"), "")
    for name, value in trial.fields.items():
        row[name] = _fit(name, value, trial.where, spoiled)
    return row | {name: text for name, text in given.items() if not row.get(name)}


def _fit(name: str, value: Any, where: str, spoiled: list[Left]) -> str:  # noqa: ANN401 - JSON
    text = str(text_of(value))
    try:
        # Names of repeats are numbered later.
        if text and name != "seed":
            COLUMN_BY_NAME[name].parse(text)
    except FieldError as error:
        spoiled.append(Left(where, error.what))
        return ""
    return text


def _listed(title: str, left: Iterable[Left]) -> list[str]:
    lines = [f"  {each.where}: {each.why}" for each in left]
    return [f"{title}: {len(lines):,}", *lines] if lines else []
