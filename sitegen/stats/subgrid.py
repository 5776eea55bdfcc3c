"""The complete part of a sweep: models and harnesses that ran the same tasks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from sitegen.keys import HarnessKey, KeyT, QuantKey, TaskKey
from sitegen.stats.trials import IntArray

if TYPE_CHECKING:
    from sitegen.stats.trials import BoolArray, Trials

_FEWEST = 2
"""Labels that an axis keeps: with fewer there is nothing to compare."""
_ORDER = (2, 0, 1)
"""Of equal shares the task goes first, then the model, then the harness."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgrid:
    """Models x harnesses x tasks without a gap, and what was left out for it."""

    models: tuple[QuantKey, ...]
    harnesses: tuple[HarnessKey, ...]
    tasks: tuple[TaskKey, ...]
    trials: IntArray
    """Shape (models, harnesses, tasks): measured trials, all of them 1 or more."""
    passed: IntArray
    without_models: tuple[QuantKey, ...]
    """Left out."""
    without_harnesses: tuple[HarnessKey, ...]
    without_tasks: tuple[TaskKey, ...]
    outside: int
    """Measured cells that are left out with them."""
    outside_combo: tuple[int, ...]
    """Measured cells of each combo inside that are left out, models first."""
    outside_task: tuple[int, ...]
    """Measured cells of each task inside that are left out."""


def subgrid(trials: Trials) -> Subgrid | None:
    """The complete shared sub-grid; None without two models, harnesses and tasks.

    Main effects mean something only where every model met every harness on the
    same tasks: elsewhere a harness that was tried with weak models looks weak.
    The largest complete sub-grid is hard to find (it is the maximum biclique
    problem), so the model, harness or task with the largest share of missing
    cells is left out, one at a time, until none is missing or two are left on
    every axis: of equals the task first, then the model, then the harness, the
    last by name. A sub-grid that this does not find counts as none.
    """
    shape = (len(trials.quant), len(trials.harness), len(trials.task))
    position = (trials.quant.codes * shape[1] + trials.harness.codes) * shape[
        2
    ] + trials.task.codes
    size = shape[0] * shape[1] * shape[2]
    n = np.bincount(position[trials.measured], minlength=size).reshape(shape)
    passed = np.bincount(position[trials.passed], minlength=size).reshape(shape)
    kept = _complete(n > 0)
    if kept is None:
        return None
    models, harnesses, tasks = kept
    inside = n[np.ix_(models, harnesses, tasks)]
    any_task = n[np.ix_(models, harnesses, np.arange(shape[2]))] > 0
    any_combo = np.count_nonzero(n > 0, axis=(0, 1))
    model_in, model_out = _parted(trials.quant.labels, models)
    harness_in, harness_out = _parted(trials.harness.labels, harnesses)
    task_in, task_out = _parted(trials.task.labels, tasks)
    return Subgrid(
        models=model_in,
        harnesses=harness_in,
        tasks=task_in,
        trials=inside,
        passed=passed[np.ix_(models, harnesses, tasks)],
        without_models=model_out,
        without_harnesses=harness_out,
        without_tasks=task_out,
        outside=int(np.count_nonzero(n)) - inside.size,
        outside_combo=tuple(
            int(count) - len(tasks)
            for count in np.count_nonzero(any_task, axis=2).ravel()
        ),
        outside_task=tuple(
            int(any_combo[task]) - len(models) * len(harnesses) for task in tasks
        ),
    )


def _parted(
    labels: tuple[KeyT, ...], kept: IntArray
) -> tuple[tuple[KeyT, ...], tuple[KeyT, ...]]:
    """Those at the places kept, and the others."""
    inside = set(kept.tolist())
    return (
        tuple(label for place, label in enumerate(labels) if place in inside),
        tuple(label for place, label in enumerate(labels) if place not in inside),
    )


def _complete(there: BoolArray) -> tuple[IntArray, IntArray, IntArray] | None:
    """Indices of the models, harnesses and tasks that are left."""
    axes = [np.arange(size) for size in there.shape]
    if min(there.shape) < _FEWEST:
        return None
    while not there.all():
        spare = [axis for axis in _ORDER if there.shape[axis] > _FEWEST]
        if not spare:
            return None
        counts = {axis: _present(there, axis) for axis in spare}
        axis = min(spare, key=lambda a: Fraction(int(counts[a].min()), _size(there, a)))
        worst = len(counts[axis]) - 1 - int(np.argmin(counts[axis][::-1]))
        there = np.delete(there, worst, axis=axis)
        axes[axis] = np.delete(axes[axis], worst)
    return axes[0], axes[1], axes[2]


def _present(there: BoolArray, axis: int) -> IntArray:
    """Cells that are there, of each index along an axis."""
    others = tuple(a for a in range(3) if a != axis)
    found: IntArray = np.count_nonzero(there, axis=others).astype(np.int64)
    return found


def _size(there: BoolArray, axis: int) -> int:
    """Cells of one index along an axis."""
    return int(there.size) // int(there.shape[axis])
