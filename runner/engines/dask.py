"""Executes a plan on many machines, through a scheduler of Dask.

Each worker (`worker.py`) is asked whether it is fit, then given orders: some trials of
one model. It executes them as `Local` does and tells each event to this process, which
alone writes the run folder. A worker may tell the same twice, or what another one has
told meanwhile: an order that was withdrawn counts no more, and an attempt is known by
its folder. What a lost worker has not told goes to another one.
"""

import asyncio
import logging
import shlex
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import ClassVar, Final, cast

from distributed import Client, Scheduler, rpc
from distributed.client import FutureCancelledError

from harness_bench.errors import Problem, RunError
from runner.engines import worker
from runner.engines.desk import Desk
from runner.engines.engine import Stop, Work
from runner.engines.orders import Done, Fitness, Wanted
from runner.plan import Trial
from runner.run_folder.run_lock import definitions
from runner.run_folder.workers_file import Crew, WorkerSeen, write_crew
from runner.telling.events import Event, Noticed

_LOOK_S: Final = 0.5
"""How often is looked which workers there are."""
_IDLE_S: Final = 0.2
_ANSWER_S: Final = 30.0
_SPAWNED_WAIT_S: Final = 5
"""How long workers that we have started look for us."""
_LONGEST_PAUSE_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dask:
    """The engine of many machines."""

    is_elsewhere: ClassVar[bool] = True

    settings: Path
    """The run.toml, for workers that are started here."""
    workers: int = 0
    """How many are started on this machine."""
    scheduler: str = ""
    """Where one listens; empty: it runs here, as long as the run."""
    ssh: str = ""
    """Machines on which a worker is started, as `ssh` knows them: `host1,host2`."""
    unsafe: bool = False
    """Whether workers that are started here are told to use no sandbox."""

    async def execute(self, work: Work, stop: Stop) -> AsyncGenerator[Event]:
        """See `Engine.execute`.

        Raises:
            RunError: Nobody listens where the scheduler is said to be.
        """
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        async with AsyncExitStack() as left:
            address = self.scheduler or await left.enter_async_context(
                _scheduler(everywhere=bool(self.ssh))
            )
            desk = Desk(work, stop)
            await left.enter_async_context(desk.open(address))
            hall = _Hall(desk, work, stop, expected=self.workers)
            if not self.scheduler:
                hall.say("scheduler", f"{address}; {_how_to_join(address)}")
            for name, command in self._commands(address):
                crew = asyncio.create_task(_crewed(name, command, hall))
                left.push_async_callback(_ended, crew)
            working = asyncio.create_task(hall.work(address))
            left.push_async_callback(_ended, working)
            async for event in desk.events(working):
                yield event

    def _commands(self, address: str) -> Iterator[tuple[str, Sequence[str]]]:
        """What starts each worker, with its name."""
        unsafe = ("--unsafe-no-sandbox",) if self.unsafe else ()
        words = (*unsafe, "--scheduler", address, "--wait", str(_SPAWNED_WAIT_S))
        for number in range(1, self.workers + 1):
            name, settings = f"local-{number}", self.settings.absolute()
            python = (sys.executable, "-m", "runner")
            yield name, (*python, "worker", str(settings), *words, "--name", name)
        for host in filter(None, self.ssh.split(",")):
            there = ("harness-bench", "worker", str(self.settings), *words)
            told = shlex.join((*there, "--name", host))
            yield host, ("ssh", "-o", "BatchMode=yes", host, told)


@dataclass(slots=True, kw_only=True)
class _Member:
    """A worker, as long as it is there."""

    address: str
    name: str
    fitness: Fitness | None = None
    """None: it was not looked at yet."""
    held: str | None = None
    """The model that it has."""
    busy: bool = False
    task: asyncio.Task[None] | None = None

    @property
    def doing(self) -> str:
        """In a few words."""
        if self.fitness is None:
            return "is looked at"
        return self.fitness.problem or ("works" if self.busy else "waits")


