"""Whether the ranking hangs on how trials were counted."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial

import numpy as np

from sitegen.keys import Key
from sitegen.kinds import COMPARED, Kind
from sitegen.policy import CHOICES, Policy
from sitegen.records import Records
from sitegen.stats.counts import counts
from sitegen.stats.missing import failed_where_missing
from sitegen.stats.ranking import ranking
from sitegen.stats.scores import mark_sums
from sitegen.stats.trials import BoolArray, Trials, recounted

_KINDS = tuple(reversed(COMPARED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reordered:
    """What one switch does to one ranking."""

    kind: Kind[Key]
    first: tuple[Key, ...]
    """Who shares the first rank under the policy of the site."""
    first_otherwise: tuple[Key, ...]
    """Who shares it with the switch turned."""
    moved: tuple[Key, ...]
    """Who has another rank among those ranked in both, furthest mover first."""
    furthest: int
    """Ranks that the first of them moved."""
    left: tuple[Key, ...]
    """Who stands apart then, having lost too many of its trials."""
    n: int
    """Entities ranked under the policy of the site."""
    ranks: Mapping[Key, int]
    """Of whoever is ranked then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One setting of `[policy]` turned to another value."""

    setting: str
    """A choice of `[policy]`."""
    value: str
    """What it is turned to."""
    trials: int
    """Trials that would count otherwise."""
    rankings: tuple[Reordered, ...]


def entered(found: Trials, policy: Policy) -> Trials:
    """The trials that the rates of entities are counted from, as the policy says."""
    return failed_where_missing(found) if policy.missing == "fail" else found


def turned(
    records: Records, policy: Policy, now: Trials
) -> dict[tuple[str, str], Trials | None]:
    """The trials under each other value of each switch, by setting and value.

    None where the switch has nothing to act on, and all would stay as it is.
    """
    return {
        (setting, value): entered(now, then)
        if choice.about is None
        else entered(recounted(now, records, then), then)
        if records.coded(choice.about[0]).among(choice.about[1]).any()
        else None
        for setting, choice in CHOICES.items()
        for value in choice.ways
        if value != getattr(policy, setting)
        for then in (replace(policy, **{setting: value}),)  # type: ignore[arg-type]  # a way
    }


def switches(
    now: Trials,
    otherwise: Mapping[tuple[str, str], Trials | None],
    least: Fraction | None,
    *,
    by_score: bool = False,
) -> tuple[Switch, ...]:
    """What each switch would change; empty rankings where it touches no trial."""
    ranks = partial(_ranks, least=least, by_score=by_score)
    before = cache(lambda: ranks(now))
    return tuple(
        _switch(now, then, setting, value, before, ranks)
        for (setting, value), then in otherwise.items()
    )


def _switch(
    now: Trials,
    then: Trials | None,
    setting: str,
    value: str,
    before: Callable[[], list[dict[Key, int]]],
    ranks: Callable[[Trials], list[dict[Key, int]]],
) -> Switch:
    if then is None:
        return Switch(setting=setting, value=value, trials=0, rankings=())
    # What was not run stands behind all that was.
    both = min(len(now), len(then))
    touched = now.measured[:both] != then.measured[:both]
    touched |= now.passed[:both] != then.passed[:both]
    n = int(np.count_nonzero(touched)) + max(len(now), len(then)) - both
    return Switch(
        setting=setting,
        value=value,
        trials=n,
        rankings=_reordered(before(), ranks(then)) if n else (),
    )


def subsets(
    now: Trials,
    numbers: Mapping[tuple[str, str, str], int],
    least: Fraction | None,
    *,
    by_score: bool = False,
) -> tuple[Switch, ...]:
    """The rankings on one kind of hardware alone, and with one version of each harness.

    Nothing where cells are private: ranks on fewer cells would tell of them.
    """
    if least is None:
        return ()
    ranks = partial(_ranks, least=least, by_score=by_score)
    before = cache(lambda: ranks(now))
    found: dict[tuple[str, int], BoolArray] = {}
    for code, (hardware, version, _) in enumerate(now.setup.labels):
        own = now.setup.codes == code
        number = numbers["hardware", "", hardware]
        found["hardware", number] = found.get(("hardware", number), own) | own
        for at, harness in enumerate(now.harness.labels):
            if numbers.get(("harness_version", harness.harness, version), 2) <= 1:
                kept = own & (now.harness.codes == at)
                found["harness_version", 1] = (
                    found.get(("harness_version", 1), kept) | kept
                )
    return tuple(
        Switch(
            setting=setting,
            value=str(number),
            trials=len(now) - int(keep.sum()),
            rankings=_reordered(before(), ranks(now.where(keep))),
        )
        for (setting, number), keep in sorted(found.items(), key=lambda item: item[0])
        if number and 0 < keep.sum() < len(now)
    )


def _ranks(
    found: Trials, *, least: Fraction | None, by_score: bool
) -> list[dict[Key, int]]:
    """Of each kind that is compared."""
    own, sums = counts(found, found.combo), mark_sums(found) if by_score else None
    return [ranking(own, kind.key, least, sums).ranks() for kind in _KINDS]


def _among(ranks: dict[Key, int], others: dict[Key, int]) -> dict[Key, int]:
    """The ranks of those that are among the others too, counted anew."""
    kept = sorted(rank for key, rank in ranks.items() if key in others)
    return {
        key: 1 + bisect_left(kept, rank) for key, rank in ranks.items() if key in others
    }


def _reordered(
    before: Sequence[dict[Key, int]], after: Sequence[dict[Key, int]]
) -> tuple[Reordered, ...]:
    return tuple(map(_of_kind, _KINDS, before, after))


def _of_kind(
    kind: Kind[Key], before: dict[Key, int], after: dict[Key, int]
) -> Reordered:
    # Among those that are ranked in both: others who come or go move nobody.
    old, new = _among(before, after), _among(after, before)
    moves = {key: abs(new[key] - rank) for key, rank in old.items() if new[key] != rank}
    moved = sorted(moves, key=lambda key: (-moves[key], key))
    return Reordered(
        kind=kind,
        first=tuple(key for key, rank in before.items() if rank == 1),
        first_otherwise=tuple(key for key, rank in after.items() if rank == 1),
        moved=tuple(moved),
        furthest=moves[moved[0]] if moved else 0,
        left=tuple(key for key in before if key not in after),
        n=len(before),
        ranks=after,
    )
