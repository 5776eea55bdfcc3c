"""Waiting for a harness to end, and ending it when it may not go on."""

import asyncio
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runner.judging.blame import End
from runner.limits import Limits
from runner.machine.clock import stood_still_s
from runner.machine.disk_space import MIB
from runner.machine.memory import memory_kills
from runner.proxy.metering import Refusal
from runner.proxy.proxy import Proxy
from runner.sandboxes.sandbox import Exit, Sandboxed
from runner.workspace.used import used_bytes

_LOOK_S: Final = 0.5
"""How often idleness and disk are looked at."""
_START_S: Final = 30.0
"""A sandbox that has not begun after this time never will."""
_WORK_S: Final = 0.02
"""Processor time between two looks that counts as work: waiting costs a little too."""
_FIRST_KILLED: Final = Exit(code=128 + signal.SIGKILL)
"""The sandbox's first process was killed: nothing inside can do that, and it never
ends with this code itself."""
_HARNESS_KILLED: Final = Exit(code=124)
"""The harness was killed, says the first process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How a harness ended; nothing of it is alive any more."""

    end: End
    exit: Exit
    agent_s: float | None
    """Wall clock from its first moment to its last; None: it never began."""
    killed_from_outside: bool
    """Whether neither it nor we ended it."""
    memory_ran_out: bool
    """Whether it was killed while the system killed something for want of memory."""
    waiting: bool
    """Whether a call was under way when we ended it."""
    folders: Sequence[Path]
    """Where what it has left can be read: those that were watched."""
    why: str


async def watch(
    sandboxed: Sandboxed,
    proxy: Proxy,
    *,
    limits: Limits,
    folders: Sequence[Path],
    cancelled: asyncio.Event,
) -> Watched:
    """Wait until the harness ends or has to be ended.

    Nothing is awaited on the way but its end: what takes long is looked at beside.

    Returns:
        When nothing of the sandbox is alive.
    """
    kills = memory_kills()
    exited = asyncio.ensure_future(sandboxed.wait())
    others = [
        asyncio.ensure_future(event.wait()) for event in (proxy.stopped, cancelled)
    ]
    look = _Look(sandboxed, proxy, limits)
    disk = _Disk(sandboxed, limits, folders)
    exited.add_done_callback(look.note_end)
    found = None
    try:
        while found is None and not exited.done():
            await look.wait([exited, *others])
            found = look.found(cancelled) or disk.found()
    finally:
        for other in others:
            other.cancel()
        waiting = proxy.meter.in_flight > 0
        look.note_end()
        await sandboxed.kill()
        how = await exited
    # It may have written much since the last look, and now nothing changes.
    found = found or await disk.at_last()
    end, why = found or (End.ITSELF, "")
    from_outside = end is End.ITSELF and how == _FIRST_KILLED
    # Nobody says for whom memory ran out: this alone decides nothing.
    was_killed = end is End.ITSELF and how in {_FIRST_KILLED, _HARNESS_KILLED}
    ran_out = was_killed and memory_kills() > kills
    if from_outside or ran_out:
        why = "it was killed from outside; has memory run out?"
    return Watched(
        end=end,
        exit=how,
        killed_from_outside=from_outside,
        memory_ran_out=ran_out,
        waiting=waiting and end is not End.ITSELF,
        folders=folders,
        agent_s=look.agent_s,
        why=why,
    )


