"""A folder that somebody else has filled: walking, reading and removing it.

Whatever stands in it: links that lead anywhere, folders that nobody may read, folders
inside each other until no path leads to the last one. Nothing here follows a link,
recurses, or names more of a path than the system takes: all is opened from a folder
that is open already.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple, Self

from runner.sandboxes.sandbox import HELD

LONGEST: Final = 1 << 16
"""Bytes of a relative path; no tool makes longer ones."""
_PIECE: Final = 4000
"""Bytes that the system takes at a time: PATH_MAX, with room."""
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""How a file is opened without following a link or waiting for a pipe."""


class TooDeepError(Exception):
    """A path is longer than `LONGEST`."""


class Found(NamedTuple):
    """Something in a tree."""

    name: str
    """Relative path, with slashes."""
    status: os.stat_result
    """Of itself, where it is a link."""


class Tree:
    """A folder that is held open, with one of the folders in it.

    Args:
        folder: A folder, and no link to one.

    Raises:
        OSError: It is none, or cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        is_held = folder.parent == HELD  # a link to what is open, and to nothing else
        self._root = os.open(folder, _FOLDER & ~os.O_NOFOLLOW if is_held else _FOLDER)
        self._name, self._here = "", self._root

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()
        os.close(self._root)

    def folder(self, name: str) -> int:
        """A descriptor of a folder in it, good until the next one is asked for.

        Args:
            name: Relative path; "" is the whole tree.

        Raises:
            OSError: There is none of this name, or it cannot be opened.
        """
        if name != self._name:
            inside = f"{self._name}/"
            if self._here == self._root or not name.startswith(inside):
                self._leave()
                inside = ""
            for piece in _pieces(name.removeprefix(inside)):
                deeper = os.open(piece, _FOLDER, dir_fd=self._here)
                self._leave()
                self._here = deeper
            self._name = name
        return self._here

    def place(self, name: str) -> tuple[int, str]:
        """The folder in which something is, and what it is called there.

        Raises:
            OSError: There is no such folder, or it cannot be opened.
        """
        parent, _, last = name.rpartition("/")
        return self.folder(parent), last

    def open(self, name: str, flags: int = FILE, mode: int = 0o600) -> int:
        """A descriptor of a file in it.

        Raises:
            OSError: It cannot be opened.
        """
        folder, last = self.place(name)
        return os.open(last, flags, mode, dir_fd=folder)

    def target(self, name: str) -> str:
        """Where a link leads.

        Raises:
            OSError: It is none, or is gone.
        """
        folder, last = self.place(name)
        return os.readlink(last, dir_fd=folder)

    def walk(self, *, opening: bool = False, alive: bool = False) -> Iterator[Found]:
        """Everything in it, a folder before what is in it.

        Args:
            opening: Make folders and files their owner's to read on the way.
            alive: Others write in it: pass over what is gone, is another one by now,
                or cannot be read.

        Raises:
            TooDeepError: A path is longer than `LONGEST`.
            OSError: A folder cannot be read, unless it is alive.
        """
        passed_over = (OSError,) if alive else ()
        waiting: list[tuple[str, int | None]] = [("", None)]
        while waiting:
            inside, inode = waiting.pop()
            with (
                suppress(*passed_over),
                self._held(inside, inode) as folder,
                os.scandir(folder) as entries,
            ):
                for last in (each.name for each in entries):
                    name = f"{inside}/{last}" if inside else last
                    if len(name) > LONGEST:
                        raise TooDeepError(name)
                    with suppress(*passed_over):
                        status = os.stat(last, dir_fd=folder, follow_symlinks=False)
                        if opening:
                            _open_up(folder, last, status.st_mode)
                        if stat.S_ISDIR(status.st_mode):
                            waiting.append((name, status.st_ino))
                        yield Found(name, status)

    @contextmanager
    def _held(self, name: str, inode: int | None) -> Iterator[int]:
        """A folder, however many others are asked for meanwhile.

        Raises:
            OSError: It is gone, or another one: one on the way may be a link by now.
        """
        folder = os.dup(self.folder(name))
        try:
            if inode not in {None, os.fstat(folder).st_ino}:
                raise FileNotFoundError(name)
            yield folder
        finally:
            os.close(folder)

    def _leave(self) -> None:
        if self._here != self._root:
            os.close(self._here)
        self._name, self._here = "", self._root


def remove(folder: Path) -> bool:
    """Remove a folder and all that is in it, whatever it is; a link is none.

    Returns:
        Whether it is gone.
    """
    with suppress(OSError):
        _set_mode(folder, 0o700)
        root = os.open(folder, _FOLDER)
        try:
            empty(root)
        finally:
            os.close(root)
    with suppress(OSError):
        folder.rmdir()
    return not os.path.lexists(folder)


def empty(root: int) -> None:
    """Remove what is in a folder.

    Folders in it are moved up to it before they are emptied: no path becomes long,
    however deep they are. What cannot be removed is passed over.
    """
    number = 0
    waiting = [*_cleared(root)]
    while waiting:
        name = waiting.pop()
        with suppress(OSError):
            here = os.open(name, _FOLDER, dir_fd=root)
            try:
                for inner in _cleared(here):
                    # Onto an empty folder a folder can be moved, and that one would
                    # be gone from what waits: never onto a name in use.
                    with suppress(FileNotFoundError):
                        while number := number + 1:
                            os.stat(f".{number}", dir_fd=root, follow_symlinks=False)
                    moved = f".{number}"
                    with suppress(OSError):
                        os.rename(inner, moved, src_dir_fd=here, dst_dir_fd=root)
                        waiting.append(moved)
            finally:
                os.close(here)
            os.rmdir(name, dir_fd=root)


def _cleared(folder: int) -> list[str]:
    """Unlink what is no folder; the names of those that are left."""
    left = []
    with os.scandir(folder) as entries:
        names = [(each.name, each.is_dir(follow_symlinks=False)) for each in entries]
    for name, is_folder in names:
        with suppress(OSError):
            if is_folder:
                _set_mode(name, 0o700, dir_fd=folder)
                left.append(name)
            else:
                os.unlink(name, dir_fd=folder)
    return left


def _open_up(folder: int, name: str, mode: int) -> None:
    wanted = stat.S_IRWXU if stat.S_ISDIR(mode) else stat.S_IRUSR
    if not stat.S_ISLNK(mode) and mode & wanted != wanted:
        _set_mode(name, stat.S_IMODE(mode) | wanted, dir_fd=folder)


def _set_mode(name: str | Path, mode: int, *, dir_fd: int | None = None) -> None:
    """Change the mode of what has the name, and never of what a link leads to.

    Raises:
        OSError: It is a link, or cannot be changed.
    """
    if os.chmod in os.supports_follow_symlinks:
        os.chmod(name, mode, dir_fd=dir_fd, follow_symlinks=False)
        return
    # Linux cannot be asked so, but tells links from the rest once they are held.
    held = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=dir_fd)
    try:
        if stat.S_ISLNK(os.fstat(held).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(name))
        Path(f"/proc/self/fd/{held}").chmod(mode)
    finally:
        os.close(held)


def _pieces(name: str) -> Iterator[str]:
    """A relative path in parts that the system takes."""
    piece = b""
    for part in os.fsencode(name).split(b"/"):
        if piece and len(piece) + 1 + len(part) > _PIECE:
            yield os.fsdecode(piece)
            piece = b""
        piece = piece + b"/" + part if piece else part
    if piece:
        yield os.fsdecode(piece)
