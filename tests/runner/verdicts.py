"""Tasks of a few lines, and verdicts over workspaces of a few files."""

import asyncio
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from runner.judging.grader import Verdict, grade, stage_tests
from runner.limits import Limits
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.sandbox import Sandbox
from runner.tasks import Task, read_packs
from runner.workspace.scratch import fresh
from runner.workspace.workspace import freeze

PRACTICE = Path(__file__).parents[2] / "tasks" / "practice"
TOML = """\
[task]
title = "A title"
language = "python"
category = "tests"
"""


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Files by relative path; a text that begins with `-> ` is a link's target."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("-> "):
            path.symlink_to(text.removeprefix("-> "))
        else:
            path.write_text(text, encoding="utf-8")


def task_files(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The files of a task that passes any workspace."""
    return {
        "task.toml": TOML,
        "instruction.md": "Do it.\n",
        "starter/readme.txt": "Nothing yet.\n",
        "tests/test.sh": "echo 'ok 1' >&3; echo 1..1 >&3\n",
        **(more or {}),
    }


def a_task(folder: Path, more: Mapping[str, str] | None = None) -> Task:
    """A task of one's own, read from a pack in this folder."""
    pack = folder / secrets.token_hex(4)
    write(pack / "some_task", task_files(more))
    return read_packs([pack])[0]


def practice(name: str) -> Task:
    """A practice task by its name."""
    return next(task for task in read_packs([PRACTICE]) if task.name == name)


def laid_out(task: Task, answer: Path | None, into: Path) -> Path:
    """The starter with an answer laid over it."""
    into.mkdir()
    for part in (task.starter, answer):
        if part is not None and part.is_dir():
            shutil.copytree(part, into, symlinks=True, dirs_exist_ok=True)
    return into


def judge(
    task: Task,
    workspace: Path,
    scratch: Path,
    limits: Limits | None = None,
    sandbox: Sandbox | None = None,
) -> Verdict:
    """What the grader says, in real sandboxes; its log is `scratch/grader.log`."""
    archive = freeze(workspace, scratch / "archives").path
    tests = fresh(scratch)
    stage_tests(task, tests, "a-canary")
    return asyncio.run(
        grade(
            task,
            archive=archive,
            tests=tests,
            sandbox=sandbox or Bubblewrap(),
            scratch=scratch,
            limits=limits or Limits(grader_s=60),
            log=scratch / "grader.log",
        )
    )


def log(scratch: Path) -> str:
    """What the grader has logged."""
    path = scratch / "grader.log"
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def descendants() -> set[int]:
    """Living processes that this one has started, at any depth."""
    parents = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it ended this moment
            continue
        if fields[0] != "Z":
            parents[int(process.name)] = int(fields[1])
    found = {os.getpid()}
    while more := {pid for pid, up in parents.items() if up in found} - found:
        found |= more
    return found - {os.getpid()}