class _Look:
    """What is looked at every half second, without waiting for anything."""

    def __init__(self, sandboxed: Sandboxed, proxy: Proxy, limits: Limits) -> None:
        self._sandboxed = sandboxed
        self._proxy = proxy
        self._limits = limits
        self._began = self._woke_at = time.monotonic()
        self._lost_s = self._paused_s = 0.0
        """What does not count: see `stood_still_s`, and waits for a busy server."""
        self._cpu_s = 0.0
        self._worked_at = self._began
        self._ended_at: float | None = None

    async def wait(self, either: Sequence[asyncio.Future[Any]]) -> None:
        """Until one of these is there, the deadline, or the next look."""
        began, worked_s = time.monotonic(), time.process_time()
        pauses, is_started = self._proxy.is_pausing, self._proxy.ready_at is not None
        asked_s = min(_LOOK_S, max(0.0, self.deadline - began))
        await asyncio.wait(either, timeout=asked_s, return_when=asyncio.FIRST_COMPLETED)
        now = time.monotonic()
        worked_s = time.process_time() - worked_s
        lost_s = stood_still_s(asked_s, now - began, worked_s)
        if lost_s:
            self._woke_at = now
        if is_started:
            self._lost_s += lost_s
        else:
            self._began += lost_s
        if pauses and self._proxy.is_pausing:
            self._paused_s += now - began - lost_s

    def note_end(self, _: object = None) -> None:
        """Nothing that it does counts any more."""
        if self._ended_at is None:
            self._ended_at = time.monotonic()

    @property
    def deadline(self) -> float:
        """When the harness has to end at the latest, on the monotonic clock.

        Waits for a busy server do not count; as such an agent can bring about some,
        they make its time twice as long at most.
        """
        if self._proxy.ready_at is None:
            return self._began + _START_S
        limit_s = self._limits.agent_s
        paused_s = min(self._paused_s, limit_s)
        return self._proxy.ready_at + limit_s + self._lost_s + paused_s

    @property
    def agent_s(self) -> float | None:
        """Wall clock from its first moment to its last; None: it never began."""
        if self._proxy.ready_at is None or self._ended_at is None:
            return None
        return max(0.0, self._ended_at - self._proxy.ready_at - self._lost_s)

    def found(self, cancelled: asyncio.Event) -> tuple[End, str] | None:
        """What ends the harness now, or has ended it before it ended itself."""
        proxy, has_ended = self._proxy, self._ended_at is not None
        now = time.monotonic() if self._ended_at is None else self._ended_at
        if cancelled.is_set() and not has_ended:
            return End.CANCELLED, "stopped by hand"
        if now >= self.deadline:
            return End.TIME, f"after {self._limits.agent_s:g} s"
        if proxy.meter.stop is Refusal.BUDGET:
            return End.BUDGET, "its calls or tokens were spent"
        if proxy.meter.stop is not None:
            return End.SERVER, "the model server failed three times in a row"
        return None if has_ended else self._quiet(now)

    def _quiet(self, now: float) -> tuple[End, str] | None:
        """Whether nothing happens any more, here or at the server."""
        proxy, limits = self._proxy, self._limits
        cpu_s = self._sandboxed.cpu_s()
        if cpu_s > self._cpu_s + _WORK_S or proxy.meter.in_flight:
            self._worked_at = now
        self._cpu_s = max(cpu_s, self._cpu_s)
        # It has not been idle before it began, and a call may have come and gone
        # between two looks.
        heard_at = max(proxy.last_byte_at, self._woke_at)
        if now - max(self._worked_at, proxy.ready_at or now, heard_at) > limits.idle_s:
            return End.IDLE, f"nothing happened for {limits.idle_s:g} s"
        if proxy.meter.in_flight and now - heard_at > limits.silence_s:
            return End.SERVER, f"no byte of an answer for {limits.silence_s:g} s"
        return None


class _Disk:
    """Counts again and again what it has written, beside all else."""

    def __init__(
        self, sandboxed: Sandboxed, limits: Limits, folders: Sequence[Path]
    ) -> None:
        self._sandboxed, self._limits = sandboxed, limits
        self._folders = folders
        self._count = self._begun()

    def found(self) -> tuple[End, str] | None:
        """Whether it has written more than it may, says the last count."""
        if not self._count.done():
            return None
        used, self._count = self._count.result(), self._begun()
        return self._judged(used)

    async def at_last(self) -> tuple[End, str] | None:
        """The same when nothing is alive."""
        during = self._judged(await self._count)
        return during or self._judged(await self._begun())

    def _begun(self) -> asyncio.Future[int]:
        return asyncio.ensure_future(
            asyncio.to_thread(used_bytes, self._folders, self._sandboxed)
        )

    def _judged(self, used: int) -> tuple[End, str] | None:
        if used > self._limits.disk_mb * MIB:
            return End.DISK, f"more than {self._limits.disk_mb} MiB were written"
        return None
