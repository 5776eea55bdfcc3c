"""Folders that live as long as a trial."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness_bench.errors import RunError
from runner.workspace.scratch import fresh, scratch
from runner.workspace.tree import remove


def test_the_folder_is_private_and_gone_at_the_end(short_tmp: Path) -> None:
    with scratch(short_tmp / "here") as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (fresh(folder) / "file").write_text("x")
    assert not folder.exists()


def test_what_a_killed_runner_left_is_swept_and_a_living_one_is_not(
    short_tmp: Path,
) -> None:
    program = (
        "import pathlib, sys, time\n"
        "from runner.workspace.scratch import scratch\n"
        "with scratch(pathlib.Path(sys.argv[1])) as folder:\n"
        "    print(folder, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(short_tmp)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as runner:
        assert runner.stdout is not None
        left = Path(runner.stdout.readline().strip())
        with scratch(short_tmp):
            assert left.exists()
        runner.send_signal(signal.SIGKILL)
    with scratch(short_tmp):
        assert not left.exists()


def test_what_a_killed_sweeper_left_without_its_lock_is_swept(short_tmp: Path) -> None:
    (short_tmp / "0123456789ab" / "inner").mkdir(parents=True)

    with scratch(short_tmp) as folder:
        assert [found for found in short_tmp.iterdir() if found.is_dir()] == [folder]


def test_what_cannot_be_removed_is_stepped_over_with_a_line(
    short_tmp: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (short_tmp / "0123456789ab").mkdir()
    monkeypatch.setattr("runner.workspace.scratch.remove", lambda _: False)

    with scratch(short_tmp):
        pass

    (line,) = capsys.readouterr().err.splitlines()
    assert "0123456789ab: was left by an earlier run and cannot be removed" in line


def test_a_path_too_long_for_sockets_is_one_clear_line(short_tmp: Path) -> None:
    with (
        pytest.raises(RunError, match="too long for the paths of sockets"),
        scratch(short_tmp / ("x" * 60)),
    ):
        pass


def test_folders_that_shut_us_out_are_removed(short_tmp: Path) -> None:
    inner = short_tmp / "own" / "closed" / "deeper"
    inner.mkdir(parents=True)
    (inner / "file").write_text("x")
    inner.chmod(0)
    inner.parent.chmod(0)

    remove(short_tmp / "own")

    assert not (short_tmp / "own").exists()


def test_a_folder_that_cannot_be_made_is_one_clear_line(short_tmp: Path) -> None:
    (short_tmp / "file").write_text("")

    with (
        pytest.raises(RunError, match=r"cannot be used for temporary files"),
        scratch(short_tmp / "file" / "inner"),
    ):
        pass


def test_a_folder_of_someone_else_is_refused(short_tmp: Path) -> None:
    folder = short_tmp
    if os.getuid() == 0:
        os.chown(folder, 12345, 12345)
    else:  # who cannot give a folder away takes root's
        folder = Path("/usr")

    with pytest.raises(RunError, match="belongs to someone else"), scratch(folder):
        pass
