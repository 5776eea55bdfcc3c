"""How often one thing may fail before the trials that need it are left.

Each infrastructure status blames one thing. A dead server, a harness that is not
there, a task whose tests are broken or a full disk would otherwise cost every trial
all its attempts, and some of them half an hour each. A server that is well when it is
asked afterwards is never given up, whatever words it has for a trial's failure. A task
that was edited while the run goes on is given up at once.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from harness_bench.schema import Status
from runner.judging.blame import Again, Blame, Judgement
from runner.plan import Trial

MACHINE: Final = "this machine"
"""What is given up where no sandbox works."""
_ENOUGH: Final = 3
"""Trials in a row; each has had all its attempts."""

_BLAMED: Final[Mapping[Status, Callable[[Trial], str]]] = MappingProxyType(
    {
        Status.INFRA_SERVER: lambda trial: trial.model.label,
        Status.INFRA_SETUP: lambda trial: f"harness {trial.harness.label}",
        Status.INFRA_GRADER: lambda trial: f"task {trial.task.name}",
        Status.INFRA_SANDBOX: lambda _: MACHINE,
    }
)
"""What a status says is broken."""


class Patience:
    """Counts failures of each thing until it works again."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()
        self._worked: set[tuple[str, str]] = set()

    def note(
        self, trial: Trial, found: Status, judgement: Judgement | None = None
    ) -> str | None:
        """Take the end of a trial, after all its attempts.

        Args:
            trial: What was executed.
            found: Its status.
            judgement: Whom its end is blamed on, where it was judged.

        Returns:
            What is given up from now on; None: nothing new.
        """
        if found.is_measured:
            self._worked.add(_pair(trial))
            for what in _needs(trial):
                self._in_a_row.pop(what, None)
        if found not in _BLAMED or (judgement and not judgement.gives_up):
            return None
        is_of_pair = judgement is not None and judgement.blame is Blame.SETUP
        what = _together(trial) if is_of_pair else _BLAMED[found](trial)
        before = self._in_a_row[what]
        self._in_a_row[what] += _ENOUGH if is_for_good(judgement) else 1
        return what if before < _ENOUGH <= self._in_a_row[what] else None

    def is_lost_on(self, trial: Trial) -> bool:
        """Whether the trial needs something that was given up."""
        return any(self._in_a_row[what] >= _ENOUGH for what in _needs(trial))

    def has_worked(self, trial: Trial) -> bool:
        """Whether a trial of its model with its harness was measured before."""
        return _pair(trial) in self._worked


def is_for_good(judgement: Judgement | None) -> bool:
    """Whether no trial of the task can be judged in this run: it is another one now."""
    return (
        judgement is not None
        and judgement.blame is Blame.TASK
        and judgement.again is Again.NO
    )


def _pair(trial: Trial) -> tuple[str, str]:
    return trial.model.label, trial.harness.label


def _together(trial: Trial) -> str:
    return f"{trial.model.label} with harness {trial.harness.label}"


def _needs(trial: Trial) -> tuple[str, ...]:
    """All that can be broken for a trial."""
    return (*(blamed(trial) for blamed in _BLAMED.values()), _together(trial))
