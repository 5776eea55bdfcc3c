"""What can be said of a task without running it: `harness-bench tasks lint`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness_bench.errors import shown
from runner.packs.canary import FILE
from runner.tasks import Task, part_files

WORDS: Final = 12
"""This many words of a test in a row, in what the agent sees, are no chance."""
WRONG_ANSWERS: Final = 4
"""Fewer say little about what the tests tell apart."""

_WORD: Final = re.compile(r"\w+")
_LARGEST: Final = 8_000_000
_GRADING: Final = re.compile(
    r"\b(?:graders?|grading|hidden tests?|test\.sh|checks\.py|canary)\b|/grader\b",
    re.IGNORECASE,
)
"""What an instruction would call the tests that judge."""
_NETWORK: Final = re.compile(
    r"https?://(?!127\.0\.0\.1|localhost)|\b(?:curl|wget|git clone)\s"
    r"|\burllib\.request\b"
    r"|\b(?:pip3?|uv pip|apt|apt-get|npm|cargo|gem|go) (?:install|add|get)\b"
)
_MACHINE: Final = re.compile(
    r"(?:/home/(?!agent\b)|/Users/|/root/|[A-Z]:\\Users\\)[\w.-]+"
)
_PINNED: Final = re.compile(r"^[A-Za-z0-9][\w.-]*(?:\[[\w,-]+\])?\s*==\s*[\w.+!-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about a task that its author should know."""

    where: str
    """`pack/task`, or a file or answer in it."""
    what: str
    is_problem: bool
    """Whether the task must be mended; else it is good to know."""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def lint(task: Task) -> tuple[Finding, ...]:
    """Everything that can be said of a task by reading it."""
    found = (
        *leaks(task),
        *_instruction(task),
        *_texts(task),
        *_metadata(task),
        *_lock_files(task),
    )
    return tuple(
        Finding(where=f"{task.pack}/{where}", what=what, is_problem=True)
        for where, what in found
    )


def leaks(task: Task) -> Iterator[tuple[str, str]]:
    """Passages of the tests in what the agent is shown: place and what."""
    public = [task.folder / "instruction.md", *part_files(task.starter)]
    known = {path.read_bytes() for path in public if path.is_file()}
    seen = {run: path for path in public for run in _runs(_words(path))}
    for path in part_files(task.tests):
        # A file that the starter has as well is public on purpose.
        if not path.is_file() or path.read_bytes() in known:
            continue
        run = next((run for run in _runs(_words(path)) if run in seen), None)
        if run is not None:
            what = (
                f"shares {shown(' '.join(run))} with"
                f" {seen[run].relative_to(task.folder).as_posix()},"
                " so the agent sees a passage of the tests"
            )
            yield _place(task, path), what


def _instruction(task: Task) -> Iterator[tuple[str, str]]:
    if hit := _GRADING.search(task.instruction):
        what = f"speaks of {shown(hit[0])}: how it is judged is not the agent's matter"
        yield _place(task, task.folder / "instruction.md"), what


def _texts(task: Task) -> Iterator[tuple[str, str]]:
    """What would work on one machine, or with a network, and nowhere else."""
    parts = [task.starter, task.tests, task.solution, task.folder / "wrong"]
    files = [task.folder / "instruction.md", task.folder / "task.toml"]
    files += [path for part in parts if part.is_dir() for path in part_files(part)]
    for path in files:
        text = _text(path)
        if hit := _MACHINE.search(text):
            yield _place(task, path), f"names {shown(hit[0])}, a place of one machine"
        if path.suffix != ".md" and (hit := _NETWORK.search(text)):
            what = f"uses the network ({shown(hit[0].strip())}), and there is none"
            yield _place(task, path), what


def _metadata(task: Task) -> Iterator[tuple[str, str]]:
    toml = _place(task, task.folder / "task.toml")
    if not task.difficulty:
        yield toml, "[task] difficulty is missing, by which sites group tasks"
    if not (task.tests / FILE).is_file():
        what = "is missing; `harness-bench tasks canary` plants it"
        yield _place(task, task.tests / FILE), what
    wrong = [folder.name for folder in task.wrong_answers()]
    if len(wrong) < WRONG_ANSWERS:
        what = f"has {len(wrong)} wrong answers, fewer than {WRONG_ANSWERS}"
        yield f"{task.name}/wrong", what
    for name in wrong:
        if name not in task.reasons:
            yield toml, f"[wrong] {name} is missing: a line that says why it must fail"


def _lock_files(task: Task) -> Iterator[tuple[str, str]]:
    """Packages without a version or a hash, which another day are others."""
    for lock in filter(None, (each.lock for each in task.toolchains)):
        whole = _text(lock).replace("\\\n", " ")
        for line in (line.split(" #")[0].strip() for line in whole.splitlines()):
            if not line or line.startswith(("#", "-")):
                continue
            if not _PINNED.match(line) or "--hash=sha256:" not in line:
                what = f"is not pinned by version and hash: {shown(line[:60])}"
                yield lock.name, what


def _place(task: Task, path: Path) -> str:
    return f"{task.name}/{path.relative_to(task.folder).as_posix()}"


def _text(path: Path) -> str:
    """What a file says; of a program or a picture, nothing."""
    if not path.is_file() or path.stat().st_size > _LARGEST:
        return ""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")


def _words(path: Path) -> list[str]:
    return _WORD.findall(_text(path).lower())


def _runs(words: list[str]) -> Iterable[tuple[str, ...]]:
    return (tuple(words[at : at + WORDS]) for at in range(len(words) - WORDS + 1))
