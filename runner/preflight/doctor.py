"""Whether this machine can run trials, and what to do about each gap."""

import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem, SandboxError
from runner.harnesses.agent_mounts import mounts_of
from runner.harnesses.harness import Harness
from runner.limits import Limits
from runner.machine import disk_space
from runner.machine.awake import can_be_held_awake, on_battery
from runner.preflight.probes import probe
from runner.sandboxes import process_limit, syscalls
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.sandbox import Mount, Sandbox
from runner.sandboxes.toolchains import tool_mounts
from runner.sandboxes.tools import lacking
from runner.sandboxes.unsafe import Unsafe
from runner.tasks import Task

TOOLS: Final = "tools of tasks"
"""The check of what tasks need."""
_GIB: Final = 1 << 30
_MIB: Final = 1 << 20
_FEW_BYTES: Final = 2 * _GIB
"""Less memory than this is tight for a compiler and a harness side by side."""


class State(StrEnum):
    """How much a check matters."""

    OK = "ok"
    WARN = "warn"
    """Trials run; something is weaker than it could be."""
    BAD = "bad"
    """Trials cannot run, or would prove nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: State
    found: str
    remedy: str = ""
    """What to do about it; empty where all is well, and where nothing is known."""

    @property
    def problem(self) -> Problem:
        """What was found, as an error tells it."""
        return Problem(self.name, self.found, self.remedy)


async def examine(
    sandbox: Sandbox,
    *,
    scratch: Path,
    run: Path,
    tasks: Sequence[Task] = (),
    hidden: Sequence[Path] = (),
    harnesses: Sequence[Harness] = (),
    limits: Limits | None = None,
) -> tuple[Check, ...]:
    """Look at everything that trials need.

    Args:
        sandbox: What is to confine them.
        scratch: Where they would work.
        run: The run folder, which need not exist.
        tasks: Those whose tools and toolchains have to be there.
        hidden: What no agent may see: task packs, for instance.
        harnesses: Those of the agents: the sandbox is attacked with what each of
            them has mounted.
        limits: What a trial may use.
    """
    limits = limits or Limits()
    checks = [_python()]
    problems = sandbox.problems()
    checks += [bad("sandbox", problem) for problem in problems]
    if not problems:
        checks.append(Check(name="sandbox", state=State.OK, found=sandbox.name))
        if isinstance(sandbox, Bubblewrap):
            checks += _weaknesses()
        if isinstance(sandbox, Unsafe):
            checks.append(_UNSAFE)
        else:
            shown = tool_mounts({each for task in tasks for each in task.toolchains})
            for mounts in mounts_of(harnesses) or ((),):
                seen = {mount.target: mount for mount in (*mounts, *shown)}
                checks += await _probes(
                    sandbox, scratch, (run, *hidden), tuple(seen.values())
                )
        checks += await _tools(sandbox, tasks)
    return (
        *checks,
        _disk("disk for trials", scratch, limits),
        _disk("disk for results", run, limits),
        _memory(Path("/proc/meminfo")),
        *_laptop(),
        *_kept(run),
    )


async def insist(
    sandbox: Sandbox,
    *,
    scratch: Path,
    run: Path,
    tasks: Sequence[Task],
    hidden: Sequence[Path],
    harnesses: Sequence[Harness],
    limits: Limits,
) -> None:
    """Refuse a machine on which trials would fail, or prove nothing; see `examine`.

    Raises:
        SandboxError: Something is missing, or gets through; a line for each.
    """
    checks = await examine(
        sandbox,
        scratch=scratch,
        run=run,
        tasks=tasks,
        hidden=hidden,
        harnesses=harnesses,
        limits=limits,
    )
    wrong = [check.problem for check in checks if check.state is State.BAD]
    if wrong:
        raise SandboxError(*wrong)


def bad(name: str, problem: Problem) -> Check:
    """A check that found a problem."""
    found = str(replace(problem, help=""))
    return Check(name=name, state=State.BAD, found=found, remedy=problem.help)


_UNSAFE: Final = Check(
    name="attacks",
    state=State.WARN,
    found="none is tried: nothing is confined, and every row will say so",
    remedy="use a sandbox before anybody believes a figure",
)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check(
        name="Python",
        state=State.OK,
        found=f"{version}; inside the sandbox {interpreter().path}",
    )


def _weaknesses() -> list[Check]:
    """Where this machine lets bubblewrap do less than it can."""
    checks = []
    if problem := process_limit.problem():
        weak = bad("limit of processes", problem)
        checks.append(replace(weak, state=State.WARN))
    if syscalls.filter_program() is None:
        checks.append(
            Check(
                name="system calls",
                state=State.WARN,
                found=f"none is refused on {os.uname().machine}",
                remedy="use a machine of x86_64 or aarch64",
            )
        )
    return checks


async def _probes(
    sandbox: Sandbox, scratch: Path, hidden: Sequence[Path], mounts: Sequence[Mount]
) -> list[Check]:
    began = time.monotonic()
    try:
        findings = await probe(sandbox, scratch, hidden=hidden, mounts=mounts)
    except SandboxError as error:
        return [bad("attacks", problem) for problem in error.problems]
    leaks = [finding for finding in findings if not finding.blocked]
    if leaks:
        return [
            Check(
                name="attacks",
                state=State.BAD,
                found=f"{leak.name}: {leak.got}",
                remedy="use another sandbox",
            )
            for leak in leaks
        ]
    seconds = time.monotonic() - began
    return [
        Check(
            name="attacks",
            state=State.OK,
            found=f"{len(findings)} tried, none got through, {seconds:.1f} s",
        )
    ]


async def _tools(sandbox: Sandbox, tasks: Sequence[Task]) -> list[Check]:
    wanted = {tool for task in tasks for tool in task.tools}
    wanted |= {one.name for task in tasks for one in task.toolchains}
    if not wanted:
        return []
    missing = await lacking(sandbox, tasks)
    if not missing:
        found = ", ".join(sorted(wanted))
        return [Check(name=TOOLS, state=State.OK, found=found)]
    lacks = dict.fromkeys(each for task in missing.values() for each in task)
    return [
        Check(
            name=TOOLS,
            state=State.BAD,
            found=f"{', '.join(lacks)}: not in the sandbox",
            remedy="install what is missing below /usr, or run"
            " `harness-bench tasks tools PACK`",
        )
    ]


def _disk(name: str, folder: Path, limits: Limits) -> Check:
    # A trial has its workspace, the archive, and the grader's copy.
    needed = 3 * limits.disk_mb * _MIB
    place = _existing(folder)
    free = shutil.disk_usage(place).free
    found = f"{free / _GIB:.1f} GiB free at {place}"
    if free >= needed:
        return Check(name=name, state=State.OK, found=found)
    return Check(
        name=name,
        state=State.WARN,
        found=found,
        remedy=f"one trial may take {needed / _GIB:.1f} GiB",
    )


def _memory(path: Path) -> Check:
    try:
        lines = dict(line.split(":") for line in path.read_text().splitlines())
        available = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return Check(
            name="memory",
            state=State.WARN,
            found=f"{path} does not say",
            remedy="see that model, harness and compiler fit side by side",
        )
    found = f"{available / _GIB:.1f} GiB available"
    if available >= _FEW_BYTES:
        return Check(name="memory", state=State.OK, found=found)
    return Check(
        name="memory",
        state=State.WARN,
        found=found,
        remedy=f"harness and compiler may take {_FEW_BYTES / _GIB:.0f} GiB",
    )


def _laptop() -> list[Check]:
    """Whether a machine with a battery will last; others are asked nothing."""
    drained = on_battery()
    if drained is None:
        return []
    power = Check(name="power", state=State.OK, found="from the mains")
    if drained:
        found, remedy = "from the battery", "plug it in: on its battery it is slower"
        power = Check(name="power", state=State.WARN, found=found, remedy=remedy)
    sleep = Check(name="sleep", state=State.OK, found="held awake during a run")
    if not can_be_held_awake():
        found = "nothing here can hold it awake"
        remedy = "switch sleep off: a trial that it sleeps through is run again"
        sleep = Check(name="sleep", state=State.WARN, found=found, remedy=remedy)
    return [power, sleep]


def _kept(run: Path) -> list[Check]:
    return [bad("run folder", problem) for problem in disk_space.problems(run)] or [
        Check(name="run folder", state=State.OK, found=str(run))
    ]


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(
        place for place in (folder, *folder.absolute().parents) if place.is_dir()
    )
