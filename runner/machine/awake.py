"""Holds a machine awake while it measures, and says what a laptop needs for that."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_SUPPLIES: Final = Path("/sys/class/power_supply")
_ANSWER_S: Final = 10.0
_HOLD: Final = (
    ("caffeinate", "-i")
    if sys.platform == "darwin"
    else (
        *("systemd-inhibit", "--what=sleep:idle", "--mode=block"),
        *("--who=harness-bench", "--why=a run measures"),
    )
)
"""What holds it awake until the command that follows ends."""


def can_be_held_awake() -> bool:
    """Whether what holds this machine awake is there, and works."""
    return _said(*_HOLD, "echo", "yes") == "yes"


@contextmanager
def held_awake() -> Iterator[None]:
    """Held awake for the length of the block, where that can be done."""
    try:
        # However we end, the pipe does too, with it `cat`, and what holds with that.
        holding = subprocess.Popen(  # noqa: S603 - our own arguments
            [*_HOLD, "cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        yield
        return
    with holding:
        try:
            yield
        finally:
            holding.kill()


def on_battery(supplies: Path = _SUPPLIES) -> bool | None:
    """Whether this machine runs on its battery; None: it has none, as far as is told.

    Args:
        supplies: Where Linux tells of sources of power.
    """
    if sys.platform == "darwin":
        told = _said("pmset", "-g", "batt")
        return "'Battery Power'" in told if "InternalBattery" in told else None
    batteries, outlets = [], []
    for folder in supplies.glob("*"):
        kind = _read(folder / "type")
        # Mice and keyboards have batteries too.
        if kind == "Battery" and _read(folder / "scope") != "Device":
            batteries.append(_read(folder / "status"))
        elif kind != "Battery":
            outlets.append(_read(folder / "online"))
    if not batteries:
        return None
    return "1" not in outlets and "Discharging" in batteries


def _said(*command: str) -> str:
    """What a program says; empty where it is not there or fails."""
    try:
        ended = subprocess.run(  # noqa: S603 - our own arguments
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_ANSWER_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return ended.stdout.decode(errors="replace").strip()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
