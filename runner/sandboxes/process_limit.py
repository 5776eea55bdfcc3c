"""How many processes a sandbox may have at a time.

For an ordinary user the kernel holds RLIMIT_NPROC by user namespace, so for each
sandbox by itself, since Linux 5.14; before, it counted all processes of the user on
the machine. It never limits root: there a control group does, where one can be made.
"""

import os
import re
import resource
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem

_PLACES: Final = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/pids"))
"""Control groups of version 2, and of version 1."""
_PREFIX: Final = "harness-bench-"


class ProcessLimit:
    """Holds for one process and all that come from it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._group = _group(most) if os.geteuid() == 0 else None

    def hold(self, pid: int) -> None:
        """Hold this process to it, which has no children yet."""
        if self._group is not None:
            (self._group / "cgroup.procs").write_text(str(pid))
        elif os.geteuid() != 0 and _counts_by_namespace():
            resource.prlimit(pid, resource.RLIMIT_NPROC, (self._most, self._most))

    def lift(self) -> None:
        """Remove what it took; all of its processes are dead."""
        if self._group is not None:
            with suppress(OSError):  # the next runner removes it
                self._group.rmdir()
            self._group = None


def problem() -> Problem | None:
    """Why there is no limit on this machine; None: there is one."""
    if os.geteuid() != 0:
        if _counts_by_namespace():
            return None
        what = f"Linux {os.uname().release} counts processes per user"
        return Problem("", what, "5.14 or newer counts them per sandbox")
    group = _group(1)
    if group is None:
        advice = (
            "run as an ordinary user, or allow control groups with 'pids' to be made"
            " in /sys/fs/cgroup"
        )
        return Problem("", "root has no limit on processes", advice)
    group.rmdir()
    return None


def _counts_by_namespace() -> bool:
    release = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return release is not None and (int(release[1]), int(release[2])) >= (5, 14)


def _group(most: int) -> Path | None:
    """A new control group; None: none can be made."""
    for place in _PLACES:
        _sweep(place)
        group = place / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(6)}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            with (group / "pids.max").open("r+") as setting:
                setting.write(str(most))
        except OSError:  # 'pids' is not counted here
            group.rmdir()
        else:
            return group
    return None


@cache
def _sweep(place: Path) -> None:
    """Remove what runners left that are gone: once, for it takes a millisecond."""
    for group in place.glob(f"{_PREFIX}*"):
        owner = group.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path("/proc", owner).exists():
            with suppress(OSError):
                group.rmdir()
