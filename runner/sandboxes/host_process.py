"""A command among the machine's own processes: started, drained, ended.

Its input is a socket of which we hold the other end, so that it can see us end. Not a
pipe: whoever finds one in /proc can open its other end.
"""

import asyncio
import secrets
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import BinaryIO, Final

from harness_bench.errors import Problem, SandboxError, reason
from runner.limits import Limits
from runner.sandboxes.drain import Drain, drains_of
from runner.sandboxes.process_tree import TAG, ProcessTree, adopt_orphans
from runner.sandboxes.sandbox import Exit

_LOOK_S: Final = 0.02
_MIB: Final = 1 << 20
_GIVE_UP_S: Final = 5.0
"""What is not dead by then cannot be killed: it waits for a disk that hangs."""
_HELD: Final = 'ulimit -c 0; ulimit -f "$1"; shift; exec "$@"'
_ULIMIT_BLOCK: Final = 512


@dataclass(eq=False)
class HostProcess:
    """A running command that no namespace holds; see `process_tree`."""

    process: subprocess.Popen[bytes]
    lifeline: socket.socket
    drains: Sequence[Drain]
    tree: ProcessTree

    def __post_init__(self) -> None:
        self._killed = False
        self._end = asyncio.create_task(self._ended())

    async def wait(self) -> Exit:
        """How the command ended; returns when nothing of it is found alive."""
        return await asyncio.shield(self._end)

    async def kill(self) -> None:
        """End everything at once; returns when nothing is found alive."""
        if not self._end.done():
            self._killed = True
            self.tree.kill()
        await asyncio.shield(self._end)

    def cpu_s(self) -> float:
        """Processor seconds of all that live."""
        return 0.0 if self._end.done() else self.tree.cpu_s()

    def processes(self) -> list[Path]:
        """The folder of /proc of each that is alive; where there is none, it is not."""
        pids = [] if self._end.done() else self.tree.living()
        return [Path("/proc", str(pid)) for pid in pids]

    async def _ended(self) -> Exit:
        try:
            looks = 0
            while self.process.poll() is None:
                looks += 1
                if looks % 5 == 0:  # to know who was there, should it leave its parent
                    self.tree.living()
                await asyncio.sleep(_LOOK_S)
            async with asyncio.timeout(_GIVE_UP_S):
                while self.tree.kill():
                    self.tree.bury()
                    await asyncio.sleep(_LOOK_S / 4)
        except TimeoutError:
            what = f"processes {self.tree.living()} cannot be killed"
            raise SandboxError(Problem("sandbox", what)) from None
        finally:
            self.tree.kill()
            self.process.wait()
            self.tree.bury()
            self.lifeline.close()
            for drain in self.drains:
                drain.close()
        code = self.process.returncode
        if self._killed or code < 0:
            return Exit(signal=Signals(-code) if code < 0 else signal.SIGKILL)
        return Exit(code=code)


def start(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    folder: str,
    limits: Limits,
    output: BinaryIO,
    errors: BinaryIO,
) -> HostProcess:
    """Start a command in a session of its own: a Ctrl-C is for the runner alone.

    Raises:
        SandboxError: It cannot be started.
    """
    adopt_orphans()
    word = secrets.token_hex(12)
    most = limits.file_mb * _MIB
    with ExitStack() as undone, ExitStack() as theirs:
        drains = drains_of(output, errors, most=most)
        for drain in drains:
            undone.callback(drain.close)
            theirs.callback(drain.no_more_writers)
        lifeline, stdin = socket.socketpair()
        undone.callback(lifeline.close)
        theirs.callback(stdin.close)
        try:
            process = subprocess.Popen(  # noqa: S603 - a sandbox runs what it is given
                ["/bin/sh", "-c", _HELD, "sh", str(most // _ULIMIT_BLOCK), *command],
                cwd=folder,
                env={**environment, TAG: word},
                stdin=stdin.fileno(),
                stdout=drains[0].into,
                stderr=drains[-1].into,
                start_new_session=True,
            )
        except OSError as error:
            what = f"cannot be started ({reason(error)}: {error.filename})"
            raise SandboxError(Problem("sandbox", what)) from error
        undone.pop_all()
    return HostProcess(process, lifeline, drains, ProcessTree(process.pid, word))
