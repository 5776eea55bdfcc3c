"""Which Python runs our own programs inside a sandbox."""

import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from runner.sandboxes.sandbox import Mount

OLDEST: Final = (3, 9)
"""What `runner/inside` is written for."""
SYSTEM: Final = Path("/usr/bin/python3")
CARRIED: Final = "/opt/python"
_ALONE: Final = ("-E", "-s", "-S")
"""Without the environment's settings, the user's packages and the machine's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python inside the sandbox."""

    path: str
    """Where it is, inside."""
    source: Path
    """Where it is on the machine."""
    version: tuple[int, ...]
    """Major and minor: what compiled packages have to fit."""
    mounts: tuple[Mount, ...] = ()
    """What it takes, beside what every sandbox has."""

    @property
    def command(self) -> tuple[str, ...]:
        """How a program of `runner/inside` is started: no settings of anyone apply."""
        return (self.path, *_ALONE)


@cache
def interpreter() -> Interpreter:
    """The system's Python, or where it is missing or old the one that runs this."""
    version = _version(SYSTEM)
    if version >= OLDEST:
        return Interpreter(path=str(SYSTEM), source=SYSTEM, version=version)
    # Of a virtual environment, what it was made from.
    prefix = Path(sys.base_prefix).resolve()
    name = f"bin/python{sys.version_info.major}.{sys.version_info.minor}"
    own = Interpreter(
        path=str(prefix / name), source=prefix / name, version=sys.version_info[:2]
    )
    if prefix.is_relative_to("/usr"):
        return own
    return replace(
        own,
        path=f"{CARRIED}/{name}",
        mounts=(Mount(source=prefix, target=CARRIED),),
    )


def _version(python: Path) -> tuple[int, ...]:
    """Its version; () where there is none that runs."""
    code = "import sys; print(*sys.version_info[:2])"
    try:
        result = subprocess.run(  # noqa: S603 - a fixed program
            [python, *_ALONE, "-c", code],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ()
    return tuple(map(int, result.stdout.split()))
