"""What an engine promises, wherever it executes trials."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from runner.engines.patience import Patience
from runner.plan import Group
from runner.run_folder.attempt import Attempt
from runner.telling.events import Event
from runner.trial import Bench


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """How a person ends a run early."""

    soon: asyncio.Event = field(default_factory=asyncio.Event)
    """Start nothing more; let running trials end."""
    now: asyncio.Event = field(default_factory=asyncio.Event)
    """End running trials too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What an engine is given."""

    groups: Sequence[Group]
    bench: Bench
    jobs: int
    """Trials at one time."""
    attempts: int
    """Most executions of a trial, while something of ours breaks."""
    made: Mapping[str, int]
    """How many attempts a trial has already, by its id."""
    back_off_s: float = 1.0
    """Pause before the second execution; it doubles each time."""
    past: Sequence[Attempt] = ()
    """What was executed before: it tells how long trials take."""
    patience: Patience = field(default_factory=Patience)
    """What was found broken before, too."""


class Engine(Protocol):
    """A way to execute a plan; an entry point of `harness_bench.engines`."""

    is_elsewhere: ClassVar[bool]
    """Whether trials run on machines that it looks at itself, and not on this one."""

    def execute(self, work: Work, stop: Stop) -> AsyncGenerator[Event]:
        """Execute all groups, each with its model started once.

        Raises:
            OSError: The run folder or the scratch folder cannot be written.
        """
        ...
