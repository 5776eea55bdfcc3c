"""The probes: nothing comes through, and each hole that is made is found."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import harness_bench
import runner
from harness_bench.errors import SandboxError
from runner.preflight.probes import AttackResult, probe
from runner.sandboxes.bubblewrap import Bubblewrap
from tests.attacks.leaky import Hole
from tests.needs import needs

pytestmark = pytest.mark.e2e

_ANYONE = 12345
"""A user that no machine knows."""
_SCRIPT = """
import asyncio, json, sys
from pathlib import Path
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.preflight.probes import probe
found = asyncio.run(probe(Bubblewrap(), Path(sys.argv[1])))
print(json.dumps([[finding.name, finding.got] for finding in found]))
"""


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder that other users can reach."""
    needs("bwrap")
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def through(findings: tuple[AttackResult, ...]) -> dict[str, str | None]:
    return {finding.name: finding.got for finding in findings if not finding.blocked}


def test_no_attack_gets_through_and_all_take_less_than_five_seconds(
    scratch: Path,
) -> None:
    began = time.monotonic()

    findings = asyncio.run(probe(Bubblewrap(), scratch))

    assert time.monotonic() - began < 5
    assert through(findings) == {}
    assert len({finding.name for finding in findings}) >= 50
    assert all(finding.tries.endswith(".") for finding in findings)


