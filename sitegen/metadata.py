"""models.csv, harnesses.csv, tasks.csv: what is publicly known of each name.

Titles, notes and sizes; all of it is meant to be published. Columns that are
not listed here are dropped, so a task's hidden text cannot come in this way.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast, get_type_hints

from harness_bench.columns import Column, FieldError, Value, about, column, known
from harness_bench.errors import Problem
from sitegen.raw_table import Origin
from sitegen.read_table import read_raw

Info = TypeVar("Info")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """What is known of a model. None: not known."""

    title: str | None = known("Its name on pages.")
    note: str | None = known("A sentence about it.")
    family: str | None = known("Who made it; a colour each.")
    vendor: str | None = known("Who hosts it; empty for a model that runs locally.")
    total_params_b: float | None = known("All parameters.", "billions")
    active_params_b: float | None = known("Those used per token.", "billions")


@dataclass(frozen=True, slots=True, kw_only=True)
class HarnessInfo:
    """What is known of a harness. None: not known."""

    title: str | None = known("Its name on pages.")
    note: str | None = known("A sentence about it.")
    vendor: str | None = known("Who makes it, spelled as the vendor of a hosted model.")
    version: str | None = known("Which release ran.")
    settings: str | None = known("What it was given: tools, files, format of edits.")
    prompt_tokens: int | None = known(
        "Its first request, the median over trials.", "tokens"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskInfo:
    """What is publicly known of a task. None: not known."""

    title: str | None = known("Its name on pages.")
    note: str | None = known("A sentence about it.")
    language: str | None = known("What it is written in.")
    category: str | None = known("What kind of work it is.")
    difficulty: str | None = known("How hard it should be.")
    more: Mapping[str, str] = field(default_factory=dict)
    """Further columns that `[site] groups` names."""

    def value(self, group: str) -> str | None:
        """What a column that tasks are grouped by says of it."""
        ours = {
            "language": self.language,
            "category": self.category,
            "difficulty": self.difficulty,
        }
        return ours.get(group) or self.more.get(group)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is known of models, harnesses and tasks, by name."""

    models: Mapping[str, ModelInfo] = field(default_factory=dict)
    harnesses: Mapping[str, HarnessInfo] = field(default_factory=dict)
    tasks: Mapping[str, TaskInfo] = field(default_factory=dict)

    def groups(self, columns: Iterable[str]) -> dict[str, dict[str, str]]:
        """What each of these columns of tasks.csv says of tasks."""
        return {
            column: {
                task: value
                for task, info in self.tasks.items()
                if (value := info.value(column))
            }
            for column in columns
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Known(Generic[Info]):
    """What a metadata file says."""

    infos: Mapping[str, Info]
    dropped: tuple[str, ...]
    """Columns of the file that are not ours."""
    problems: tuple[Problem, ...]
    results: bool = False
    """The file is a table of results, as sites have it in `data/`."""


_RESULTS = frozenset({"n_trials", "n_cells", "passed", "rate"})
"""Columns that the data files of a site share, and metadata never have all of."""


def read_infos(
    path: Path, kind: type[Info], *, key: str, more: Collection[str] = ()
) -> Known[Info]:
    """The rows of a metadata file, by name.

    Args:
        path: A CSV file, read by the same rules as cells.csv.
        kind: The dataclass of a row.
        key: The column with the name: `model`, `harness` or `task`.
        more: Further columns of text; `kind` has a field `more` for them.
    """
    table = read_raw(path)
    if _RESULTS.issubset(table.header):
        return Known(infos=MappingProxyType({}), dropped=(), problems=(), results=True)
    problems = list(table.problems)
    columns = _columns(kind, key)
    further = [name for name in more if name not in columns]
    columns |= {name: _text(name) for name in further}
    infos: dict[str, Info] = {}
    first: dict[str, Origin] = {}
    if table.header and key not in table.header:
        problems.append(
            Origin(table.file, 1).problem(
                f"missing column {key}", f"column {key} is missing"
            )
        )
    problems += table.repeated(columns)
    for origin, row in table.rows():
        values: dict[str, Any] = {}
        for name, text in row.items():
            if name in columns:
                try:
                    values[name] = columns[name].parse(text)
                except FieldError as error:
                    problems.append(
                        origin.problem(error.sort, error.what, error.advice)
                    )
        name = values.pop(key, None)
        if name is None:
            continue
        if name in first:
            problems.append(
                origin.problem(
                    f"repeated {key}", f"the row repeats the {key} of {first[name]}"
                )
            )
            continue
        first[name] = origin
        said = {n: text for n in further if (text := values.pop(n, None))}
        infos[name] = kind(**values, **({"more": said} if said else {}))
        active, total = values.get("active_params_b"), values.get("total_params_b")
        if active is not None and total is not None and active > total:
            problems.append(
                origin.problem(
                    "active_params_b above total_params_b",
                    f"active_params_b is {active:g} but total_params_b is only"
                    f" {total:g}",
                )
            )
    problems.sort(key=lambda problem: problem.line)
    return Known(
        infos=MappingProxyType(infos),
        dropped=tuple(name for name in table.header if name and name not in columns),
        problems=tuple(problems),
    )


def _columns(kind: type[Any], key: str) -> dict[str, Column]:
    """The columns of a metadata file: its key, then the fields of its rows."""
    types = get_type_hints(kind)
    return {
        key: column(key, str, about(f"The {key}."), empty=None, required=True),
        **{
            item.name: column(
                item.name,
                types[item.name],
                item.metadata,
                empty=cast("Value", item.default),
                required=False,
            )
            for item in fields(kind)
            if item.metadata
        },
    }


def _text(name: str) -> Column:
    described = about("A group of tasks.")
    return column(name, str, described, empty=None, required=False)
