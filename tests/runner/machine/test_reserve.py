"""Room that is held back."""

from pathlib import Path

import pytest

from harness_bench.errors import RunError
from runner.machine.reserve import Reserve


def test_it_takes_room_until_it_is_released(tmp_path: Path) -> None:
    with Reserve(tmp_path) as reserve:
        (file,) = tmp_path.iterdir()
        assert file.stat().st_size == 256 * 1024
        assert len(set(file.read_bytes())) > 100, "zeros take no room on some disks"
        reserve.release()
        assert list(tmp_path.iterdir()) == []
        reserve.release()
    assert list(tmp_path.iterdir()) == []


def test_at_the_end_it_is_gone(tmp_path: Path) -> None:
    with Reserve(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_place_without_room_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(RunError) as refused:
        Reserve(tmp_path / "none")
    assert str(refused.value) == (
        f"{tmp_path}/none: cannot be written (no such file or directory)"
    )
