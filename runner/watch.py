"""Waiting for a harness to end, and ending it when it may not go on."""

import asyncio
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runner.judging.blame import End
from runner.limits import Limits
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
    killed_from_outside: bool = False
    """Whether neither it nor we ended it."""
    memory_ran_out: bool = False
    """Whether it was killed while the system killed something for want of memory."""
    waiting: bool = False
    """Whether a call was under way when we ended it."""
    why: str = ""


async def watch(
    sandboxed: Sandboxed,
    proxy: Proxy,
    *,
    limits: Limits,
    folders: Sequence[Path],
    cancelled: asyncio.Event,
) -> Watched:
    """Wait until the harness ends or has to be ended.

    Args:
        sandboxed: The running sandbox.
        proxy: What stands between it and the model: knows when the harness began.
        limits: When it has to be ended.
        folders: What it can write; together they may hold `limits.disk_mb`.
        cancelled: The person has had enough.

    Returns:
        When nothing of the sandbox is alive.
    """
    began, kills = time.monotonic(), memory_kills()
    exited = asyncio.ensure_future(sandboxed.wait())
    others = [
        asyncio.ensure_future(event.wait()) for event in (proxy.stopped, cancelled)
    ]
    look = _Look(sandboxed, proxy, limits, folders, began)
    end, why = End.ITSELF, ""
    try:
        while not exited.done():
            pause = min(_LOOK_S, max(0.0, look.deadline - time.monotonic()))
            await asyncio.wait(
                [exited, *others], timeout=pause, return_when=asyncio.FIRST_COMPLETED
            )
            if exited.done():
                break
            found = _stopped(proxy, cancelled) or await look.again()
            if found is not None:
                end, why = found
                break
    finally:
        for other in others:
            other.cancel()
        ended_at, waiting = time.monotonic(), proxy.in_flight > 0
        await sandboxed.kill()
        how = await exited
    if end is End.ITSELF:
        # It may have written much since the last look, and now nothing changes.
        end, why = await look.disk() or (end, why)
    started = proxy.ready_at
    from_outside = end is End.ITSELF and how == _FIRST_KILLED
    # Nobody says for whom memory ran out: this alone decides nothing.
    ran_out = end is End.ITSELF and how == _HARNESS_KILLED and memory_kills() > kills
    if from_outside or ran_out:
        why = "it was killed from outside; has memory run out?"
    return Watched(
        end=end,
        exit=how,
        killed_from_outside=from_outside,
        memory_ran_out=ran_out,
        waiting=waiting and end is not End.ITSELF,
        agent_s=None if started is None else max(0.0, ended_at - started),
        why=why,
    )


def _stopped(proxy: Proxy, cancelled: asyncio.Event) -> tuple[End, str] | None:
    if cancelled.is_set():
        return End.CANCELLED, "stopped by hand"
    if proxy.stopped.is_set():
        if proxy.stop is Refusal.BUDGET:
            return End.BUDGET, "its calls or tokens were spent"
        return End.SERVER, "the model server failed three times in a row"
    return None


class _Look:
    """What is looked at every half second."""

    def __init__(
        self,
        sandboxed: Sandboxed,
        proxy: Proxy,
        limits: Limits,
        folders: Sequence[Path],
        began: float,
    ) -> None:
        self._sandboxed = sandboxed
        self._proxy = proxy
        self._limits = limits
        self._folders = folders
        self._began = began
        self._cpu_s = 0.0
        self._worked_at = began

    @property
    def deadline(self) -> float:
        """When the harness has to end at the latest, on the monotonic clock."""
        if self._proxy.ready_at is None:
            return self._began + _START_S
        return self._proxy.ready_at + self._limits.agent_s

    async def again(self) -> tuple[End, str] | None:
        """What ends the harness now, if anything does."""
        now = time.monotonic()
        if now >= self.deadline:
            return End.TIME, f"after {self._limits.agent_s:g} s"
        cpu_s = self._sandboxed.cpu_s()
        if cpu_s > self._cpu_s + _WORK_S or self._proxy.in_flight:
            self._worked_at = now
        self._cpu_s = max(cpu_s, self._cpu_s)
        # It has not been idle before it began, and a call may have come and gone
        # between two looks.
        began = self._proxy.ready_at or now
        since = max(self._worked_at, began, self._proxy.last_byte_at)
        if now - since > self._limits.idle_s:
            return End.IDLE, f"nothing happened for {self._limits.idle_s:g} s"
        silent_s = now - self._proxy.last_byte_at
        if self._proxy.in_flight and silent_s > self._limits.silence_s:
            return End.SERVER, f"no byte of an answer for {self._limits.silence_s:g} s"
        return await self.disk()

    async def disk(self) -> tuple[End, str] | None:
        """Whether it has written more than it may."""
        used = await asyncio.to_thread(used_bytes, self._folders, self._sandboxed)
        if used > self._limits.disk_mb * MIB:
            return End.DISK, f"more than {self._limits.disk_mb} MiB were written"
        return None
