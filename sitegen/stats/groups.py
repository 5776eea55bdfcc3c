"""Tasks that are alike in one thing, and who does how well on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sitegen.keys import ComboKey, GroupKey, HarnessKey, KeyT, QuantKey, TaskKey
from sitegen.stats.counts import counts_in
from sitegen.stats.standings import Standing, standings
from sitegen.stats.trials import Axis, Trials

_LEVELS = (
    "trivial",
    "very easy",
    "easy",
    "beginner",
    "medium",
    "intermediate",
    "hard",
    "advanced",
    "very hard",
    "expert",
)
"""Values that have an order of their own, from the least."""


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
    """Each group of the scope: by column, then by level, then by value.

    A column that says the same of all tasks groups nothing.
    """
    found = {}
    for column, values in told.items():
        members: dict[GroupKey, list[TaskKey]] = {}
        for task in trials.task.labels:
            if value := values.get(task.task):
                members.setdefault(GroupKey(column, value), []).append(task)
        if len(members) < 2:  # noqa: PLR2004 - one groups nothing
            continue
        own, group = _in_one(trials, members)
        rated, place = _in_one(counted, members)
        whole = _unranked(own, group, group)
        models = _unranked(rated, place, rated.quant)
        harnesses = _unranked(rated, place, rated.harness)
        combos = _unranked(rated, place, rated.combo)
        for key in group.labels:
            found[key] = InGroup(
                tasks=tuple(members[key]),
                whole=whole[key][0],
                model_quants=models.get(key, ()),
                harnesses=harnesses.get(key, ()),
                combos=combos.get(key, ()),
            )
    return found


def _in_one(
    trials: Trials, members: Mapping[GroupKey, Sequence[TaskKey]]
) -> tuple[Trials, Axis[GroupKey]]:
    """The measured trials of tasks that are in a group, and in which each is."""
    groups = tuple(sorted(members, key=_place))
    of = {task: code for code, group in enumerate(groups) for task in members[group]}
    codes = np.array([of.get(task, -1) for task in trials.task.labels])
    own = trials.where((codes[trials.task.codes] >= 0) & trials.measured)
    now = np.array([of[task] for task in own.task.labels], dtype=np.int64)
    return own, Axis(labels=groups, codes=now[own.task.codes])


def _place(group: GroupKey) -> tuple[int, str]:
    level = group.value.lower().replace("-", " ").replace("_", " ")
    known = _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)
    return known, group.value


def _unranked(
    own: Trials, group: Axis[GroupKey], axis: Axis[KeyT]
) -> dict[GroupKey, tuple[Standing[KeyT], ...]]:
    found = counts_in(own, group, axis, own.task)
    return {key: standings(each) for key, each in found.items()}
