"""Folders of a sandbox that are kept in memory: what is in them, and how much."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from runner.limits import Limits
from runner.sandboxes import memory_disk
from runner.sandboxes.memory_disk import MIB, MemoryDisk
from runner.sandboxes.sandbox import Holding, Sandboxed
from runner.workspace.used import used_bytes
from tests.needs import needs
from tests.runner.sandboxes.confining import confined, running

pytestmark = pytest.mark.e2e

LIMIT_MB = 8
WRITE = """python3 - <<'END'
import array, os, socket, sys
fd = os.open("big", os.O_CREAT | os.O_RDWR)
try:
    for _ in range(20):
        os.write(fd, bytes(1 << 20))
except OSError:
    pass
os.unlink("big")
{then}
open("/tmp/up", "w").close()
import time
time.sleep(60)
END
"""
IN_FLIGHT = """
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
socket.send_fds(ours, [b"x"], [fd])
os.close(fd)
"""


@pytest.fixture(autouse=True)
def _bubblewrap() -> None:
    needs("bwrap")


def seen(script: str, workspace: Path, look: Callable[[Path, Sandboxed], bool]) -> bool:
    """Whether a look at what it works on sees something within some seconds."""
    what = confined(script, workspace, limits=Limits(disk_mb=LIMIT_MB))
    mounts = tuple(replace(mount, own=mount.writable) for mount in what.mounts)

    async def looked() -> bool:
        async with running(replace(what, mounts=mounts)) as sandboxed:
            assert isinstance(sandboxed, Holding)
            try:
                folder = sandboxed.folder(mounts[0])
                for _ in range(400):
                    if look(folder, sandboxed):
                        return True
                    await asyncio.sleep(0.02)
                return False
            finally:
                await sandboxed.kill()
                sandboxed.release()

    return asyncio.run(looked())


@pytest.mark.parametrize("then", ["", IN_FLIGHT])
def test_what_has_no_name_counts_and_the_kernel_ends_it(
    tmp_path: Path, then: str
) -> None:
    most = 0

    def is_beyond(folder: Path, sandboxed: Sandboxed) -> bool:
        nonlocal most
        most = max(most, used_bytes([folder], sandboxed))
        return most > LIMIT_MB * MIB and os.listdir(folder) == []  # noqa: PTH208

    assert seen(WRITE.format(then=then), tmp_path, is_beyond)
    assert most <= (LIMIT_MB + 1) * MIB
    assert list(tmp_path.iterdir()) == []


def test_it_begins_with_its_source_and_can_be_read_when_all_is_dead(
    tmp_path: Path,
) -> None:
    (tmp_path / "before").write_text("as it was\n")
    what = confined("cat before > after; ln -s x link", tmp_path)
    mounts = tuple(replace(mount, own=True) for mount in what.mounts)

    async def left() -> tuple[str, str]:
        async with running(replace(what, mounts=mounts)) as sandboxed:
            await sandboxed.wait()
            assert isinstance(sandboxed, Holding)
            folder = sandboxed.folder(mounts[0])
            found = (folder / "after").read_text(), str((folder / "link").readlink())
            sandboxed.release()
            assert not folder.exists()
            return found

    assert asyncio.run(left()) == ("as it was\n", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["before"]


@pytest.mark.parametrize(
    ("free_mb", "held"), [(None, 0), (167, 0), (168, 1), (10**6, 1)]
)
def test_an_eighth_of_the_free_memory_is_enough_or_all_stays_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_mb: int | None, held: int
) -> None:
    free = None if free_mb is None else free_mb * MIB
    monkeypatch.setattr(memory_disk, "free_bytes", lambda: free)
    what = confined("true", tmp_path, limits=Limits(disk_mb=20))
    own = replace(what.mounts[0], own=True)

    disk = MemoryDisk(replace(what, mounts=(own, *what.mounts)))

    assert len(disk.mounts) == held
    assert disk.folder(own) == tmp_path, "where nothing is held yet"
