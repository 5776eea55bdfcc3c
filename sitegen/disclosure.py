"""Which numbers that mix a task with another key may be shown.

A group of few cells tells each of them almost outright, so it is shown only
from `min_cells` distinct cells on. What is hidden must not come back by
subtraction either: from the task's total, which is always public, from the
same group in another scope, or from a pair of quants.

`publishable` is applied once, before anything is drawn or written: pages,
charts and data files never see what may not be shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sitegen.group_disclosure import told_groups
from sitegen.keys import ComboKey, Key, KeyT, QuantKey, TaskKey
from sitegen.kinds import COMPARED
from sitegen.stats.provenance import Provenance
from sitegen.stats.quants import QuantPair, bits_of
from sitegen.suppression import determined, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sitegen.config import Publish
    from sitegen.stats.axes import Axes
    from sitegen.stats.changes import Ladders
    from sitegen.stats.pairs import Pair
    from sitegen.stats.results import Results, Scope
    from sitegen.stats.standings import Standing

Groups: TypeAlias = "Mapping[TaskKey, tuple[Standing[KeyT], ...]]"


def publishable(results: Results, publish: Publish) -> Results:
    """The results without what the settings do not let out."""
    if publish.cells:
        return results
    allowed = _sweeps_of_tasks(results, publish.min_cells)
    whole = _whole(results, publish, allowed)
    whole = replace(whole, in_groups=told_groups(results, whole, publish.min_cells))
    sweeps = tuple(
        _sweep(scope, whole, allowed, publish.min_cells) for scope in results.sweeps
    )
    by_name = {scope.sweep: scope for scope in sweeps}
    return replace(
        results,
        all=whole,
        sweeps=sweeps,
        main=by_name.get(results.main.sweep, whole),
        provenance=_told_apart(results.provenance, whole, publish.min_cells),
    )


def _told_apart(found: Provenance, whole: Scope, min_cells: int) -> Provenance:
    """Views of combos and harnesses, where they are no small sums and tell no cell.

    With groups of tasks beside them that is not checked, and they are withheld.
    """
    grouped = any(
        group.combos or group.harnesses or group.model_quants
        for group in whole.in_groups.values()
    )
    sums = found.sums
    if grouped or sums is None or found.fewest < min_cells:
        return Provenance()
    before = determined(sums.totals, sums.cells)
    after = determined([*sums.totals, *sums.told], sums.cells)
    return Provenance() if (after & ~before).any() else found


def disclosed(
    groups: Iterable[Standing[KeyT]], publish: Publish
) -> tuple[Standing[KeyT], ...]:
    """The groups of one task that may be shown, in the order given.

    Those below `min_cells` are hidden, and then the smallest others until the
    hidden ones hold `min_cells` cells together: the total is public.
    """
    present = [group for group in groups if group.n_cells]
    if publish.cells:
        return tuple(present)
    kept = shown({group.key: group.n_cells for group in present}, publish.min_cells)
    return tuple(group for group in present if group.key in kept)


def _whole(
    results: Results, publish: Publish, allowed: set[tuple[str | None, TaskKey]]
) -> Scope:
    scope = results.all
    harnesses = _disclosed(scope.task_harnesses, publish)
    model_quants = _disclosed(scope.task_model_quants, publish)
    combos = _disclosed(scope.task_combos, publish)
    for task, cells in scope.task_combos.items():
        keys = [cell.key for cell in cells]
        sweeps = [
            {cell.key for cell in part.task_combos.get(task, ())}
            for part in results.sweeps
            if (part.sweep, task) in allowed
        ]
        # Totals that are harmless one by one may together give a cell away;
        # then the harnesses of the task go, and if need be the models too.
        for groups in (harnesses, model_quants):
            together = (*harnesses[task], *model_quants[task], *combos[task])
            if not _tells_a_cell(keys, [group.key for group in together], sweeps):
                break
            groups[task] = ()
    return replace(
        scope,
        pairs=_whole_pairs(scope),
        task_model_quants=model_quants,
        task_harnesses=harnesses,
        task_combos=combos,
        quant_pairs=(pairs := _pairs(scope.quant_pairs, model_quants)),
        ladders=_by_task(scope, pairs),
        axes=_whole_enough(scope, publish.min_cells),
        discrimination=(),
    )


def _disclosed(
    groups: Groups[KeyT], publish: Publish
) -> dict[TaskKey, tuple[Standing[KeyT], ...]]:
    return {task: disclosed(found, publish) for task, found in groups.items()}


def _tells_a_cell(
    cells: Sequence[ComboKey],
    groups: Sequence[Key],
    sweeps: Sequence[set[ComboKey]],
) -> bool:
    """Whether the public totals, taken as equations, determine a single cell.

    A cell is determined where its unit vector lies in the space that the rows
    (the total, each sweep, each group) span.
    """
    rows = [[1.0] * len(cells)]
    rows += [[float(cell in sweep) for cell in cells] for sweep in sweeps]
    rows += [[float(cell.belongs(group)) for cell in cells] for group in groups]
    if len(cells) <= 1 or len(rows) == 1:
        return False
    return bool(determined(rows, np.eye(len(cells)).tolist()).any())


def _whole_pairs(scope: Scope) -> tuple[Pair[Key], ...]:
    """The comparisons that cover all cells of both sides.

    Their difference is that of two public totals. On fewer cells, the total less
    what was compared would be the rest, and that may be a single cell.
    """
    cells = {
        standing.key: standing.n_cells
        for kind in COMPARED
        for standing in scope.standings(kind)
    }
    return tuple(
        pair for pair in scope.pairs if cells[pair.a] == cells[pair.b] == pair.n_cells
    )


def _pairs(
    pairs: Sequence[QuantPair], shown_groups: Groups[QuantKey]
) -> tuple[QuantPair, ...]:
    """Pairs over all tasks; of one task only those that tell nothing new.

    Where both quants' groups are shown and the pair covers them whole, its
    counts are theirs. On fewer cells it would tell the rest by subtraction. A
    pool is shown where every pair in it is.
    """

    def nothing_new(pair: QuantPair) -> bool:
        shown_ones = shown_groups.get(TaskKey(pair.task or ""), ())
        groups = {group.key: group for group in shown_ones}
        sides = ((pair.quant_a, pair.n_a), (pair.quant_b, pair.n_b))
        return all(
            (group := groups.get(QuantKey(pair.model or "", quant))) is not None
            and (group.n_cells, group.n_trials) == (pair.n_cells, n)
            for quant, n in sides
        )

    single = {pair: nothing_new(pair) for pair in pairs if pair.model and pair.task}

    def pool(pair: QuantPair) -> bool:
        return all(
            fine
            for other, fine in single.items()
            if other.task == pair.task
            and bits_of(other) == (pair.quant_a, pair.quant_b)
        )

    return tuple(
        pair
        for pair in pairs
        if pair.task is None or (single[pair] if pair.model else pool(pair))
    )


def _by_task(scope: Scope, pairs: Iterable[QuantPair]) -> Ladders:
    """Changes of one task only where their counts are shown, cell for cell."""
    known = {(p.task, p.quant_a, p.quant_b, p.n_cells) for p in pairs if not p.model}
    return replace(
        scope.ladders,
        by_task=tuple(
            change
            for change in scope.ladders.by_task
            if (change.task, change.quant, change.reference, change.n_cells) in known
        ),
    )


def _whole_enough(scope: Scope, min_cells: int) -> Axes | None:
    """The effects, where they tell no more of a cell than the totals do.

    Then each combo of the sub-grid is in it with all its tasks, so that its rate
    is its total, and the sub-grid leaves out no cell of a task, or `min_cells`.
    Variants are put together in the sub-grid: what one of them did not run would
    follow from the totals of both.
    """
    axes = scope.axes
    if axes is None or any(axes.grid.outside_combo):
        return None
    if any(combo.key.variant for combo in scope.combos):
        return None
    return None if any(0 < n < min_cells for n in axes.grid.outside_task) else axes


def _sweeps_of_tasks(
    results: Results, min_cells: int
) -> set[tuple[str | None, TaskKey]]:
    """The (sweep, task) whose total may be shown: a sweep is another key."""
    allowed = set()
    for task in results.all.tasks:
        cells = {
            scope.sweep: standing.n_cells
            for scope in results.sweeps
            for standing in scope.tasks
            if standing.key == task.key
        }
        outside = max(0, task.n_cells - sum(cells.values()))
        allowed |= {(sweep, task.key) for sweep in shown(cells, min_cells, outside)}
    return allowed


def _sweep(
    scope: Scope,
    whole: Scope,
    allowed: set[tuple[str | None, TaskKey]],
    min_cells: int,
) -> Scope:
    """A sweep's groups only where they are those of all trials, and so known."""

    def known(groups: Groups[KeyT], everywhere: Groups[KeyT]) -> Groups[KeyT]:
        return {
            task: tuple(_also_in(found, everywhere.get(task, ())))
            for task, found in groups.items()
        }

    public = set(whole.quant_pairs)
    return replace(
        scope,
        pairs=_whole_pairs(scope),
        tasks=tuple(s for s in scope.tasks if (scope.sweep, s.key) in allowed),
        task_model_quants=known(scope.task_model_quants, whole.task_model_quants),
        task_harnesses=known(scope.task_harnesses, whole.task_harnesses),
        task_combos=known(scope.task_combos, whole.task_combos),
        quant_pairs=(
            pairs := tuple(
                pair
                for pair in scope.quant_pairs
                if pair.task is None or pair in public
            )
        ),
        ladders=_by_task(scope, pairs),
        axes=_whole_enough(scope, min_cells),
        discrimination=(),
        in_groups={},
    )


def _also_in(
    groups: Iterable[Standing[KeyT]], everywhere: Iterable[Standing[KeyT]]
) -> Iterable[Standing[KeyT]]:
    same = {(group.key, group.n_cells, group.n_trials) for group in everywhere}
    return (g for g in groups if (g.key, g.n_cells, g.n_trials) in same)
