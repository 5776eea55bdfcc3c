"""Where workers bring what they have done: each thing is taken once."""

import asyncio
import os
import pickle
import re
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from distributed import Security
from distributed.comm.addressing import get_address_host_port
from distributed.core import Server
from distributed.utils import get_ip

from harness_bench.schema import Status
from runner.engines.chunks import Waiting
from runner.engines.engine import Stop, Work
from runner.engines.orders import Order, Standing, Told
from runner.engines.patience import Patience, is_for_good
from runner.machine.durable import make_folder
from runner.plan import Trial
from runner.run_folder.attempt import Attempt
from runner.run_folder.workers_file import Crew
from runner.telling.events import AttemptEnded, Event, GivenUp, Noticed, TrialStarted

_MACHINES: Final = 5
"""So many may be lost with a trial, or fail at it for reasons of their own."""
_NAME: Final = re.compile(r"(?:traces/[0-9a-f]+|archives)/[A-Za-z0-9_-][A-Za-z0-9_.-]*")
"""Of files that a worker may bring."""


@dataclass(slots=True, kw_only=True)
class _Given:
    """An order that stands."""

    worker: str
    trials: dict[str, Trial]
    """Those that have not ended."""
    running: set[str] = field(default_factory=set)


class Desk:
    """Takes what workers tell; the run folder is written by whoever hears the events.

    Args:
        work: What is to be done.
        stop: Ends it early.
    """

    def __init__(self, work: Work, stop: Stop) -> None:
        self.waiting = Waiting(work.groups, work.past)
        self._work = work
        self._stop = stop
        self._run = work.bench.run
        self._made = Counter(work.made)
        self._patience = Patience()
        self._given: dict[int, _Given] = {}
        self._numbers = count(1)
        self._known: set[str] = set()
        self._hurt: Counter[str] = Counter()
        self._began, self._left = time.time(), len(self.waiting)
        self._ended = 0
        self._failed: Counter[str] = Counter()
        self._orders: Counter[str] = Counter()
        self._events: asyncio.Queue[tuple[Event, asyncio.Event] | None] = (
            asyncio.Queue()
        )
        self._address = ""

    @asynccontextmanager
    async def open(self, scheduler: str) -> AsyncIterator[None]:
        """Listen where those who reach the scheduler reach us."""
        security = Security()
        protocol, _, _ = scheduler.rpartition("://")
        there, port = get_address_host_port(scheduler)
        server = Server(
            {
                "tell": self.tell,
                "wanted": self.wanted,
                "piece": self.piece,
                "standing": self.standing,
            },
        )
        await server.listen(
            f"{protocol or 'tcp'}://{get_ip(there, port)}:0",
            **security.get_listen_args("scheduler"),
        )
        self._address = server.address
        try:
            yield
        finally:
            await server.close()

    async def events(self, working: "asyncio.Task[None]") -> AsyncGenerator[Event]:
        """What happens, until a task ends; then its error, if it has one."""
        working.add_done_callback(lambda _: self._events.put_nowait(None))
        while (found := await self._events.get()) is not None:
            event, kept = found
            yield event
            kept.set()
        await working

    def put(self, event: Event) -> asyncio.Event:
        """Tell an event; what is returned is set when it was heard."""
        kept = asyncio.Event()
        self._events.put_nowait((event, kept))
        return kept

    def give(self, worker: str, trials: Sequence[Trial]) -> Order:
        """Make an order of trials."""
        number = next(self._numbers)
        by_id = {trial.id: trial for trial in trials}
        self._orders[trials[0].model.label] += 1
        self._given[number] = _Given(worker=worker, trials=by_id)
        return Order(
            number=number,
            coordinator=self._address,
            trials=tuple(by_id),
            made={each: self._made[each] for each in by_id if self._made[each]},
            attempts=self._work.attempts,
            back_off_s=self._work.back_off_s,
        )

    def crew(self) -> Crew:
        """How it goes, without who works."""
        return Crew(
            pid=os.getpid(),
            began=self._began,
            left=self._left,
            ended=self._ended,
            failed=dict(self._failed),
            orders=dict(self._orders),
        )

    def take_back(self, number: int) -> None:
        """An order stands no more; what is left of it waits again."""
        given = self._given.pop(number)
        for each in given.running:
            self._hurt[each] += 1
            if self._hurt[each] == _MACHINES:
                trial = given.trials.pop(each)
                why = f"{_MACHINES} workers were lost with it"
                self.put(GivenUp(what=trial.label, why=why))
        if not self._stop.soon.is_set():
            left = given.trials.values()
            self.waiting.put_back(
                trial for trial in left if not self._patience.is_lost_on(trial)
            )

    async def standing(self, number: int) -> int:
        """How an order stands; asked by workers, as the following are."""
        if number not in self._given or self._stop.now.is_set():
            return Standing.NOW
        return Standing.SOON if self._stop.soon.is_set() else Standing.GO

    async def wanted(self, number: int, names: Sequence[str]) -> list[str]:
        """Those files that are not here yet."""
        if number not in self._given:
            return []
        return [
            name
            for name in names
            if _NAME.fullmatch(name) and not (self._run / name).exists()
        ]

    async def piece(
        self, number: int, name: str, at: int, data: bytes, *, last: bool
    ) -> None:
        """A part of a file; the last one gives it its name."""
        if number in self._given and _NAME.fullmatch(name):
            path = self._run / name
            await asyncio.to_thread(_write, path, number, at, data, last)

    async def tell(self, number: int, told: bytes) -> int:
        """An event, a pickled `Told`; it was kept when this returns."""
        given = self._given.get(number)
        if given is not None:
            # Bytes of those who may run code here anyway, as all who reach Dask may.
            found: Told = pickle.loads(told)  # noqa: S301
            if event := self._event(given, found):
                await self.put(event).wait()
        return await self.standing(number)

    def _event(self, given: _Given, told: Told) -> Event | None:
        """What is new in what a worker tells; from now on it is known."""
        name = f"worker {given.worker}"
        match told.kind:
            case "ModelStarted" if told.seconds is not None:
                label = next(iter(self._labels(given)), "")
                self.waiting.note_load(label, told.seconds)
                return Noticed(what=name, text=f"{label} is ready")
            case "GivenUp" | "Noticed":
                return Noticed(what=name, text=f"{told.what}: {told.text}")
            case "TrialStarted" if trial := given.trials.get(told.trial):
                given.running.add(trial.id)
                return TrialStarted(trial=trial)
            case "AttemptEnded" if trial := given.trials.get(told.trial):
                if told.attempt and told.attempt.folder not in self._known:
                    return self._attempt(given, trial, told.attempt, again=told.again)
        return None

    def _labels(self, given: _Given) -> Iterable[str]:
        return (trial.model.label for trial in given.trials.values())

    def _attempt(
        self, given: _Given, trial: Trial, attempt: Attempt, *, again: bool
    ) -> Event:
        self._known.add(attempt.folder)
        self._made[trial.id] += 1
        given.running.discard(trial.id)
        found = attempt.record.status
        is_machine = found is Status.INFRA_SANDBOX
        if is_machine and not again:
            # Another machine may be better, and gets it when this order ends.
            self._hurt[trial.id] += 1
            again = self._hurt[trial.id] < _MACHINES
        if not again:
            del given.trials[trial.id]
            self._ended += 1
            if found is not None and found.is_infra:
                self._failed[given.worker] += 1
            self.waiting.note(trial.model.label, attempt)
            if found is not None and not is_machine:
                self._note(trial, found, attempt)
        return AttemptEnded(trial=trial, attempt=attempt, again=again)

    def _note(self, trial: Trial, found: Status, attempt: Attempt) -> None:
        """Give up what has failed too often, for all workers."""
        what = self._patience.note(trial, found, attempt.judgement)
        if what is not None:
            why = f"{found} in three trials in a row, the last: {attempt.detail}"
            why = attempt.detail if is_for_good(attempt.judgement) else why
            self.put(GivenUp(what=what, why=why))
            self.waiting.drop(self._patience.is_lost_on)


def _write(path: Path, number: int, at: int, data: bytes, last: bool) -> None:  # noqa: FBT001
    """Write a part aside; the whole is on the disk when it takes its name."""
    make_folder(path.parent)
    aside = path.with_name(f".{path.name}.{number}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.ftruncate(handle, at)
        os.pwrite(handle, data, at)
        if last and path.parent.name == "archives":
            os.fsync(handle)
    finally:
        os.close(handle)
    if last:
        aside.replace(path)
