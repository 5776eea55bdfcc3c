"""What may be told of who did how well on a group of tasks, where cells are private.

Every number of a group is a sum of cells, and so are the totals that are always
public. A number is told where neither it nor what it leaves of a public total, or of
other numbers that are told, comes from fewer than `min_cells` cells, and where all
numbers together, taken as equations, determine no smaller sum that the totals had not
determined before. Intervals depend on more than sums, and are not told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, TypeAlias

from sitegen.keys import ComboKey, GroupKey, HarnessKey, Key, KeyT, QuantKey, TaskKey
from sitegen.suppression import determined, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sitegen.leaks import Told as Totals
    from sitegen.stats.groups import InGroup
    from sitegen.stats.results import Results, Scope
    from sitegen.stats.standings import Standing

Told: TypeAlias = set[tuple[Key, GroupKey]]
"""Of which entity on which group the number is told."""

_MOST_UNKNOWN = 1_500
"""With more combos by kinds of tasks, checking them would take too long."""
_MOST_SUMS = 3_000
"""Sums of few cells of one entity that are checked one by one."""


def told_groups(
    results: Results, whole: Scope, totals: Totals, min_cells: int
) -> dict[GroupKey, InGroup]:
    """The groups of all trials, with the entities of which it may be told.

    Args:
        results: As counted.
        whole: All trials, with what is told of single tasks.
        totals: Of which combos and tasks, in all and in which sweeps, it is told.
        min_cells: The fewest cells that may be told.
    """
    in_groups = results.all.in_groups
    if not in_groups:
        return {}
    cells = _Cells.of(results)
    told = _alone(cells, in_groups, min_cells)
    hidden = _hidden(cells, results.all, whole)
    for kind in (ComboKey, HarnessKey, QuantKey):
        if not _together(cells, hidden, told, totals, min_cells):
            break
        told = {(key, group) for key, group in told if type(key) is not kind}

    def kept(
        group: GroupKey, found: tuple[Standing[KeyT], ...]
    ) -> tuple[Standing[KeyT], ...]:
        return tuple(
            replace(each, interval=None) for each in found if (each.key, group) in told
        )

    return {
        group: replace(
            found,
            model_quants=kept(group, found.model_quants),
            harnesses=kept(group, found.harnesses),
            combos=kept(group, found.combos),
        )
        for group, found in in_groups.items()
    }


_Kind: TypeAlias = tuple[GroupKey, ...]
"""What a task is by every column: tasks of one kind are in the same groups."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Tasks of one kind that the same combos ran, in the same sweeps."""

    kind: _Kind
    ran: frozenset[tuple[ComboKey, str | None]]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Measured cells, as far as they are told apart by what may be told."""

    blocks: dict[TaskKey, _Block]
    by_entity: dict[Key, Counter[_Kind]]
    """Distinct cells of combos, harnesses and models at a quant."""

    @staticmethod
    def of(results: Results) -> _Cells:
        scope = results.all
        groups: dict[TaskKey, list[GroupKey]] = {task: [] for task in scope.task_combos}
        for group, found in scope.in_groups.items():
            for task in found.tasks:
                groups[task].append(group)
        blocks: dict[TaskKey, _Block] = {}
        by_entity: dict[Key, Counter[_Kind]] = {}
        for task, found_groups in groups.items():
            kind = tuple(found_groups)
            ran: set[tuple[ComboKey, str | None]] = set()
            unswept = {s.key: s.n_trials for s in scope.task_combos[task]}
            for part in results.sweeps:
                for s in part.task_combos.get(task, ()):
                    ran.add((s.key, part.sweep))
                    unswept[s.key] -= s.n_trials
            ran |= {(combo, None) for combo, n in unswept.items() if n > 0}
            blocks[task] = _Block(kind, frozenset(ran))
            for combo in unswept:
                for key in (combo, combo.quant_of, combo.harness_of):
                    by_entity.setdefault(key, Counter())[kind] += 1
        return _Cells(blocks, by_entity)

    def on(self, key: Key, group: GroupKey) -> int:
        """Distinct cells of an entity on a group."""
        return sum(n for kind, n in self.by_entity[key].items() if group in kind)


def _alone(cells: _Cells, in_groups: Mapping[GroupKey, InGroup], least: int) -> Told:
    """What each entity and each group, looked at alone, lets be told."""
    columns: dict[str, list[GroupKey]] = {}
    for group in in_groups:
        columns.setdefault(group.group, []).append(group)
    told: Told = set()
    for key, own in cells.by_entity.items():
        kept: list[GroupKey] = []
        for groups in columns.values():
            of = {group: cells.on(key, group) for group in groups}
            kept += shown(of, least, own.total() - sum(of.values()))
        if kept and not _tells_few(own, kept, least):
            told |= {(key, group) for group in kept}
    for group, found in in_groups.items():
        for standings in (found.model_quants, found.harnesses, found.combos):
            n = {s.key: cells.on(s.key, group) for s in standings}
            hidden = {key for key in n if (key, group) not in told}
            rest = sum(n[key] for key in hidden)
            fine = shown({k: v for k, v in n.items() if k not in hidden}, least, rest)
            told -= {(key, group) for key in n.keys() - fine}
        combos = [s.key for s in found.combos if (s.key, group) in told]
        for s in (*found.model_quants, *found.harnesses):
            rest = cells.on(s.key, group)
            rest -= sum(cells.on(c, group) for c in combos if c.belongs(s.key))
            if 0 < rest < least:
                told.discard((s.key, group))
    return told


def _tells_few(own: Counter[_Kind], groups: list[GroupKey], least: int) -> bool:
    """Whether the numbers of one entity on these groups tell of fewer cells."""
    small = [kind for kind, n in own.items() if n < least]
    few: list[list[float]] = []
    for length in range(1, least):
        for chosen in combinations(small, length):
            if sum(own[kind] for kind in chosen) < least:
                few.append([float(kind in chosen) for kind in own])
            if len(few) > _MOST_SUMS:
                return True
    total = [1.0] * len(own)
    told = [[float(group in kind) for kind in own] for group in groups]
    return _new([total], told, few)


def _together(
    cells: _Cells,
    hidden: set[tuple[Key, _Block]],
    told: Told,
    public: Totals,
    least: int,
) -> bool:
    """Whether all that is told determines what the totals alone do not.

    Within a block of several tasks no sum by combo and none by task tells one cell
    from the others, so that blocks can stand for their tasks.
    """
    n_tasks = Counter(cells.blocks.values())
    told_blocks = {b for t, b in cells.blocks.items() if t in public.tasks}
    hidden_blocks = {b for t, b in cells.blocks.items() if t not in public.tasks}
    unknown = [(c, block, sweep) for block in n_tasks for c, sweep in block.ran]
    if len(unknown) > _MOST_UNKNOWN:
        return True
    total: dict[object, list[float]] = {}
    more: dict[object, list[float]] = {}
    asked: dict[object, list[float]] = {}
    for place, (combo, block, sweep) in enumerate(unknown):
        part_of = (combo, combo.quant_of, combo.harness_of)
        rows: list[tuple[dict[object, list[float]], object]] = [
            *[(total, combo)] * (combo in public.combos),
            *[(total, (combo, sweep))] * ((combo, sweep) in public.numbers),
            # Of a block that is told in part, we grant the reader all.
            *[(more if block in hidden_blocks else total, block)]
            * (block in told_blocks),
            (more, (block, sweep)),
            *((more, (key, block)) for key in part_of if (key, block) not in hidden),
            *(
                (more, (key, group))
                for group in block.kind
                for key in part_of
                if (key, group) in told
            ),
        ]
        if n_tasks[block] < least:
            rows += [(asked, place), (asked, (combo, block))]
        for found, name in rows:
            found.setdefault(name, [0.0] * len(unknown))[place] = 1.0
    return _new(list(total.values()), list(more.values()), list(asked.values()))


def _hidden(cells: _Cells, raw: Scope, whole: Scope) -> set[tuple[Key, _Block]]:
    """Of whom it is hidden what they did with some task of a block."""
    hidden: set[tuple[Key, _Block]] = set()
    for task, block in cells.blocks.items():
        for every, told in (
            (raw.task_model_quants, whole.task_model_quants),
            (raw.task_harnesses, whole.task_harnesses),
            (raw.task_combos, whole.task_combos),
        ):
            left: set[Key] = {s.key for s in every[task]}
            hidden |= {(key, block) for key in left - {s.key for s in told[task]}}
    return hidden


def _new(
    totals: list[list[float]], told: list[list[float]], asked: list[list[float]]
) -> bool:
    """Whether what is told determines a sum that the totals alone do not."""
    if not told or not asked:
        return False
    known = determined(totals, asked)
    return bool((determined([*totals, *told], asked) & ~known).any())
