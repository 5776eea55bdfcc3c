"""The times of files are kept beside their archive."""

from pathlib import Path

import pytest

from harness_bench.errors import RunError
from runner.workspace.times import read_times, write_times


def test_times_come_back_whatever_the_names_are(tmp_path: Path) -> None:
    times = {"a": 1, "\udcff/é": 1_700_000_000_123_456_789, "old": -5}
    write_times(tmp_path, times)
    assert read_times(tmp_path) == times


def test_an_attempt_of_an_older_runner_has_none(tmp_path: Path) -> None:
    assert read_times(tmp_path) == {}


@pytest.mark.parametrize("damage", [b"", b"x", b"\x1f\x8b\x08\x00"])
def test_damaged_times_are_one_clear_line(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "times.json.gz").write_bytes(damage)
    with pytest.raises(RunError, match="cannot be read"):
        read_times(tmp_path)
