"""What is said where bubblewrap cannot make a sandbox."""

import subprocess
import sys
from pathlib import Path

import pytest

import runner
from harness_bench.errors import Problem
from runner.sandboxes import advice
from tests.needs import needs


def settings(folder: Path, **values: int) -> Path:
    """A kernel's settings; `kernel__x` is the file `kernel/x`."""
    for name, value in values.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{value}\n")
    return folder


@pytest.mark.parametrize(
    "said",
    [
        "bwrap: setting up uid map: Permission denied\n",
        "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted\n",
    ],
)
def test_ubuntus_apparmor_is_told_with_the_profile_to_add(
    said: str, tmp_path: Path
) -> None:
    kernel = settings(tmp_path, kernel__apparmor_restrict_unprivileged_userns=1)

    (line,) = map(str, advice.after(said, settings=kernel))

    assert line.startswith(f"bubblewrap: {said[7:-1]}; let AppArmor allow bwrap")
    assert "profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }" in line
    assert "'apparmor_parser -r /etc/apparmor.d/bwrap'" in line


def test_each_setting_that_forbids_namespaces_is_told(tmp_path: Path) -> None:
    kernel = settings(
        tmp_path, kernel__unprivileged_userns_clone=0, user__max_user_namespaces=0
    )

    lines = advice.after(
        "bwrap: No permissions to create new namespace\n", settings=kernel
    )

    assert [line.help for line in lines] == [
        "run 'sysctl -w kernel.unprivileged_userns_clone=1' as root",
        "run 'sysctl -w user.max_user_namespaces=15000' as root",
    ]


def test_an_old_bubblewrap_is_told(tmp_path: Path) -> None:
    (line,) = map(
        str,
        advice.after("bwrap: Unknown option --disable-userns\n", settings=tmp_path),
    )

    assert line.endswith("--disable-userns; install bubblewrap 0.8 or newer")


def test_the_last_word_of_bubblewrap_counts(tmp_path: Path) -> None:
    said = "Python says\nbwrap: one\nbwrap: two\nmore"

    assert advice.after(said, settings=tmp_path) == (Problem("bubblewrap", "two"),)
    assert advice.after("", settings=tmp_path) == (
        Problem("bubblewrap", "ended without a word"),
    )


_PROBLEMS = """
import sys
from runner.sandboxes.bubblewrap import Bubblewrap
print(*Bubblewrap().problems(), sep="\\n", end="")
"""


def problems_within(*outer: str) -> list[str]:
    """What a machine says that looks as another program makes it."""
    result = subprocess.run(
        [*outer, sys.executable, "-c", _PROBLEMS],
        cwd=Path(runner.__file__ or "").parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.splitlines()


@pytest.mark.e2e
def test_without_user_namespaces_it_says_so_in_one_line() -> None:
    outer = (
        needs("bwrap"),
        "--unshare-user",
        "--disable-userns",
        "--dev-bind",
        "/",
        "/",
    )

    (line,) = problems_within(*outer, "--")

    assert line.startswith("bubblewrap: Creating new namespace failed")
    assert "; allow user namespaces" in line


@pytest.mark.e2e
def test_with_the_setting_at_zero_it_names_the_setting() -> None:
    needs("bwrap")
    script = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'

    (line,) = problems_within(needs("unshare"), "-Ur", "sh", "-c", script, "sh")

    assert line.endswith("; run 'sysctl -w user.max_user_namespaces=15000' as root")


@pytest.mark.e2e
def test_in_a_container_without_proc_it_says_how_to_start_that() -> None:
    outer = (needs("bwrap"), "--unshare-user", "--unshare-pid", "--dev-bind", "/", "/")

    # Container engines cover parts of /proc; the kernel then allows no whole one.
    covered = ("--proc", "/proc", "--tmpfs", "/proc/irq")

    (line,) = problems_within(*outer, *covered, "--")

    assert "mount proc" in line
    assert "--security-opt systempaths=unconfined" in line
