"""One machine of many: takes orders of trials, and brings home what came of them.

They are executed as `Local` does. Everything runs in the one thread that lives as long
as the process: what it starts is told by the kernel when that thread dies. What an
attempt leaves goes to the coordinator in pieces, then the attempt itself, and only
then is it removed here.
"""

import asyncio
import logging
import pickle
import signal
import time
from collections.abc import Awaitable, Mapping
from contextlib import AsyncExitStack, aclosing, suppress
from pathlib import Path
from typing import Any, Final, cast

from distributed import Worker, WorkerPlugin, get_worker
from distributed.core import PooledRPCCall

from harness_bench.errors import BenchError
from runner.engines.engine import Stop, Work
from runner.engines.kept_model import KeptModel
from runner.engines.local import Local
from runner.engines.orders import Done, Fitness, Order, Standing, Told, Wanted
from runner.engines.patience import MACHINE, Patience
from runner.machine import disk_space
from runner.machine.durable import make_folder
from runner.machine.hardware import hardware
from runner.plan import Group, Trial, all_trials, plan
from runner.preflight.doctor import insist
from runner.preflight.plan_check import requirements
from runner.run_folder.run_lock import as_told, definitions, first_difference
from runner.sandboxes.sandbox import sandbox_named
from runner.spec import Spec
from runner.tasks import read_packs
from runner.telling.events import (
    AttemptEnded,
    Event,
    GivenUp,
    ModelLoading,
    ModelStarted,
    Noticed,
    TrialStarted,
)
from runner.trial import Bench
from runner.workspace.scratch import scratch
from runner.workspace.tree import remove

NAME: Final = "harness-bench"
"""Of the plugin by which tasks find their machine."""
_PIECE: Final = 4 << 20
"""Bytes of a file that travel at one time."""
_LOOK_S: Final = 1.0
_PATIENCE_S: Final = 30.0
"""How long a coordinator may be silent before its order is left."""
_PAUSE_S: Final = 0.5
_LEAVE_S: Final = 10.0
_OTHERWISE: Final = "{0} is {2} there, and {1} here"


class Machine(WorkerPlugin):
    """What a worker keeps between orders.

    Args:
        spec: Its own run.toml.
        own: A private folder, removed when it ends.
    """

    name = NAME

    def __init__(self, spec: Spec, own: Path) -> None:
        self._spec = spec
        self._own = own
        self._run = own / "run"
        self._tasks = read_packs(spec.run.packs)
        self._trials = all_trials(spec, self._tasks)
        self._by_id: dict[str, Trial] = {}
        self._sandbox = sandbox_named(spec.run.sandbox)
        self._kept = KeptModel()
        self._patience = Patience()
        self._known: tuple[Wanted, Fitness] | None = None
        self._home: _Home | None = None
        self._working = asyncio.Lock()
        for name in ("traces", "archives"):
            make_folder(self._run / name)

    async def check(self, wanted: Wanted) -> Fitness:
        """Whether this machine may take such orders; all but its disk is known then."""
        self._patience = Patience()
        if self._known is None or self._known[0] != wanted:
            try:
                found = await self._look(wanted)
            except BenchError as error:
                found = Fitness(problem=_first(error))
            self._known = wanted, found
        if full := next(disk_space.problems(self._run), None):
            return Fitness(problem=str(full))
        return self._known[1]

    async def _look(self, wanted: Wanted) -> Fitness:
        told = wanted.definitions
        trials = await asyncio.to_thread(as_told, self._trials, told)
        own = definitions(trials)
        if differs := first_difference(told, own, _OTHERWISE):
            return Fitness(problem=differs)
        for kind in ("harness", "task"):
            if missing := [each for each in told[kind] if each not in own[kind]]:
                return Fitness(problem=f"{kind} {missing[0]} is not in its run.toml")
        asked = [trial for trial in trials if _is_of(trial, told)]
        parts = await asyncio.to_thread(
            lambda: list(requirements(plan(asked), self._sandbox))
        )
        without = {
            part.name: str(part.problems[0].within(part.name))
            for part in parts
            if part.kind == "model" and part.problems
        }
        for part in parts:
            if part.problems and part.kind != "model":
                return Fitness(problem=str(part.problems[0].within(part.name)))
        fit = [trial for trial in asked if trial.model.label not in without]
        if not fit:
            return Fitness(
                problem=next(iter(without.values()), "has none of the models")
            )
        harnesses = {trial.harness.label: trial.harness.harness for trial in fit}
        await insist(
            self._sandbox,
            scratch=self._own,
            run=self._run,
            tasks=tuple({trial.task.name: trial.task for trial in fit}.values()),
            hidden=self._spec.run.packs,
            harnesses=tuple(harnesses.values()),
            limits=self._spec.limits,
        )
        self._by_id = {trial.id: trial for trial in fit}
        return Fitness(
            models=frozenset(trial.model.label for trial in fit),
            without=tuple(without.values()),
        )

    async def execute(self, order: Order, worker: Worker) -> Done:
        """Execute an order; all that it comes to is told on the way."""
        async with self._working:  # an order that was withdrawn may still be ending
            home = self._home = _Home(worker.rpc(order.coordinator), order, self._run)
            watching = asyncio.create_task(home.watch())
            try:
                return await self._execute(order, home)
            finally:
                watching.cancel()
                await asyncio.to_thread(_clear, self._run)

    async def _execute(self, order: Order, home: "_Home") -> Done:
        trials = tuple(self._by_id[each] for each in order.trials)
        work = Work(
            groups=[Group(model=self._kept.lease(trials[0].model), trials=trials)],
            bench=Bench(
                sandbox=self._sandbox,
                scratch=self._own,
                run=self._run,
                hardware=self._spec.run.hardware or hardware(),
                keep=self._spec.run.keep,
            ),
            jobs=self._spec.run.jobs,
            attempts=order.attempts,
            made=order.made,
            back_off_s=order.back_off_s,
            patience=self._patience,
        )
        machine, unfit = "", []
        async with aclosing(Local().execute(work, home.stop)) as events:
            async for event in events:
                match event:
                    case GivenUp(what=what, why=why) if what == MACHINE:
                        machine = why
                    case GivenUp(what=what) if what == trials[0].model.label:
                        unfit.append(what)
                await home.tell(event, self._kept.load_s)
        return Done(machine=machine, unfit=tuple(unfit))

    def transition(self, key: object, start: str, finish: str, **_: object) -> None:
        """See `WorkerPlugin`: an order is taken away where its coordinator is gone."""
        is_order = str(key).startswith(f"{execute.__name__}-")
        if is_order and (start, finish) == ("executing", "released"):
            self.leave()

    def leave(self) -> None:
        """End what runs: nobody waits for it any more."""
        if self._home is not None:
            self._home.leave()

    async def close(self) -> None:
        """End what runs, and unload the model."""
        self.leave()
        async with self._working:
            await self._kept.close()


