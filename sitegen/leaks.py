"""What the numbers that are told give away of single cells, and what to withhold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import numpy as np

from sitegen.fixed_cells import alone, fixed, told
from sitegen.keys import ComboKey, GroupKey, HarnessKey, Key, QuantKey, TaskKey
from sitegen.stats.results import Results, ToldByTotals
from sitegen.stats.trials import BoolArray, IntArray

H = TypeVar("H", bound="Hashable")

EVERYWHERE = ""
"""Stands beside the names of sweeps for all that was run."""

Number: TypeAlias = tuple[Key, "Key | str"]
"""Who, and on which task, on which group of tasks, in which sweep or `EVERYWHERE`."""
Numbers: TypeAlias = frozenset[Number]

_EQUATIONS = 2
"""Of each total: how many passed, and at which rate."""
_PARTS = (HarnessKey, QuantKey)
_LEFT = "combos without a total by "
_NONE = -1
"""The code of cells that are in none of the sums of an axis."""


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

    @property
    def columns(self) -> list[str]:
        """What groups tasks, in order."""
        return list(dict.fromkeys(g.group for of in self.groups.values() for g in of))

    def group(self, column: str) -> list[GroupKey | None]:
        """The group of each cell by one column."""
        of = {t: g for t, own in self.groups.items() for g in own if g.group == column}
        return [of.get(task) for task in self.tasks]

    def part(self, kind: type[Key]) -> list[Key]:
        """Whose each cell is: its combo, or what of a kind that is; or its task."""
        if kind is TaskKey:
            return list(self.tasks)
        parts = {combo: combo.part(kind) for combo in set(self.combos)}
        return [parts[combo] for combo in self.combos]

    def beyond(
        self,
        axes: tuple[IntArray, IntArray],
        cell: IntArray,
        times: IntArray,
        known: BoolArray,
    ) -> bool:
        """Whether sums of the parts of two axes tell more than what is known.

        Of a cell whose sweeps are told apart on one axis, the sum may be the same in
        all tables though no sweep's part is: it is taken to be told where each sweep
        told alone would tell its part.
        """
        left, right = (_parted(axis, times, within=axis) for axis in axes)
        same = fixed(self.passed, self.trials, left, right, cell)
        if (same & ~known).any():
            return True
        sweep = _codes(self.sweeps)
        left, right = (_parted(own, sweep, within=own) for own in (left, right))
        same |= fixed(self.passed, self.trials, left, right, cell)
        apart = np.unique(np.stack([*axes, cell]), axis=1)[2]
        parts = np.bincount(apart, minlength=1)[cell]
        all_of_it = np.bincount(cell, weights=~same)[cell] == 0
        return bool((all_of_it & (parts > 1) & ~known).any())

    def distinct(self, chosen: BoolArray) -> int:
        """How many cells are chosen in all their sweeps."""
        every = set(zip(self.combos, self.tasks, strict=True))
        left = np.flatnonzero(~chosen)
        return len(every - {(self.combos[i], self.tasks[i]) for i in left})

    def count(self, keys: Iterable[H]) -> Counter[H]:
        """Distinct cells under each of the keys, one for each of ours."""
        cells = set(zip(keys, self.combos, self.tasks, strict=True))
        return Counter(key for key, _, _ in cells)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Numbers of one kind. No cell is in two of them."""

    numbers: list[Number]
    of: IntArray
    """The number that each cell is in, by its place in the list, or `_NONE`."""
    by_task: bool
    """Whether each is granted task by task, and else combo by combo."""
    whole: str
    """Names what they part together with others; empty: the combos or the tasks."""

    @property
    def told(self) -> set[Number]:
        """The numbers that have cells."""
        return {self.numbers[i] for i in np.unique(self.of) if i != _NONE}

    def only(self, chosen: BoolArray) -> _Batch:
        """With these cells alone."""
        return replace(self, of=np.where(chosen, self.of, _NONE))

    def but(self, places: BoolArray) -> _Batch:
        """Without all numbers of whoever is told of in one of these places.

        What is left of a task or combo is known: where none is found, the last goes.
        """
        guilty = {self.numbers[i][0] for i in self.of[places] if i != _NONE}
        gone = guilty or {max(key for key, _ in self.told)}
        left = np.array([*(key not in gone for key, _ in self.numbers), False])
        return self.only(left[self.of])


