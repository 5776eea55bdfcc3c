"""A machine is held awake while it measures, and says when it runs on its battery."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runner.machine import awake

HOLDER = """\
#!/bin/sh
echo $$ > {told}
while [ "${{1#-}}" != "$1" ]; do shift; done
"$@"
"""
"""What systemd-inhibit does beside the holding: it takes options and runs a command."""


@pytest.fixture
def holder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program on the path that stands for the system's, and tells its id here."""
    told = tmp_path / "told"
    for name in ("systemd-inhibit", "caffeinate"):
        program = tmp_path / name
        program.write_text(HOLDER.format(told=told))
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return told


def until(holds: Callable[[], bool]) -> None:
    """Wait for it; a test that waits in vain is ended by its time limit."""
    while not holds():
        time.sleep(0.01)


def is_alive(told: Path) -> bool:
    """Whether it runs; one that nobody has waited for yet does not."""
    pid = told.read_text().strip() if told.exists() else ""
    try:
        stat = Path("/proc", pid, "stat").read_text() if pid else ""
    except OSError:
        return False
    return bool(stat) and stat.rpartition(")")[2].split()[0] != "Z"


def test_it_is_held_awake_for_the_length_of_the_block_and_no_longer(
    holder: Path,
) -> None:
    assert awake.can_be_held_awake()
    with awake.held_awake():
        until(lambda: is_alive(holder))
    assert not is_alive(holder)


def test_nothing_is_held_when_the_runner_is_killed(holder: Path) -> None:
    program = "from runner.machine.awake import held_awake\nwith held_awake(): input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE
    ) as runner:
        until(lambda: is_alive(holder))
        runner.send_signal(signal.SIGKILL)
    until(lambda: not is_alive(holder))


def test_where_nothing_can_hold_it_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not awake.can_be_held_awake()
    with awake.held_awake():
        pass


MAINS, MOUSE = {"type": "Mains", "online": "1"}, {"type": "Battery", "scope": "Device"}
FULL, USED = (
    {"type": "Battery", "scope": "System", "status": status}
    for status in ("Full", "Discharging")
)


@pytest.mark.parametrize(
    ("supplies", "expected"),
    [
        ([], None),
        ([MAINS], None),
        ([MOUSE | {"status": "Discharging"}], None),
        ([MAINS, FULL], False),
        ([MAINS, USED], False),
        ([MAINS | {"online": "0"}, USED], True),
        ([USED], True),
        ([{"type": "USB", "online": "1"}, USED], False),
    ],
)
def test_what_linux_tells_of_power(
    tmp_path: Path, *, supplies: list[dict[str, str]], expected: bool | None
) -> None:
    for number, supply in enumerate(supplies):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, said in supply.items():
            (folder / name).write_text(f"{said}\n")
    assert awake.on_battery(tmp_path) is expected
