"""Keeps a program only as long as someone holds the other end of standard input.

    python3 parent_watchdog.py SECONDS PROGRAM ARGUMENT…

A byte on standard input asks the program to end; after so many seconds it is killed.
The end of standard input kills it at once: whoever held the other end is gone, however
that came. So does our own end, where the kernel offers that.

Ends with the program's exit code; 128 and the signal's number where a signal ended it.
Standard library only, and nothing of `runner`: it starts in a few milliseconds.
"""

import contextlib
import os
import select
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

_NOT_STARTED = 127
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def main(arguments: Sequence[str]) -> int:
    """Run a program, and watch whoever asked for it."""
    grace_s, command = float(arguments[0]), arguments[1:]
    # A Ctrl-C in the terminal is for the one at the other end alone.
    os.setsid()
    ended, told = os.pipe()
    child = _start(command)
    os.close(1)
    signal.set_wakeup_fd(_unblocked(told))
    signal.signal(signal.SIGCHLD, lambda *_: None)
    code = _hold(child, _unblocked(ended), grace_s)
    # What the program started itself goes with it.
    _send(child, signal.SIGKILL)
    return code


def _start(command: Sequence[str]) -> int:
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _become(command, parent)
    with contextlib.suppress(OSError):  # it has done so itself, and runs already
        os.setpgid(child, child)
    return child


def _become(command: Sequence[str], parent: int) -> NoReturn:
    """Be the program, in a process group of its own."""
    try:
        os.setpgid(0, 0)
        if sys.platform == "linux":
            _die_with(parent)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores these
            signal.signal(number, signal.SIG_DFL)
        os.execvp(command[0], list(command))  # noqa: S606 - what we are for
    except OSError as error:
        os.write(2, f"{command[0]}: cannot be started: {error.strerror}\n".encode())
    finally:
        os._exit(_NOT_STARTED)


def _die_with(parent: int) -> None:
    import ctypes  # noqa: PLC0415 - only Linux has it

    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(_NOT_STARTED)


def _unblocked(descriptor: int) -> int:
    os.set_blocking(descriptor, False)
    return descriptor


def _hold(child: int, ended: int, grace_s: float) -> int:
    """Wait until the program has ended, by itself or as it is asked to.

    Returns:
        Its exit code.
    """
    patience: float | None = None
    # It may have ended before we listened for that.
    while (code := _exit_code(child, os.WNOHANG)) is None:
        ready, _, _ = select.select([0, ended], [], [], patience)
        if ended in ready:
            os.read(ended, 1024)
        elif ready and os.read(0, 1):
            _send(child, signal.SIGTERM)
            patience = grace_s
        else:
            _send(child, signal.SIGKILL)
            return _exit_code(child, 0) or 0
    return code


def _send(child: int, number: signal.Signals) -> None:
    with contextlib.suppress(OSError):
        os.killpg(child, number)


def _exit_code(child: int, options: int) -> int | None:
    """How the program ended; None: it runs."""
    pid, status = os.waitpid(child, options)
    if pid == 0:
        return None
    if os.WIFSIGNALED(status):
        return 128 + os.WTERMSIG(status)
    return os.WEXITSTATUS(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
