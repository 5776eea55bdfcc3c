"""Tiers: who shares a letter cannot be told apart."""

from collections.abc import Sequence
from dataclasses import replace
from string import ascii_letters

import numpy as np

from sitegen.keys import KeyT
from sitegen.stats.ranking import Verdicts
from sitegen.stats.standings import Standing
from sitegen.stats.trials import BoolArray


def tiered(
    standings: Sequence[Standing[KeyT]], verdicts: Verdicts[KeyT]
) -> tuple[Standing[KeyT], ...]:
    """The standings with the tiers of those that are ranked."""
    ranked = [s.key for s in standings if s.key in verdicts.rows]
    rows = [verdicts.rows[key] for key in ranked]
    near = ~verdicts.test.told_apart[np.ix_(rows, rows)]
    found = dict(zip(ranked, tiers(near), strict=True))
    return tuple(replace(s, tier=found.get(s.key, "")) for s in standings)


def tiers(near: BoolArray) -> list[str]:
    """The compact letter display of some entities.

    Two of them share a letter exactly where they are not told apart. A
    letter is a set of entities of which no two are told apart; sets are grown
    from the first pair that shares no letter yet, taking in whoever fits, best
    first, until every such pair is covered. (All largest sets would do as well,
    but there can be exponentially many of them.)

    Args:
        near: Shape (n, n): whether two of them are not told apart. The best is first,
            and gets "a".

    Returns:
        The letters of each, such as "a" or "bc".

    Source:
        Piepho (2004), JCGS 13(2); covers by cliques: Gramm et al. (2007),
        Computational Statistics & Data Analysis 52(2).
    """
    sets: list[list[int]] = []
    left = np.triu(near)
    # Alone is only who is near nobody else.
    np.fill_diagonal(left, near.sum(axis=1) == 1)
    for i, own in enumerate(left):
        while own.any():
            grown, fits = [i], near[i].copy()
            fits[i], j = False, int(own.argmax())
            while j != i:
                grown.append(j)
                fits &= near[j]
                fits[j] = False
                j = int(fits.argmax()) if fits.any() else i
            left[np.ix_(grown, grown)] = False
            sets.append(sorted(grown))
    letters = [""] * len(near)
    for place, members in enumerate(sorted(sets)):
        for k in members:
            letters[k] += _name(place)
    return letters


def _name(place: int) -> str:
    """The letter of a tier; numbers in brackets when the alphabet has ended."""
    return ascii_letters[place] if place < len(ascii_letters) else f"[{place + 1}]"
