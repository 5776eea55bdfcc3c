"""Whether a task can be trusted to judge: what `harness-bench tasks check` does.

A solution that fails, a wrong answer that passes or a grader that cannot make up its
mind would be counted as the merit or the fault of models.
"""

import asyncio
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness_bench.errors import GraderError, shown
from runner.judging.grader import Verdict, grade, stage_tests
from runner.judging.planted_config import is_configuration
from runner.limits import Limits
from runner.packs.lint import Finding, leaks
from runner.sandboxes.sandbox import Sandbox
from runner.sandboxes.tools import lacking
from runner.tasks import Task, part_files
from runner.workspace.scratch import fresh
from runner.workspace.tree import remove
from runner.workspace.workspace import freeze, lay_out

MARKED: Final = 3
"""With fewer wrong answers little is known of what the tests tell apart."""
GRADER_SHARE: Final = 1 / 3
"""Of its time limit, what grading the solution may take: machines differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found about one task."""

    task: Task
    findings: tuple[Finding, ...]
    gradings: int
    """How many workspaces were graded."""
    seconds: float | None
    """The slowest grading of the solution; None: it gave no verdict."""

    @property
    def is_fit(self) -> bool:
        """Whether nothing must be mended."""
        return not any(finding.is_problem for finding in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """A workspace with a known verdict."""

    name: str
    folder: Path | None
    """Laid over the starter; None: the workspace is empty, starter and all."""
    passes: bool


async def check_task(
    task: Task,
    *,
    sandbox: Sandbox,
    scratch: Path,
    limits: Limits,
    repeats: int = 3,
    share: float = 1.0,
    solution_only: bool = False,
) -> Checked:
    """Grade every answer whose verdict is known, and look for what gives it away.

    Args:
        task: The task.
        sandbox: The one that trials will use.
        scratch: A private folder.
        limits: Those of trials; where the task sets its own, the lower one holds.
        repeats: How often each answer is graded.
        share: Of the time that the tests may take, what they are given here.
        solution_only: Whether wrong answers are left out.

    Raises:
        SandboxError: A sandbox cannot be started.
        RunError: The scratch folder cannot be written.
    """
    limits = limits.at_most(task.limits)
    limits = replace(limits, grader_s=limits.grader_s * share)
    check = _Check(task=task, sandbox=sandbox, scratch=scratch, limits=limits)
    await check.tools()
    for where, what in leaks(task):
        check.findings.append(
            Finding(where=f"{task.pack}/{where}", what=what, is_problem=True)
        )
    for answer in _answers(task):
        if answer.passes or not solution_only:
            await check.answer(answer, repeats)
    check.about(GRADER_SHARE / share)
    return Checked(
        task=task,
        findings=tuple(check.findings),
        gradings=check.gradings,
        seconds=check.seconds,
    )


class _Check:
    """One check as it goes on."""

    def __init__(
        self, *, task: Task, sandbox: Sandbox, scratch: Path, limits: Limits
    ) -> None:
        self._task = task
        self._sandbox = sandbox
        self._scratch = scratch
        self._limits = limits
        self.findings: list[Finding] = []
        self.gradings = 0
        self.seconds: float | None = None

    def _found(self, where: str, what: str, *, is_problem: bool = True) -> None:
        place = "/".join(filter(None, (self._task.pack, self._task.name, where)))
        self.findings.append(Finding(where=place, what=what, is_problem=is_problem))

    async def tools(self) -> None:
        """Every tool that the task asks for is in the sandbox."""
        for found in (await lacking(self._sandbox, [self._task])).values():
            for tool in found:
                what = f"needs {shown(tool)}, which is not in the sandbox"
                self._found("task.toml", what)

    async def answer(self, answer: _Answer, repeats: int) -> None:
        """An answer gets the verdict that it must get, every time."""
        own = fresh(self._scratch)
        try:
            verdicts = await self._verdicts(answer, own, repeats)
        except GraderError as error:
            for problem in error.problems:
                self._found(answer.name, f"gets no verdict: {problem}")
            return
        finally:
            await asyncio.to_thread(remove, own)
        first = verdicts[0]
        if answer.passes:
            self.seconds = max(verdict.seconds for verdict in verdicts)
        if first.passed is not answer.passes:
            passes = f"{first.tests_passed} of {first.tests_total} tests"
            if first.tests_total is None:
                passes = "no test, since it ends them before they report"
            has_to = "pass all" if answer.passes else "fail at least one"
            why = self._task.reasons.get(answer.name.removeprefix("wrong/"), "")
            self._found(
                answer.name, f"passes {passes}, but has to {has_to}. {why}".rstrip(". ")
            )
        if len({replace(verdict, seconds=0) for verdict in verdicts}) > 1:
            counts = ", ".join(str(verdict.tests_passed) for verdict in verdicts)
            self._found(
                answer.name,
                f"passes {counts} tests when graded {repeats} times, instead of"
                " always the same",
            )

    async def _verdicts(
        self, answer: _Answer, own: Path, repeats: int
    ) -> list[Verdict]:
        workspace = own / "workspace"
        if answer.folder is None:
            workspace.mkdir()
        else:
            lay_out(self._task.starter, workspace)
            shutil.copytree(answer.folder, workspace, symlinks=True, dirs_exist_ok=True)
        archive = await asyncio.to_thread(freeze, workspace, own / "archives")
        tests = fresh(own)
        stage_tests(self._task, tests, "no canary: this is a check")
        found = []
        for _ in range(repeats):
            self.gradings += 1
            found.append(
                await grade(
                    self._task,
                    archive=archive.path,
                    tests=tests,
                    sandbox=self._sandbox,
                    scratch=own,
                    limits=self._limits,
                    log=own / "grader.log",
                    times=archive.times,
                )
            )
        return found

    def about(self, share: float) -> None:
        """What the task has, how long it takes, what it cannot promise."""
        task, limit = self._task, self._limits.grader_s
        if not task.solution.is_dir():
            self._found("solution", "is missing; add files that pass all tests")
        for path in part_files(task.solution) if task.solution.is_dir() else ():
            name = path.relative_to(task.solution).as_posix()
            if is_configuration(name) and name not in task.owns:
                self._found(
                    f"solution/{name}",
                    "is as the starter has it before grading, or removed; [grader] owns"
                    " says which of these files the agent is meant to write",
                    is_problem=False,
                )
        count = len(task.wrong_answers())
        if count < MARKED:
            self._found(
                "wrong",
                f"has {count} wrong answers; {MARKED} or more say how much the"
                " tests tell apart",
                is_problem=False,
            )
        if task.source:
            what = f"is from elsewhere ({task.source.name})"
            said = f"{what}; {task.source.note}" if task.source.note else what
            self._found("task.toml", said, is_problem=False)
        if self.seconds is not None and self.seconds > limit * share:
            self._found(
                "tests",
                f"take {self.seconds:.1f} s, more than a third of [limits] grader_s"
                f" ({limit:g} s)",
            )
        if task.in_process:
            self._found(
                "task.toml",
                "[grader] in_process: the agent's code runs in the process of the"
                " tests, and can report whatever it likes",
                is_problem=False,
            )


def _answers(task: Task) -> list[_Answer]:
    named: list[tuple[str, Path | None]] = [
        *([("solution", task.solution)] if task.solution.is_dir() else ()),
        ("starter", task.starter),
        ("an empty workspace", None),
        *((f"wrong/{folder.name}", folder) for folder in task.wrong_answers()),
    ]
    return [
        _Answer(name=name, folder=folder, passes=name == "solution")
        for name, folder in named
    ]
