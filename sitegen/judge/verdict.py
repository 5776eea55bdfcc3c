"""What may be said of a claim, and in which words its figures are told."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from sitegen.claims import Claim
from sitegen.stats.intervals import Interval

PRIVATE = "A comparison would tell of single cells, which are not published."
"""Why a claim is not judged where cells are private."""


class Verdict(StrEnum):
    """What the data say to a claim."""

    HOLDS = "holds"
    PARTLY = "holds in part"
    OPEN = "not settled"
    """The data neither show nor contradict it."""
    FAILS = "does not hold"
    UNJUDGED = "not judged"
    """The data needed are not there, or may not be published."""


Said: TypeAlias = tuple[Verdict, tuple[str, ...]]
"""A verdict and the sentences that give its figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One claim with its verdict."""

    claim: Claim
    kind: str
    """Its word in the claims file."""
    verdict: Verdict
    figures: tuple[str, ...]
    """Sentences."""


def unjudged(why: str) -> Said:
    """No verdict, and the reason."""
    return Verdict.UNJUDGED, (why,)


def weigh(parts: Iterable[Verdict]) -> Verdict:
    """The verdict on a claim of several parts, none of which may be wrong."""
    found = set(parts)
    if found == {Verdict.HOLDS}:
        return Verdict.HOLDS
    if found == {Verdict.FAILS}:
        return Verdict.FAILS
    if Verdict.HOLDS in found:
        return Verdict.PARTLY
    return Verdict.FAILS if Verdict.FAILS in found else Verdict.OPEN


def between(interval: Interval | None, level: int = 95) -> str:
    """An interval of points behind a figure; empty where there is none."""
    if interval is None:
        return ""
    return f" ({level} % interval {interval.in_points})"
