"""What must not be seen through a folder that is shown for another reason.

A program that is installed under `/usr`, or beside the Python that a sandbox is
given, would show the practice tasks with their tests and solutions.
"""

import os
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from runner.sandboxes.sandbox import Mount

PACKAGES: Final = ("harness_bench", "runner", "sitegen")


def seen_through(mounts: Iterable[Mount]) -> tuple[str, ...]:
    """Where a sandbox with these mounts would show this program."""
    seen = set()
    for mount in mounts:
        # As text: a hundred paths are compared for each sandbox.
        source = os.path.realpath(mount.source).rstrip("/")
        for own in _own():
            if own == source or own.startswith(f"{source}/"):
                seen.add(f"{mount.target}{own[len(source) :]}")
    return tuple(sorted(seen))


@cache
def _own() -> list[str]:
    """The folders of this program; to look for them takes a fifth of a millisecond."""
    specs = [find_spec(name) for name in PACKAGES]
    origins = [spec.origin for spec in specs if spec and spec.origin]
    return [str(Path(origin).resolve().parent) for origin in origins]
