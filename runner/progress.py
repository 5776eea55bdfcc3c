"""How a run goes, for the person at the terminal.

A bar with rate and remaining time on a terminal, plain lines otherwise; the first draws
over itself, the second can be kept in a file.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from harness_bench.schema import Status
from runner.events import AttemptEnded, Event, GivenUp, ModelStarted, TrialStarted
from runner.plan import Group, Trial

Say = Callable[[str], None]


class Progressing(AbstractContextManager["Progressing"], Protocol):
    """Takes what happens and shows it."""

    def tell(self, event: Event) -> None:
        """Show one event."""
        ...

    def say(self, text: str) -> None:
        """Show a sentence."""
        ...


def progress(groups: Sequence[Group], *, done: int, terminal: bool) -> Progressing:
    """What fits where the output goes.

    Args:
        groups: What will be executed.
        done: Trials that were finished before.
        terminal: Whether standard error is one.
    """
    total = done + sum(len(group.trials) for group in groups)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if terminal:
        return _Bar(console, total=total, done=done)
    return _Lines(console, total=total, done=done)


def outcome(event: AttemptEnded) -> str:
    """One line on an attempt that ended: `oracle mini sum-file seed 1: pass, 0.4 s`."""
    record = event.attempt.record
    words = [f"{_name(event.trial)}: {record.status}"]
    if record.agent_time_s is not None:
        words.append(f"{record.agent_time_s:.1f} s")
    if record.calls is not None:
        words.append(f"{record.calls} {'call' if record.calls == 1 else 'calls'}")
    if event.attempt.detail and record.status is not Status.PASS:
        words.append(event.attempt.detail)
    if event.again:
        words.append("trying again")
    return ", ".join(words)


class _Lines(AbstractContextManager[Progressing]):
    """A line an event."""

    def __init__(self, console: Console, *, total: int, done: int) -> None:
        self._console = console
        self._total = total
        self._done = done
        self._at_first = done
        self._began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        pass

    def tell(self, event: Event) -> None:
        match event:
            case ModelStarted(group=group):
                self.say(f"{_model(group)}: ready, {len(group.trials)} trials")
            case GivenUp(what=what, why=why):
                self.say(f"{what}: given up, {why}")
            case AttemptEnded():
                self._done += not event.again
                place = f"{self._done}/{self._total}"
                self.say(f"{place} {outcome(event)}{self._remaining()}")
            case TrialStarted():
                pass

    def say(self, text: str) -> None:
        self._console.print(Text(text))

    def _remaining(self) -> str:
        own = self._done - self._at_first
        left = self._total - self._done
        if not own or not left:
            return ""
        seconds = (time.monotonic() - self._began) / own * left
        return f" (about {duration(seconds)} left)"


class _Bar(AbstractContextManager[Progressing]):
    """A bar over the lines of what did not pass."""

    def __init__(self, console: Console, *, total: int, done: int) -> None:
        self._drawn = Progress(
            SpinnerColumn(),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[now]}"),
            console=console,
        )
        self._bar = self._drawn.add_task(
            "", total=total, completed=done, rate="", now=""
        )
        self._own = 0
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._drawn.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._drawn.stop()

    def tell(self, event: Event) -> None:
        match event:
            case ModelStarted(group=group):
                self.say(f"{_model(group)}: ready, {len(group.trials)} trials")
            case GivenUp(what=what, why=why):
                self.say(f"{what}: given up, {why}")
            case TrialStarted(trial=trial):
                self._drawn.update(self._bar, now=_name(trial))
            case AttemptEnded():
                self._ended(event)

    def say(self, text: str) -> None:
        self._drawn.console.print(Text(text))

    def _ended(self, event: AttemptEnded) -> None:
        if event.attempt.record.status is not Status.PASS:
            self.say(outcome(event))
        if event.again:
            return
        self._own += 1
        rate = 60 * self._own / max(time.monotonic() - self._began, 1e-3)
        self._drawn.update(self._bar, advance=1, rate=f"{rate:.0f}/min")


def _model(group: Group) -> str:
    return " ".join(filter(None, (group.model.name, group.model.quant)))


def _name(trial: Trial) -> str:
    model = " ".join(filter(None, (trial.model.name, trial.model.quant)))
    return f"{model} {trial.harness.name} {trial.task.name} seed {trial.seed}"


def duration(seconds: float) -> str:
    """Seconds as people say them: `3 h 5 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
