"""What a run has come to, as its events tell it: counts, rates, what is left."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from harness_bench.schema import Status
from runner.plan import Group, Trial
from runner.telling.events import (
    AttemptEnded,
    Event,
    GivenUp,
    ModelLoading,
    ModelStarted,
    Noticed,
    TrialStarted,
)


class Stretch:
    """Trials one after the other: how fast they end, how long the rest may take."""

    def __init__(self, trials: int, began: float) -> None:
        self.trials = trials
        self.ended = 0
        self._began = began

    def per_s(self, now: float) -> float:
        """Trials that end in a second."""
        return self.ended / max(now - self._began, 1e-3)

    def left_s(self, now: float) -> float | None:
        """Seconds that the rest may take; None: nothing to go by."""
        rate = self.per_s(now)
        return (self.trials - self.ended) / rate if rate else None


class RunProgress:
    """Follows a run, event by event."""

    def __init__(
        self,
        groups: Sequence[Group],
        *,
        done: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.done_before = done
        self.all = Stretch(sum(len(group.trials) for group in groups), clock())
        self.group: Group | None = None
        """That of the model which is loaded, or is being loaded."""
        self.of_group = Stretch(0, clock())
        self.loading_s: float | None = None
        """How long the model has been loading; None: it is ready."""
        self.statuses: Counter[Status] = Counter()
        """How trials ended for now; what is tried again is not among them."""
        self.repeated = 0
        """Attempts that were tried again."""
        self._running: dict[str, tuple[Trial, float]] = {}
        self._clock = clock

    @property
    def total(self) -> int:
        """Planned trials, those that were done before among them."""
        return self.done_before + self.all.trials

    @property
    def done(self) -> int:
        """Trials that have ended, for now."""
        return self.done_before + self.all.ended

    @property
    def failures(self) -> Mapping[Status, int]:
        """How many did not pass, by status."""
        return {
            status: count
            for status, count in sorted(self.statuses.items())
            if status is not Status.PASS
        }

    def now(self) -> float:
        """The time that rates are asked for."""
        return self._clock()

    def running(self) -> tuple[tuple[Trial, float], ...]:
        """What is executed now, and for how many seconds."""
        now = self.now()
        return tuple((trial, now - began) for trial, began in self._running.values())

    def note(self, event: Event) -> None:
        """Take what happened."""
        match event:
            case ModelLoading(group=group, seconds=seconds):
                self.group, self.loading_s = group, seconds
                self.of_group = Stretch(len(group.trials), self.now())
            case ModelStarted(group=group):
                self.group, self.loading_s = group, None
                self.of_group = Stretch(len(group.trials), self.now())
            case TrialStarted(trial=trial):
                self._running[trial.id] = (trial, self.now())
            case AttemptEnded():
                self._ended(event)
            case GivenUp() | Noticed():
                pass

    def _ended(self, event: AttemptEnded) -> None:
        self._running.pop(event.trial.id, None)
        if event.again:
            self.repeated += 1
            return
        self.all.ended += 1
        self.of_group.ended += 1
        if event.attempt.record.status is not None:
            self.statuses[event.attempt.record.status] += 1
