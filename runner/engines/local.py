"""Executes a plan on this machine: one model at a time, some trials side by side."""

import asyncio
import time
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, ClassVar, Final

from harness_bench.errors import ModelError
from harness_bench.schema import UsageSource
from runner.engines.engine import Stop, Work
from runner.engines.patience import Patience, is_for_good
from runner.engines.quiet import Quiet
from runner.judging.blame import Again
from runner.models.model import Endpoint, Lasting, Renewable
from runner.plan import Group, Trial
from runner.run_folder.attempt import Attempt
from runner.telling.events import (
    AttemptEnded,
    Event,
    GivenUp,
    ModelLoading,
    ModelStarted,
    Noticed,
    TrialStarted,
)
from runner.trial import execute

_LONGEST_PAUSE_S: Final = 60.0
_THREADS: Final = 4
"""At most, of one trial at a time: counts of what was written, and a step."""
_TELL_S: Final = 10.0
_ESTIMATES: Final = (
    "its server tells no tokens, so they are estimates: as many at least were used"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """The engine of one machine."""

    is_elsewhere: ClassVar[bool] = False

    async def execute(self, work: Work, stop: Stop) -> AsyncGenerator[Event]:
        """See `Engine.execute`."""
        # Nobody waits for a thread in which a million files of another are removed.
        asyncio.get_running_loop().set_default_executor(
            ThreadPoolExecutor(_THREADS * (work.jobs + 1))
        )
        patience = work.patience
        for group in work.groups:
            waiting = [each for each in group.trials if not patience.is_lost_on(each)]
            if waiting and not stop.soon.is_set():
                async for event in _group(group, work, stop, patience):
                    yield event


async def _group(
    group: Group, work: Work, stop: Stop, patience: Patience
) -> AsyncGenerator[Event]:
    try:
        async with AsyncExitStack() as exit_:
            starting = asyncio.ensure_future(
                exit_.enter_async_context(group.model.model.serve())
            )
            async with aclosing(_loading(group, starting, stop)) as events:
                async for event in events:
                    yield event
            if starting.cancelled():
                return
            endpoint = starting.result()
            yield ModelStarted(group=group)
            crew = _Crew(group, work, stop, patience, endpoint)
            async for event in crew.events():
                yield event
    except ModelError as error:
        yield GivenUp(what=group.model.label, why=str(error))


async def _loading(
    group: Group, starting: asyncio.Future[Endpoint], stop: Stop
) -> AsyncGenerator[Event]:
    """Tell now and then that a model loads; ends when it has, or has been told not to.

    Large models take minutes, and from a network much longer.
    """
    began = time.monotonic()
    stopped = asyncio.ensure_future(stop.soon.wait())
    either: list[asyncio.Future[Any]] = [starting, stopped]
    try:
        while not (starting.done() or stopped.done()):
            await asyncio.wait(
                either, timeout=_TELL_S, return_when=asyncio.FIRST_COMPLETED
            )
            if not (starting.done() or stopped.done()):
                yield ModelLoading(group=group, seconds=time.monotonic() - began)
    finally:
        stopped.cancel()
        if not starting.done():
            starting.cancel()
            with suppress(asyncio.CancelledError, ModelError):
                await starting


class _Crew:
    """The workers of one group: each takes the next trial until none is left."""

    def __init__(
        self,
        group: Group,
        work: Work,
        stop: Stop,
        patience: Patience,
        endpoint: Endpoint,
    ) -> None:
        self._group, self._work = group, work
        self._stop = stop
        self._patience = patience
        self._endpoint = endpoint
        self._waiting = iter(group.trials)
        self._quiet = Quiet()
        self._has_estimates = False
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()

    async def events(self) -> AsyncGenerator[Event]:
        """What the workers tell; ends when all have ended."""
        workers = [
            asyncio.create_task(self._worker()) for _ in range(max(1, self._work.jobs))
        ]
        everyone = asyncio.gather(*workers)
        everyone.add_done_callback(lambda _: self._events.put_nowait(None))
        try:
            while (event := await self._events.get()) is not None:
                yield event
            await everyone
        finally:
            for worker in workers:
                worker.cancel()
            with suppress(asyncio.CancelledError, OSError, ModelError):
                await everyone

    async def _worker(self) -> None:
        for trial in self._waiting:
            if self._stop.soon.is_set():
                return
            if not self._patience.is_lost_on(trial):
                await self._trial(trial)

    async def _trial(self, trial: Trial) -> None:
        """A trial, executed again while something of ours breaks.

        One whose end leaves in doubt who failed is executed once more, alone, whatever
        the settings say of attempts: otherwise it would pay to end in doubt. So is one
        whose neighbours may have kept the server busy each time.
        """
        made = self._work.made.get(trial.id, 0)
        alone = False
        for execution in count(1):
            async with self._quiet.alone() if alone else self._quiet.together():
                if not await self._is_ready(fresh=alone, again=execution > 1):
                    return
                if isinstance(self._endpoint, Lasting):
                    self._note_change(self._endpoint)
                self._events.put_nowait(TrialStarted(trial=trial))
                attempt = await execute(
                    trial,
                    number=made + execution,
                    endpoint=self._endpoint,
                    bench=self._work.bench,
                    cancelled=self._stop.now,
                    alone=alone,
                    worked=self._patience.has_worked(trial),
                )
            found = attempt.record.status
            judged = attempt.judgement.again if attempt.judgement else Again.YES
            left = self._work.attempts - execution
            doubts = judged is Again.ALONE and not alone
            was_crowded = judged is Again.LAST_ALONE and left <= 1 and not alone
            again = (
                found is not None
                and found.is_infra
                and judged is not Again.NO
                and (doubts or was_crowded or left > 0)
                and not self._stop.soon.is_set()
            )
            alone |= doubts or was_crowded
            self._events.put_nowait(
                AttemptEnded(trial=trial, attempt=attempt, again=again)
            )
            self._notice(attempt)
            if not again:
                self._note(trial, attempt)
                return
            pause_s = self._work.back_off_s * 2 ** (execution - 1)
            with suppress(TimeoutError):
                async with asyncio.timeout(min(pause_s, _LONGEST_PAUSE_S)):
                    await self._stop.soon.wait()

    def _note_change(self, endpoint: Lasting) -> None:
        if what := endpoint.changed():
            told = f"its server has changed, {what}"
            self._events.put_nowait(Noticed(what=self._group.model.label, text=told))

    async def _is_ready(self, *, fresh: bool, again: bool) -> bool:
        """Wait for the model, which may have died; False: we are to stop first.

        Args:
            fresh: Whether it is to be started anew, where it is ours to start.
            again: Whether something broke: then another's server has to answer first.

        Raises:
            ModelError: It does not come back.
        """
        if fresh and isinstance(self._endpoint, Renewable):
            await self._endpoint.renew()
        if again and isinstance(self._endpoint, Lasting):
            ready = asyncio.ensure_future(self._endpoint.warm())
        else:
            ready = asyncio.ensure_future(self._endpoint.ready())
        stopped = asyncio.ensure_future(self._stop.soon.wait())
        try:
            await asyncio.wait([ready, stopped], return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                ready.result()
            return ready.done()
        finally:
            stopped.cancel()
            ready.cancel()
            with suppress(asyncio.CancelledError, ModelError):
                await ready

    def _notice(self, attempt: Attempt) -> None:
        """Say once of a model that its tokens are estimates."""
        is_estimate = attempt.record.usage_source is UsageSource.ESTIMATE
        if is_estimate and not self._has_estimates:
            self._has_estimates = True
            what = self._group.model.label
            self._events.put_nowait(Noticed(what=what, text=_ESTIMATES))

    def _note(self, trial: Trial, attempt: Attempt) -> None:
        found = attempt.record.status
        if found is None:
            return
        what = self._patience.note(trial, found, attempt.judgement)
        if what is not None:
            why = f"{found} in three trials in a row"
            last = f", the last: {attempt.detail}" if attempt.detail else ""
            if is_for_good(attempt.judgement):
                why, last = attempt.detail, ""
            self._events.put_nowait(GivenUp(what=what, why=why + last))
