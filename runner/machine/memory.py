"""How much memory there is, and whether the system ran out of it."""

import re
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
    return min([*found, int(limit[1])] if limit else found, default=None)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
