"""Judges a frozen workspace, so that what is judged cannot write its own verdict.

Two sandboxes stand side by side. One holds the tests, the other a copy of the
workspace; a test asks for a command, gives it input, and gets what it printed and how
it exited. Nothing else crosses over: no file, no process, no descriptor.
"""

import asyncio
import json
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from harness_bench.errors import GraderError, Problem, TaskError, shown
from runner.harnesses.agent_mounts import INSIDE
from runner.judging.planted_config import put_back
from runner.limits import Limits
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.sandbox import Confined, Mount, Sandbox, Sandboxed
from runner.sandboxes.toolchains import tool_mounts, tool_path
from runner.tasks import BYPRODUCTS, Task
from runner.workspace.scratch import fresh
from runner.workspace.used import used_bytes
from runner.workspace.workspace import NO_TIMES, thaw

CANDIDATE_SHARE: Final = 0.8
"""Of the grader's time, what commands of the candidate may take together: one that
hangs must leave the tests time to say so."""

DISK_CHECK_S: Final = 0.5
"""How often the candidate's files are measured."""

_SOCKET: Final = "/run/candidate/socket"
"""Between the two sides; a path of theirs, as all that a sandbox is told."""
_COMMENTED: Final = frozenset({".py", ".sh"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the tests found."""

    passed: bool
    """Every test passed and none was skipped."""
    tests_passed: int | None
    """None, here and below: the tests did not come to say."""
    tests_total: int | None
    tests_skipped: int | None
    seconds: float
    """Wall clock, with the start of both sandboxes."""


def stage_tests(task: Task, into: Path, canary: str) -> None:
    """Copy a task's tests, marked so that any trace of them can be recognised.

    Raises:
        TaskError: The tests cannot be read.
    """
    try:
        shutil.copytree(
            task.tests,
            into,
            symlinks=True,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns(*BYPRODUCTS),
        )
    except (OSError, shutil.Error) as error:
        where = f"{task.pack}/{task.name}/tests"
        raise TaskError(Problem(where, f"cannot be read ({error})")) from error
    (into / "CANARY").write_text(f"{canary}\n", encoding="utf-8")
    for path in sorted(into.rglob("*")):
        if path.suffix in _COMMENTED and path.is_file() and not path.is_symlink():
            said = path.read_bytes()
            # Below a line that may say what runs the script, above a docstring.
            at = said.find(b"\n") + 1 if said.startswith(b"#") else 0
            if b"\n" in said:
                path.write_bytes(said[:at] + f"# {canary}\n".encode() + said[at:])


async def grade(
    task: Task,
    *,
    archive: Path,
    tests: Path,
    sandbox: Sandbox,
    scratch: Path,
    limits: Limits,
    log: Path,
    times: Mapping[str, int] = NO_TIMES,
) -> Verdict:
    """Run a task's tests against a workspace.

    What the candidate does never raises: code that hangs, floods, kills or crashes
    fails its tests. Where they run it in their own process it may end them before they
    report: what ends them twice has failed.

    Args:
        task: The task; `grader_s` of the limits holds for all of its tests together.
        archive: The workspace as it was when its agent was dead.
        tests: What `stage_tests` made.
        sandbox: What confines both sides.
        scratch: A private folder for what this needs.
        limits: Hold for each side.
        log: Takes what the tests print; private.
        times: When each file of the workspace was last written.

    Raises:
        GraderError: There is no whole report; this says nothing about the workspace.
        SandboxError: A sandbox cannot be started.
        RunError: The archive cannot be read.
    """
    began = time.monotonic()
    for is_last in (False, True):
        try:
            found = await _graded(
                task, archive, times, tests, sandbox, fresh(scratch), limits, log
            )
            break
        except _NoReportError:
            if not task.in_process:
                raise
            if is_last:
                found = _NO_REPORT
    return Verdict(
        passed=found.passed == found.planned and found.candidate,
        tests_passed=found.passed,
        tests_total=found.planned,
        tests_skipped=found.skipped,
        seconds=time.monotonic() - began,
    )


async def _graded(
    task: Task,
    archive: Path,
    times: Mapping[str, int],
    tests: Path,
    sandbox: Sandbox,
    own: Path,
    limits: Limits,
    log: Path,
) -> "_Counts":
    """What the tests report.

    Raises:
        GraderError: There is no whole report.
    """
    workspace, meeting = own / secrets.token_hex(6), fresh(own)
    await asyncio.to_thread(thaw, archive, workspace, times)
    removed = await asyncio.to_thread(
        put_back, workspace, starter=task.starter, owns=task.owns
    )
    nonce = secrets.token_hex(16)
    seen = Mount(source=workspace, target="/workspace", writable=True)
    candidate = _confined(
        task,
        limits,
        ("candidate_server.py", _SOCKET),
        seen,
        Mount(source=meeting, target="/run/candidate", writable=True),
        folder="/workspace",
    )
    tester = _confined(
        task,
        limits,
        ("supervise.py",),
        Mount(source=tests, target="/grader"),
        Mount(source=meeting, target="/run/candidate"),
        # A workspace in reach of the tests is one whose links lead to them: a file
        # that is compared with what was expected could be that very file.
        *([replace(seen, writable=False)] if task.in_process else []),
        folder="/grader",
        environment={
            "HARNESS_BENCH_CANDIDATE_SOCKET": _SOCKET,
            "HARNESS_BENCH_NONCE": nonce,
            "HARNESS_BENCH_CANDIDATE_S": str(limits.grader_s * CANDIDATE_SHARE),
        },
    )
    with log.open("ab") as said, tempfile.TemporaryFile() as report:
        for line in removed:
            said.write(f"harness-bench: {line}\n".encode(errors="replace"))
        said.flush()
        async with (
            _running(sandbox, candidate, output=said, errors=said) as guarded,
            _kept_small(guarded, candidate),
            _running(sandbox, tester, output=report, errors=said) as running,
        ):
            try:
                async with asyncio.timeout(limits.grader_s):
                    await running.wait()
            except TimeoutError:
                # Commands of the candidate had to end long before: CANDIDATE_SHARE.
                what = f"did not finish within {limits.grader_s:g} s"
                advice = "make the tests quicker, or raise [limits] grader_s"
                raise _NoReportError(Problem("grader", what, advice)) from None
        report.seek(0)
        return _counts(report.read(), nonce)


class _NoReportError(GraderError):
    """The tests came to no whole report."""


def _confined(
    task: Task,
    limits: Limits,
    program: Sequence[str],
    *mounts: Mount,
    folder: str,
    environment: Mapping[str, str] | None = None,
) -> Confined:
    """One of the two sides: a program of ours, and what it sees."""
    python = interpreter()
    return Confined(
        command=(*python.command, f"/opt/inside/{program[0]}", *program[1:]),
        environment={**(environment or {}), **tool_path(task.toolchains)},
        mounts=(INSIDE, *python.mounts, *tool_mounts(task.toolchains), *mounts),
        folder=folder,
        limits=limits,
    )


@asynccontextmanager
async def _kept_small(candidate: Sandboxed, confined: Confined) -> AsyncIterator[None]:
    """End a candidate that fills the disk: its tests then fail."""
    folders = [mount.source for mount in confined.mounts if mount.writable]

    async def watch() -> None:
        while True:
            await asyncio.sleep(DISK_CHECK_S)
            used = await asyncio.to_thread(used_bytes, folders, candidate)
            if used > confined.limits.disk_mb << 20:
                await candidate.kill()
                return

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


@asynccontextmanager
async def _running(
    sandbox: Sandbox, confined: Confined, *, output: BinaryIO, errors: BinaryIO
) -> AsyncIterator[Sandboxed]:
    sandboxed = await sandbox.start(confined, output=output, errors=errors)
    try:
        yield sandboxed
    finally:
        await sandboxed.kill()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    """What the supervisor has counted."""

    planned: int | None
    passed: int | None
    failed: int | None
    skipped: int | None
    candidate: bool
    """Whether the candidate's sandbox was alive at the end."""


_NO_REPORT: Final = _Counts(
    planned=None, passed=None, failed=None, skipped=None, candidate=False
)


def _counts(report: bytes, nonce: str) -> _Counts:
    """The supervisor's report, if it is ours and whole.

    Raises:
        GraderError: It is not.
    """
    try:
        told = json.loads(report)
    except ValueError:
        said = shown(report.decode(errors="replace"))
        what = f"ended with {said} instead of a report"
        raise _NoReportError(
            Problem("grader", what, "see the log of the grader")
        ) from None
    if told.pop("nonce") != nonce:
        what = "the report has the wrong nonce, so it is not the grader's"
        raise _NoReportError(Problem("grader", what))
    problem, code, began = (told.pop(name) for name in ("problem", "exit", "began"))
    if problem is not None:
        # Before the tests began, nothing of the candidate had run.
        kind = _NoReportError if began else GraderError
        raise kind(Problem("tests/test.sh", f"{problem} (exit code {code})"))
    counts = _Counts(**told)
    if code != 0 and counts.passed == counts.planned:
        what = f"reports that all tests passed, but exits with {code}"
        raise _NoReportError(Problem("tests/test.sh", what))
    return counts
