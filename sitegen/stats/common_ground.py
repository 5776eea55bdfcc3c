"""What the entries of a ranking share: who is ranked, and on which tasks.

Nothing here looks at an outcome, only at what was run: otherwise who is ranked
would depend on who is good.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sitegen.stats.trials import BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The entries that are ranked, and the items that all of them ran."""

    ranked: BoolArray
    """Shape (n_entries,). None where fewer than two share anything."""
    shared: BoolArray
    """Shape (n_items,): what the ranked ones all ran, of the items of the scope."""
    wanted: BoolArray
    """Shape (n_items,): the items of the scope, which at least half ran."""


def complete(ran: BoolArray) -> Ground:
    """Only those who ran everything that anybody ran, on all of it.

    What is published of an entity is then always the total over its own cells: a
    total over fewer would tell the rest by subtraction.
    """
    wanted: BoolArray = np.logical_or.reduce(ran, axis=0)
    ranked: BoolArray = np.logical_and.reduce(ran | ~wanted, axis=1) & wanted.any()
    return _ground(ranked, wanted, wanted)


def _ground(ranked: BoolArray, shared: BoolArray, wanted: BoolArray) -> Ground:
    if int(ranked.sum()) < 2:  # noqa: PLR2004 - a comparison takes two
        ranked, shared = np.zeros_like(ranked), np.zeros_like(shared)
    return Ground(ranked=ranked, shared=shared, wanted=wanted)


def common_ground(ran: BoolArray, min_coverage: Fraction) -> Ground:
    """Who can be ranked on what all of them ran.

    The items of a scope (tasks, or cells of partner and task) are those that at
    least half of its entries ran. While those that all entries share are fewer
    than `min_coverage` of them, the entry without which most would be shared is
    set apart; of equals the one that ran fewest items, then the last by name.
    Entries that no chain of shared items links to the others belong to another
    scope: only the largest linked group counts, so that adding entries that share
    nothing with the rest changes nothing.

    Args:
        ran: Shape (n_entries, n_items): whether the entry has a measured trial.
            Entries are in the order of their names.
        min_coverage: The share of the items that all ranked ones must have run.
    """
    ranked = _linked(ran)
    wanted = 2 * ran[ranked].sum(axis=0) >= max(1, int(ranked.sum()))
    wanted &= ran[ranked].any(axis=0)
    least = min_coverage * int(wanted.sum())
    lacks, shared = wanted & ~ran, np.zeros_like(wanted)
    n_lacks, missing = lacks.sum(axis=1), lacks[ranked].sum(axis=0)
    # Of each entry, the items that it alone lacks.
    alone = lacks[:, missing == 1].sum(axis=1)
    while ranked.any():
        shared = wanted & (missing == 0)
        if int(shared.sum()) >= max(Fraction(1), least):
            break
        places = np.flatnonzero(ranked)[::-1]
        worst = places[np.lexsort((-n_lacks[places], -alone[places]))[0]]
        ranked[worst] = False
        missing -= lacks[worst]
        alone += lacks[:, lacks[worst] & (missing == 1)].sum(axis=1)
    return _ground(ranked, shared, wanted)


def shared_partners(met: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Which entities are compared, over which partners that all of them met.

    Entities first: the partners that more than half of the entities met are
    wanted, and whoever lacks one of them is set apart. Where that leaves nobody
    to compare, all entities are compared over the partners that all of them met;
    that may be none.

    Args:
        met: Shape (n_entities, n_partners).

    Returns:
        The entities, shape (n_entities,), and the partners, shape (n_partners,).
    """
    linked = _linked(met)
    wanted = 2 * met[linked].sum(axis=0) > int(linked.sum())
    entities = linked & (met | ~wanted).all(axis=1)
    if int(entities.sum()) < 2 or not wanted.any():  # noqa: PLR2004 - as above
        entities = linked
    if int(entities.sum()) < 2:  # noqa: PLR2004 - as above
        return np.zeros_like(entities), np.zeros_like(wanted)
    return entities, met[entities].all(axis=0)


def _linked(ran: BoolArray) -> BoolArray:
    """The largest group of entries linked by items that two of them ran.

    Of equal groups the one that ran more, then the one that comes first.
    """
    n = len(ran)
    group = np.arange(n)
    for column in ran.T:
        found = np.flatnonzero(column)
        if len(found) > 1:
            labels = np.unique(group[found])
            if len(labels) > 1:
                group[np.isin(group, labels)] = labels[0]
    best = np.zeros(n, dtype=np.bool_)
    for label in np.unique(group):
        own = group == label
        if _weight(ran, own) > _weight(ran, best):
            best = own
    return best


def _weight(ran: BoolArray, own: BoolArray) -> tuple[int, int]:
    return int((own & ran.any(axis=1)).sum()), int(ran[own].sum())
