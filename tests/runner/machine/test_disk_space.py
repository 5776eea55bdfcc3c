"""Whether disks have room."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness_bench.errors import RunError
from runner.machine.disk_space import check_space, free_mb, problems

MIB = 1 << 20


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets every disk have so many MiB free."""

    def have(mib: float) -> None:
        found = SimpleNamespace(free=int(mib * MIB))
        monkeypatch.setattr(shutil, "disk_usage", lambda _: found)

    return have


def test_mebibytes_are_whole(tmp_path: Path, free: Callable[[float], None]) -> None:
    free(15.9)
    assert free_mb(tmp_path) == 15


def test_a_full_disk_is_told_with_each_place(
    tmp_path: Path, free: Callable[[float], None]
) -> None:
    free(16)
    check_space(tmp_path, tmp_path)
    free(15.9)
    with pytest.raises(RunError) as refused:
        check_space(tmp_path, tmp_path / "b")
    assert [problem.where for problem in refused.value.problems] == [
        str(tmp_path),
        str(tmp_path / "b"),
    ]
    check_space()


@pytest.mark.parametrize(("mib", "enough"), [(256, True), (255.9, False)])
def test_a_run_needs_room_where_its_folder_will_be(
    tmp_path: Path, free: Callable[[float], None], mib: float, *, enough: bool
) -> None:
    free(mib)
    found = list(problems(tmp_path / "not" / "yet"))
    assert (found == []) == enough
    for problem in found:
        assert problem.where == str(tmp_path / "not" / "yet")
        assert "255" in problem.what
        assert "256" in problem.what


def test_a_file_is_no_place_for_a_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for run in (tmp_path / "file", tmp_path / "file" / "below"):
        (problem,) = problems(run)
        assert (problem.where, problem.what) == (
            str(tmp_path / "file"),
            "is not a folder",
        )


def test_a_place_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    # Who runs the tests may be root, whom no permission stops.
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    (problem,) = problems(tmp_path)
    assert (problem.where, problem.what) == (
        str(tmp_path),
        "cannot be written (permission denied)",
    )
