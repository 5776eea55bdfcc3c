"""This program as it goes into the box: packages, what they carry, and entry points."""

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem, SandboxError

_ROOT: Final = Path(__file__).parents[2]
_PACKAGES: Final = ("harness_bench", "runner", "sitegen")
_CARRIED: Final = ("tasks/practice", "examples/harness-bench-2026", "templates")
"""What a checkout has beside its packages, and an installed one in them."""


def code() -> Iterator[tuple[str, Path | bytes]]:
    """Its parts: each place, and the folder or the content that belongs there."""
    for name in _PACKAGES:
        yield name, _ROOT / name
    if (_ROOT / "pyproject.toml").is_file():
        for name in _CARRIED:
            yield name, _ROOT / name
    found = metadata.distribution("harness-bench")
    for name in ("METADATA", "entry_points.txt"):
        place = f"harness_bench-{found.version}.dist-info/{name}"
        yield place, (found.read_text(name) or "").encode()


def run_lock() -> Path:
    """The versions of what it needs.

    Raises:
        SandboxError: The file is missing.
    """
    for place in (_ROOT / "requirements" / "run.lock", _ROOT / "runner" / "_run.lock"):
        if place.is_file():
            return place
    raise SandboxError(Problem("run.lock", "is missing", "install harness-bench again"))
