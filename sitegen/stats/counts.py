"""Counts of one grouping against another: all that the statistics start from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import lcm
from typing import Any, Generic, TypeVar

import numpy as np

from sitegen.keys import Key, KeyT, KeyT_co
from sitegen.measures import TIME
from sitegen.stats.hardware import alike, averaged
from sitegen.stats.intraclass import Agreement, agreement
from sitegen.stats.trials import Axis, IntArray, Trials
from sitegen.texts import firsts

OuterT = TypeVar("OuterT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts(Generic[KeyT_co]):
    """Integer counts, all of shape (groups, clusters), and means over cells.

    The clusters are tasks, except where the groups are tasks themselves; then
    they are combos.
    """

    labels: tuple[KeyT_co, ...]
    trials: IntArray
    """Measured trials."""
    passed: IntArray
    cells: IntArray
    """Distinct cells (combo and task) with a measured trial."""
    rates: tuple[Fraction | None, ...]
    """Of each group, the mean over its cells of the mean over a cell's trials: a cell
    weighs the same however often it ran. None without a measured trial."""
    times_s: tuple[Fraction | None, ...]
    """The same of the time in the agent, over the cells of which one is known; None
    where they ran on unlike hardware."""
    beside: tuple[bool, ...]
    """Whether these times were measured on what most of all were."""
    inverse: tuple[Fraction, ...]
    """Of each group, the sum over its cells of 1 / trials."""

    @property
    def agreement(self) -> Agreement:
        """How much the trials of one cluster agree, pooled over the groups."""
        return agreement(self.passed, self.trials)


def counts(
    trials: Trials, axis: Axis[KeyT], across: Axis[Key] | None = None
) -> Counts[KeyT]:
    """Count every group of `axis` in every cluster: `across`, or else the tasks."""
    clusters: Axis[Key] = across or trials.task
    shape = (len(axis), len(clusters))
    cells = Cells(trials, axis)
    group, hardware = axis.codes[cells.first], alike(trials, axis, TIME)
    at = group, clusters.codes[cells.first]
    return Counts(
        labels=axis.labels,
        **_added(at, cells.counted, shape),
        **cells.means(group, shape[0]),
        beside=tuple(hardware.compared.tolist()),
    )


def counts_in(
    trials: Trials, outer: Axis[OuterT], axis: Axis[KeyT], across: Axis[Key]
) -> dict[OuterT, Counts[KeyT]]:
    """The same of the measured trials of each label of `outer`, all in one pass.

    Groups and clusters that were not measured there are left out.
    """
    both = Axis(
        labels=tuple(product(range(len(outer)), axis.labels)),
        codes=outer.codes * len(axis) + axis.codes,
    )
    cells = Cells(trials, both)
    used, group = np.unique(both.codes[cells.first], return_inverse=True)
    hardware = alike(trials, both, TIME, outer)
    means = cells.means(group, len(used)) | {
        "beside": tuple(hardware.compared[used].tolist())
    }
    labels = [axis.labels[code] for code in (used % len(axis)).tolist()]
    ends = np.searchsorted(used, np.arange(len(outer) + 1) * len(axis)).tolist()
    # Cells in the order of their groups, and so of what is told apart.
    order = np.argsort(group, kind="stable")
    cuts = np.searchsorted(group[order], ends)
    clusters = across.codes[cells.first]
    found = {}
    for place, label in enumerate(outer.labels):
        here = order[cuts[place] : cuts[place + 1]]
        low, high = ends[place], ends[place + 1]
        columns, column = np.unique(clusters[here], return_inverse=True)
        at, shape = (group[here] - low, column), (high - low, len(columns))
        found[label] = Counts(
            labels=tuple(labels[low:high]),
            **_added(at, {n: x[here] for n, x in cells.counted.items()}, shape),
            **{name: each[low:high] for name, each in means.items()},
        )
    return found


class Cells:
    """The cells with a measured trial: combo and task."""

    def __init__(self, trials: Trials, axis: Axis[Any]) -> None:
        measured = np.flatnonzero(trials.measured)
        inverse, used = trials.cells(measured)
        ran = np.bincount(inverse, minlength=len(used))
        self.first = measured[firsts(inverse)]
        """Of each, a trial that stands for it."""
        self.of_trial = inverse
        """Of each measured trial, in their order, the place of its cell."""
        time = averaged(trials, axis, TIME)
        known = time.known[measured]
        won = np.bincount(inverse[trials.passed[measured]], minlength=len(ran))
        self._timed = np.bincount(inverse[known], minlength=len(ran))
        self._spent = np.zeros(len(ran), dtype=np.int64)
        np.add.at(self._spent, inverse[known], time.steps[measured][known])
        self.counted: dict[str, Any] = {
            "trials": ran,
            "passed": won,
            "cells": np.ones_like(ran),
        }

    def means(self, group: IntArray, n_groups: int) -> dict[str, Any]:
        """What `Counts` has of each group."""
        ran, won, once = (self.counted[n] for n in ("trials", "passed", "cells"))
        n_timed = np.bincount(group[self._timed > 0], minlength=n_groups)
        spent = sums(group, self._spent, self._timed, n_groups)
        return {
            "rates": self.rates(group, won, n_groups),
            "times_s": means(spent, n_timed, TIME.steps),
            "inverse": tuple(sums(group, once, ran, n_groups)),
        }

    def rates(
        self, group: IntArray, won: IntArray, n_groups: int
    ) -> tuple[Fraction | None, ...]:
        """Of each group, the mean over its cells of what each of them won."""
        n_cells = np.bincount(group, minlength=n_groups)
        return means(sums(group, won, self.counted["trials"], n_groups), n_cells, 1)


def _added(
    at: tuple[IntArray, ...], counted: Mapping[str, IntArray], shape: tuple[int, int]
) -> dict[str, Any]:
    """What was counted of cells, by group and cluster."""
    found = {name: np.zeros(shape, dtype=np.int64) for name in counted}
    for name, values in counted.items():
        np.add.at(found[name], at, values)
    return found


def sums(
    group: IntArray, total: IntArray, size: IntArray, n_groups: int
) -> list[Fraction]:
    """Sums over the cells of each group of total / size.

    Args:
        group: Shape (n_cells,): the group of each cell.
        total: Shape (n_cells,): what its trials add up to.
        size: Shape (n_cells,): how many they are; 0 for one that is not known.
        n_groups: How many groups there are.
    """
    sizes = np.unique(size[size > 0]).tolist()
    unit = lcm(*sizes)
    found = [0] * n_groups
    for each in sizes:
        own = size == each
        whole = np.zeros(n_groups, dtype=np.int64)
        np.add.at(whole, group[own], total[own])
        for index in np.flatnonzero(whole).tolist():
            found[index] += int(whole[index]) * (unit // each)
    return [Fraction(each, unit) for each in found]


def means(
    sums: Sequence[Fraction], n: IntArray, unit: int
) -> tuple[Fraction | None, ...]:
    """Of each group, the mean over its `n` cells, in steps of 1/unit."""
    return tuple(
        total / (int(count) * unit) if count else None
        for total, count in zip(sums, n, strict=True)
    )
