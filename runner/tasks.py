"""A task: what an agent is asked, what it starts from, and how it is judged.

task.toml       title, language, category, difficulty, tools, limits; public
instruction.md  the prompt
starter/        the workspace that the agent begins with
tests/test.sh   the hidden grader, with what it needs beside it
solution/       files that, laid over the starter, pass
wrong/NAME/     files that, laid over the starter, must fail
"""

import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from harness_bench.errors import (
    Problem,
    SettingsError,
    TaskError,
    near_miss,
    refused,
    shown,
)
from harness_bench.settings import SettingsReader, read_toml
from runner.limits import Limits
from runner.pack_file import Toolchain, read_pack

BYPRODUCTS: Final = frozenset({"__pycache__", ".DS_Store", ".pytest_cache"})
"""What working on a task leaves beside its files; no part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`[source]`: where a task is from that was written elsewhere."""

    name: str
    licence: str = ""
    authors: str = ""
    url: str = ""
    note: str = ""
    """What to know of its tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task of a pack, read and checked."""

    name: str
    """The name of its folder."""
    pack: str
    """The name of the folder around it."""
    folder: Path
    title: str
    language: str
    category: str
    difficulty: str
    """How hard it should be, in the words of its author; empty: nobody says."""
    instruction: str
    tools: tuple[str, ...]
    """Commands that agent and grader need in the sandbox."""
    toolchains: tuple[Toolchain, ...]
    """What else they need, as pack.toml says it."""
    limits: Limits
    """Its own, where it has them; else as high as can be."""
    version: str
    """Twelve hexadecimal digits of the hash of instruction, starter, tests, tools,
    toolchains, limits and grader settings. Solutions and titles may change without
    making it another task."""
    reasons: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Wrong answer -> why it must fail."""
    owns: tuple[str, ...] = ()
    """Configuration files, relative to the workspace, that the agent is meant to
    write: the grader leaves them as they are."""
    in_process: bool = False
    """Whether its tests import the agent's code, and so can be forged by it."""
    source: Source | None = None
    """Where it is from, if it was written elsewhere."""

    @property
    def starter(self) -> Path:
        """The workspace at the beginning."""
        return self.folder / "starter"

    @property
    def tests(self) -> Path:
        """The hidden grader."""
        return self.folder / "tests"

    @property
    def solution(self) -> Path:
        """Files that, laid over the starter, pass."""
        return self.folder / "solution"

    def wrong_answers(self) -> tuple[Path, ...]:
        """Folders of files that, laid over the starter, must fail; by name."""
        folder = self.folder / "wrong"
        if not folder.is_dir():
            return ()
        return tuple(sorted(path for path in folder.iterdir() if path.is_dir()))


def read_packs(packs: Sequence[Path]) -> tuple[Task, ...]:
    """Every task of every pack, in the order of the packs, then by name.

    A task is a folder of a pack that holds a `task.toml`.

    Raises:
        TaskError: With every problem of every task.
    """
    problems: list[Problem] = []
    tasks: list[Task] = []
    taken: dict[str, str] = {}
    for pack in packs:
        folders = _task_folders(pack, problems)
        for folder in folders:
            where = f"{pack.name}/{folder.name}"
            if folder.name in taken:
                what = f"has the same name as {taken[folder.name]}"
                problems.append(Problem(where, what, "rename one"))
            taken.setdefault(folder.name, where)
            reader = _Reader(folder, where)
            task = reader.task()
            problems += reader.problems
            if task is not None:
                tasks.append(task)
    if problems:
        raise TaskError(*dict.fromkeys(problems))
    return tuple(tasks)


class TaskChangedError(TaskError):
    """A task is another one than was planned: in this run, nothing mends that."""


def check_unchanged(task: Task) -> None:
    """Refuse a task whose files are no longer those that it was read from.

    Raises:
        TaskChangedError: They say something else now.
        TaskError: They are gone, or cannot be read.
    """
    reader = _Reader(task.folder, f"{task.pack}/{task.name}")
    try:
        now = reader.task()
    except OSError as error:  # it vanished while it was read
        where = f"{task.pack}/{task.name}"
        raise TaskError(refused(where, "read", error)) from error
    if now is None:
        raise TaskError(*reader.problems)
    if now.version != task.version:
        what = "was changed while the run went on"
        where = f"{task.pack}/{task.name}"
        raise TaskChangedError(Problem(where, what, "start the run again"))


def part_files(folder: Path) -> Iterator[Path]:
    """Every file and link of a part of a task, by path; not what work left there."""
    for path in sorted(folder.iterdir()):
        if path.name in BYPRODUCTS:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from part_files(path)
        else:
            yield path


