"""The run folder outside grows as the one in the box does, and is never ahead of it.

A line of the ledger is sent last: what belongs to it is outside by then. Of ledger and
logs, which grow, what is new is sent; other files are sent whole, and take the place
of the older ones as a whole.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import Final

from harness_bench.errors import RunError, refused
from harness_bench.going import LOCK
from runner.machine.durable import make_folder, replacing
from runner.run_folder.ledger import FOLDER as LEDGER

LOGS: Final = ("archives", "traces")
"""Folders of a run with what nobody needs who goes on with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is new in a file."""

    name: str
    """Below the folder."""
    start: int
    """From which byte; 0: the file is new, or another one."""
    end: int
    seen: tuple[int, int, int] = (0, 0, 0)
    """Inode, size and time of modification when it was looked at."""


class Watched:
    """A folder, and what of it was sent.

    Args:
        root: It; what is in it now counts as sent.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._sent: dict[str, tuple[int, int, int]] = {}
        for change in self.changes():
            self.sent(change)

    def changes(self) -> Iterator[Change]:
        """What is to be sent, in this order; `sent` is called after each."""
        # How long the ledger is comes first: what it speaks of is there already.
        ledger = list(self._in(LEDGER))
        for folder, folders, files in os.walk(self.root):
            below = os.path.relpath(folder, self.root)
            if below == ".":
                folders[:] = [each for each in folders if each != LEDGER]
            for name in files:
                if name != LOCK:
                    yield from self._of(str(PurePosixPath(below, name)))
        yield from ledger

    def _in(self, folder: str) -> Iterator[Change]:
        place = self.root / folder
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            yield from self._of(f"{folder}/{path.name}")

    def _of(self, name: str) -> Iterator[Change]:
        if PurePosixPath(name).name.startswith("."):
            return  # half of a file that will have another name
        try:
            found = (self.root / name).lstat()
        except FileNotFoundError:
            return
        if not S_ISREG(found.st_mode):
            return
        was = self._sent.get(name)
        now = (found.st_ino, found.st_size, found.st_mtime_ns)
        if now == was or (was is None and name.startswith(LEDGER) and not now[1]):
            return
        # The number of an inode says nothing of one that was replaced twice.
        is_appended_to = PurePosixPath(name).parts[0] in (LEDGER, *LOGS)
        grew = was is not None and is_appended_to and was[1] < now[1]
        start = was[1] if was is not None and grew else 0
        yield Change(name=name, start=start, end=found.st_size, seen=now)

    def sent(self, change: Change) -> None:
        """It is outside now."""
        self._sent[change.name] = change.seen


def keep(folder: Path, change: Change, data: bytes) -> None:
    """Write what is new; what is no log is on the disk when this returns.

    Args:
        folder: The run folder outside.
        change: Where it belongs.
        data: All of it.

    Raises:
        RunError: It is no file of this folder, or cannot be written.
    """
    path = folder.joinpath(*_parts(change.name))
    try:
        for outer in path.parents:
            if outer == folder:
                break
            if outer.is_symlink():
                raise RunError(f"{outer}: is a link")
        make_folder(path.parent)
        is_log = path.relative_to(folder).parts[0] in LOGS
        if not (change.start or is_log):
            with replacing(path) as file:
                file.write(data)
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        handle = os.open(path, flags if change.start else flags | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.seek(change.start)
            file.write(data)
            file.flush()
            if not is_log:
                os.fsync(handle)
    except OSError as error:
        raise RunError(refused(path, "written", error)) from error


def _parts(name: str) -> tuple[str, ...]:
    """The parts of a path below a folder; it comes out of the box.

    Raises:
        RunError: It is none.
    """
    parts = PurePosixPath(name).parts
    if not parts or any(part in {"..", "/"} or part.startswith(".") for part in parts):
        raise RunError("the box sent a file with the name of none")
    if parts == (LOCK,):
        raise RunError("the box sent a file with the name of none")
    return parts
