"""What an engine tells while it executes a plan."""

from dataclasses import dataclass
from typing import TypeAlias

from runner.plan import Group, Trial
from runner.run_folder.attempt import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLoading:
    """A group's model is still not ready: told now and then."""

    group: Group
    seconds: float
    """Since it was started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStarted:
    """A group's model is ready to answer."""

    group: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """Something cannot be used any more; trials that need it are left."""

    what: str
    """A model, harness or task by its name, or the machine."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """Something that a person should know, once; the run goes on as it would."""

    what: str
    """A model by its name."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStarted:
    """An execution of a trial begins."""

    trial: Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnded:
    """An execution of a trial ended; whoever hears of it first keeps it."""

    trial: Trial
    attempt: Attempt
    again: bool
    """Whether the trial is executed once more, because something of ours broke."""


Event: TypeAlias = (
    ModelLoading | ModelStarted | GivenUp | Noticed | TrialStarted | AttemptEnded
)
