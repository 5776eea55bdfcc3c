"""A process and all that comes from it, where no namespace holds them together.

Whoever leaves its session and its parent is still known by a word in its environment,
and by having been seen before. Who clears its environment and leaves its parent between
two looks gets away: this is the best that can be done, and no more.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TAG: Final = "HARNESS_BENCH_FAMILY"
"""The environment variable with the word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Process:
    pid: int
    parent: int
    began: str
    """Tells it from a later one of the same number."""
    cpu_s: float
    tagged: bool


class ProcessTree:
    """All processes that come from one.

    Args:
        first: The one.
        word: What its environment has under `TAG`.
    """

    def __init__(self, first: int, word: str) -> None:
        self._first = first
        self._word = word
        self._seen: dict[int, str] = {}

    def living(self) -> list[int]:
        """Those that are alive, as far as they can be found."""
        return [process.pid for process in self._living()]

    def cpu_s(self) -> float:
        """Processor seconds of those that are alive."""
        return sum(process.cpu_s for process in self._living())

    def kill(self) -> list[int]:
        """Kill those that are alive; returns them."""
        found = self.living()
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        return found

    def bury(self) -> None:
        """Take the dead off the system's list, where they were left to us."""
        for pid in list(self._seen):
            if pid != self._first:
                with suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)

    def _living(self) -> list[_Process]:
        everyone = list(_processes(self._word))
        found = {
            process.pid
            for process in everyone
            if process.tagged
            or process.pid == self._first
            or self._seen.get(process.pid) == process.began
        }
        while (
            more := {process.pid for process in everyone if process.parent in found}
            - found
        ):
            found |= more
        members = [process for process in everyone if process.pid in found]
        self._seen.update({process.pid: process.began for process in members})
        return members


def adopt_orphans() -> None:
    """Become the parent of what its parents leave, where the system has that (Linux).

    Source: prctl(2), PR_SET_CHILD_SUBREAPER.
    """
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - of this system alone

        set_child_subreaper = 36
        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def _processes(word: str) -> Iterator[_Process]:
    own = os.getpid()
    found = _of_proc(word) if Path("/proc/self/stat").exists() else _of_ps(word)
    return (process for process in found if process.pid != own)


def _of_proc(word: str) -> Iterator[_Process]:
    ticks = os.sysconf("SC_CLK_TCK")
    mark = f"{TAG}={word}".encode()
    for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208 - names
        try:
            stat = Path(f"/proc/{name}/stat").read_bytes()
            environment = Path(f"/proc/{name}/environ").read_bytes()
        except PermissionError:
            environment = b""
        except OSError:  # it ended this moment
            continue
        # proc(5): state, parent, ..., utime, stime, cutime, cstime, ..., starttime
        fields = stat.rpartition(b")")[2].split()
        if fields[0] not in b"ZX":
            yield _Process(
                pid=int(name),
                parent=int(fields[1]),
                began=fields[19].decode(),
                cpu_s=sum(map(int, fields[11:15])) / ticks,
                tagged=mark in environment,
            )


def _of_ps(word: str) -> Iterator[_Process]:
    """The same where there is no /proc: macOS, whose `ps -E` shows environments."""
    said = subprocess.run(
        ["/bin/ps", "-A", "-E", "-ww", "-o", "pid=,ppid=,stat=,time=,lstart=,command="],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    ).stdout
    for line in said.splitlines():
        found = _PS_LINE.fullmatch(line)
        if found is not None and not found["state"].startswith("Z"):
            minutes, _, seconds = found["time"].rpartition(":")
            yield _Process(
                pid=int(found["pid"]),
                parent=int(found["parent"]),
                began=found["began"],
                cpu_s=60 * float(minutes.rpartition(":")[2] or 0) + float(seconds),
                tagged=f"{TAG}={word}" in found["command"],
            )


_PS_LINE = re.compile(
    r"\s*(?P<pid>\d+)\s+(?P<parent>\d+)\s+(?P<state>\S+)\s+(?P<time>[\d:.]+)\s+"
    r"(?P<began>\w+ +\w+ +\d+ +[\d:]+ +\d+)\s*(?P<command>.*)"
)
