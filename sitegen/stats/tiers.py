"""Tiers: who shares a letter cannot be told apart."""

from __future__ import annotations

from dataclasses import replace
from string import ascii_letters
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sitegen.keys import KeyT
    from sitegen.stats.ranking import Verdicts
    from sitegen.stats.standings import Standing


def tiered(
    standings: Sequence[Standing[KeyT]], verdicts: Verdicts[KeyT]
) -> tuple[Standing[KeyT], ...]:
    """The standings with the tiers of those that are ranked."""
    ranked = [s.key for s in standings if s.rank is not None]
    found = tiers(ranked, verdicts.apart)
    return tuple(replace(s, tier=found.get(s.key, "")) for s in standings)


def tiers(keys: Sequence[KeyT], apart: Callable[[KeyT, KeyT], bool]) -> dict[KeyT, str]:
    """The compact letter display of some entities.

    Two of them share a letter exactly where they are not told apart. A
    letter is a set of entities of which no two are told apart; sets are grown
    from the first pair that shares no letter yet, taking in whoever fits, best
    first, until every such pair is covered. (All largest sets would do as well,
    but there can be exponentially many of them.)

    Args:
        keys: Best first; "a" goes to the first.
        apart: Whether two of them are told apart.

    Returns:
        The letters of each key, such as "a" or "bc".

    Source:
        Piepho (2004), JCGS 13(2); covers by cliques: Gramm et al. (2007),
        Computational Statistics & Data Analysis 52(2).
    """
    near = [{j for j, b in enumerate(keys) if not apart(a, b)} for a in keys]
    sets: list[list[int]] = []
    covered: set[tuple[int, int]] = set()
    for i in range(len(keys)):
        for j in range(i, len(keys)):
            if j not in near[i] or (i, j) in covered or (j == i and len(near[i]) > 1):
                continue
            grown = [i] if i == j else [i, j]
            fits = set.intersection(*(near[k] for k in grown)).difference(grown)
            while fits:
                grown.append(min(fits))
                fits = fits & near[grown[-1]] - {grown[-1]}
            grown.sort()
            sets.append(grown)
            covered |= {(a, b) for a in grown for b in grown}
    letters = [""] * len(keys)
    for place, members in enumerate(sorted(sets)):
        for k in members:
            letters[k] += _name(place)
    return dict(zip(keys, letters, strict=True))


def _name(place: int) -> str:
    """The letter of a tier; numbers in brackets when the alphabet has ended."""
    return ascii_letters[place] if place < len(ascii_letters) else f"[{place + 1}]"
