"""Everything a site is built from, read and judged once.

The tables, and beside the first of them the settings and the public names:
`<stem>.site.toml` or else `site.toml`, and in the same way `models.csv`,
`harnesses.csv` and `tasks.csv`. A folder, as a run leaves it, stands for the
`cells.csv` in it, or without one for all files that `[input] paths` fits.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from harness_bench.errors import Problem, SchemaError, SettingsError, shown
from harness_bench.going import is_running
from harness_bench.schema import IDENTITY, NAMED
from sitegen.alike import alike
from sitegen.claims import Claim, read_claims
from sitegen.config import Input, Settings, read_settings
from sitegen.contradictions import contradictions
from sitegen.foreign import MANY, adapt, listed
from sitegen.metadata import HarnessInfo, Metadata, ModelInfo, TaskInfo, read_infos
from sitegen.parsed import parse
from sitegen.paths import found_in, with_parts
from sitegen.pins import PINS, read_pins
from sitegen.post_file import FOLDER, Post, read_posts
from sitegen.raw_table import Origin, RawTable
from sitegen.read_table import read_raw, stem
from sitegen.records import Records
from sitegen.texts import firsts
from sitegen.totals import Total, totals_of

Info = TypeVar("Info")

CELLS = "cells.csv"
"""The results in a run folder."""
NOT_COUNTED = "not-counted.txt"
"""There too, where it is: a line about what the results leave out."""

_NOTHING_YET = frozenset({"no cells.csv", "no rows"})
"""Sorts of problems that go away by themselves while a run goes on."""


class NoTrialsError(SchemaError):
    """Nothing is wrong but that there are no trials: a run may not have ended one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a site is built from; nothing else reaches it."""

    records: Records
    """In canonical order, whatever the order of rows and files."""
    settings: Settings
    metadata: Metadata
    notes: str = ""
    """The text of `[site] notes`, Markdown."""
    claims: tuple[Claim, ...] = ()
    """What `[site] claims` says."""
    totals: tuple[Total, ...] = ()
    """Of a site of totals, which has no records."""
    posts: tuple[Post, ...] = ()
    """The Markdown files of the folder `posts` beside the first table."""
    pins: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    """What `harness-bench pin` kept beside it, by day and site path."""
    notices: tuple[str, ...] = ()
    """What was dropped or changed on reading, with counts."""
    files: tuple[Path, ...] = ()
    """Everything that was read."""


def read_inputs(
    csv_paths: Sequence[Path],
    *,
    settings_path: Path | None = None,
    settings: Settings | None = None,
) -> Inputs:
    """Read tables with their settings and metadata.

    Args:
        csv_paths: Tables in any format that `read_table` takes, or folders that hold
            a `cells.csv`, or files that `[input] paths` fits; at least one.
        settings_path: Instead of the settings beside the first file.
        settings: Instead of any file.

    Raises:
        SettingsError: The settings do not fit, in themselves or to the data.
        NoTrialsError: A folder has no `cells.csv`, or a file no row, and nothing
            else is wrong.
        SchemaError: With every problem of every file; when there are several,
            the last line sums them up and names the settings that can help.
    """
    if not csv_paths:
        raise SchemaError("no CSV file was given; name at least one")
    given = tuple(Path(path) for path in csv_paths)
    first = csv_file(given[0])
    if settings is None:
        path = settings_path or companion(first, "site.toml")
        settings = read_settings(path) if path else Settings()
    given = tuple(_spread(given, settings.input.paths))
    paths = tuple(csv_file(path) for path in given)
    found = inputs_of(_tables(given, settings.input), settings, beside=first)
    notices = (*_not_counted(paths), *found.notices)
    policy = settings.policy
    if policy.missing == "fail" and any(map(is_running, given)):
        settings = replace(settings, policy=replace(policy, missing="apart"))
        going = (
            "a run is going on: tasks that it has not come to do not count as failed"
            " yet ([policy] missing)"
        )
        notices = (*notices, going)
    site = settings.site
    more = [path for path in (settings.path, site.notes, site.claims) if path]
    posts = read_posts(first.with_name(FOLDER))
    files = (*paths, *more, *found.files, *(Path(post.path) for post in posts))
    return replace(
        found,
        settings=settings,
        posts=posts,
        # All of them: a blog keeps its posts elsewhere.
        pins=read_pins(first.with_name(PINS)),
        notices=notices,
        files=files,
    )


def inputs_of(
    tables: Sequence[RawTable], settings: Settings, *, beside: Path | None = None
) -> Inputs:
    """What a site is built from, of tables that were read.

    Args:
        tables: At least one.
        settings: How they are put into our words, and more.
        beside: The file that metadata stand beside; None: there are none.

    Raises:
        SettingsError, NoTrialsError, SchemaError: As `read_inputs`.
    """
    if totals := totals_of(tables, settings.input):
        return _of_totals(totals, settings)
    policy = settings.policy
    adapted = adapt(tables, settings.input, pass_score=policy.pass_score)
    parsed = parse(adapted.tables, duplicates=settings.input.duplicates)
    metadata = _MetadataReader(beside)
    found = Metadata(
        models=metadata.infos("models.csv", ModelInfo, key="model"),
        harnesses=metadata.infos("harnesses.csv", HarnessInfo, key="harness"),
        tasks=metadata.infos(
            "tasks.csv", TaskInfo, key="task", more=settings.site.groups
        ),
    )
    versions = mixed_versions(parsed.records, parsed.origin)
    against = contradictions(
        parsed.records,
        parsed.origin,
        verdict=settings.input.verdict,
        pass_score=policy.pass_score,
    )
    problems = [*parsed.problems, *against.problems, *versions, *metadata.problems]
    if problems:
        waits = _NOTHING_YET.issuperset(problem.sort for problem in problems)
        raise (NoTrialsError if waits else SchemaError)(*_summed_up(problems))
    records = parsed.records.canonical()
    names = {name: {*records.coded(name).values} for name in IDENTITY[:-1]}
    _check_sweep(settings, names["sweep"])
    notices = [*adapted.notices, *against.notices, *metadata.notices]
    notices += _one_name(names)
    if parsed.repeated:
        notices.append(
            f"{parsed.repeated:,} rows with a repeated key left out, the"
            f" {settings.input.duplicates} of each kept ([input] duplicates)"
        )
    notices += _strangers(settings, found, names)
    return Inputs(
        records=records,
        settings=settings,
        metadata=found,
        notes=_notes(settings),
        claims=read_claims(settings.site.claims) if settings.site.claims else (),
        notices=tuple(notices),
        files=tuple(metadata.files),
    )


def _of_totals(totals: tuple[Total, ...], settings: Settings) -> Inputs:
    publish = settings.publish
    kept = [t for t in totals if publish.cells or t.n >= publish.min_cells]
    notices = [f"totals, not trials: no ranks or tiers for {len(kept):,} rows"]
    if hidden := len(totals) - len(kept):
        notices.append(f"totals of fewer than {publish.min_cells} kept back: {hidden}")
    if not kept:
        raise SchemaError(Problem("", notices[-1], "[publish] cells = true shows them"))
    return Inputs(
        records=Records.of(()),
        settings=settings,
        metadata=Metadata(),
        totals=tuple(kept),
        notices=tuple(notices),
    )


def csv_file(path: Path) -> Path:
    """The file that a path given for a CSV stands for."""
    return path / CELLS if path.is_dir() else path


def _not_counted(paths: Iterable[Path]) -> Iterator[str]:
    """What runs say of trials that their results leave out."""
    for path in paths:
        if path.name == CELLS:
            with suppress(OSError):
                said = path.with_name(NOT_COUNTED).read_text(encoding="utf-8")
                yield f"{path}: {' '.join(said.split())}"


def companion(csv_path: Path, name: str) -> Path | None:
    """The companion of a CSV file: its own, or else that of the folder."""
    for candidate in (f"{stem(csv_path.name)}.{name}", name):
        path = csv_path.with_name(candidate)
        if path.exists():
            return path
    return None


def _spread(given: Iterable[Path], template: str) -> Iterator[Path]:
    """The files, those in the place of a folder of results that no run made."""
    for path in given:
        inside = found_in(path, template) if template and path.is_dir() else []
        yield from inside if inside and not csv_file(path).exists() else [path]


def _tables(given: Sequence[Path], chosen: Input) -> list[RawTable]:
    """The files as text, each under a name that tells it from the others."""
    paths = [csv_file(path) for path in given]
    times = Counter(path.name for path in paths)
    tables: list[RawTable] = []
    seen: set[Path] = set()
    for path, asked in zip(paths, given, strict=True):
        name = path.name if times[path.name] == 1 else str(path)
        if path.resolve() in seen:
            twice = Origin(name, 0).problem("repeated file", "is given twice")
            tables.append(RawTable(file=name, problems=[twice]))
            continue
        seen.add(path.resolve())
        if asked.is_dir() and not path.exists():
            tables.append(_without_cells(str(asked)))
        else:
            table = read_raw(path, name=name, asked=chosen.columns.values())
            tables.append(with_parts(table, path, chosen.paths))
    return tables


def _without_cells(folder: str) -> RawTable:
    advice = (
        "give a CSV file, or the folder of a run that has begun; for other results,"
    )
    advice += " `harness-bench init` writes [input] paths"
    what = f"holds no {CELLS}"
    problem = Origin(folder, 0).problem("no cells.csv", what, advice)
    return RawTable(file=folder, problems=[problem])


class _MetadataReader:
    """Reads the metadata beside a CSV file and keeps what is said about it."""

    def __init__(self, csv_path: Path | None) -> None:
        self.csv_path = csv_path
        self.files: list[Path] = []
        self.problems: list[Problem] = []
        self.notices: list[str] = []

    def infos(
        self, name: str, kind: type[Info], *, key: str, more: Collection[str] = ()
    ) -> Mapping[str, Info]:
        path = companion(self.csv_path, name) if self.csv_path else None
        if path is None:
            return MappingProxyType({})
        known = read_infos(path, kind, key=key, more=more)
        if known.results:
            self.notices.append(
                f"{path.name}: not read as metadata, for it is a table of results"
            )
            return known.infos
        self.files.append(path)
        self.problems.extend(known.problems)
        if known.dropped:
            columns = "column" if len(known.dropped) == 1 else "columns"
            self.notices.append(
                f"{path.name}: {len(known.dropped):,} {columns} dropped:"
                f" {listed(known.dropped)}"
            )
        return known.infos


def mixed_versions(records: Records, origin: Callable[[int], Origin]) -> list[Problem]:
    """A problem for each further version of a task; unknown ones are no version."""
    first: dict[str, dict[str, int]] = {}
    tasks, versions = records.coded("task"), records.coded("task_version")
    known = np.flatnonzero(versions.known)
    once = known[firsts(records.take(known).groups("task", "task_version"))]
    once.sort()
    for number, task, of in zip(
        once.tolist(), tasks.at(once), versions.at(once), strict=True
    ):
        first.setdefault(task, {})[of] = number
    problems = []
    for task, found in first.items():
        (version, number), *others = found.items()
        problems += [
            origin(place).problem(
                "mixed task versions",
                f"task {shown(task)} has task_version {shown(other)} here but"
                f" {shown(version)} at {origin(number)}",
            )
            for other, place in others
        ]
    return problems


def _summed_up(problems: Sequence[Problem]) -> list[Problem]:
    """The problems, and below several how many of each sort; with settings that help.

    One problem carries that advice itself.
    """
    sorts = Counter(problem.sort for problem in problems).most_common()
    known = [_SETTINGS[sort] for sort, _ in sorts if sort in _SETTINGS]
    settings = list(dict.fromkeys(known))
    advice = f"in site.toml, {', '.join(settings)}" if settings else ""
    if len(problems) == 1:
        (only,) = problems
        return [replace(only, help=advice or only.help)]
    counts = ", ".join(f"{count:,} × {sort}" for sort, count in sorts)
    summary = Problem("", f"{len(problems):,} problems: {counts}", advice)
    return [*problems, summary]


_DUPLICATES = "[input] duplicates can number the rows of a key or keep one of them"
_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        **{
            f"empty {name}": f"[input] defaults.{name} can fill in a {name}"
            for name in NAMED
        },
        **{
            f"missing column {name}": f"[input] columns.{name} can name another column"
            for name in NAMED
        },
        "missing outcome column": "[input] columns can name other columns",
        "no outcome": '[input] defaults = { passed = "0" } counts rows that lack'
        ' one as failed, { status = "cancelled" } as not measured',
        "unknown status": "[input] statuses can translate foreign words",
        "score above 1": "[input] score_scale can divide scores, score_outside clip"
        " them or leave them out",
        "duplicate key": _DUPLICATES,
        "duplicate key of two files": f"{_DUPLICATES}, [input] paths take what sets two"
        " files apart from their paths",
        **dict.fromkeys(
            (
                "passed against status",
                "score against status",
                "score against passed",
            ),
            '[input] verdict can say which column decides, and statuses.WORD = "score"'
            " that a status word does not",
        ),
        "mixed task versions": '[input] ignore = ["task_version"] can forget them',
    }
)
"""What settings can do about the sorts of problems."""


Names = Mapping[str, Collection[str]]
"""By column of identity, those that are in the data."""


def _one_name(names: Names) -> list[str]:
    """A notice of names that differ in what nobody sees or means."""
    found = [
        f"{column} {', '.join(map(shown, same[:MANY]))}"
        for column, groups in alike(names).items()
        for same in groups
    ]
    if not found:
        return []
    more = f"; and {len(found) - MANY:,} more" if len(found) > MANY else ""
    notice = (
        "names that differ only in case, punctuation, invisible characters, provider or"
        " .gguf are kept apart ([input] aliases can join them): "
    )
    return [f"{notice}{'; '.join(found[:MANY])}{more}"]


def _check_sweep(settings: Settings, sweeps: Collection[str]) -> None:
    """The sweep that the site begins with must be in the data."""
    wanted = settings.site.default_sweep
    if wanted is None or wanted in sweeps:
        return
    where = settings.path.name if settings.path else "site.toml"
    there = listed(filter(None, sorted(sweeps)))
    raise SettingsError(
        Problem(
            where,
            f"[site] default_sweep is {shown(wanted)}, which is not in the data",
            f"its sweeps are {there}" if there else "the data name no sweep",
        )
    )


def _strangers(settings: Settings, metadata: Metadata, names: Names) -> list[str]:
    """Names in settings and metadata that are in no row: often a misspelling."""
    told: tuple[tuple[str, Iterable[str], str], ...] = (
        ("sweeps in the settings", settings.sweeps, "sweep"),
        ("models in the metadata", metadata.models, "model"),
        ("harnesses in the metadata", metadata.harnesses, "harness"),
        ("tasks in the metadata", metadata.tasks, "task"),
    )
    notices = []
    for what, named, column in told:
        absent = [name for name in named if name not in names[column]]
        if absent:
            notices.append(f"{what} but in no row ({len(absent):,}): {listed(absent)}")
    return notices


def _notes(settings: Settings) -> str:
    path = settings.site.notes
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read as UTF-8 text ({error})"
        raise SettingsError(Problem(path.name, what)) from error
