"""Linux: namespaces that an ordinary user may make, through bubblewrap.

`docs/explanation/sandbox.md` says what they hold back and what they do not.
"""

import asyncio
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

from harness_bench.errors import Problem, SandboxError, refused
from runner.limits import Limits
from runner.sandboxes import advice
from runner.sandboxes.bubblewrap_options import options
from runner.sandboxes.drain import Drain, drains_of
from runner.sandboxes.memory_disk import MIB, MemoryDisk
from runner.sandboxes.pid_namespace import PidNamespace
from runner.sandboxes.process_limit import ProcessLimit
from runner.sandboxes.sandbox import Confined, Sandboxed

_LOOK_S: Final = 0.0005
"""Bubblewrap tells of its child after a few milliseconds."""
START_S: Final = 30.0
"""Setting up takes some ten milliseconds; this long only on a machine that hangs."""


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """Confines by `bwrap`, which must be 0.8 or newer."""

    name: ClassVar[str] = "bubblewrap"
    has_own_network: ClassVar[bool] = True

    def problems(self) -> tuple[Problem, ...]:
        """Why a sandbox that only runs `true` fails."""
        if sys.platform != "linux":
            what = f"needs Linux, and this is {sys.platform}"
            return (Problem(self.name, what, advice.ELSEWHERE),)
        program = shutil.which("bwrap")
        if program is None:
            return (advice.MISSING,)
        tiny = Confined(command=("true",), folder="/")
        with ExitStack() as descriptors:
            listed, passed = options(tiny, descriptors)
            try:
                result = subprocess.run(  # noqa: S603 - fixed arguments
                    [program, "--args", str(listed), *tiny.command],
                    pass_fds=[listed, *passed],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=START_S,
                )
            except subprocess.TimeoutExpired:
                return (advice.hangs(START_S),)
        return () if result.returncode == 0 else advice.after(result.stderr)

    async def start(
        self, confined: Confined, *, output: BinaryIO, errors: BinaryIO
    ) -> Sandboxed:
        """Start a command as the first process of its own PID namespace.

        A command that does not exist is no error here: it ends with exit code 1.

        Raises:
            SandboxError: With what bubblewrap said, and what helps.
        """
        program = shutil.which("bwrap")
        if program is None:
            raise SandboxError(advice.MISSING)
        most = confined.limits.file_mb * MIB
        drains = drains_of(output, errors, most=most)
        try:
            async with asyncio.timeout(START_S):
                try:
                    return await _start(program, confined, drains)
                except _InterruptedError:
                    drains = drains_of(output, errors, most=most)
                    return await _start(program, confined, drains)
        except _NotStartedError:
            raise SandboxError(*advice.after(drains[-1].first)) from None
        except TimeoutError:
            raise SandboxError(advice.hangs(START_S)) from None
        except OSError as error:  # a command that is too long, too many open files
            raise SandboxError(refused(self.name, "started", error)) from error


class _NotStartedError(Exception):
    """Bubblewrap ended before it could start the command."""


class _InterruptedError(_NotStartedError):
    """A Ctrl-C for the runner met it before it was in a session of its own."""


async def _start(
    program: str, confined: Confined, drains: Sequence[Drain]
) -> PidNamespace:
    """Start bubblewrap, and wait until it has started the command.

    It tells its child's process id, and waits for a byte before it starts the
    command: limits are in place, and its end can be watched, before anything of the
    command runs.
    """
    with ExitStack() as ours, ExitStack() as undone:
        processes, disk = ProcessLimit(confined.limits.processes), MemoryDisk(confined)
        undone.callback(processes.lift)
        undone.callback(disk.close)
        for drain in drains:
            undone.callback(drain.close)
        with ExitStack() as theirs:
            for drain in drains:
                theirs.callback(drain.no_more_writers)
            info = os.memfd_create("info")
            ours.callback(os.close, info)
            go, go_end = _pair(ours, theirs)
            # Not a pipe: whoever finds one in /proc can open its other end.
            lifeline, stdin = _pair(undone, theirs)
            listed, passed = options(confined, theirs, disk=disk)
            process = subprocess.Popen(  # noqa: ASYNC220, S603 - a fork; own options
                [
                    program,
                    *("--args", str(listed)),
                    *("--info-fd", str(info)),
                    *("--block-fd", str(go_end)),
                    "--",
                    *confined.command,
                ],
                stdin=stdin,
                stdout=drains[0].into,
                stderr=drains[-1].into,
                pass_fds=[listed, info, go_end, *passed],
                # A Ctrl-C in the terminal is for the runner alone.
                start_new_session=True,
            )
            undone.callback(_end, process, info)
        first = await _child(info, process)
        try:
            pidfd = os.pidfd_open(first)
            undone.callback(os.close, pidfd)
            undone.callback(_kill, pidfd)
            _limit(first, confined.limits)
            processes.hold(first)
            await disk.fill(first)
        except ProcessLookupError:
            raise _NotStartedError from None
        await _let_go(go)
        undone.pop_all()
    return PidNamespace(
        process=process,
        first=first,
        pidfd=pidfd,
        lifeline=lifeline,
        drains=drains,
        limit=processes,
        disk=disk,
    )


def _pair(ours: ExitStack, theirs: ExitStack) -> tuple[socket.socket, int]:
    mine, other = socket.socketpair()
    mine.setblocking(False)  # noqa: FBT003 - it has no name
    ours.callback(mine.close)
    theirs.callback(other.close)
    return mine, other.fileno()


def _end(process: subprocess.Popen[bytes], info: int) -> None:
    # It ends with its child. Killed itself, it would leave one behind that has not
    # yet asked to die with it.
    while (child := _told(info)) is None and process.poll() is None:
        time.sleep(_LOOK_S)
    child = child or _told(info)
    if child is None:
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    process.wait()


def _kill(pidfd: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)


async def _child(info: int, process: subprocess.Popen[bytes]) -> int:
    """The number, outside, of the first process of the namespace.

    Raises:
        _NotStartedError: There will be none.
    """
    while True:
        has_ended = process.poll() is not None
        if (child := _told(info)) is not None:
            return child
        if has_ended:
            by_ctrl_c = process.returncode == -signal.SIGINT
            raise _InterruptedError if by_ctrl_c else _NotStartedError
        await asyncio.sleep(_LOOK_S)


def _told(info: int) -> int | None:
    """What bubblewrap has told of its child; None: not yet all of it.

    It is told in a file, because bubblewrap must be able to go on when nobody listens
    any more: what comes after it ends by itself, bubblewrap's child would not.
    """
    text = os.pread(info, 4096, 0)
    child: int | None = json.loads(text)["child-pid"] if text.endswith(b"}\n") else None
    return child


async def _let_go(go: socket.socket) -> None:
    """Send the byte that the child waits for when all else is set up."""
    try:
        go.send(b"x")
        # It ends where the child took the byte, and is reset where it never will.
        await asyncio.get_running_loop().sock_recv(go, 1)
    except ConnectionError:
        raise _NotStartedError from None


def _limit(pid: int, limits: Limits) -> None:
    largest = limits.file_mb * MIB
    resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, largest))
    # When memory runs out, the system is to end what is in here, and neither us nor
    # the model's server.
    with suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text("500", encoding="ascii")