def _task_folders(pack: Path, problems: list[Problem]) -> list[Path]:
    try:
        inside = sorted(pack.iterdir())
    except OSError as error:
        problems.append(refused(pack, "read", error))
        return []
    folders = [path for path in inside if (path / "task.toml").exists()]
    # A misspelt task.toml must not make a task vanish from a sweep.
    problems += [
        Problem(f"{pack.name}/{path.name}", "has an instruction.md but no task.toml")
        for path in inside
        if path not in folders and (path / "instruction.md").exists()
    ]
    if not folders:
        advice = "each task is a folder with a task.toml"
        problems.append(Problem(str(pack), "has no task", advice))
    return folders


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """`[task]`."""

    title: str
    language: str
    category: str
    difficulty: str = ""
    tools: tuple[str, ...] = ()
    toolchains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grading:
    """`[grader]`."""

    owns: tuple[str, ...] = ()
    in_process: bool = False


class _Reader:
    """Reads one task and collects what does not fit."""

    def __init__(self, folder: Path, where: str) -> None:
        self.folder = folder
        self.where = where
        self.problems: list[Problem] = []

    def task(self) -> Task | None:
        """The task; None when there are problems."""
        document = self._document()
        settings = SettingsReader(self.folder / "task.toml")
        settings.known(document, ["task", "limits", "grader", "wrong", "source"])
        about = settings.section(_About, "task", document.get("task", {}))
        given = document.get("limits", {})
        limits = settings.section(Limits, "limits", given)
        grading = settings.section(_Grading, "grader", document.get("grader", {}))
        source = document.get("source")
        source = settings.section(Source, "source", source) if source else None
        reasons = self._reasons(settings, document.get("wrong", {}))
        toolchains: tuple[Toolchain, ...] = ()
        if about is not None:
            _check_about(about, settings)
            toolchains = self._toolchains(about, settings)
        if limits is not None:
            _check_limits(limits, settings)
        if grading is not None:
            _check_grading(grading, settings)
        self._take(settings.problems)
        self._check_name()
        instruction = self._instruction()
        self._check_parts()
        if self.problems or about is None or limits is None or grading is None:
            return None
        return Task(
            name=self.folder.name,
            pack=self.folder.parent.name,
            folder=self.folder,
            title=about.title,
            language=about.language,
            category=about.category,
            difficulty=about.difficulty,
            instruction=instruction,
            tools=about.tools,
            toolchains=toolchains,
            limits=_own_limits(given),
            reasons=reasons,
            owns=grading.owns,
            in_process=grading.in_process,
            source=source,
            version=_version(self.folder, about, toolchains, given, grading),
        )

    def _problem(self, path: str, what: str, advice: str = "") -> None:
        where = f"{self.where}/{path}" if path else self.where
        self.problems.append(Problem(where, what, advice))

    def _take(self, problems: Iterable[Problem]) -> None:
        """Problems of a file in the task's folder."""
        self.problems += [
            replace(each, where=f"{self.where}/{each.where}") for each in problems
        ]

    def _document(self) -> Mapping[str, Any]:
        try:
            return read_toml(self.folder / "task.toml")
        except SettingsError as error:
            self._take(error.problems)
            return {"task": {"title": "-", "language": "-", "category": "-"}}

    def _reasons(self, settings: SettingsReader, table: object) -> Mapping[str, str]:
        """`[wrong]`: a line for each wrong answer."""
        if not isinstance(table, dict):
            settings.problem("[wrong]", f"is {shown(table)}, expected a table")
            return {}
        for name, why in table.items():
            if not isinstance(why, str) or not why.strip():
                settings.problem(f"[wrong] {name}", "is no line that says why it fails")
            if not (self.folder / "wrong" / name).is_dir():
                settings.problem(f"[wrong] {name}", "names no folder of wrong/")
        return MappingProxyType(table)

    def _toolchains(
        self, about: _About, settings: SettingsReader
    ) -> tuple[Toolchain, ...]:
        try:
            known = read_pack(self.folder.parent).toolchains
        except SettingsError as error:
            self.problems += [
                each.within(self.folder.parent.name) for each in error.problems
            ]
            return ()
        for name in about.toolchains:
            if name not in known:
                settings.problem(
                    "[task] toolchains",
                    f"names {shown(name)}{near_miss(name, known)}",
                    f"pack.toml has {', '.join(known) or 'none'}",
                )
        return tuple(known[name] for name in about.toolchains if name in known)

    def _check_name(self) -> None:
        if not _NAME.fullmatch(self.folder.name):
            self._problem(
                "",
                "cannot be the name of a task, expected letters, digits, '-', '_' and"
                " '.', beginning with a letter or digit",
            )

    def _instruction(self) -> str:
        try:
            text = (self.folder / "instruction.md").read_bytes().decode("utf-8-sig")
        except OSError:
            self._problem("instruction.md", "is missing", "it holds the prompt")
            return ""
        except UnicodeDecodeError:
            self._problem("instruction.md", "is not UTF-8 text")
            return ""
        if not text.strip():
            self._problem("instruction.md", "is empty", "it holds the prompt")
        return text

    def _check_parts(self) -> None:
        """The folders: only files and links that stay inside, and a grader."""
        parts = [self.folder / name for name in ("starter", "tests", "solution")]
        wrong = self.folder / "wrong"
        if wrong.is_dir():
            parts += sorted(path for path in wrong.iterdir() if path.is_dir())
        for part in parts:
            if part.is_symlink():
                self._problem(
                    part.relative_to(self.folder).as_posix(),
                    "is a symbolic link, not a folder",
                )
            elif part.is_dir():
                self._check_part(part)
        if not (self.folder / "starter").is_dir():
            self._problem("starter", "is missing", "agents begin with this folder")
        test = self.folder / "tests" / "test.sh"
        if not test.is_file():
            self._problem("tests/test.sh", "is missing", "it is the grader")
        elif not test.read_bytes().strip():
            self._problem("tests/test.sh", "is empty", "it is the grader")

    def _check_part(self, part: Path) -> None:
        for path in part_files(part):
            where = path.relative_to(self.folder).as_posix()
            if path.is_symlink():
                if not path.resolve().is_relative_to(part.resolve()):
                    self._problem(
                        where,
                        f"is a symbolic link to {shown(str(path.readlink()))},"
                        f" which leads out of {part.name}/",
                    )
            elif not stat.S_ISREG(path.lstat().st_mode):
                self._problem(where, "is neither a file nor a folder nor a link")
            elif not os.access(path, os.R_OK):
                self._problem(where, "cannot be read", "check its permissions")


