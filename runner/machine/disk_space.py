"""Whether disks have room: writing that fails for want of it is nobody's failure."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem, RunError, refused

MIB: Final = 1024 * 1024
_FOR_A_RUN_MB: Final = 256
"""With less free disk a run is not begun."""
_LEAST_MB: Final = 16
"""With less a trial is not begun, and what comes of it is not believed."""


def free_mb(place: Path) -> int:
    """How many MiB are free where a folder is."""
    return shutil.disk_usage(place).free // MIB


def check_space(*places: Path) -> None:
    """Refuse to go on where a disk is full.

    Raises:
        RunError: With each place.
    """
    full = [place for place in places if free_mb(place) < _LEAST_MB]
    if full:
        advice = f"free at least {_LEAST_MB} MiB"
        raise RunError(
            *(Problem(str(each), "the disk is full", advice) for each in full)
        )


def problems(run: Path) -> Iterator[Problem]:
    """Why a run cannot be kept in this folder, which need not exist."""
    place = run.absolute()
    while not place.exists():
        place = place.parent
    if not place.is_dir():
        yield Problem(str(place), "is not a folder", "choose another with --run")
        return
    try:
        # Asking for rights does not tell of all.
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        yield refused(run, "written", error, "choose another folder with --run")
        return
    free = free_mb(place)
    if free < _FOR_A_RUN_MB:
        what = f"only {free} MiB are free there, and a run needs {_FOR_A_RUN_MB}"
        advice = "remove something, or choose another folder with --run"
        yield Problem(str(run), what, advice)