async def check(wanted: Wanted) -> Fitness:
    """What a worker is asked first: see `Machine.check`."""
    found = get_worker().plugins.get(NAME)
    if not isinstance(found, Machine):
        return Fitness(problem="was not started by `harness-bench worker`")
    return await found.check(wanted)


async def execute(order: Order) -> Done:
    """What a worker is then asked to do: see `Machine.execute`."""
    worker = get_worker()
    machine = cast("Machine", worker.plugins[NAME])
    return await machine.execute(order, worker)


async def serve(spec: Spec, *, scheduler: str, name: str, wait_s: float) -> None:
    """Be a worker until there is nobody to work for.

    Args:
        spec: Its run.toml.
        scheduler: Where a scheduler of Dask listens.
        name: What people call it.
        wait_s: How long a scheduler is looked for, at the start and once it is gone.

    Raises:
        BenchError: The settings or tasks do not fit this machine.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    with scratch() as own:
        machine = Machine(spec, own)
        try:
            until = time.monotonic() + wait_s
            while not ended.is_set() and time.monotonic() < until:
                with suppress(OSError, ValueError):
                    await _join(machine, scheduler, name, own, ended, wait_s)
                    until = time.monotonic() + wait_s
                await asyncio.sleep(min(_PAUSE_S, wait_s))
        finally:
            await machine.close()


async def _join(
    machine: Machine,
    scheduler: str,
    name: str,
    own: Path,
    ended: asyncio.Event,
    wait_s: float,
) -> None:
    """Work for a scheduler until it is gone, or we are to end.

    Raises:
        OSError: Nobody answers there.
    """
    async with AsyncExitStack() as left:
        worker = Worker(
            scheduler,
            nthreads=1,
            name=name,
            resources={"slot": 1},
            memory_limit=0,
            local_directory=str(own),
            plugins=(machine,),
            death_timeout=min(_PATIENCE_S, wait_s),
            dashboard=False,
        )
        left.push_async_callback(_closed, worker)
        told = asyncio.ensure_future(ended.wait())
        left.callback(told.cancel)
        await _until_told(worker, told)
        if not told.done():
            await _until_told(worker.finished(), told)
        machine.leave()


async def _until_told(step: Awaitable[object], told: "asyncio.Future[Any]") -> object:
    """What a step comes to; None: we are told to end before."""
    here = asyncio.ensure_future(step)
    try:
        await asyncio.wait([told, here], return_when=asyncio.FIRST_COMPLETED)
        return await here if here.done() else None
    finally:
        here.cancel()


async def _closed(worker: Worker) -> None:
    """Leave the scheduler; one that does not answer is not waited for long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LEAVE_S):
            await worker.close()


