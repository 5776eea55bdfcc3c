"""Files count as long as they take room, with a name or without."""

import ctypes
import mmap
import os
from pathlib import Path

import pytest

from runner.workspace.used import unlinked_bytes

MIB = 1 << 20
OWN = Path("/proc/self")
pytestmark = pytest.mark.skipif(not OWN.exists(), reason="needs Linux's /proc")


def _disk(folder: Path) -> set[int]:
    return {folder.stat().st_dev}


def test_a_file_without_a_name_counts_once_while_it_is_open(tmp_path: Path) -> None:
    before = unlinked_bytes([OWN], _disk(tmp_path))
    with (tmp_path / "file").open("wb") as file:
        file.write(bytes(MIB))
        file.flush()
        os.fsync(file.fileno())
        assert unlinked_bytes([OWN], _disk(tmp_path)) == before
        (tmp_path / "file").unlink()
        again = os.dup(file.fileno())
        assert MIB <= unlinked_bytes([OWN, OWN], _disk(tmp_path)) - before < 2 * MIB
        assert unlinked_bytes([OWN], set()) == 0
        os.close(again)
    assert unlinked_bytes([OWN], _disk(tmp_path)) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is shown what is mapped")
def test_a_file_that_is_only_mapped_counts_for_root(tmp_path: Path) -> None:
    before = unlinked_bytes([OWN], _disk(tmp_path))
    with (tmp_path / "file").open("wb+") as file:
        file.write(bytes(MIB))
        file.flush()
        os.fsync(file.fileno())
        # Python's own mmap keeps a descriptor beside the map.
        system = ctypes.CDLL(None)
        system.mmap.restype = ctypes.c_void_p
        size, start = ctypes.c_size_t(MIB), ctypes.c_long(0)
        how = (mmap.PROT_READ, mmap.MAP_SHARED)
        place = system.mmap(None, size, *how, file.fileno(), start)
    (tmp_path / "file").unlink()
    assert unlinked_bytes([OWN], _disk(tmp_path)) - before >= MIB
    system.munmap(ctypes.c_void_p(place), size)
    assert unlinked_bytes([OWN], _disk(tmp_path)) == before


def test_processes_that_are_gone_hold_nothing(tmp_path: Path) -> None:
    assert unlinked_bytes([Path("/proc/0")], _disk(tmp_path)) == 0
