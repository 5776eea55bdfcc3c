"""Tasks that are alike in one thing, and who does how well on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sitegen.keys import ComboKey, GroupKey, HarnessKey, QuantKey, TaskKey
from sitegen.stats.counts import counts
from sitegen.stats.standings import Standing, standings
from sitegen.stats.trials import Axis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sitegen.keys import KeyT
    from sitegen.stats.trials import Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class InGroup:
    """One group of tasks: who did how well on it, best first, without ranks."""

    tasks: tuple[TaskKey, ...]
    """By name."""
    whole: Standing[GroupKey]
    model_quants: tuple[Standing[QuantKey], ...]
    harnesses: tuple[Standing[HarnessKey], ...]
    combos: tuple[Standing[ComboKey], ...]


def groups(
    trials: Trials, counted: Trials, told: Mapping[str, Mapping[str, str]]
) -> dict[GroupKey, InGroup]:
    """Each group of the scope, in the order of the columns, then by value.

    A column that says the same of all tasks groups nothing.

    Args:
        trials: The trials of the scope.
        counted: The same as they count for the rates of entities.
        told: By column of tasks.csv, what it says of tasks.
    """
    found = {}
    for column, values in told.items():
        members: dict[str, list[int]] = {}
        for code, task in enumerate(trials.task.labels):
            if value := values.get(task.task):
                members.setdefault(value, []).append(code)
        if len(members) > 1:
            for value, codes in sorted(members.items()):
                group = GroupKey(column, value)
                found[group] = _in_group(trials, counted, group, codes)
    return found


def _in_group(
    trials: Trials, counted: Trials, group: GroupKey, codes: list[int]
) -> InGroup:
    own, rated = (
        found.where(np.isin(found.task.codes, codes) & found.measured)
        for found in (trials, counted)
    )
    all_of_it = Axis(labels=(group,), codes=np.zeros(len(own), dtype=np.int64))
    (whole,) = _unranked(own, all_of_it)
    return InGroup(
        tasks=tuple(trials.task.labels[code] for code in codes),
        whole=whole,
        model_quants=_unranked(rated, rated.quant),
        harnesses=_unranked(rated, rated.harness),
        combos=_unranked(rated, rated.combo),
    )


def _unranked(own: Trials, axis: Axis[KeyT]) -> tuple[Standing[KeyT], ...]:
    return standings(counts(own, axis))
