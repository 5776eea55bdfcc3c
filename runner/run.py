"""A run from its settings to its CSV: the shell around plan, engine and ledger.

Everything that can be found wrong beforehand is found before the run folder is
touched. After that each finished trial is in the ledger before anything else is done
with it.
"""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, aclosing, contextmanager, suppress
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Self, cast

from harness_bench.errors import ModelError, Problem, RunError, refused
from harness_bench.registry import load
from harness_bench.schema import Status
from runner.engines.engine import Engine, Stop, Work
from runner.machine import disk_space
from runner.machine.awake import held_awake
from runner.machine.durable import make_folder, replacing
from runner.machine.hardware import hardware
from runner.machine.reserve import Reserve
from runner.plan import Choice, Group, Trial, all_trials, choose, plan
from runner.preflight.doctor import insist
from runner.preflight.plan_check import Requirement, requirements
from runner.preflight.trying import tried, waiting
from runner.proxy.wordings import use as use_wordings
from runner.run_folder.attempt import Attempt
from runner.run_folder.export import export
from runner.run_folder.ledger import Attempts, Ledger, read_ledger
from runner.run_folder.older import Older, older_of_run
from runner.run_folder.plan_file import alone, write_plan
from runner.run_folder.run_lock import keep_lock, known_again, verify
from runner.sandboxes.sandbox import Sandbox, sandbox_named
from runner.spec import HarnessSpec, Spec, read_spec
from runner.tasks import Task, read_packs
from runner.telling.events import AttemptEnded, Event
from runner.trial import Bench
from runner.workspace.scratch import scratch

UNSAFE: Final = "unsafe"
"""The sandbox that is none."""
_EXPORT_EVERY_S: Final = 1.0
_EXPORT_SHARE: Final = 10
"""Exporting takes at most about a tenth of the time, however large the run is."""

