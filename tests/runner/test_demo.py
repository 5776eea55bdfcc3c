"""What the demonstration can run on a machine, and where it finds what it shows."""

import asyncio
import tomllib
from pathlib import Path
from typing import BinaryIO

import pytest

from harness_bench.errors import Problem, SandboxError
from runner.demo import example, look, practice, runnable, write_demo
from runner.sandboxes.sandbox import Confined, Sandboxed
from tests.runner.specs import task

TASKS = (task("a", tools=("cc", "sh")), task("b", tools=("python3",)), task("c"))


class Nowhere:
    """A sandbox of a machine that has none."""

    name = "nowhere"
    has_own_network = True

    def problems(self) -> tuple[Problem, ...]:
        return (Problem("nowhere", "is not there"),)

    async def start(
        self, confined: Confined, *, output: BinaryIO, errors: BinaryIO
    ) -> Sandboxed:
        raise AssertionError(confined, output, errors)


def test_where_every_tool_is_there_no_task_is_left_out() -> None:
    found = runnable(TASKS, lacking={})
    assert (found.tasks, found.left_out) == (("a", "b", "c"), "")


def test_a_task_without_its_tools_is_left_out_and_says_what_it_needs() -> None:
    found = runnable(TASKS, lacking={"a": ("cc", "sh")})
    assert (found.tasks, found.left_out) == (("b", "c"), "a (needs cc and sh)")


def test_where_no_task_has_its_tools_there_is_nothing_to_run() -> None:
    lacking = {"a": ("sh",), "b": ("python3",)}
    with pytest.raises(SandboxError, match=r"a \(needs sh\), b \(needs python3\)"):
        runnable(TASKS[:2], lacking=lacking)


def test_a_machine_without_a_sandbox_says_why() -> None:
    with pytest.raises(SandboxError, match="nowhere: is not there"):
        asyncio.run(look(Nowhere()))


def test_the_settings_name_the_tasks_that_can_run(tmp_path: Path) -> None:
    path = write_demo(tmp_path / 'a "run"', seeds=1, tasks=("b", "c"))
    run = tomllib.loads(path.read_text())["run"]
    assert run["tasks"] == ["b", "c"]
    assert run["packs"] == [str(practice())]


def test_the_worked_example_comes_with_its_settings() -> None:
    assert example().with_name("site.toml").is_file()
