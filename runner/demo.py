"""What `harness-bench demo` runs: practice tasks, and models that follow scripts.

Where no trial can run, there is the worked example to show.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem, SandboxError, TaskError
from runner.machine.durable import make_folder, replacing
from runner.sandboxes.sandbox import Sandbox
from runner.sandboxes.tools import lacking
from runner.tasks import Task, read_packs

_ROOT = Path(__file__).parents[1]

_RUN_TOML: Final = Path(__file__).with_name("demo.run.toml")
_SITE_TOML: Final = Path(__file__).with_name("demo.site.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Runnable:
    """What of the practice tasks can run here."""

    tasks: tuple[str, ...]
    """Names; at least one."""
    left_out: str
    """Which tasks cannot, and what each needs; empty: all can."""


def practice() -> Path:
    """The practice tasks.

    Raises:
        TaskError: They are missing.
    """
    return _carried("tasks/practice", "_practice")


def example() -> Path:
    """The results of the worked example.

    Raises:
        TaskError: They are missing.
    """
    return _carried("examples/harness-bench-2026", "_example") / "cells.csv"


def _carried(source: str, target: str) -> Path:
    """A folder of the checkout, or its copy in the installed package."""
    for place in (_ROOT / source, Path(__file__).parent / target):
        if place.is_dir():
            return place
    raise TaskError(Problem(str(source), "is missing", "install harness-bench again"))


def easy() -> tuple[str, ...]:
    """Names of the practice tasks that take seconds."""
    found = read_packs((practice(),))
    return tuple(task.name for task in found if task.difficulty == "easy")


async def look(sandbox: Sandbox, *, everything: bool = False) -> Runnable:
    """See which practice tasks can run in a sandbox, or which that take seconds.

    Raises:
        SandboxError: It cannot be started, or has the tools of no task.
    """
    if problems := sandbox.problems():
        raise SandboxError(*problems)
    tasks = [
        task
        for task in read_packs((practice(),))
        if everything or task.difficulty == "easy"
    ]
    return runnable(tasks, lacking=await lacking(sandbox, tasks))


def runnable(
    tasks: Sequence[Task], *, lacking: Mapping[str, Sequence[str]]
) -> Runnable:
    """The tasks whose tools are all there.

    Raises:
        SandboxError: There is none.
    """
    left_out = ", ".join(
        f"{name} (needs {' and '.join(tools)})" for name, tools in lacking.items()
    )
    able = tuple(task.name for task in tasks if task.name not in lacking)
    if not able:
        raise SandboxError(f"no practice task has its tools: {left_out}")
    return Runnable(tasks=able, left_out=left_out)


def write_demo(folder: Path, *, seeds: int, tasks: Sequence[str]) -> Path:
    """Write the settings of the demonstration into its run folder.

    Returns:
        The run.toml.

    Raises:
        OSError: The folder cannot be written.
    """
    texts = {
        "run.toml": _RUN_TOML.read_text(encoding="utf-8").format(
            # A string of JSON is one of TOML.
            pack=json.dumps(str(practice())),
            tasks=", ".join(map(json.dumps, tasks)),
            seeds=seeds,
        ),
        "site.toml": _SITE_TOML.read_text(encoding="utf-8"),
    }
    make_folder(folder)
    for name, text in texts.items():
        with replacing(folder / name) as file:
            file.write(text.encode())
    return folder / "run.toml"