def test_no_attack_gets_through_for_an_ordinary_user(scratch: Path) -> None:
    for package in (harness_bench, runner):
        folder = Path(package.__file__ or "").parent
        shutil.copytree(folder, scratch / folder.name)
    work = scratch / "work"
    work.mkdir()
    command = [shutil.which("python3", path="/usr/bin") or sys.executable]
    if os.geteuid() == 0:
        os.chown(work, _ANYONE, _ANYONE)
        user = ("--reuid", str(_ANYONE), "--regid", str(_ANYONE), "--clear-groups")
        command = [needs("setpriv"), *user, "--", *command]

    result = subprocess.run(
        [*command, "-c", _SCRIPT, str(work)],
        cwd=scratch,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(scratch)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stderr == ""
    found = dict(json.loads(result.stdout))
    assert len(found) >= 50
    assert {name: got for name, got in found.items() if got is not None} == {}


def test_what_a_run_wants_hidden_is_looked_for(scratch: Path) -> None:
    findings = asyncio.run(
        probe(Bubblewrap(), scratch, hidden=(Path("/usr/share"), scratch))
    )

    assert set(through(findings)) == {
        "absolute path",
        "dot dot",
        "symlink",
        "/proc/PID/root",
    }


def test_a_sandbox_without_python_is_no_proof(scratch: Path) -> None:
    hole = Hole(extra=("--tmpfs", "/usr"))

    with pytest.raises(SandboxError, match="; the sandbox has to run Python"):
        leaks(hole, scratch)


def leaks(hole: Hole, scratch: Path) -> set[str]:
    """Which attacks get through a hole."""
    real = needs("bwrap")
    hole.make(scratch, real)
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{scratch}:{path}"
    try:
        return set(through(asyncio.run(probe(Bubblewrap(), scratch))))
    finally:
        os.environ["PATH"] = path


_FILES = {
    *("absolute path", "dot dot", "symlink", "planted symlink", "git", "unix socket"),
    *("other trials", "run folder", "search by name", "search by content"),
    "/proc/PID/root",
}
_HERE = str(Path(runner.__file__).parents[1])
_HOLES = {
    "network": (
        Hole(without=[["--unshare-net"]]),
        {"TCP to this machine", "UDP", "abstract socket", "interfaces"},
    ),
    "processes": (
        Hole(without=[["--unshare-pid"], ["--as-pid-1"]]),
        {"process list", "/proc/PID/cmdline", "kill", "daemons"},
    ),
    "shared memory": (
        Hole(without=[["--unshare-ipc"]]),
        {"System V memory", "message queues"},
    ),
    "shared memory files": (
        Hole(extra=["--symlink", "x", "/dev/shm/x"]),  # noqa: S108 - of the sandbox
        {"POSIX memory"},
    ),
    "environment": (Hole(without=[["--clearenv"]]), {"environment"}),
    "files": (Hole(extra=["--ro-bind", "{scratch}", "{scratch}"]), _FILES),
    "files to write": (
        Hole(extra=["--bind", "{scratch}", "{scratch}"]),
        {*_FILES, "writing outside"},
    ),
    "the program": (Hole(extra=["--ro-bind", _HERE, _HERE]), {"the program itself"}),
    "homes": (
        Hole(extra=["--ro-bind", "/var/lib", "/var/lib"]),
        {"homes and mounts"},
    ),
    "/etc": (Hole(extra=["--ro-bind", "/etc", "/etc"]), {"files of /etc"}),
    "/dev": (
        Hole(extra=["--dev-bind", "/dev/zero", "/dev/mem"]),
        {"devices", "kernel log"},
    ),
    "/sys": (Hole(extra=["--ro-bind", "/sys", "/sys"]), {"/sys"}),
    "system calls": (
        Hole(without=[["--seccomp", "*"]]),
        # The filter's own descriptor is then read by nobody, and left open.
        {"keyrings", "vsock", "kernel interfaces", "open descriptors"},
    ),
    "names of keys": (
        Hole(without=[["--ro-bind", "/dev/null", "/proc/keys"]]),
        {"keyrings"},
    ),
    "more namespaces": (Hole(without=[["--disable-userns"]]), {"new namespaces"}),
    "capabilities": (
        Hole(
            # In user 0's first namespace: bubblewrap makes a second for any other.
            without=[
                *(["--cap-drop", "ALL"], ["--disable-userns"]),
                *(["--uid", "*"], ["--gid", "*"]),
            ],
            extra=["--uid", "0", "--gid", "0", "--cap-add", "ALL"],
        ),
        {
            *("capabilities", "mount", "chroot", "clock and name", "raw sockets"),
            "becoming root",
        },
    ),
    "root of the sandbox": (
        Hole(without=[["--remount-ro", "/"]]),
        {"writing outside"},
    ),
    "name": (
        Hole(without=[["--unshare-uts"], ["--hostname", "sandbox"]]),
        {"host name"},
    ),
}


_ROOTS_HOLES = {
    # Others may not write them anyway.
    "kernel settings": (
        Hole(without=[["--remount-ro", "/proc"]]),
        {"kernel settings"},
    ),
}
_ALL_HOLES = {**_HOLES, **_ROOTS_HOLES}
_ONLY_REFUSED = {
    # They need a machine that can reach others.
    *("TCP to the world", "DNS", "IPv6"),
    # The hole would be one in the machine.
    *("/proc/PID/environ", "/proc/PID/mountinfo", "/proc/PID/maps", "/proc/PID/fd"),
    *("ptrace", "process memory", "namespaces of others"),
    *("file handle", "hard link", "making devices", "terminal"),
    *("the model's socket", "rewriting the log"),
}
"""Attacks that have been seen to be refused, and not to get through a hole."""


def test_the_documentation_lists_the_attacks_and_which_have_found_a_hole(
    scratch: Path,
) -> None:
    findings = asyncio.run(probe(Bubblewrap(), scratch))
    found = set().union(*(expected for _, expected in _ALL_HOLES.values()))
    page = (Path(_HERE) / "docs/explanation/sandbox.md").read_text(encoding="utf-8")

    assert {one.name for one in findings} - found == _ONLY_REFUSED
    assert all(one.tries for one in findings)
    assert listed("Known to find a hole", page) == [
        one.name for one in findings if one.name in found
    ]
    assert listed("Only seen to be refused", page) == [
        one.name for one in findings if one.name not in found
    ]
    assert f"{len(found)} of the {len(findings)} attacks" in " ".join(page.split())


def listed(label: str, page: str) -> list[str]:
    """The names in the paragraph that begins with a label."""
    _, _, rest = page.partition(f"**{label}**: ")
    return " ".join(rest.partition("\n\n")[0].split()).removesuffix(".").split(", ")


@pytest.mark.parametrize("name", sorted(_ALL_HOLES if os.geteuid() == 0 else _HOLES))
def test_a_hole_is_found(name: str, scratch: Path) -> None:
    hole, expected = _ALL_HOLES[name]
    extra = [word.replace("{scratch}", str(scratch)) for word in hole.extra]

    assert leaks(Hole(without=hole.without, extra=extra), scratch) >= expected
