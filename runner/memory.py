"""Whether the system ran out of memory."""

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
