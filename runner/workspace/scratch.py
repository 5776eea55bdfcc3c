"""Folders that live as long as a trial, under names that tell nothing.

A sandbox can read where its mounts come from. So they come from random names in the
system's temporary folder: no task, model or run is in the path. What a killed runner
left there is removed by the next one, which knows it by a lock that nobody holds.
"""

import fcntl
import os
import secrets
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness_bench.errors import Problem, RunError, refused
from harness_bench.going import LOCK, is_running
from runner.workspace.tree import remove

_LONGEST = 56
"""Characters of the folder for all runners: three random names and a socket's must fit
under it into the 107 that the kernel allows a socket's path."""


@contextmanager
def scratch(parent: Path | None = None) -> Iterator[Path]:
    """A private folder for one runner, removed at the end of the block.

    Args:
        parent: None: one for this user in the system's temporary folder.

    Raises:
        RunError: It cannot be made, its path is too long, or the folder around it
            belongs to someone else.
    """
    parent = parent or Path(tempfile.gettempdir()) / f"harness-bench-{os.getuid()}"
    if len(os.fsencode(parent)) > _LONGEST:
        what = f"is too long for the paths of sockets: {_LONGEST} bytes at most"
        advice = "set TMPDIR to a shorter one"
        raise RunError(Problem(str(parent), what, advice))
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = parent.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            advice = "set TMPDIR to a folder of yours"
            raise RunError(Problem(str(parent), "belongs to someone else", advice))
        with (parent / LOCK).open("wb") as door:
            # One at a time: nobody sweeps a folder between its making and its lock.
            fcntl.flock(door, fcntl.LOCK_EX)
            _sweep(parent)
            own = fresh(parent)
            lock = (own / LOCK).open("wb")
            fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        raise RunError(refused(parent, "used for temporary files", error)) from error
    with lock:
        try:
            yield own
        finally:
            remove(own)


def fresh(parent: Path) -> Path:
    """A new empty private folder with a random name."""
    folder = parent / secrets.token_hex(6)
    folder.mkdir(mode=0o700)
    return folder


def _sweep(parent: Path) -> None:
    """Remove the folders of runners that are gone.

    One without a lock is swept too: whoever makes a folder locks it before the door
    opens, so a sweeper was killed at work.
    """
    for folder in parent.iterdir():
        if folder.is_dir() and not is_running(folder) and not remove(folder):
            what = "was left by an earlier run and cannot be removed"
            sys.stderr.write(f"{Problem(str(folder), what, 'remove it by hand')}\n")