Tell = Callable[[Event], None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A run that can begin: its settings, tasks and machine have been looked at."""

    spec: Spec
    tasks: tuple[Task, ...]
    folder: Path
    """The run folder; it may not exist yet."""
    sandbox: Sandbox
    attempts: Attempts
    """What was executed before."""
    everything: tuple[Trial, ...]
    """All trials of the settings."""
    planned: tuple[Trial, ...]
    """Those among them that are asked for."""
    groups: tuple[Group, ...]
    """What of that is left to do."""
    engine: Engine
    """What does it."""

    @property
    def done(self) -> int:
        """How many of the planned trials need no execution any more."""
        return len(self.planned) - sum(len(group.trials) for group in self.groups)

    @property
    def harnesses(self) -> tuple[HarnessSpec, ...]:
        """Those of the trials that are left to do."""
        left = (trial for group in self.groups for trial in group.trials)
        return tuple({trial.harness.label: trial.harness for trial in left}.values())

    @property
    def needed(self) -> tuple[Task, ...]:
        """The tasks of those trials."""
        left = (trial for group in self.groups for trial in group.trials)
        return tuple({trial.task.name: trial.task for trial in left}.values())

    @property
    def older(self) -> Older:
        """What was executed before and no longer counts, and what is run anew."""
        left = [trial for group in self.groups for trial in group.trials]
        return older_of_run(
            self.folder, self.attempts, everything=self.everything, left=left
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How a run stands when it ends."""

    planned: int
    statuses: Counter[Status]
    """Of the planned trials that have an attempt."""
    missing: tuple[str, ...]
    """Planned trials without a valid attempt, a line each: which, and why."""
    interrupted: bool


def with_sandbox(spec: Spec, *, unsafe: bool) -> Spec:
    """A spec whose sandbox is what the person has said.

    Args:
        spec: As it was read.
        unsafe: Whether it was said that there is to be none.

    Raises:
        RunError: The settings alone say so: they may be somebody else's.
    """
    if unsafe:
        return replace(spec, run=replace(spec.run, sandbox=UNSAFE))
    if spec.run.sandbox == UNSAFE:
        what = f"[run] sandbox is '{UNSAFE}', which confines nothing"
        advice = "name another, or give --unsafe-no-sandbox"
        raise RunError(Problem(spec.path.name, what, advice))
    return spec


def prepare(  # noqa: PLR0913 - what a person may say of a run
    path: Path | Spec,
    *,
    folder: Path | None = None,
    only: Sequence[Choice] = (),
    without: Sequence[Choice] = (),
    balanced: bool = False,
    verified: bool = False,
    unsafe: bool = False,
    engine: Engine | None = None,
    say: Say = lambda _: None,
) -> Prepared:
    """Read everything that a run needs, and look at the machine.

    Args:
        path: The run.toml, or what was read of it.
        folder: The run folder; None: `runs/<name of the run>` beside the run.toml.
        only: Where there are any, a trial must fit one of them.
        without: A trial that fits one of them is left out.
        balanced: First seeds of all models come before any second.
        verified: Refuse a run that is defined otherwise than when it was started.
        unsafe: Without a sandbox; every row says so.
        engine: What executes it; None: as the settings say.
        say: Takes what people should know: which server is waited for, for instance.

    Raises:
        BenchError: With every problem of the settings, or of the tasks, or of the
            machine; nothing has been written then.
    """
    spec = with_sandbox(read_spec(path), unsafe=unsafe)
    use_wordings(spec.run.wordings)
    tasks = read_packs(spec.run.packs)
    folder = spec.run_folder(folder)
    everything = known_again(folder, all_trials(spec, tasks))
    planned = choose(everything, spec, only=only, without=without)
    if verified:
        verify(folder, everything, chosen=planned)
    sandbox = sandbox_named(spec.run.sandbox)
    attempts = read_ledger(folder)
    groups = plan(planned, done=attempts.valid, balanced=balanced)
    engine = engine or engine_named(spec.run.engine, spec.path, unsafe=unsafe)
    if not engine.is_elsewhere:
        _look(groups, sandbox, folder, say)
    elif full := tuple(disk_space.problems(folder)):
        raise RunError(*full)
    return Prepared(
        spec=spec,
        tasks=tasks,
        folder=folder,
        sandbox=sandbox,
        attempts=attempts,
        everything=everything,
        planned=planned,
        groups=groups,
        engine=engine,
    )


def engine_named(
    name: str, path: Path, *, unsafe: bool = False, **options: object
) -> Engine:
    """An engine with what was said about it.

    Args:
        name: An entry point of `harness_bench.engines`.
        path: The run.toml, for those whose workers read it.
        unsafe: Without a sandbox.
        options: Fields of the engine.

    Raises:
        PluginError: There is none of this name.
        RunError: It knows no such option.
    """
    made = cast("type[Any]", load("engines", name))
    known = {each.name for each in fields(made)}
    if strange := [option for option in options if option not in known]:
        raise RunError(Problem(f"engine {name}", f"takes no --{strange[0]}"))
    about = {"settings": path, "unsafe": unsafe}
    options |= {key: value for key, value in about.items() if key in known}
    engine: Engine = made(**options)
    return engine


def _look(groups: Sequence[Group], sandbox: Sandbox, folder: Path, say: Say) -> None:
    """Refuse what is left to do if it cannot be done; what is done needs nothing.

    Raises:
        RunError: With every problem.
    """
    if not groups:
        return
    machine = [*sandbox.problems(), *disk_space.problems(folder)]
    parts = list(requirements(groups, sandbox))
    wrong = [part for part in parts if part.problems]
    if wrong and not machine and all(part.away for part in wrong):
        asyncio.run(_wait_for(wrong, say))
        parts = list(requirements(groups, sandbox))
    for part in parts:
        for notice in part.notices:
            say(str(notice.within(part.name)))
    if not machine and not any(part.problems for part in parts):
        parts = list(asyncio.run(tried(groups, waits=True, say=_once(say))))
    told = [each.within(part.name) for part in parts for each in part.problems]
    if machine or told:
        raise RunError(*machine, *told)


async def _wait_for(parts: Sequence[Requirement], say: Say) -> None:
    """Give servers the time to start, and to load their models."""
    for part in parts:
        if part.away is None:
            continue
        with suppress(ModelError):  # then it is still away
            await part.away.arrive(partial(waiting, _once(say), part.name))


def _once(say: Say) -> Say:
    """Says the same words once."""
    said: set[str] = set()

    def told(words: str) -> None:
        if words not in said:
            said.add(words)
            say(words)

    return told


async def perform(prepared: Prepared, *, tell: Tell, say: Say) -> Summary:
    """Execute what is left to do; the CSV grows as trials end.

    Args:
        prepared: What to do.
        tell: Takes what happens.
        say: Takes what people should know.

    Raises:
        SandboxError: The sandbox leaks.
        RunError: The run folder cannot be written any more.
    """
    if not prepared.groups:
        with _held(prepared):
            _export(prepared, prepared.attempts)
        return _summary(prepared, prepared.attempts, interrupted=False)
    stop = Stop()
    with scratch() as own, _interrupts(stop, say):
        if not prepared.engine.is_elsewhere:
            await insist(
                prepared.sandbox,
                scratch=own,
                run=prepared.folder,
                tasks=prepared.needed,
                hidden=prepared.spec.run.packs,
                harnesses=[spec.harness for spec in prepared.harnesses],
                limits=prepared.spec.limits,
            )
        bench = Bench(
            sandbox=prepared.sandbox,
            scratch=own,
            run=prepared.folder,
            hardware=prepared.spec.run.hardware or hardware(),
            keep=prepared.spec.run.keep,
        )
        with held_awake(), _held(prepared), Ledger(prepared.folder) as ledger:
            attempts = await _execute(prepared, bench, ledger, stop, tell)
            summary = _summary(prepared, attempts, interrupted=stop.soon.is_set())
            try:
                _export(prepared, attempts)
            except RunError as error:
                if not summary.missing:
                    raise
                say(str(error))
    return summary


async def _execute(
    prepared: Prepared, bench: Bench, ledger: Ledger, stop: Stop, tell: Tell
) -> Attempts:
    known = {trial: list(found) for trial, found in prepared.attempts.by_trial.items()}
    work = Work(
        groups=prepared.groups,
        bench=bench,
        jobs=prepared.spec.run.jobs,
        attempts=prepared.spec.run.attempts,
        made={trial: len(found) for trial, found in known.items()},
        past=[attempt for found in known.values() for attempt in found],
    )
    exporter = _Exporter(prepared, known)
    _export(prepared, exporter.attempts())
    with Reserve(prepared.folder) as reserve:
        async with (
            exporter,
            aclosing(prepared.engine.execute(work, stop)) as events,
        ):
            async for event in events:
                if isinstance(event, AttemptEnded):
                    _keep(event.attempt, ledger, reserve)
                    known.setdefault(event.trial.id, []).append(event.attempt)
                    exporter.due()
                tell(event)
    return exporter.attempts()


def _keep(attempt: Attempt, ledger: Ledger, reserve: Reserve) -> None:
    """Write an attempt down; on a full disk, in the room that was held back for it.

    Raises:
        RunError: There is none left.
    """
    try:
        ledger.append(attempt)
    except RunError:
        reserve.release()
        ledger.append(attempt)


class _Exporter:
    """Writes the CSV anew while the run goes on, but not for every trial.

    In a thread: a large one takes seconds, for which no call of a model may wait.
    """

    def __init__(self, prepared: Prepared, known: dict[str, list[Attempt]]) -> None:
        self._prepared = prepared
        self._known = known
        self._exporting: asyncio.Task[None] | None = None
        self._not_before = 0.0

    def attempts(self) -> Attempts:
        """All that is known now."""
        return Attempts.of(self._all())

    def due(self) -> None:
        """Export if it is time; what cannot be written now is written at the end."""
        if self._exporting is not None:
            if not self._exporting.done():
                return
            self._exporting.result()
        if time.monotonic() >= self._not_before:
            self._exporting = asyncio.create_task(
                asyncio.to_thread(self._export, self._all())
            )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        # Not cancelled: it would go on, and put older rows in the place of newer ones.
        if self._exporting is not None:
            await self._exporting

    def _all(self) -> list[Attempt]:
        return [attempt for found in self._known.values() for attempt in found]

    def _export(self, attempts: list[Attempt]) -> None:
        began = time.monotonic()
        with suppress(RunError):
            _export(self._prepared, Attempts.of(attempts))
        took = time.monotonic() - began
        self._not_before = began + max(_EXPORT_EVERY_S, _EXPORT_SHARE * took)


def _export(prepared: Prepared, attempts: Attempts) -> None:
    export(
        prepared.folder,
        attempts,
        planned={trial.id for trial in prepared.everything},
        spec=prepared.spec,
        tasks=prepared.tasks,
    )


@contextmanager
def _held(prepared: Prepared) -> Iterator[None]:
    """The run folder, ours alone, with the settings as they were written."""
    text = prepared.spec.path.read_bytes()
    kept = prepared.folder / "run.toml"
    with ExitStack() as held:
        try:
            held.enter_context(alone(prepared.folder))
            for name in ("traces", "archives"):
                make_folder(prepared.folder / name)
            asked = {trial.id for trial in prepared.planned}
            others = [each for each in prepared.everything if each.id not in asked]
            write_plan(prepared.folder, prepared.planned, others=others)
            keep_lock(prepared.folder, prepared.everything, chosen=prepared.planned)
            if not kept.exists() or kept.read_bytes() != text:
                with replacing(kept) as file:
                    file.write(text)
        except OSError as error:
            raise RunError(refused(prepared.folder, "written", error)) from error
        yield


@contextmanager
def _interrupts(stop: Stop, say: Say) -> Iterator[None]:
    """The first Ctrl-C lets running trials end, the second ends them."""
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        if stop.soon.is_set():
            say("stopping running trials")
            stop.now.set()
            return
        say("waiting for running trials to finish; Ctrl-C again stops them")
        stop.soon.set()

    def terminated() -> None:
        stop.soon.set()
        stop.now.set()

    handlers = {
        signal.SIGINT: interrupted,
        signal.SIGTERM: terminated,
        signal.SIGHUP: terminated,
    }
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


def _summary(prepared: Prepared, attempts: Attempts, *, interrupted: bool) -> Summary:
    statuses: Counter[Status] = Counter()
    missing = []
    valid = attempts.valid
    for trial in prepared.planned:
        found = attempts.by_trial.get(trial.id, ())
        best = valid.get(trial.id) or (found[-1] if found else None)
        if best is not None and best.record.status is not None:
            statuses[best.record.status] += 1
        if trial.id not in valid:
            why = f"{best.record.status}, {best.detail}" if best else "not executed"
            missing.append(f"{trial.label}: {why}".removesuffix(", "))
    return Summary(
        planned=len(prepared.planned),
        statuses=statuses,
        missing=tuple(missing),
        interrupted=interrupted and bool(missing),
    )
