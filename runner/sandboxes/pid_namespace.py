"""All processes of a PID namespace: waiting for their end, bringing it about."""

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from runner.sandboxes.drain import Drain
from runner.sandboxes.memory_disk import MemoryDisk
from runner.sandboxes.process_limit import ProcessLimit
from runner.sandboxes.readable import readable
from runner.sandboxes.sandbox import Exit, Mount


class PidNamespace:
    """A command in its namespaces."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        *,
        first: int,
        pidfd: int,
        lifeline: socket.socket,
        drains: Sequence[Drain],
        processes: ProcessLimit,
        disk: MemoryDisk,
    ) -> None:
        self._process = process
        self._proc = Path("/proc", str(first), "root", "proc")
        self._pidfd = pidfd
        self._outer = os.pidfd_open(process.pid)
        self._lifeline = lifeline
        self._drains = drains
        self._processes = processes
        self._disk = disk
        self._alive = True
        self._killed = False
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
        return self._disk.folder(mount)

    def release(self) -> None:
        """Let go of its copies of folders; nothing of it is alive."""
        self._disk.close()

    def _kill(self) -> None:
        if self._alive:
            self._killed = True
            with suppress(ProcessLookupError):  # it ended this moment
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    async def _ended(self) -> Exit:
        try:
            # The first process of a PID namespace is reported dead only after the
            # kernel has killed and reaped all others in it (pid_namespaces(7)).
            await readable(self._pidfd)
            await readable(self._outer)
            self._close()
            for drain in self._drains:
                await drain.ended()
        finally:  # where the event loop ends first, all of it ends here
            self._kill()
            self._close()
            for drain in self._drains:
                drain.close()
        code = self._process.returncode
        if self._killed or code < 0:
            return Exit(signal=signal.SIGKILL)
        return Exit(code=code)

    def _close(self) -> None:
        if not self._alive:
            return
        self._process.wait()
        self._alive = False
        self._processes.lift()
        self._lifeline.close()
        os.close(self._pidfd)
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
