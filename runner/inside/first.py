"""What every first process of a sandbox owes: to go when the runner goes, to reap.

The kernel gives orphans to the first process of a PID namespace, and kills them all
when it ends.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

TYPE_CHECKING = False  # of `typing`, the import of which takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, NoReturn

RUNNER_GONE = 125
SIGNALS = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
"""All that can be ignored. We ignore them, Python some by itself; the programs that we
start count on getting them."""


class CannotStartError(Exception):
    """A command cannot be started; says why."""


def keep_lifeline() -> None:
    """End at once, and everything with us, when standard input ends.

    To be called before anything else: nothing of the agent runs yet. Its writing end is
    held by the runner alone, so it ends with the runner, however that dies. Programs
    that are started from here do not get it.
    """
    _take_no_orders()
    # What a terminal sends reaches us too. And a program inside can end even the first
    # process of its namespace, in the moment in which another one is started: signals
    # are blocked in the thread that does it, so the kernel lets another thread die.
    for number in SIGNALS - {signal.SIGCHLD}:
        signal.signal(number, signal.SIG_IGN)
    lifeline = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: int) -> None:
    try:
        while os.read(lifeline, 1024):
            pass
    finally:
        os._exit(RUNNER_GONE)


def _take_no_orders() -> None:
    """Let no program inside debug us, or see what we hold open."""
    ourselves: Any = None
    try:
        # Not ctypes itself: that takes milliseconds, and this a part of one.
        import _ctypes  # noqa: PLC0415 - Python may have been built without it

        prctl = _ctypes.dlsym(_ctypes.dlopen(ourselves, 0), "prctl")
    except (ImportError, OSError):  # prctl is of Linux alone
        return
    set_dumpable = 4
    _ctypes.call_function(prctl, (set_dumpable, 0, 0, 0, 0))


def start(command: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Start a command in a process group of its own, with an empty standard input.

    It gets standard output and error, and no other descriptor of ours.

    Raises:
        CannotStartError: There is no such program, or it cannot be executed.
    """
    try:
        return os.posix_spawnp(
            command[0],
            list(command),
            os.environ if environment is None else environment,
            file_actions=[(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)],
            setpgroup=0,
            setsigdef=SIGNALS,
        )
    except OSError as error:
        raise CannotStartError(
            f"{command[0]}: cannot be started: {error.strerror}"
        ) from None


def reap_until(child: int) -> int:
    """Wait for every process that ends, until one of them is this child.

    Returns:
        Its exit code; 128 and the signal's number where a signal ended it.
    """
    while True:
        pid, status = os.wait()
        if pid != child:
            continue
        if os.WIFSIGNALED(status):
            return 128 + os.WTERMSIG(status)
        return os.WEXITSTATUS(status)


def leave(code: int) -> NoReturn:
    """End without waiting for threads."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
