"""Which trials a worker gets: few loads of models, and all workers busy to the end.

A worker keeps the model that it has. Otherwise it takes the one with the most work
left for each worker that has it. A chunk is half of what is left for each of these:
long ones first. One that begins with a load is so long that loading is a twentieth of
it at most.
"""

import math
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from runner.plan import Group, Trial
from runner.run_folder.attempt import Attempt
from runner.spec import ModelSpec

_WORK_PER_LOAD: Final = 20
"""A chunk takes so many times what loading takes."""
_TRIAL_S: Final = 60.0
"""Where no trial of the model has ended yet."""
_BYTES_PER_S: Final = 500e6
"""Of a model file, from a disk into memory."""


class Waiting:
    """The trials of a run that no worker has.

    Args:
        groups: What is to be run, in the order of the plan.
        past: What was executed before: how long trials take.
    """

    def __init__(self, groups: Sequence[Group], past: Iterable[Attempt] = ()) -> None:
        self._groups = [(group.model.label, deque(group.trials)) for group in groups]
        self._place = {
            trial.id: place
            for place, group in enumerate(groups)
            for trial in group.trials
        }
        loads = Counter(label for label, _ in self._groups)
        self._in_order = any(count > 1 for count in loads.values())
        self._load_s = {group.model.label: _guess_s(group.model) for group in groups}
        self._took: dict[str, tuple[int, float]] = {}
        labels = {
            (group.model.sweep, group.model.name, group.model.quant): group.model.label
            for group in groups
        }
        for each in past:
            row = each.record
            if label := labels.get((row.sweep or "", row.model, row.quant or "")):
                self.note(label, each)

    def __len__(self) -> int:
        return sum(len(trials) for _, trials in self._groups)

    def note(self, label: str, attempt: Attempt) -> None:
        """Learn how long a trial of a model takes."""
        row = attempt.record
        parts = [row.agent_time_s, row.grade_time_s]
        seconds = sum(part for part in parts if part is not None)
        if seconds:
            count, total = self._took.get(label, (0, 0.0))
            self._took[label] = (count + 1, total + seconds)

    def note_load(self, label: str, seconds: float) -> None:
        """Learn how long a model takes to load."""
        self._load_s[label] = max(seconds, self._load_s.get(label, 0.0))

    def take(
        self,
        held: str | None,
        *,
        fit: Collection[str],
        holders: Mapping[str, int],
    ) -> tuple[Trial, ...]:
        """The next chunk of a worker; empty: there is none for it now.

        Args:
            held: The model that it has loaded.
            fit: The models that it can run.
            holders: How many other workers have work of each model.
        """
        best: tuple[float, int] | None = None
        seen = set()
        for place, (label, trials) in enumerate(self._groups):
            if not trials or label in seen or label not in fit:
                continue
            seen.add(label)
            others = holders.get(label, 0)
            if label != held and others and len(trials) < self._least(label):
                continue  # it would load for longer than that is worth
            left_s = len(trials) * self._trial_s(label) / (1 + others)
            rank = float(-place) if self._in_order else left_s
            rank = math.inf if label == held else rank
            if best is None or rank > best[0]:
                best = rank, place
        if best is None:
            return ()
        label, trials = self._groups[best[1]]
        least = 1 if label == held else self._least(label)
        share = math.ceil(len(trials) / (2 * (1 + holders.get(label, 0))))
        number = min(len(trials), max(share, least))
        return tuple(trials.popleft() for _ in range(number))

    def put_back(self, trials: Iterable[Trial]) -> None:
        """Take what a worker has not done; it comes first."""
        for trial in reversed(tuple(trials)):
            self._groups[self._place[trial.id]][1].appendleft(trial)

    def has_any_of(self, models: Collection[str]) -> bool:
        """Whether a trial of one of these models waits."""
        return any(trials and label in models for label, trials in self._groups)

    def drop(self, lost: Callable[[Trial], bool]) -> None:
        """Forget those that need something which is given up."""
        self._groups = [
            (label, deque(trial for trial in trials if not lost(trial)))
            for label, trials in self._groups
        ]

    def _least(self, label: str) -> int:
        """Trials of a chunk for which a model is loaded."""
        return math.ceil(_WORK_PER_LOAD * self._load_s[label] / self._trial_s(label))

    def _trial_s(self, label: str) -> float:
        count, total = self._took.get(label, (0, 0.0))
        return total / count if count else _TRIAL_S


def _guess_s(model: ModelSpec) -> float:
    """How long a model loads, before anybody has seen it."""
    file = getattr(model.model, "gguf", None)
    try:
        size = file.stat().st_size if isinstance(file, Path) else 0
    except OSError:
        size = 0
    return size / _BYTES_PER_S
