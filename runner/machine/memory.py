"""How much memory there is, what programs take, and whether the system ran out."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_COUNTERS: Final = Path("/proc/vmstat")


def memory_kills(counters: Path = _COUNTERS) -> int:
    """How many processes the system has ended so far for want of memory.

    Linux counts them since it started, those of containers too; where nothing is
    counted, it is 0 for ever.
    """
    try:
        lines = counters.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    found = dict(line.split(maxsplit=1) for line in lines)
    return int(found.get("oom_kill", "0"))


def memory_bytes(
    system: Path = Path("/proc/meminfo"), group: Path = Path("/sys/fs/cgroup")
) -> int | None:
    """What programs of this machine may use; None: it does not say.

    Args:
        system: What Linux says of the whole machine.
        group: Where the limit of a container stands.
    """
    whole = re.search(r"^MemTotal: *(\d+) kB$", _text(system), re.MULTILINE)
    limit = re.search(r"^(\d+)$", _text(group / "memory.max"), re.MULTILINE)
    found = [int(whole[1]) * 1024] if whole else []
    if not found and sys.platform == "darwin":
        found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    return min([*found, int(limit[1])] if limit else found, default=None)


def free_bytes(system: Path = Path("/proc/meminfo")) -> int | None:
    """What programs may still use without moving others out; None: it is not told."""
    found = re.search(r"^MemAvailable: *(\d+) kB$", _text(system), re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def peak_bytes(parent: int, processes: Path = Path("/proc")) -> int | None:
    """The most main memory that those who come from a process have held.

    Each at its own peak, added up; pages of files that they mapped, a model's weights
    for instance, are in it, and memory of graphics cards is not.

    Args:
        parent: The process, which is not counted itself.
        processes: Where Linux tells of processes.

    Returns:
        None: the system does not tell, or none of them is alive.
    """
    peaks = [
        re.search(r"^VmHWM:\s*(\d+) kB$", _text(folder / "status"), re.MULTILINE)
        for folder in _below(processes / str(parent))
    ]
    return sum(int(found[1]) * 1024 for found in peaks if found) or None


def _below(process: Path) -> Iterator[Path]:
    for task in _listed(process / "task"):
        for pid in _text(task / "children").split():
            yield process.with_name(pid)
            yield from _below(process.with_name(pid))


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # it ended this moment
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
