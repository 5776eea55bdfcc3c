"""What the ledger holds that the plan does not: trials under older definitions.

A trial whose model, harness, task or limits were changed is another trial. The older
one stays in the ledger; of cells.csv it is no part, and whoever reads the run is told.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from runner.plan import Trial
from runner.run_folder.ledger import Attempts
from runner.run_folder.run_lock import what_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Older:
    """How much no longer counts, and what becomes of it."""

    attempts: int
    anew: int = 0
    """Trials that are run anew, for their cells were measured under another
    definition."""
    change: str = ""
    """What was changed first, where that is known."""

    def __str__(self) -> str:
        """One line; empty: all counts."""
        if not self.attempts:
            return ""
        many = self.attempts > 1
        earlier = f"{self.attempts} earlier attempt{'s' if many else ''}"
        advice = "`export --all-definitions` shows all"
        if not self.anew:
            left_out = f"under older definitions {'are' if many else 'is'} left out"
            return f"{earlier} {left_out}; {advice}"
        no_longer = f"no longer {'count' if many else 'counts'}"
        change = f" ({self.change})" if self.change else ""
        trials = "trial is" if self.anew == 1 else "trials are"
        return (
            f"{earlier} {no_longer}: model, harness, task or limits have changed"
            f"{change}; {self.anew} {trials} run anew; {advice}"
        )


def older(
    attempts: Attempts,
    planned: Collection[str],
    *,
    left: Iterable[Trial] = (),
    change: str = "",
) -> Older:
    """What of a ledger no longer counts.

    Without `planned`, the settings are not known, and all counts.
    """
    gone = {
        trial: found
        for trial, found in attempts.by_trial.items()
        if planned and trial not in planned
    }
    cells = {found[0].record.identity for found in gone.values()}
    anew = sum(trial.identity in cells for trial in left)
    return Older(
        attempts=sum(map(len, gone.values())),
        anew=anew,
        change=change if anew else "",
    )


def older_of_run(
    folder: Path,
    attempts: Attempts,
    *,
    everything: Collection[Trial],
    left: Iterable[Trial],
) -> Older:
    """The same before a run begins."""
    ids = {trial.id for trial in everything}
    change = what_changed(folder, tuple(everything))
    return older(attempts, ids, left=left, change=change)
