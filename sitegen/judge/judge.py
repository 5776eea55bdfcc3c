"""Each claim to what judges its kind."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from harness_bench.errors import SettingsError
from sitegen import claims as kinds
from sitegen.claims import Claim
from sitegen.judge.evidence import Evidence
from sitegen.judge.models import as_good_but_faster, changes, collapses, equal_quants
from sitegen.judge.others import separate, without_access
from sitegen.judge.rankings import better, extreme, tied
from sitegen.judge.verdict import PRIVATE, Judged, Said, unjudged
from sitegen.kinds import COMPARED_BY_WORD


def judge(found: Sequence[Claim], evidence: Evidence) -> tuple[Judged, ...]:
    """Every claim, in order.

    A claim holds where the data show it: a comparison has the verdict that every page
    gives of the pair, and a claim about an extreme, such as the worst of all or a
    collapse, is tested with all that it was picked from. A tie has to be shown. What
    the data neither show nor contradict is not settled.

    Raises:
        SettingsError: A claim names what is not in the data.
    """
    words = {kind: word for word, kind in kinds.KINDS.items()}
    judged = []
    for number, claim in enumerate(found, start=1):
        evidence.where = f"claim {number}"
        verdict, figures = _HEARD[type(claim)](claim, evidence)
        if not evidence.cells and not _on_totals(claim, evidence):
            # Heard all the same: a name that is not in the data is an error.
            verdict, figures = unjudged(PRIVATE)
        judged.append(
            Judged(
                claim=claim, kind=words[type(claim)], verdict=verdict, figures=figures
            )
        )
    if evidence.problems:
        raise SettingsError(*evidence.problems)
    return tuple(judged)


def _on_totals(claim: Claim, evidence: Evidence) -> bool:
    """Whether what is published judges it where cells are private."""
    if isinstance(claim, kinds.Better | kinds.Best | kinds.Worst | kinds.Tied):
        scope = evidence.scope(COMPARED_BY_WORD[claim.of])
        return any(pair.kind == claim.of for pair in scope.pairs)
    return isinstance(claim, kinds.WithoutAccess) and bool(evidence.results.main.audit)


_HEARD: Mapping[type[kinds.Claim], Callable[[Any, Evidence], Said]] = {
    kinds.Better: better,
    kinds.Best: partial(extreme, best=True),
    kinds.Worst: partial(extreme, best=False),
    kinds.Tied: tied,
    kinds.AsGoodButFaster: as_good_but_faster,
    kinds.Collapses: collapses,
    kinds.EqualQuants: equal_quants,
    kinds.Gains: partial(changes, sign=1),
    kinds.Loses: partial(changes, sign=-1),
    kinds.WithoutAccess: without_access,
    kinds.Separate: separate,
}
