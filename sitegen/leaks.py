"""What the numbers that are told give away of single cells, and what to withhold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np

from sitegen.fixed_cells import told
from sitegen.keys import ComboKey, GroupKey, HarnessKey, Key, QuantKey, TaskKey
from sitegen.stats.results import Results, ToldByTotals
from sitegen.stats.trials import IntArray

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from sitegen.stats.trials import BoolArray

H = TypeVar("H", bound="Hashable")
Numbers: TypeAlias = frozenset[tuple[Key, "Key | str"]]
"""Of which entity on which task, on which group of tasks or in which sweep."""


WHOLE = ""
"""Stands beside the names of sweeps for all that was run: a total of a model or harness
of which not every combo is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Measured cells of every sweep. What ran in two sweeps is there twice."""

    combos: tuple[ComboKey, ...]
    tasks: tuple[TaskKey, ...]
    sweeps: tuple[str | None, ...]
    passed: IntArray
    trials: IntArray
    groups: Mapping[TaskKey, tuple[GroupKey, ...]]
    """What groups each task is in."""

    @staticmethod
    def of(results: Results) -> Cells:
        """The cells behind some results."""
        found: list[tuple[ComboKey, TaskKey, str | None, int, int]] = []
        for task, own in results.all.task_combos.items():
            rest = {s.key: (s.passed, s.n_trials) for s in own}
            for scope in results.sweeps:
                for s in scope.task_combos.get(task, ()):
                    found.append((s.key, task, scope.sweep, s.passed, s.n_trials))
                    passed, n = rest[s.key]
                    rest[s.key] = passed - s.passed, n - s.n_trials
            found += [(key, task, None, p, n) for key, (p, n) in rest.items() if n]
        groups: dict[TaskKey, tuple[GroupKey, ...]] = {}
        for group, one in results.all.in_groups.items():
            for task in one.tasks:
                groups[task] = (*groups.get(task, ()), group)
        return Cells(
            combos=tuple(row[0] for row in found),
            tasks=tuple(row[1] for row in found),
            sweeps=tuple(row[2] for row in found),
            passed=np.array([row[3] for row in found], dtype=np.int64),
            trials=np.array([row[4] for row in found], dtype=np.int64),
            groups=groups,
        )

    def distinct(self, chosen: BoolArray) -> int:
        """How many cells are chosen in all their sweeps."""
        every = set(zip(self.combos, self.tasks, strict=True))
        left = np.flatnonzero(~chosen)
        return len(every - {(self.combos[i], self.tasks[i]) for i in left})

    def count(self, keys: Iterable[H]) -> Counter[H]:
        """Distinct cells under each of the keys, one for each of ours."""
        cells = set(zip(keys, self.combos, self.tasks, strict=True))
        return Counter(key for key, _, _ in cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Which numbers leave."""

    combos: frozenset[ComboKey]
    """Whose totals do."""
    tasks: frozenset[TaskKey]
    numbers: Numbers = frozenset()
    """What else does: of combos, models and harnesses on a task or a group of tasks, of
    combos and tasks in a sweep."""


_ORDER: tuple[tuple[type[Key], type], ...] = (
    (ComboKey, str),
    (TaskKey, str),
    (HarnessKey, str),
    (QuantKey, str),
    (QuantKey, TaskKey),
    (HarnessKey, TaskKey),
    (QuantKey, GroupKey),
    (ComboKey, GroupKey),
    (HarnessKey, GroupKey),
)
"""What is told rather than what comes after it."""


def safe(cells: Cells, listed: Told) -> tuple[Told, ToldByTotals]:
    """The numbers that tell no cell which does not follow from totals.

    What follows is exact for the totals by combo and by task; of other numbers, it is
    what is open where all of it passed or failed. Cells that did not run equally often
    have rate and passes as two totals: they are counted as if each number of trials had
    a total of its own.

    A reader is taken to know more than is told: of each task what every told model,
    harness and sweep did, of each combo every part of it. Then all sums are those of
    the rows and columns of one table, and what they tell is known exactly. An entity
    that would tell too much is told of nowhere: what is missing here and there would
    tell as well.
    """
    kept = replace(listed, numbers=frozenset())
    totals = _totals(cells, kept)
    by_totals = baseline = told(cells.passed, cells.trials, *totals)
    for kind in _ORDER:
        wanted = {
            (key, of) for key, of in listed.numbers if (type(key), type(of)) == kind
        }
        while wanted:
            more = replace(kept, numbers=kept.numbers | wanted)
            follows, beyond = _told(cells, more, totals)
            if kind[1] is not GroupKey:
                beyond |= _alone(cells, more, totals)
            if not beyond.any():
                kept, baseline = more, follows
                break
            places = np.flatnonzero(beyond).tolist()
            guilty = {key for place in places for key, _ in _over(cells, more, place)}
            asked = {key for key, _ in wanted}
            # What is left of a task or combo is known: one alone cannot hide.
            gone = asked & guilty or {max(asked)}
            wanted = {(key, of) for key, of in wanted if key not in gone}
    every, n = np.ones_like(baseline), cells.distinct(by_totals)
    return kept, ToldByTotals(
        cells=cells.distinct(every),
        by_totals=n,
        by_groups=cells.distinct(baseline) - n,
    )


