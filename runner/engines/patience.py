"""How often one thing may fail before the trials that need it are left.

Each infrastructure status blames one thing. A dead server, a harness that is not
there, a task whose tests are broken or a full disk would otherwise cost every trial
all its attempts, and some of them half an hour each.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from harness_bench.schema import Status
from runner.plan import Trial

_ENOUGH: Final = 3
"""Trials in a row; each has had all its attempts."""

_BLAMED: Final[Mapping[Status, Callable[[Trial], str]]] = MappingProxyType(
    {
        Status.INFRA_SERVER: lambda trial: trial.model.label,
        Status.INFRA_SETUP: lambda trial: f"harness {trial.harness.label}",
        Status.INFRA_GRADER: lambda trial: f"task {trial.task.name}",
        Status.INFRA_SANDBOX: lambda _: "this machine",
    }
)
"""What a status says is broken."""


class Patience:
    """Counts failures of each thing until it works again."""

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()

    def note(self, trial: Trial, found: Status) -> str | None:
        """Take the end of a trial, after all its attempts.

        Returns:
            What is given up from now on; None: nothing new.
        """
        if found.is_measured:
            for blamed in _BLAMED.values():
                self._in_a_row.pop(blamed(trial), None)
        if found not in _BLAMED:
            return None
        what = _BLAMED[found](trial)
        self._in_a_row[what] += 1
        return what if self._in_a_row[what] == _ENOUGH else None

    def is_lost_on(self, trial: Trial) -> bool:
        """Whether the trial needs something that was given up."""
        return any(
            self._in_a_row[blamed(trial)] >= _ENOUGH for blamed in _BLAMED.values()
        )
