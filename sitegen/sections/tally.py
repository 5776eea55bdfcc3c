"""How many of the author's claims hold, in a phrase."""

from collections.abc import Sequence

from sitegen.judge.verdict import Judged, Verdict
from sitegen.numbers import listed


def tally(judged: Sequence[Judged]) -> str:
    """How many claims got each verdict: "3 hold, 4 are not settled"."""
    verbs = {
        Verdict.HOLDS: ("holds", "hold"),
        Verdict.PARTLY: ("holds in part", "hold in part"),
        Verdict.OPEN: ("is not settled", "are not settled"),
        Verdict.FAILS: ("does not hold", "do not hold"),
        Verdict.UNJUDGED: ("was not judged", "were not judged"),
    }
    counts = {v: sum(found.verdict is v for found in judged) for v in Verdict}
    return listed([f"{n:,} {verbs[v][n > 1]}" for v, n in counts.items() if n])
