"""A sandbox's folders as file systems of its own, in memory.

The kernel counts what is in them, whatever it is: files without a name, those whose
descriptor is on its way through a socket, folders inside each other without end. They
are held open from outside, so what is left in them can be read when all is dead.
"""

import asyncio
import os
import shutil
from pathlib import Path
from typing import Final

from runner.machine.memory import free_bytes
from runner.sandboxes.sandbox import HELD, Confined, Mount

MIB: Final = 1 << 20
_SHARE: Final = 8
"""Of the memory that is free, one part in so many may fill a folder in memory."""
_LEAST: Final = 16 * MIB
_LOOK_S: Final = 0.0005
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def in_memory(wanted: int, free: int | None) -> int:
    """How large a folder in memory may become."""
    most = wanted if free is None else max(free // _SHARE, _LEAST)
    return min(wanted, most)


class MemoryDisk:
    """The folders of one sandbox, open until `close`.

    Args:
        confined: What the sandbox may see. Those of its mounts that are its own are
            kept in memory, or none of them where there is not memory enough.
    """

    def __init__(self, confined: Confined) -> None:
        self.size = (confined.limits.disk_mb + 1) * MIB
        """Of each, in bytes: a little more than is allowed, so that it shows."""
        free = free_bytes()
        fits = free is not None and in_memory(self.size, free) == self.size
        own = tuple(mount for mount in confined.mounts if mount.own)
        self.mounts = own if fits else ()
        self._held: dict[str, int] = {}

    async def fill(self, first: int) -> None:
        """Copy into them what their sources hold, before a program sees them.

        Raises:
            ProcessLookupError: It has ended.
            OSError: A source does not fit.
        """
        while not self._find(first):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(_LOOK_S)
        for mount in self.mounts:
            into = os.dup(self._held[mount.target])
            await asyncio.to_thread(_copy, mount.source, into)

    def folder(self, mount: Mount) -> Path:
        """Where what the sandbox has of a mount can be read and written from here."""
        held = self._held.get(mount.target)
        return mount.source if held is None else HELD / str(held)

    def close(self) -> None:
        """Let go of them, and of what is in them."""
        while self._held:
            os.close(self._held.popitem()[1])

    def _find(self, first: int) -> bool:
        """Open them, once bubblewrap has left the file system of this machine.

        Raises:
            ProcessLookupError: It has ended.
        """
        if not self.mounts:
            return True
        try:
            root = os.open(f"/proc/{first}/root", os.O_PATH | os.O_DIRECTORY)
        except FileNotFoundError:
            raise ProcessLookupError(first) from None
        try:
            # Bubblewrap makes the root that it moves to in a folder of another one, so
            # the mounts stand in the root only when all of them are made.
            is_ready = not os.path.samestat(os.fstat(root), Path("/").stat())
            for mount in self.mounts if is_ready else ():
                folder = os.open(mount.target[1:], _FOLDER, dir_fd=root)
                self._held[mount.target] = folder
        except FileNotFoundError:
            is_ready = False
        finally:
            os.close(root)
        if not is_ready:
            self.close()
        return is_ready


def _copy(source: Path, into: int) -> None:
    """Copy a folder into an open one, and close that, whoever waits for it or not."""
    try:
        into_it = HELD / str(into)
        shutil.copytree(source, into_it, symlinks=True, dirs_exist_ok=True)
    finally:
        os.close(into)
