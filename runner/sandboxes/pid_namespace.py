"""All processes of a PID namespace: waiting for their end, bringing it about."""

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from runner.sandboxes.drain import Drain
from runner.sandboxes.memory_disk import MemoryDisk
from runner.sandboxes.process_limit import ProcessLimit
from runner.sandboxes.readable import readable
from runner.sandboxes.sandbox import Exit, Mount


@dataclass(eq=False, kw_only=True)
class PidNamespace:
    """A command in its namespaces."""

    process: subprocess.Popen[bytes]
    """Bubblewrap; it ends with the first process inside."""
    first: int
    """The number of that, outside."""
    pidfd: int
    lifeline: socket.socket
    drains: Sequence[Drain]
    limit: ProcessLimit
    disk: MemoryDisk

    def __post_init__(self) -> None:
        self._proc = Path("/proc", str(self.first), "root", "proc")
        self._outer = os.pidfd_open(self.process.pid)
        self._alive, self._killed = True, False
        self._end = asyncio.create_task(self._ended())

    async def wait(self) -> Exit:
        """How the command ended; returns when nothing of it is alive."""
        return await asyncio.shield(self._end)

    async def kill(self) -> None:
        """End everything at once; returns when nothing is alive."""
        self._kill()
        await asyncio.shield(self._end)

    def cpu_s(self) -> float:
        """Processor seconds of all that live, and of what they have waited for."""
        ticks = sum(map(_ticks, self.processes()))
        return ticks / os.sysconf("SC_CLK_TCK")

    def folder(self, mount: Mount) -> Path:
        """Where what it works on is found, on the outside, until `release`."""
        return self.disk.folder(mount)

    def release(self) -> None:
        """Let go of its copies of folders; nothing of it is alive."""
        self.disk.close()

    def _kill(self) -> None:
        if self._alive:
            self._killed = True
            with suppress(ProcessLookupError):  # it ended this moment
                signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    async def _ended(self) -> Exit:
        try:
            # The first process of a PID namespace is reported dead only after the
            # kernel has killed and reaped all others in it (pid_namespaces(7)).
            await readable(self.pidfd)
            await readable(self._outer)
            self._close()
            for drain in self.drains:
                await drain.ended()
        finally:  # where the event loop ends first, all of it ends here
            self._kill()
            self._close()
            for drain in self.drains:
                drain.close()
        code = self.process.returncode
        if self._killed or code < 0:
            return Exit(signal=signal.SIGKILL)
        return Exit(code=code)

    def _close(self) -> None:
        if not self._alive:
            return
        self.process.wait()
        self._alive = False
        self.limit.lift()
        self.lifeline.close()
        os.close(self.pidfd)
        os.close(self._outer)

    def processes(self) -> list[Path]:
        """The processes of the namespace, as its own /proc shows them."""
        if not self._alive:
            return []
        try:
            names = os.listdir(self._proc)  # noqa: PTH208 - half the time of iterdir
        except OSError:  # it ended this moment
            return []
        return [self._proc / name for name in names if name.isdecimal()]


def _ticks(process: Path) -> int:
    """Processor time of a process and of its children that it has waited for."""
    try:
        text = (process / "stat").read_bytes()
    except OSError:  # it ended this moment
        return 0
    # The name in brackets may hold blanks and brackets. proc(5): utime, stime,
    # cutime, cstime are the fields 14 to 17, and the third follows the bracket.
    return sum(map(int, text.rpartition(b")")[2].split()[11:15]))
