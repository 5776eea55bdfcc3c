"""Who works for a run, kept in its folder for those who ask how it goes.

It is written while workers come, go and take orders, by the one who leads them, and
says nothing once that one has ended.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from harness_bench.going import LOCK
from runner.machine.durable import replacing

_NAME: Final = "workers.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSeen:
    """A worker, as it was last seen."""

    name: str
    model: str
    """What it runs, as people read it; empty: nothing."""
    doing: str
    """In a few words: `works`, `waits`, or why it gets no work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """All workers of a run."""

    pid: int
    """The process that leads them."""
    began: float
    """When the run was started, in seconds of the epoch."""
    left: int
    """Trials that were left to do then."""
    ended: int = 0
    """Of these, those that have ended."""
    failed: Mapping[str, int] = field(default_factory=dict)
    """Trials by worker that ended for reasons that are not the agent's."""
    orders: Mapping[str, int] = field(default_factory=dict)
    """How often trials of a model were given to a worker, by its label."""
    workers: Sequence[WorkerSeen] = ()


def write_crew(folder: Path, crew: Crew) -> None:
    """Write it down; where that fails, nothing else does."""
    with suppress(OSError), replacing(folder / _NAME) as file:
        file.write(json.dumps(asdict(crew)).encode())


def read_crew(folder: Path) -> Crew | None:
    """Who works for a run; None: nobody does, or it is not known."""
    try:
        found = json.loads((folder / _NAME).read_bytes())
        if str(found["pid"]) != (folder / LOCK).read_text(encoding="ascii"):
            return None  # it has gone, and another one works here now
        workers = tuple(WorkerSeen(**each) for each in found.pop("workers"))
        return Crew(**found, workers=workers)
    except (OSError, ValueError, KeyError, TypeError):
        return None
