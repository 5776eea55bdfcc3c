"""Whether disks have room: writing that fails for want of it is nobody's failure."""

import shutil
from pathlib import Path
from typing import Final

from harness_bench.errors import RunError

MIB: Final = 1024 * 1024
_LEAST_MB: Final = 16
"""With less a trial is not begun, and what comes of it is not believed."""


def free_mb(place: Path) -> int:
    """How many MiB are free where a folder is."""
    return shutil.disk_usage(place).free // MIB


def check_room(*places: Path) -> None:
    """Refuse to go on where a disk is full.

    Raises:
        RunError: With each place.
    """
    full = [place for place in places if free_mb(place) < _LEAST_MB]
    if full:
        raise RunError(
            *(
                f"{place}: the disk is full, expected {_LEAST_MB} MiB of room or more"
                for place in full
            )
        )
