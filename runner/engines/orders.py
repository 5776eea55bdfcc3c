"""What a coordinator and its workers tell each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from runner.run_folder.attempt import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a worker has to be fit for."""

    definitions: Mapping[str, Any]
    """Of the trials that are left to do; see `run_lock.definitions`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitness:
    """What a worker may be given."""

    problem: str = ""
    """Why it gets no work, in one line; empty: it may."""
    models: frozenset[str] = frozenset()
    """Those that it can run, by their labels."""
    without: tuple[str, ...] = ()
    """Why it cannot run the others, a line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Trials of one model for one worker."""

    number: int
    """Of this order: whoever has an older one for the same trials is told to stop."""
    coordinator: str
    """Where it listens."""
    trials: tuple[str, ...]
    """Ids."""
    made: Mapping[str, int]
    """How many attempts a trial has already, by its id."""
    attempts: int
    back_off_s: float


class Standing(IntEnum):
    """How an order stands, in the eyes of the coordinator."""

    GO = 0
    SOON = 1
    """Start nothing more."""
    NOW = 2
    """End everything: it is withdrawn, or a person wants it so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event, without what only its own machine can understand."""

    kind: str
    """The name of its class."""
    trial: str = ""
    attempt: Attempt | None = None
    again: bool = False
    what: str = ""
    text: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a worker's work on an order ended."""

    machine: str = ""
    """Why it should get no more; empty: it can."""
    unfit: tuple[str, ...] = ()
    """Models that do not work there."""
