"""What doctor says of machines that lack something."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import pytest

from harness_bench.errors import Problem
from runner.limits import Limits
from runner.preflight.doctor import Check, State, examine
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.sandbox import Confined, Sandbox, Sandboxed
from tests.needs import needs
from tests.runner.specs import task


class Unusable:
    """A sandbox of a machine that has none."""

    name = "unusable"
    has_own_network = True

    def problems(self) -> tuple[Problem, ...]:
        return (Problem("unusable", "is not there", "install it"),)

    async def start(
        self, confined: Confined, *, output: BinaryIO, errors: BinaryIO
    ) -> Sandboxed:
        raise AssertionError(confined, output, errors)


@pytest.fixture
def scratch() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


def checks(
    sandbox: Sandbox,
    scratch: Path,
    *,
    run: Path | None = None,
    tools: tuple[str, ...] = (),
    limits: Limits | None = None,
) -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for check in asyncio.run(
        examine(
            sandbox,
            scratch=scratch,
            run=run or scratch / "run",
            tasks=[task(tools=tools)] if tools else [],
            limits=limits,
        )
    ):
        found.setdefault(check.name, []).append(check)
    return found


def test_a_sandbox_that_cannot_be_is_told_and_not_attacked(scratch: Path) -> None:
    found = checks(Unusable(), scratch, tools=("sh",))

    assert found["sandbox"] == [
        Check(
            name="sandbox",
            state=State.BAD,
            found="unusable: is not there",
            remedy="install it",
        )
    ]
    assert "attacks" not in found
    assert "tools of tasks" not in found


def test_a_check_that_is_not_ok_says_what_to_do(scratch: Path) -> None:
    found = checks(Unusable(), scratch, limits=Limits(disk_mb=1 << 40))

    (disk,) = found["disk for trials"]
    assert disk.state is State.WARN
    for check in (one for several in found.values() for one in several):
        assert (check.remedy == "") == (check.state is State.OK)


def test_a_run_folder_that_cannot_be_made_is_told(scratch: Path) -> None:
    (check,) = checks(Unusable(), scratch, run=Path("/proc/x/run"))["run folder"]

    assert (check.state, check.remedy) == (
        State.BAD,
        "choose another folder with --run",
    )


@pytest.mark.parametrize(
    ("drained", "held", "states"),
    [
        (None, False, {}),
        (False, True, {"power": State.OK, "sleep": State.OK}),
        (True, False, {"power": State.WARN, "sleep": State.WARN}),
    ],
)
def test_a_laptop_is_asked_for_the_mains_and_to_stay_awake(
    scratch: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    drained: bool | None,
    held: bool,
    states: dict[str, State],
) -> None:
    monkeypatch.setattr("runner.preflight.doctor.on_battery", lambda: drained)
    monkeypatch.setattr("runner.preflight.doctor.can_be_held_awake", lambda: held)
    found = checks(Unusable(), scratch)
    told = {name: found[name][0].state for name in ("power", "sleep") if name in found}
    assert told == states


@pytest.mark.e2e
def test_a_machine_that_has_everything_is_well(scratch: Path) -> None:
    needs("bwrap")

    found = checks(Bubblewrap(), scratch, tools=("sh", "env"))

    every = [one for several in found.values() for one in several]
    assert [one for one in every if one.state is not State.OK] == []
    (attacks,) = found["attacks"]
    assert "none got through" in attacks.found
    assert found["tools of tasks"][0].found == "env, sh"


@pytest.mark.e2e
def test_tools_are_looked_for_where_agents_are(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("bwrap")
    outside = scratch / "only-outside"
    outside.write_text("#!/bin/sh\n")
    outside.chmod(0o755)
    monkeypatch.setenv("PATH", f"{scratch}:{os.environ['PATH']}")

    (tools,) = checks(Bubblewrap(), scratch, tools=("sh", "only-outside"))[
        "tools of tasks"
    ]

    assert tools == Check(
        name="tools of tasks",
        state=State.BAD,
        found="only-outside: not in the sandbox",
        remedy="install what is missing below /usr, or run"
        " `harness-bench tasks tools PACK`",
    )


@pytest.mark.e2e
def test_a_leak_is_told_by_name(scratch: Path) -> None:
    needs("bwrap")

    # As if task packs were kept where every sandbox looks.
    found = checks(Bubblewrap(), scratch, run=Path("/usr/share"))["attacks"]

    assert {check.state for check in found} == {State.BAD}
    assert any(check.found.startswith("absolute path: /usr/share") for check in found)