class _Home:
    """The way to whoever gave an order.

    Args:
        coordinator: Calls what it offers.
        order: What it gave.
        run: Where attempts leave what they leave.
    """

    def __init__(self, coordinator: PooledRPCCall, order: Order, run: Path) -> None:
        self._coordinator = coordinator
        self._number = order.number
        self._run = run
        self._left: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._silent_s: float | None = None
        """Since when there is no answer."""
        self.stop = Stop()
        """Set as the order stands."""

    def leave(self) -> None:
        """Nobody wants the order any more: end what runs, and tell nothing."""
        self._obey(Standing.NOW)
        if not self._left.done():
            self._left.set_result(None)

    async def watch(self) -> None:
        """Look now and then whether the order still stands."""
        while not self.stop.now.is_set():
            await asyncio.sleep(_LOOK_S)
            self._obey(await self._ask("standing"))

    async def tell(self, event: Event, load_s: float | None) -> None:
        """Bring an event home; of an attempt, all that it left comes before."""
        if isinstance(event, AttemptEnded):
            await self._bring(event)
        told = pickle.dumps(_told(event, load_s))
        self._obey(await self._ask("tell", told=told))
        if isinstance(event, AttemptEnded):
            folder = self._run / "traces" / event.attempt.folder
            await asyncio.to_thread(remove, folder)

    def _obey(self, standing: object) -> None:
        known = standing if isinstance(standing, int) else Standing.NOW
        if known >= Standing.SOON:
            self.stop.soon.set()
        if known >= Standing.NOW:
            self.stop.now.set()

    async def _bring(self, event: AttemptEnded) -> None:
        left = await asyncio.to_thread(_left, self._run, event)
        wanted = await self._ask("wanted", names=left)
        if not isinstance(wanted, (list, tuple)):
            return
        for name in wanted:
            with (self._run / name).open("rb") as file:
                at = 0
                while True:
                    data = await asyncio.to_thread(file.read, _PIECE)
                    last = len(data) < _PIECE
                    await self._ask("piece", name=name, at=at, data=data, last=last)
                    at += len(data)
                    if last:
                        break

    async def _ask(self, what: str, **more: object) -> object:
        """Ask until there is an answer; after a while without one, the order is off."""
        while not self._left.done():
            began = time.monotonic()
            call = getattr(self._coordinator, what)(number=self._number, **more)
            try:
                answer = await _until_told(call, self._left)
            except RuntimeError:  # the worker has left its scheduler
                self.leave()
            except OSError:  # as connections that are lost are, too
                self._silent_s = self._silent_s or began
                if time.monotonic() > self._silent_s + _PATIENCE_S:
                    self.leave()
                await asyncio.sleep(_PAUSE_S)
            else:
                self._silent_s = None
                return answer
        return None


def _told(event: Event, load_s: float | None) -> Told:
    kind = type(event).__name__
    match event:
        case ModelStarted():
            return Told(kind=kind, seconds=load_s)
        case ModelLoading(seconds=seconds):
            return Told(kind=kind, seconds=seconds)
        case GivenUp(what=what, why=text) | Noticed(what=what, text=text):
            return Told(kind=kind, what=what, text=text)
        case TrialStarted(trial=trial):
            return Told(kind=kind, trial=trial.id)
        case AttemptEnded(trial=trial, attempt=attempt, again=again):
            return Told(kind=kind, trial=trial.id, attempt=attempt, again=again)


def _left(run: Path, event: AttemptEnded) -> list[str]:
    """The files that an attempt has left, by their names in the run folder."""
    traces = run / "traces" / event.attempt.folder
    files = [path for path in traces.rglob("*") if path.is_file()]
    hashes = {event.attempt.workspace}
    with suppress(OSError):
        hashes.add((traces / "starter").read_text(encoding="ascii"))
    archives = [run / "archives" / f"{each}.tar.gz" for each in hashes if each]
    files += [path for path in archives if path.exists()]
    return [path.relative_to(run).as_posix() for path in files]


def _clear(run: Path) -> None:
    """Remove what attempts have left: it has been brought home, or never will be."""
    for folder in run.iterdir():
        for path in folder.iterdir():
            if path.is_dir():
                remove(path)
            else:
                path.unlink()


def _is_of(trial: Trial, told: Mapping[str, Any]) -> bool:
    return (
        trial.model.label in told["model"]
        and trial.harness.label in told["harness"]
        and trial.task.name in told["task"]
    )


def _first(error: BenchError) -> str:
    return str(error.problems[0])
