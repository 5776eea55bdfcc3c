"""New tests over stored workspaces: what a run would say had it been judged by them.

Nothing is executed but the tests. A grading takes the place of an execution's verdict;
its measurements, its time and its logs stay those of the execution. It is made only
where nothing but the judging has changed since: with another prompt, starter, model,
harness or limit, what is stored is the work of another trial.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness_bench.errors import BenchError, GraderError, Problem, RunError
from harness_bench.schema import Record, Status
from runner.judging.blame import Evidence, judge
from runner.judging.grader import Verdict, grade, stage_tests
from runner.machine.clock import utc_now
from runner.plan import Choice, Trial, all_trials, choose, id_with
from runner.preflight.doctor import insist
from runner.run import with_sandbox
from runner.run_folder.attempt import Attempt
from runner.run_folder.export import counting, export
from runner.run_folder.ledger import Ledger, read_ledger
from runner.run_folder.plan_file import alone, planned_ids, put_in_plan, read_plan
from runner.run_folder.run_lock import known_again
from runner.sandboxes.sandbox import Sandbox, sandbox_named
from runner.spec import Spec, read_spec
from runner.tasks import Task, read_packs
from runner.trial import EVIDENCE
from runner.workspace.scratch import fresh, scratch
from runner.workspace.times import read_times
from runner.workspace.tree import remove
from runner.workspace.workspace import digest, lay_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Regraded:
    """One workspace that was judged anew."""

    label: str
    """Model, harness, task and seed."""
    before: str
    """Status, and how many tests passed of how many."""
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether the tests say something else now."""
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrades:
    """What came of it."""

    regraded: tuple[Regraded, ...]
    problems: tuple[Problem, ...]
    """Why trials could not be judged again: their verdicts stay."""


def regrade(
    path: Path | Spec,
    *,
    folder: Path | None = None,
    only: Sequence[Choice] = (),
    without: Sequence[Choice] = (),
    unsafe: bool = False,
) -> Regrades:
    """Judge the workspaces of a run by the tests that its packs have now.

    Args:
        path: The run.toml, or what was read of it.
        folder: The run folder; None: `runs/<name of the run>` beside the run.toml.
        only: Where there are any, a trial must fit one of them.
        without: A trial that fits one of them is left out.
        unsafe: Without a sandbox, as the run was.

    Raises:
        BenchError: With every problem of the settings, or of the tasks, or of the
            machine; nothing has been written then.
    """
    spec = with_sandbox(read_spec(path), unsafe=unsafe)
    tasks = read_packs(spec.run.packs)
    folder = spec.run_folder(folder)
    everything = known_again(folder, all_trials(spec, tasks))
    chosen = choose(everything, spec, only=only, without=without)
    sandbox = sandbox_named(spec.run.sandbox)
    if not len(read_ledger(folder)):
        raise RunError(Problem(str(folder), "has no attempt", "name a run's folder"))
    with scratch() as own, alone(folder):
        stored, problems = _stored(folder, chosen, own)
        done: list[Regraded] = []
        if stored:
            asyncio.run(
                insist(
                    sandbox,
                    scratch=own,
                    run=folder,
                    tasks=[each.trial.task for each in stored],
                    hidden=spec.run.packs,
                    harnesses=[],
                    limits=spec.limits,
                )
            )
            with Ledger(folder) as ledger:
                grading = _Grading(sandbox, own, ledger, done, problems)
                asyncio.run(grading.all_of(stored, spec.run.jobs))
            put_in_plan(folder, [each.trial for each in stored])
        planned = planned_ids(folder)
        export(folder, read_ledger(folder), planned=planned, spec=spec, tasks=tasks)
    return Regrades(
        regraded=tuple(sorted(done, key=lambda each: each.label)),
        problems=tuple(problems),
    )


@dataclass(frozen=True, slots=True)
class _Stored:
    """A trial as it is now, with what an execution of it has left."""

    trial: Trial
    attempt: Attempt
    archive: Path
    traces: Path
    evidence: Evidence


def _stored(
    folder: Path, trials: Sequence[Trial], own: Path
) -> tuple[list[_Stored], list[Problem]]:
    """What can be judged anew, and a line for each trial that should be and cannot."""
    planned = {trial.id for trial in read_plan(folder)} | planned_ids(folder)
    counts = counting(read_ledger(folder), planned=planned)
    starters: dict[str, str] = {}
    found: list[_Stored] = []
    problems: list[Problem] = []
    for trial in trials:
        attempt = counts.get(trial.identity)
        status = None if attempt is None else attempt.record.status
        # The tests had a say, or would have had one, had they not been broken.
        has_say = status is Status.INFRA_GRADER or (status and status.is_measured)
        if attempt is None or not has_say:
            continue
        try:
            if trial.task.name not in starters:
                starters[trial.task.name] = _starter(trial.task, own)
            starter = starters[trial.task.name]
            found.append(_looked_up(folder, trial, attempt, starter))
        except RunError as error:
            problems += [each.within(trial.label) for each in error.problems]
    return found, problems