def _told(
    cells: Cells, numbers: Told, totals: tuple[IntArray, IntArray]
) -> tuple[BoolArray, BoolArray]:
    """Which cells follow from totals, and which follow only from more."""
    sums = _sums(cells, numbers)
    follows = told(cells.passed, cells.trials, *totals, sums)
    finer = _finer(cells, numbers, totals)
    return follows, told(cells.passed, cells.trials, *finer, sums) & ~follows


def _alone(cells: Cells, numbers: Told, totals: tuple[IntArray, IntArray]) -> BoolArray:
    """Cells that are alone under a number, and would be told whatever their value."""
    found = np.zeros(len(cells.passed), dtype=np.bool_)
    for codes, before in zip(_finer(cells, numbers, totals), totals, strict=True):
        alone, was = (np.bincount(some)[some] == 1 for some in (codes, before))
        found |= alone & ~was
    return found


def _over(cells: Cells, numbers: Told, place: int) -> Iterable[tuple[Key, Key | str]]:
    """Every number that could be told and counts a cell in."""
    combo, task = cells.combos[place], cells.tasks[place]
    for key in (combo, combo.quant_of, combo.harness_of):
        yield key, task
        for group in cells.groups.get(task, ()):
            yield key, group
    if combo not in numbers.combos:
        yield combo.quant_of, WHOLE
        yield combo.harness_of, WHOLE
    if (sweep := cells.sweeps[place]) is not None:
        yield combo, sweep
        yield task, sweep


def _totals(cells: Cells, numbers: Told) -> tuple[IntArray, IntArray]:
    """Row and column of each cell; all whose total is not told are one."""
    n = cells.trials.tolist()
    return (
        _codes(
            (combo if combo in numbers.combos else None, times)
            for combo, times in zip(cells.combos, n, strict=True)
        ),
        _codes(
            (task if task in numbers.tasks else None, times)
            for task, times in zip(cells.tasks, n, strict=True)
        ),
    )


def _finer(
    cells: Cells, numbers: Told, totals: tuple[IntArray, IntArray]
) -> tuple[IntArray, IntArray]:
    """Rows and columns, parted as if all that is told were known task by task."""
    rows: list[Hashable] = []
    columns: list[Hashable] = []
    for row, column, combo, task, sweep in zip(
        *(codes.tolist() for codes in totals),
        cells.combos,
        cells.tasks,
        cells.sweeps,
        strict=True,
    ):
        own = cells.groups.get(task, ())
        both = combo.quant_of, combo.harness_of
        parts: list[Hashable] = [g for g in own if (combo, g) in numbers.numbers]
        if combo not in numbers.combos:
            parts = [sweep, *(key for key in both if (key, WHOLE) in numbers.numbers)]
        keys = [
            key
            for key in both
            if (key, task) in numbers.numbers
            or any(
                (key, group) in numbers.numbers
                and (combo, group) not in numbers.numbers
                for group in own
            )
        ]
        for codes, code, whose, others in (
            (rows, row, combo, parts),
            (columns, column, task, keys),
        ):
            swept = sweep if (whose, sweep) in numbers.numbers else None
            codes.append((code, swept, *others))
    return _codes(rows), _codes(columns)


def _sums(cells: Cells, numbers: Told) -> list[IntArray]:
    """The cells of every number that is told, totals apart."""
    found: dict[tuple[Key, Key | str], list[int]]
    found = {number: [] for number in numbers.numbers}
    for place in range(len(cells.combos)):
        for number in _over(cells, numbers, place):
            if number in found:
                found[number].append(place)
    return [np.array(places, dtype=np.int64) for places in found.values() if places]


def _codes(labels: Iterable[Hashable]) -> IntArray:
    codes: dict[Hashable, int] = {}
    return np.array(
        [codes.setdefault(label, len(codes)) for label in labels], dtype=np.int64
    )
