"""What the doctor looks at for a run is what the run would need."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from runner.plan import parse_choice
from runner.preflight import report as module
from runner.preflight.doctor import Check, State
from runner.preflight.report import report
from tests.runs import PRACTICE, write_files, write_small_task

SPEC = """\
[run]
packs = ["pack"]
[limits]
calls = 7
[[model]]
name = "m"
script = "oracle"
[[harness]]
name = "mini"
"""
FINE = Check(name="machine", state=State.OK, found="fine")


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the machine was examined for; examining takes real sandboxes."""
    told: dict[str, Any] = {}

    async def examine(sandbox: object, **more: object) -> tuple[Check, ...]:
        told.update(more, sandbox=sandbox)
        return (FINE,)

    monkeypatch.setattr(module, "examine", examine)
    return told


def a_run(folder: Path) -> Path:
    write_small_task(folder / "pack" / "t")
    toml = (folder / "pack" / "t" / "task.toml").read_text()
    tools = toml.replace("[task]\n", '[task]\ntools = ["make"]\n')
    (folder / "pack" / "t" / "task.toml").write_text(tools)
    write_small_task(folder / "pack" / "other")
    write_files(folder, {"run.toml": SPEC})
    return folder / "run.toml"


def test_a_run_is_looked_at_with_every_part_of_its_plan(
    tmp_path: Path, examined: dict[str, Any]
) -> None:
    checks = asyncio.run(report(a_run(tmp_path), folder=tmp_path / "out"))

    assert checks[0] is FINE
    assert [check.name for check in checks[1:]] == ["model m", "harness mini"]
    assert {check.state for check in checks} == {State.OK}
    assert {tool for task in examined["tasks"] for tool in task.tools} == {"make"}
    assert examined["hidden"] == (tmp_path / "pack",)
    assert examined["run"] == tmp_path / "out"
    assert examined["limits"].calls == 7
    assert len(examined["harnesses"]) == 1
    assert examined["sandbox"].name == "bubblewrap"


def test_what_no_chosen_trial_needs_is_not_looked_at(
    tmp_path: Path, examined: dict[str, Any]
) -> None:
    settings = a_run(tmp_path)
    asyncio.run(report(settings, only=[parse_choice("task=other")]))
    assert {task.name for task in examined["tasks"]} == {"other"}
    asyncio.run(report(settings, without=[parse_choice("task=other")]))
    assert {tool for task in examined["tasks"] for tool in task.tools} == {"make"}


def test_without_settings_the_practice_tasks_are_looked_at(
    examined: dict[str, Any],
) -> None:
    assert asyncio.run(report(None)) == (FINE,)
    assert examined["run"] == Path("runs")
    assert examined["hidden"] == (PRACTICE,)
    assert examined["harnesses"] == ()
