"""Tasks that were not run, counted as failed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sitegen.measures import SCORE
from sitegen.stats.trials import Amounts, Axis, IntArray, Trials
from sitegen.texts import firsts


def failed_where_missing(trials: Trials) -> Trials:
    """The trials, and behind them a failed one for each task that a combo left out.

    A combo with a measured trial in a sweep left out a task of it where it has no
    trial of that task in any sweep. What was lost to infrastructure or cancelled was
    tried, and a cell with fewer seeds than others was run.
    """
    n_combos, n_tasks = len(trials.combo), len(trials.task)
    tried = np.zeros((n_combos, n_tasks), dtype=np.bool_)
    tried[trials.combo.codes, trials.task.codes] = True
    parts = []
    for code in range(len(trials.sweep)):
        own = trials.sweep.codes == code
        took_part = np.isin(
            np.arange(n_combos), trials.combo.codes[own & trials.measured]
        )
        of_sweep = np.isin(np.arange(n_tasks), trials.task.codes[own])
        combo, task = np.nonzero(took_part[:, None] & of_sweep & ~tried)
        parts.append((combo, task, np.full(len(combo), code)))
    if not parts:
        return trials
    combo, task, sweep = (np.concatenate(part) for part in zip(*parts, strict=True))
    first = firsts(trials.combo.codes)
    missing = _failed(trials, first[combo], task, sweep)
    return replace(
        trials,
        **{
            name: _behind(getattr(trials, name), getattr(missing, name))
            for name in trials.__slots__
        },
    )


def _failed(trials: Trials, like: IntArray, task: IntArray, sweep: IntArray) -> Trials:
    """Trials of the combos of the rows `like`, of which nothing else is known."""
    nothing = np.zeros(len(like), dtype=np.int64)
    no, unknown = nothing > 0, nothing - 1
    return replace(
        trials,
        **{
            axis: replace(column, codes=column.codes[like])
            for axis in trials.__slots__
            if isinstance(column := getattr(trials, axis), Axis)
        }
        | {
            "task": replace(trials.task, codes=task),
            "sweep": replace(trials.sweep, codes=sweep),
        },
        seed=nothing,
        measured=~no,
        measured_as_run=~no,
        passed=no,
        passed_as_run=no,
        stopped=no,
        measures={
            measure: Amounts(
                steps=nothing, known=~no if measure is SCORE else no, cut=no
            )
            for measure in trials.measures
        },
        hardware=trials.hardware[like],
        mention=unknown,
        access=unknown,
        infra=no,
        cancelled=no,
        void=no,
        confined=unknown,
    )


def _behind(column: Any, more: Any) -> Any:  # noqa: ANN401 - of any field
    match column:
        case Axis():
            return replace(column, codes=np.concatenate([column.codes, more.codes]))
        case Mapping():
            return {
                measure: _behind(own, more[measure]) for measure, own in column.items()
            }
        case Amounts():
            return Amounts(
                steps=np.concatenate([column.steps, more.steps]),
                known=np.concatenate([column.known, more.known]),
                cut=np.concatenate([column.cut, more.cut]),
            )
        case _:
            return np.concatenate([column, more])