def _check_about(about: _About, settings: SettingsReader) -> None:
    for key in ("title", "language", "category"):
        if not getattr(about, key).strip():
            settings.problem(f"[task] {key}", "is empty")
    for tool in about.tools:
        if not _TOOL.fullmatch(tool):
            settings.problem(
                "[task] tools", f"names {shown(tool)}, expected names of commands"
            )


def _check_limits(limits: Limits, settings: SettingsReader) -> None:
    for item in fields(Limits):
        value = getattr(limits, item.name)
        if not 0 < value < float("inf"):
            settings.problem(
                f"[limits] {item.name}", f"is {value}, expected a number above 0"
            )


def _check_grading(grading: _Grading, settings: SettingsReader) -> None:
    for path in grading.owns:
        if path != os.path.normpath(path) or path.startswith(("/", "..", ".git/")):
            settings.problem(
                "[grader] owns",
                f"names {shown(path)}, expected paths of files in the workspace",
            )


def _own_limits(given: Mapping[str, Any]) -> Limits:
    """The limits that a task sets; what it leaves out is no limit."""
    return Limits(
        **{
            item.name: given.get(
                item.name, sys.maxsize if item.type is int else float("inf")
            )
            for item in fields(Limits)
        }
    )


def _version(
    folder: Path,
    about: _About,
    toolchains: Sequence[Toolchain],
    limits: Mapping[str, Any],
    grading: _Grading,
) -> str:
    """A hash of all that decides what is asked and how it is judged."""
    settings: tuple[object, ...] = (
        about.tools,
        sorted((name, float(value)) for name, value in limits.items()),
        grading.owns,
        grading.in_process,
    )
    if toolchains:  # a task that names none keeps the version that it had
        settings = (*settings, [(each.name, each.digest) for each in toolchains])
    whole = hashlib.sha256(repr(settings).encode())
    paths = [folder / "instruction.md"]
    for part in ("starter", "tests"):
        paths += part_files(folder / part)
    # By the bytes of the whole path: the order of a folder is not the same everywhere.
    for name, path in sorted((os.fsencode(p.relative_to(folder)), p) for p in paths):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            kind, content = b"link", os.fsencode(path.readlink())
        else:
            kind = b"program" if mode & stat.S_IXUSR else b"file"
            content = path.read_bytes()
        for piece in (name, kind, content):
            whole.update(b"%d:" % len(piece))
            whole.update(piece)
    return whole.hexdigest()[:12]


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TOOL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
