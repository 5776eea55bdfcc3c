"""How many processes a sandbox may have."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runner.sandboxes import process_limit
from runner.sandboxes.process_limit import ProcessLimit, problem


@pytest.mark.parametrize(
    ("release", "counted"),
    [("5.13.0-7", False), ("5.14.0", True), ("6.1.2", True), ("4.99", False)],
)
def test_of_users_each_sandbox_is_counted_since_linux_5_14(
    monkeypatch: pytest.MonkeyPatch, release: str, *, counted: bool
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(release=release))
    found = problem()
    assert (found is None) == counted
    if found is not None:
        assert release in str(found)


def test_a_user_without_a_group_is_held_by_the_kernel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(release="6.1"))
    program = (
        "import resource, sys; sys.stdin.read(1);"
        " print(resource.getrlimit(resource.RLIMIT_NPROC))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        limit = ProcessLimit(77)
        limit.hold(process.pid)
        limit.lift()
        said, _ = process.communicate("x", timeout=20)
    assert said == "(77, 77)\n"


def test_root_is_held_by_a_group_that_goes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder stands for the kernel's: files appear in a group as it is made."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(process_limit, "_PLACES", (tmp_path / "none", tmp_path))
    made = Path.mkdir

    def mkdir(path: Path, *words: Any, **more: Any) -> None:  # noqa: ANN401 - as it is
        made(path, *words, **more)
        for name in ("pids.max", "cgroup.procs"):
            (path / name).write_text("")

    monkeypatch.setattr(Path, "mkdir", mkdir)
    left = tmp_path / "harness-bench-999999999-x"
    made(left)

    limit = ProcessLimit(5)
    (group,) = tmp_path.iterdir()
    limit.hold(123)

    assert not left.exists(), "its runner is gone"
    assert (group / "pids.max").read_text() == "5"
    assert (group / "cgroup.procs").read_text() == "123"


def test_root_without_groups_is_told_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(process_limit, "_PLACES", (tmp_path / "none",))
    assert "ordinary user" in str(problem())
    limit = ProcessLimit(5)
    limit.hold(os.getpid())
    limit.lift()


def test_a_place_that_does_not_count_processes_is_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(process_limit, "_PLACES", (tmp_path,))
    assert problem() is not None
    assert list(tmp_path.iterdir()) == []
