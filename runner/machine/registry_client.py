"""Runs clients of package registries, and finds the line that says what is wrong."""

import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem


def no_pip() -> Problem | None:
    """Why there is no pip; None: there is."""
    if find_spec("pip") is not None:
        return None
    advice = f"run `{sys.executable} -m ensurepip`"
    return Problem(sys.executable, "has no pip", advice)


def pip_install(python: Path, *options: str | Path) -> tuple[str, ...]:
    """The command that installs for a Python."""
    pip = (sys.executable, "-m", "pip", "--python", str(python), "install")
    quiet = ("--quiet", "--no-input", "--disable-pip-version-check")
    return (*pip, *quiet, *map(str, options))


def said_failing(command: Sequence[str]) -> str | None:
    """What a client said before it failed; None: it did not fail."""
    result = subprocess.run(  # noqa: S603 - our own arguments
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return None if result.returncode == 0 else result.stdout


def telling_line(said: str) -> str:
    """The line in which a client says what is wrong."""
    lines = [line.strip() for line in said.splitlines()]
    errors = [line for line in lines if _TELLING.match(line)]
    return next(iter(errors or filter(None, lines)), "it said nothing")


_TELLING: Final = re.compile(
    r"npm error (?!code|A complete log)|E: |"
    r"ERROR: (?!Ignored|Could not find a version)"
)
"""How it begins."""
