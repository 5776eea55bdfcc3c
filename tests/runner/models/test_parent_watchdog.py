"""A program lives only as long as someone holds the other end."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

WATCHDOG = Path(__file__).parents[3] / "runner" / "models" / "parent_watchdog.py"


def watched(*command: str, grace_s: float = 5.0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-I", str(WATCHDOG), str(grace_s), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 137)]
)
def test_it_ends_as_its_program_does(script: str, code: int) -> None:
    process = watched("/bin/sh", "-c", f"echo said; {script}")
    assert process.wait(timeout=20) == code
    assert process.communicate()[0] == "said\n"


def test_a_program_that_is_not_there_is_named() -> None:
    process = watched("no-such-program")
    assert process.wait(timeout=20) == 127
    assert process.communicate()[1].startswith("no-such-program: cannot be started")


def begun(process: "subprocess.Popen[str]") -> None:
    """Wait until the program says that it has begun."""
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"


def test_a_byte_asks_the_program_to_end() -> None:
    process = watched(
        "/bin/sh", "-c", "trap 'exit 3' TERM; echo begun; sleep 99 & wait"
    )
    begun(process)
    assert process.stdin is not None
    process.stdin.write("x")
    process.stdin.flush()
    assert process.wait(timeout=20) == 3
    process.communicate()


def test_who_does_not_listen_is_killed_after_the_grace() -> None:
    script = "trap '' TERM; echo begun; while :; do sleep 0.05; done"
    process = watched("/bin/sh", "-c", script, grace_s=0.2)
    begun(process)
    asked = time.monotonic()
    assert process.stdin is not None
    process.stdin.write("x")
    process.stdin.flush()
    assert process.wait(timeout=20) == 137
    assert time.monotonic() - asked >= 0.2
    process.communicate()


def test_the_end_of_its_input_kills_the_program_at_once() -> None:
    process = watched("/bin/sh", "-c", "trap '' TERM; echo begun; sleep 99 & wait")
    begun(process)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=20) == 137
    assert process.stdout is not None
    assert process.stdout.read() == "", "what it started has ended too"
    process.stdout.close()
    assert process.stderr is not None
    process.stderr.close()