def _starter(task: Task, own: Path) -> str:
    """Hash of the workspace that an agent begins with."""
    folder = own / secrets.token_hex(6)
    try:
        lay_out(task.starter, folder)
        return digest(folder)
    finally:
        remove(folder)


def _looked_up(folder: Path, trial: Trial, attempt: Attempt, starter: str) -> _Stored:
    """What is stored of an attempt, if the present tests may judge it.

    Raises:
        RunError: They may not, or something is gone.
    """
    version = attempt.record.task_version or ""
    if id_with(trial, task_version=version) != attempt.trial:
        what = "model, harness, sandbox or limits were changed since it was executed"
        raise RunError(Problem("", what, "run it again"))
    traces = folder / "traces" / attempt.folder
    try:
        prompt = (traces / "prompt.md").read_text(encoding="utf-8")
        before = (traces / "starter").read_text(encoding="ascii")
        evidence = Evidence.parse((traces / EVIDENCE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(Problem(str(traces), f"cannot be read ({error})")) from error
    if (prompt, before) != (trial.task.instruction, starter):
        what = "its instruction or starter was changed since it was executed"
        raise RunError(Problem("", what, "run it again"))
    if attempt.workspace is None:
        advice = "[run] keep says which workspaces are"
        raise RunError(Problem("", "its workspace was not kept", advice))
    archive = folder / "archives" / f"{attempt.workspace}.tar.gz"
    if not archive.is_file():
        raise RunError(f"workspace archive {archive} is missing")
    return _Stored(trial, attempt, archive, traces, evidence)


@dataclass(frozen=True, slots=True)
class _Grading:
    """Judges stored workspaces, and writes down what becomes of each at once."""

    sandbox: Sandbox
    own: Path
    ledger: Ledger
    done: list[Regraded]
    problems: list[Problem]

    async def all_of(self, stored: Sequence[_Stored], jobs: int) -> None:
        """Judge them, so many at a time."""
        waiting = iter(stored)

        async def worker() -> None:
            for each in waiting:
                await self._one(each)

        async with asyncio.TaskGroup() as workers:
            for _ in range(jobs):
                workers.create_task(worker())

    async def _one(self, stored: _Stored) -> None:
        before = stored.attempt
        trial, moment = stored.trial, utc_now()
        after = replace(before, trial=trial.id, regraded_at=moment)
        try:
            verdict = await self._verdict(stored, stored.traces / after.grader_log)
        except GraderError as error:
            self.problems.extend(each.within(trial.label) for each in error.problems)
            return
        after = replace(after, record=_record(stored, verdict))
        if after.trial != before.trial or _told(after) != _told(before):
            self.ledger.append(after)
        self.done.append(
            Regraded(label=trial.label, before=_told(before), after=_told(after))
        )

    async def _verdict(self, stored: _Stored, log: Path) -> Verdict:
        own = fresh(self.own)
        try:
            tests = fresh(own)
            stage_tests(stored.trial.task, tests, secrets.token_hex(16))
            return await grade(
                stored.trial.task,
                archive=stored.archive,
                times=read_times(stored.traces),
                tests=tests,
                sandbox=self.sandbox,
                scratch=own,
                limits=stored.trial.limits,
                log=log,
            )
        except BenchError as error:
            # The archive is damaged, a sandbox did not start: no verdict either.
            raise GraderError(*error.problems) from error
        finally:
            await asyncio.to_thread(remove, own)


def _record(stored: _Stored, verdict: Verdict) -> Record:
    """The row of the execution, with another verdict."""
    found = judge(replace(stored.evidence, passed=verdict.passed)).status
    return replace(
        stored.attempt.record,
        status=found,
        passed=found is Status.PASS,
        tests_passed=verdict.tests_passed,
        tests_total=verdict.tests_total,
        grade_time_s=round(verdict.seconds, 3),
        task_version=stored.trial.task.version,
    )


def _told(attempt: Attempt) -> str:
    """A verdict in words: `fail 3/5`."""
    record = attempt.record
    if record.tests_total is None:
        return f"{record.status}"
    return f"{record.status} {record.tests_passed}/{record.tests_total}"