def safe(cells: Cells, listed: Numbers, least: int) -> tuple[Numbers, ToldByTotals]:
    """The numbers that tell no cell which does not follow from totals.

    What follows is exact for the totals by combo and by task; of other numbers, it is
    what is open where all of it passed or failed.

    A reader is taken to know more than is told: each number combo by combo or task by
    task, and how often each cell passed that ran so many times. Then all sums are those
    of the rows and columns of one table, and what they tell is known exactly.

    Who ran what is public, and decides of whom it is told. If then one cell would
    follow from how others came out, nothing of the kind is told: whatever is missing
    here and there would tell as well.

    Args:
        cells: All that were measured.
        listed: Numbers that are large enough. The totals by combo and by task among
            them are told.
        least: The fewest cells that may be told.
    """
    combos, tasks, *others = _batches(cells, listed)
    rows, columns, kept = combos.of, tasks.of, [combos, tasks]
    wholes = {kind.__name__: _codes(cells.part(kind)) for kind in _PARTS}
    for name, of in [*wholes.items()]:
        wholes[_LEFT + name] = np.where(rows == _NONE, of + len(rows), rows)
    cell = _codes(zip(cells.combos, cells.tasks, strict=True))
    n = np.bincount(cell, weights=cells.trials).astype(np.int64)[cell]
    times = _parted(n, cells.trials)
    totals = _few_times(rows, n), _few_times(columns, n)
    most = _parted(rows, n, within=rows), _parted(columns, n, within=columns)

    def follows(more: Sequence[_Batch]) -> BoolArray:
        groups = [each.of for each in more]
        return told(cells.passed, cells.trials, *totals, groups, cells=cell)

    by_totals, lone = follows([]), alone(rows, columns, cell)
    for listed_ in others:
        batch = listed_
        before = columns if batch.by_task else rows
        whole = wholes.get(batch.whole, before)
        was_few = _few(whole, cell, least)
        while True:
            part = _parted(whole, batch.of)
            rest = np.where(_cut(batch.of, rows), batch.of, _NONE)
            few = (_few(part, cell, least) & ~was_few) | _few(rest, cell, least)
            if not few.any():
                break
            batch = batch.but(few)
        known = _whole(batch.of, rows) | _whole(batch.of, columns)
        open_ = batch.only(~known)
        while open_.told:
            after = _parted(before, open_.of)
            finer = (rows, after) if batch.by_task else (after, columns)
            if (more := alone(*finer, cell) & ~lone).any():
                open_ = open_.but(more)
            elif cells.beyond(finer, cell, times, follows([*kept, open_])):
                open_ = open_.only(np.zeros_like(known))
            else:
                rows, columns = finer
                break
        kept.append(batch.only(known | (open_.of != _NONE)))
        if batch.whole:
            wholes[batch.whole] = _parted(whole, kept[-1].of)
    n_by_totals = cells.distinct(by_totals)
    return frozenset[Number]().union(*(each.told for each in kept)), ToldByTotals(
        cells=int(cell.max(initial=-1)) + 1,
        by_totals=n_by_totals,
        at_most=cells.distinct(told(cells.passed, cells.trials, *most, cells=cell)),
        by_groups=cells.distinct(follows(kept)) - n_by_totals,
    )


def _batches(cells: Cells, listed: Numbers) -> Iterator[_Batch]:
    """Totals by combo and by task first; then what is told rather than what follows."""
    everywhere = [EVERYWHERE] * len(cells.tasks)

    def batch(
        kind: type[Key],
        of: Sequence[Key | str | None],
        *,
        by_task: bool = False,
        whole: str = "",
    ) -> _Batch:
        found: list[Number | None] = [
            (key, one) if one is not None and (key, one) in listed else None
            for key, one in zip(cells.part(kind), of, strict=True)
        ]
        places = {number: i for i, number in enumerate(filter(None, {*found}))}
        codes = [_NONE if number is None else places[number] for number in found]
        return _Batch([*places], np.array(codes, dtype=np.int64), by_task, whole)

    yield batch(ComboKey, everywhere)
    yield batch(TaskKey, everywhere, by_task=True)
    yield batch(ComboKey, cells.sweeps)
    yield batch(TaskKey, cells.sweeps, by_task=True)
    for where in (everywhere, cells.sweeps):
        for kind in _PARTS:
            yield batch(kind, where, whole=_LEFT + kind.__name__)
    for kind in (QuantKey, HarnessKey):
        yield batch(kind, cells.tasks, by_task=True)
    for column in cells.columns:
        groups = cells.group(column)
        # Whose cells cannot be granted task by task, combo by combo perhaps.
        for by_task in (True, False):
            yield batch(QuantKey, groups, by_task=by_task, whole=QuantKey.__name__)
        yield batch(ComboKey, groups)
        for by_task in (True, False):
            yield batch(HarnessKey, groups, by_task=by_task, whole=HarnessKey.__name__)


def _cut(of: IntArray, axis: IntArray) -> BoolArray:
    """Cells of a number that counts only some of a part of the axis in."""
    _, both, n = np.unique(_parted(axis, of), return_inverse=True, return_counts=True)
    size = np.bincount(axis + 1)[axis + 1]
    found: BoolArray = (of != _NONE) & ((n[both] < size) | (axis == _NONE))
    return found


def _whole(of: IntArray, axis: IntArray) -> BoolArray:
    """Cells of a number that is a sum of parts of the axis."""
    found: BoolArray = (of != _NONE) & ~np.isin(of, of[_cut(of, axis)])
    return found


def _few(parts: IntArray, cell: IntArray, least: int) -> BoolArray:
    """Those in a part of fewer distinct cells."""
    every = np.unique(np.stack([parts, cell]), axis=1)[0]
    found: BoolArray = (parts != _NONE) & (np.bincount(every + 1)[parts + 1] < least)
    return found


def _few_times(axis: IntArray, n: IntArray) -> IntArray:
    """Parts by how often a cell ran, where rate and passes tell both sums."""
    times = _parted(axis, n)
    kinds = np.unique(np.stack([axis, times]), axis=1)[0]
    few = np.bincount(kinds + 1)[axis + 1] <= _EQUATIONS
    return _parted(axis, np.where(few, n, 0), within=axis)


def _parted(axis: IntArray, by: IntArray, within: IntArray | None = None) -> IntArray:
    """The axis with each of its parts parted."""
    _, found = np.unique(
        (axis + 1) * (by.max(initial=0) + 2) + by + 1, return_inverse=True
    )
    none = (axis == _NONE) & (by == _NONE) if within is None else within == _NONE
    return np.where(none, _NONE, found)


def _codes(labels: Iterable[Hashable]) -> IntArray:
    codes: dict[Hashable, int] = {}
    return np.array(
        [codes.setdefault(label, len(codes)) for label in labels], dtype=np.int64
    )
