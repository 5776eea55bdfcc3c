"""Whether a runner is at work in a folder: of a run, or a temporary one of its own."""

import fcntl
from pathlib import Path
from typing import Final

LOCK: Final = "lock"
"""The file that a runner holds. The lock is the kernel's: it ends with the process,
however that dies."""


def is_running(folder: Path) -> bool:
    """Whether a runner holds the folder now."""
    try:
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
