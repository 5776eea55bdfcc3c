"""How a run goes, for the person at the terminal.

On a terminal a view that draws over itself, plain lines otherwise, which can be kept
in a file.
"""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final, Protocol, Self

from rich.console import Console, RenderableType
from rich.console import Group as Lines
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

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
from runner.telling.run_progress import RunProgress, Stretch

Say = Callable[[str], None]

_PER_S: Final = 4
"""How often the view is drawn."""
_BAR: Final = 24
"""Columns of a bar."""
_SHOWN: Final = 4
"""Most trials under way that are shown."""


class Progressing(AbstractContextManager["Progressing"], Protocol):
    """Takes what happens and shows it."""

    def tell(self, event: Event) -> None:
        """Show one event."""

    def say(self, text: str) -> None:
        """Show a sentence."""


def progress(groups: Sequence[Group], *, done: int, terminal: bool) -> Progressing:
    """What fits where the output goes."""
    run = RunProgress(groups, done=done)
    console = _Words(stderr=True, highlight=False, soft_wrap=True)
    return _View(console, run) if terminal else _Plain(console, run)


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


class _Words(Console):
    """Standard error; whoever listened may have gone, and the run goes on."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stderr.fileno())
        os.close(nowhere)


class _Plain(AbstractContextManager[Progressing]):
    """A line an event."""

    def __init__(self, console: Console, run: RunProgress) -> None:
        self._console = console
        self._run = run

    def __exit__(self, *_: object) -> None:
        pass

    def tell(self, event: Event) -> None:
        self._run.note(event)
        if text := self._line(event):
            self.say(text)

    def say(self, text: str) -> None:
        self._console.print(Text(text))

    def _line(self, event: Event) -> str | None:
        match event:
            case ModelLoading(group=group, seconds=seconds):
                return f"{group.model.label}: loading, {duration(seconds)}"
            case AttemptEnded():
                place = f"{self._run.done}/{self._run.total}"
                return f"{place} {outcome(event)}{self._remaining()}"
            case _:
                return _headline(event)

    def _remaining(self) -> str:
        left_s = self._run.all.left_s(self._run.now())
        return f" (about {duration(left_s)} left)" if left_s else ""


class _View(AbstractContextManager[Progressing]):
    """Bars for the run and for its model, under lines of what did not pass."""

    def __init__(self, console: Console, run: RunProgress) -> None:
        self._run = run
        self._live = Live(
            console=console,
            get_renderable=lambda: drawn(run),
            refresh_per_second=_PER_S,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def tell(self, event: Event) -> None:
        self._run.note(event)
        if isinstance(event, AttemptEnded):
            if event.attempt.record.status is not Status.PASS:
                self.say(outcome(event))
        elif text := _headline(event):
            self.say(text)

    def say(self, text: str) -> None:
        self._live.console.print(Text(text))


def drawn(run: RunProgress) -> RenderableType:
    """The view of a run, a few lines high."""
    now = run.now()
    bars = Table.grid(padding=(0, 2))
    bars.add_column(overflow="ellipsis", no_wrap=True, max_width=40)
    rows = [("all", run.all, run.done_before)]
    if run.group is not None:
        rows.append((run.group.model.label, run.of_group, 0))
    for name, stretch, before in rows:
        total, ended = before + stretch.trials, before + stretch.ended
        bars.add_row(
            Text(name),
            ProgressBar(total=max(total, 1), completed=ended, width=_BAR),
            Text(f"{ended}/{total}"),
            Text(pace(stretch, now)),
        )
    return Lines(bars, *map(_one_line, _under_way(run)), _one_line(_counts(run)))


def _one_line(text: str) -> Text:
    return Text(text, no_wrap=True, overflow="ellipsis")


def _under_way(run: RunProgress) -> list[str]:
    if run.group is not None and run.loading_s is not None:
        return [f"{run.group.model.label}: loading, {duration(run.loading_s)}"]
    running = run.running()
    lines = [f"{_name(trial)}, {duration(s)}" for trial, s in running[:_SHOWN]]
    more = len(running) - len(lines)
    return [*lines, *([f"and {more} more"] if more else [])]


def _counts(run: RunProgress) -> str:
    words = [f"{run.statuses[Status.PASS]} pass"]
    words += [f"{count} {status}" for status, count in run.failures.items()]
    if run.repeated:
        words.append(f"{run.repeated} tried again")
    return " · ".join(words)


def pace(stretch: Stretch, now: float) -> str:
    """How fast trials end: `8/min, about 2 min left`; empty: nothing to go by."""
    per_s, left_s = stretch.per_s(now), stretch.left_s(now)
    if left_s is None:
        return ""
    per_min = 60 * per_s
    rate = f"{per_min:.0f}/min" if per_min >= 1 else f"{60 * per_min:.1f}/h"
    return f"{rate}, about {duration(left_s)} left" if left_s else rate


def _headline(event: Event) -> str | None:
    """What is said wherever the output goes."""
    match event:
        case ModelStarted(group=group):
            return f"{group.model.label}: ready, {len(group.trials)} trials"
        case GivenUp(what=what, why=why):
            return f"{what}: given up, {why}"
        case Noticed(what=what, text=text):
            return f"{what}: {text}"
        case ModelLoading() | TrialStarted() | AttemptEnded():
            return None


def _name(trial: Trial) -> str:
    _, *combo, task, seed = trial.identity
    return " ".join(filter(None, (*map(str, combo), task, f"seed {seed}")))


def duration(seconds: float) -> str:
    """Seconds as people say them: `3 h 5 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
