"""The first process of the box: unpacks what it is sent, and ends all when that ends.

    python3 -I -S -c THIS

Standard input brings a tar file in parts, each with its length before it, and after a
part of length 0 what is for the runner, which is started then. When the other end of
standard input is closed, however that came, this process ends, and with it the kernel
ends every other one. Standard library only: it is sent as an argument.
"""

import contextlib
import ctypes
import io
import os
import select
import signal
import tarfile
from typing import Any

PLACE = "/box"
"""Where all that is ours is, inside."""
_PYTHON = "/opt/venv/bin/python"
_NOT_DUMPABLE = 4, 0  # PR_SET_DUMPABLE


class _Parts(io.RawIOBase):
    """What comes before a part of length 0, and not a byte more."""

    def __init__(self) -> None:
        self._left = 0
        self._is_last = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any buffer
        if not self._left and not self._is_last:
            self._left = int.from_bytes(_exactly(4), "big")
            self._is_last = not self._left
        data = os.read(0, min(len(buffer), self._left)) if self._left else b""
        if self._left and not data:
            os._exit(1)
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)


def _exactly(count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = os.read(0, count - len(data))
        if not more:
            os._exit(1)
        data += more
    return data


def main() -> None:
    """Unpack, start, wait."""
    ctypes.CDLL(None).prctl(*_NOT_DUMPABLE)
    parts = _Parts()
    with tarfile.open(fileobj=io.BufferedReader(parts, 1 << 20), mode="r|") as tar:
        tar.extractall(PLACE)  # noqa: S202 - the runner outside has made it
    while parts.read(1 << 16):
        pass
    told, tell = os.pipe()
    for end in (told, tell):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(tell)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    child = os.fork()
    if child == 0:
        os.chdir(PLACE)
        # On the disk, which has room for what trials leave, and not in memory.
        scratch = f"{PLACE}/scratch"
        os.mkdir(scratch, 0o700)  # noqa: PTH102 - it starts faster without pathlib
        environment = {**os.environ, "PYTHONPATH": f"{PLACE}/code", "TMPDIR": scratch}
        os.execve(_PYTHON, [_PYTHON, "-P", "-m", "runner.box"], environment)  # noqa: S606
    # Only the end is looked for: what comes is the runner's to read.
    ends = select.poll()
    ends.register(0, select.POLLRDHUP)
    ends.register(told, select.POLLIN)
    while True:
        if any(handle == 0 for handle, _ in ends.poll()):
            os._exit(1)
        with contextlib.suppress(BlockingIOError):
            os.read(told, 1 << 10)
        _reap(child)


def _reap(child: int) -> None:
    """Bury the dead; end as the runner did."""
    with contextlib.suppress(ChildProcessError):
        while True:
            found, status = os.waitpid(-1, os.WNOHANG)
            if found == child:
                os._exit(abs(os.waitstatus_to_exitcode(status)))
            if not found:
                return


if __name__ == "__main__":
    main()
