"""What must not be seen through a folder that is shown for another reason.

A program that is installed under `/usr`, or beside the Python that a sandbox is
given, would show the practice tasks with their tests and solutions.
"""

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from runner.sandboxes.sandbox import Mount

PACKAGES: Final = ("harness_bench", "runner", "sitegen")


def seen_through(mounts: Iterable[Mount]) -> tuple[str, ...]:
    """Where a sandbox with these mounts would show this program."""
    seen = {
        str(Path(mount.target) / own.relative_to(source))
        for mount in mounts
        for source in [mount.source.resolve()]
        for own in _own()
        if own.is_relative_to(source)
    }
    return tuple(sorted(seen))


@cache
def _own() -> list[Path]:
    """The folders of this program; to look for them takes a fifth of a millisecond."""
    specs = [find_spec(name) for name in PACKAGES]
    return [
        Path(spec.origin).resolve().parent for spec in specs if spec and spec.origin
    ]
