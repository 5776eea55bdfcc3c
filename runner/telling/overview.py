"""How far a run is, model by model, and how long the rest may take."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness_bench.schema import Status
from runner.run_folder.attempt import Attempt
from runner.run_folder.ledger import Attempts
from runner.run_folder.plan_file import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class ComboProgress:
    """The trials of one model in one harness."""

    model: str
    harness: str
    planned: int
    valid: int
    """Those with an attempt that says something about the agent."""
    statuses: Mapping[Status, int]
    """Of the trials that have an attempt: how the one that counts ended."""
    attempts: int
    """Executions in all, repeated ones included."""
    left_s: float | None
    """How long the rest may take, one trial at a time; None: nothing to go by."""


def overview(
    planned: Sequence[Planned], attempts: Attempts
) -> tuple[ComboProgress, ...]:
    """A part for each model and harness, in the order of the plan.

    What is left is estimated from the mean of finished trials: of the same model and
    harness, else of the same model, else of all.
    """
    cells: dict[tuple[str, str], list[Planned]] = defaultdict(list)
    for trial in planned:
        cells[trial.model, trial.harness].append(trial)
    valid = attempts.valid
    took: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for trial in planned:
        found = valid.get(trial.id)
        seconds = None if found is None else _seconds(found)
        if seconds is not None:
            for key in _keys(trial.model, trial.harness):
                took[key].append(seconds)
    parts = []
    for (model, harness), trials in cells.items():
        done = sum(trial.id in valid for trial in trials)
        known = next((took[key] for key in _keys(model, harness) if took[key]), None)
        rest = len(trials) - done
        ended = [
            valid.get(trial.id, attempts.by_trial[trial.id][-1]).record.status
            for trial in trials
            if trial.id in attempts.by_trial
        ]
        parts.append(
            ComboProgress(
                model=model,
                harness=harness,
                planned=len(trials),
                valid=done,
                statuses=Counter(status for status in ended if status is not None),
                attempts=sum(
                    len(attempts.by_trial.get(trial.id, ())) for trial in trials
                ),
                left_s=rest * sum(known) / len(known) if known else None,
            )
        )
    return tuple(parts)


def _seconds(attempt: Attempt) -> float | None:
    parts = (attempt.record.agent_time_s, attempt.record.grade_time_s)
    known = [seconds for seconds in parts if seconds is not None]
    return sum(known) if known else None


def _keys(model: str, harness: str) -> tuple[tuple[str, ...], ...]:
    return (model, harness), (model,), ()
