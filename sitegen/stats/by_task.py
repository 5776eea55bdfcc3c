"""Who is better, from how each did on each task and from nothing else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import lcm

import numpy as np

from sitegen.keys import Key, KeyT, TaskKey
from sitegen.stats.pairs import Family, Pair, pairs
from sitegen.stats.ranking import Ranking
from sitegen.stats.standings import Standing
from sitegen.stats.tiers import tiered


def judged(
    standings: Sequence[Standing[KeyT]],
    tasks: Mapping[TaskKey, Sequence[Standing[KeyT]]],
    families: Mapping[Family, Callable[[KeyT], Key] | None],
) -> tuple[tuple[Standing[KeyT], ...], tuple[Pair[KeyT], ...]]:
    """Entities with their tiers and ranges of ranks, and their pairs.

    The joint test takes sums over the cells of a task: where all of these are known,
    what it says tells nothing of single cells.

    Returns:
        The standings as they are and no pairs, where of one that is ranked some task is
        not known, or was run more or less widely than others.
    """
    ranked = [s for s in standings if s.rank is not None]
    known = {(s.key, task): s for task, found in tasks.items() for s in found}
    names = sorted({task for _, task in known})
    own = [[known.get((s.key, task)) for task in names] for s in ranked]
    rates = [[one.rate for one in row if one and one.rate is not None] for row in own]
    n_cells = {one.n_cells for row in own for one in row if one}
    if len(n_cells) != 1 or any(
        len(row) < len(names) or s.score is not None or s.rate != sum(row) / len(row)
        for s, row in zip(ranked, rates, strict=True)
    ):
        return tuple(standings), ()
    unit = lcm(*(rate.denominator for row in rates for rate in row))
    steps = np.array([[[int(rate * unit) for rate in row]] for row in rates])
    once = np.ones_like(steps)
    ranking = Ranking(
        keys=tuple(s.key for s in ranked),
        partners=((),),
        combos={},
        shared=once[0] > 0,
        trials=once,
        passed=steps,
        steps=steps,
        unit=unit,
        by_score=False,
    )
    verdicts = ranking.verdicts()
    found = tuple(replace(s, rank_range=verdicts.rank_set(s.key)) for s in standings)
    (n_a_task,) = n_cells
    return tiered(found, verdicts), tuple(
        replace(pair, n_cells=n_a_task * len(names))
        for family, same in families.items()
        for pair in pairs(family, ranking, verdicts, standings, same=same)
    )
