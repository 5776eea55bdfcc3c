"""What a sandbox holds of the disk: what folders show, and files without a name."""

import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from runner.sandboxes.sandbox import HELD, Listed, Sandboxed
from runner.workspace.workspace import BLOCK, ENDLESS, MOST_NAMES, folder_bytes

_HELD_BY: Final = ("fd", "map_files")
"""Where /proc leads to what a process has open and has mapped; the latter for root."""


def used_bytes(folders: Sequence[Path], sandboxed: Sandboxed) -> int:
    """What is in folders, and in files that were in them and are open still.

    Of a file system of its own nothing escapes. Elsewhere a file is not seen that no
    process has open: one whose descriptor is on its way through a socket, or, by an
    ordinary user, one that is only mapped.
    """
    held = [folder for folder in folders if folder.parent == HELD]
    counted = [folder for folder in folders if folder.parent != HELD]
    total = sum(map(_held_bytes, held)) + sum(map(folder_bytes, counted))
    if counted and isinstance(sandboxed, Listed):
        disks = set()
        for folder in counted:
            with suppress(OSError):
                disks.add(folder.stat().st_dev)
        total += unlinked_bytes(sandboxed.processes(), disks)
    return total


def _held_bytes(disk: Path) -> int:
    """What a file system of its own has given away, by its own account."""
    found = os.statvfs(disk)
    if found.f_files - found.f_ffree > MOST_NAMES:
        return ENDLESS
    return (found.f_blocks - found.f_bfree) * found.f_frsize


def unlinked_bytes(processes: Iterable[Path], disks: set[int]) -> int:
    """What files without a name take that these processes hold."""
    held = {}
    for process in processes:
        for place in _HELD_BY:
            with suppress(OSError), os.scandir(process / place) as links:
                for link in links:
                    with suppress(OSError):
                        found = link.stat()
                        is_file = not found.st_nlink and stat.S_ISREG(found.st_mode)
                        if is_file and found.st_dev in disks:
                            held[found.st_dev, found.st_ino] = found.st_blocks
    return BLOCK * sum(held.values())
