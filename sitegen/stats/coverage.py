"""What became of every trial of a combo: measured, or lost to what."""

from dataclasses import dataclass

import numpy as np

from sitegen.keys import ComboKey
from sitegen.stats.trials import BoolArray, Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Rows of one combo by what they tell."""

    key: ComboKey
    rows: int
    measured: int
    """In the denominator."""
    infra: int
    """Lost to server, sandbox, set-up or grader: says nothing of the agent."""
    cancelled: int
    void: int
    """Voided for cheating; counted as failed."""
    tasks: int
    """Tasks with a measured trial."""
    tasks_in_scope: int


def coverage(trials: Trials) -> tuple[Coverage, ...]:
    """One line a combo, in label order."""
    n = len(trials.combo)

    def by_combo(mask: BoolArray) -> list[int]:
        found = np.bincount(trials.combo.codes[mask], minlength=n)
        return [int(count) for count in found]

    n_tasks = len(trials.task)
    _, cells = trials.cells(trials.measured)
    columns = zip(
        trials.combo.labels,
        by_combo(np.ones(len(trials), dtype=np.bool_)),
        by_combo(trials.measured),
        by_combo(trials.infra),
        by_combo(trials.cancelled),
        by_combo(trials.void),
        np.bincount(cells // n_tasks, minlength=n),
        strict=True,
    )
    return tuple(
        Coverage(
            key=key,
            rows=rows,
            measured=measured,
            infra=infra,
            cancelled=cancelled,
            void=void,
            tasks=int(tasks),
            tasks_in_scope=n_tasks,
        )
        for key, rows, measured, infra, cancelled, void, tasks in columns
    )
