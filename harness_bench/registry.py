"""Plugins by name, through entry points.

Models, harnesses, sandboxes, engines and charts are found here, ours included.
A distribution offers one in its `pyproject.toml`:

    [project.entry-points."harness_bench.charts"]
    my_chart = "my_package.my_chart:chart"
"""

import sys
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from harness_bench.errors import PluginError, Problem, near_miss, shown


def names(kind: str) -> tuple[str, ...]:
    """The names of all plugins of a kind, in alphabetical order.

    Imports none of them: a broken plugin is found by `load`, by whoever asks
    for it.
    """
    return tuple(sorted({point.name for point in _entry_points(kind)}))


def load(kind: str, name: str) -> object:
    """The object that a plugin's entry point names.

    Raises:
        PluginError: No distribution offers the name, two do, or importing it
            fails.
    """
    points = [point for point in _entry_points(kind) if point.name == name]
    if not points:
        known = names(kind)
        raise PluginError(
            Problem(
                kind,
                f"{shown(name)} is not installed{near_miss(name, known)}",
                f"choose one of {', '.join(known)}" if known else "none is installed",
            )
        )
    if len(points) > 1:
        claims = " and ".join(
            sorted(f"{_distribution(point)} ({point.value})" for point in points)
        )
        twice = f"{name} is offered by {claims}"
        raise PluginError(Problem(kind, twice, "uninstall one of them"))
    (point,) = points
    try:
        return point.load()
    # A plugin is foreign code: whatever its import raises, the plugin is at fault.
    except Exception as error:
        advice = "update or uninstall it"
        if isinstance(error, ModuleNotFoundError) and _has_extra(point):
            advice = f"pip install '{_distribution(point)}[{name}]'"
        raise PluginError(
            Problem(
                kind,
                f"{name} ({point.value} of {_distribution(point)}) cannot be imported"
                f" ({type(error).__name__}: {error})",
                advice,
            )
        ) from error


def _entry_points(kind: str) -> tuple[EntryPoint, ...]:
    # Whoever installs or removes a distribution changes the folder that it is in.
    return _read(kind, tuple((place, _changed(place)) for place in sys.path))


def _changed(folder: str) -> int:
    try:
        return Path(folder).stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=32)
def _read(kind: str, places: tuple[tuple[str, int], ...]) -> tuple[EntryPoint, ...]:
    """The entry points in these folders, for which a file of each plugin is read."""
    del places
    return tuple(entry_points(group=f"harness_bench.{kind}"))


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unknown distribution"


def _has_extra(point: EntryPoint) -> bool:
    """Whether what a plugin needs is an extra of its name."""
    extras = point.dist.metadata.get_all("Provides-Extra") if point.dist else None
    return point.name in (extras or ())