class _Hall:
    """Who works, and on what.

    Args:
        desk: Takes what workers tell.
        work: What is to be done.
        stop: Ends it early.
        expected: Workers that were started here; when none of them is fit, all is over.
    """

    def __init__(self, desk: Desk, work: Work, stop: Stop, expected: int) -> None:
        self._desk = desk
        self._work = work
        self._stop = stop
        self._expected = expected
        self._waiting = desk.waiting
        self._members: dict[str, _Member] = {}
        self.failed: set[str] = set()
        """Workers that were started here and have ended by themselves."""
        self._said: set[tuple[str, str]] = set()
        self._crew: Crew | None = None
        trials = [trial for group in work.groups for trial in group.trials]
        self._wanted = Wanted(definitions=definitions(trials))

    def say(self, what: str, text: str) -> None:
        """Tell people, once."""
        if (what, text) not in self._said:
            self._said.add((what, text))
            self._desk.put(Noticed(what=what, text=text))

    async def work(self, address: str) -> None:
        """Give work to all workers of a scheduler until there is none.

        Raises:
            RunError: Nobody has ever answered there.
        """
        answered = False
        while not self._is_over():
            try:
                async with Client(
                    address, asynchronous=True, set_as_default=False, timeout=_ANSWER_S
                ) as client:
                    answered = True
                    await self._serve_all(client)
            except OSError as error:
                if not answered:
                    what = f"no scheduler answers ({error})"
                    raise RunError(Problem(address, what)) from error
                self.say(address, "the scheduler is gone, and is waited for")
                await asyncio.sleep(_LOOK_S)
            finally:
                for member in self._members.values():
                    await _ended(member.task)
                self._members.clear()

    async def _serve_all(self, client: Client) -> None:
        """Until all is done, or the scheduler is another one.

        Raises:
            OSError: It is gone.
        """
        known = None
        while not self._is_over():
            async with asyncio.timeout(_ANSWER_S):
                scheduler = cast("rpc", client.scheduler)
                found = await scheduler.identity()
            if known not in (None, found["id"]):
                return
            known, there = found["id"], found["workers"]
            for address in self._members.keys() - there.keys():
                await _ended(self._members.pop(address).task)
            self._tell_status()
            for address, about in there.items():
                new = _Member(address=address, name=str(about["name"]))
                member = self._members.setdefault(address, new)
                if member.task is None or member.task.done():
                    member.task = asyncio.create_task(self._serve(client, member))
            await asyncio.sleep(_LOOK_S)

    def _tell_status(self) -> None:
        """Write down who does what, where that has changed."""
        workers = tuple(
            WorkerSeen(name=each.name, model=each.held or "", doing=each.doing)
            for each in self._members.values()
        )
        crew = replace(self._desk.crew(), workers=workers)
        if crew != self._crew:
            self._crew = crew
            write_crew(self._work.bench.run, crew)

    def _is_over(self) -> bool:
        if any(member.busy for member in self._members.values()):
            return False
        if not self._waiting or self._stop.soon.is_set():
            return True
        found = [member.fitness for member in self._members.values()]
        if None in found:
            return False
        fit = [each for each in found if each and not each.problem]
        if not fit:
            # Others may come, but of those that we have started none will be better.
            absent = self.failed - {each.name for each in self._members.values()}
            return 0 < self._expected <= len(found) + len(absent)
        models = frozenset().union(*(each.models for each in fit))
        return not self._waiting.has_any_of(models)

    async def _serve(self, client: Client, member: _Member) -> None:
        """Give a worker work as long as there is some."""
        if member.fitness is None:
            member.fitness = await self._look_at(client, member)
        while not member.fitness.problem:
            others = Counter(
                each.held
                for each in self._members.values()
                if each is not member and each.busy and each.held
            )
            trials = (
                ()
                if self._stop.soon.is_set()
                else self._waiting.take(
                    member.held, fit=member.fitness.models, holders=others
                )
            )
            if not trials:
                await asyncio.sleep(_IDLE_S)
                continue
            done = await self._give(client, member, trials)
            if done.machine:
                member.fitness = Fitness(problem=done.machine)
                self.say(f"worker {member.name}", f"gets no more work, {done.machine}")
            elif done.unfit:
                models = member.fitness.models.difference(done.unfit)
                member.fitness = Fitness(models=models)

    async def _look_at(self, client: Client, member: _Member) -> Fitness:
        try:
            found: Fitness = await client.submit(
                worker.check, self._wanted, workers=[member.address], pure=False
            )
        except FutureCancelledError:  # by a scheduler that is gone
            raise asyncio.CancelledError from None
        except Exception as error:  # noqa: BLE001 - it comes from another machine
            found = Fitness(problem=f"cannot be looked at ({_line(error)})")
        if found.problem:
            self.say(f"worker {member.name}", f"gets no work, {found.problem}")
        for line in found.without:
            self.say(f"worker {member.name}", line)
        return found

    async def _give(
        self, client: Client, member: _Member, trials: Sequence[Trial]
    ) -> Done:
        """An order for a worker, until it is done, or the worker is lost."""
        order = self._desk.give(member.name, trials)
        member.held, member.busy = trials[0].model.label, True
        try:
            done: Done = await client.submit(
                worker.execute,
                order,
                workers=[member.address],
                resources={"slot": 1},
                pure=False,
            )
        except FutureCancelledError:
            raise asyncio.CancelledError from None
        except Exception as error:  # noqa: BLE001 - it comes from another machine
            return Done(machine=_line(error))
        else:
            return done
        finally:
            member.busy = False
            self._desk.take_back(order.number)


@asynccontextmanager
async def _scheduler(*, everywhere: bool) -> AsyncIterator[str]:
    """A scheduler in this process; its address."""
    host = None if everywhere else "127.0.0.1"
    async with Scheduler(
        host=host, port=0, dashboard=False, dashboard_address=":0"
    ) as scheduler:
        yield scheduler.address


async def _crewed(name: str, command: Sequence[str], hall: _Hall) -> None:
    """A worker of ours, started again when it is killed."""
    for again in count():
        # Not through a pipe, whose end may not come: what it has started may hold it
        # open, and ends with the scheduler.
        with tempfile.TemporaryFile() as said:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=said,
            )
            try:
                await process.wait()
            except asyncio.CancelledError:
                with suppress(ProcessLookupError):
                    process.terminate()
                await process.wait()
                raise
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
        if process.returncode and process.returncode > 0:
            words = lines[-1] if lines else "it said nothing"
            hall.say(f"worker {name}", f"ended with {process.returncode}: {words}")
            hall.failed.add(name)
            await asyncio.sleep(min(2.0**again, _LONGEST_PAUSE_S))


async def _ended(task: "asyncio.Task[None] | None") -> None:
    """Cancel it, and wait until it has ended."""
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task


def _how_to_join(address: str) -> str:
    return (
        f"another worker joins by `harness-bench worker RUN.TOML --scheduler {address}`"
    )


def _line(error: Exception) -> str:
    first = (str(error).strip() or "no words").splitlines()[0]
    return f"{type(error).__name__}: {first}"
