"""Why a site is preliminary, in the words of the banner on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.numbers import count_of, percent

if TYPE_CHECKING:
    from sitegen.stats.doubts import Doubts


def doubts_text(doubts: Doubts) -> str:
    """The reasons as part of a sentence; empty where there is none."""
    reasons = []
    if doubts.ran_once is not None:
        reasons.append(
            "every cell ran once"
            if doubts.ran_once == 1
            else f"{percent(doubts.ran_once, 0)} % of the cells ran once"
        )
    if doubts.no_sandbox_recorded:
        reasons.append("no sandbox is recorded")
    if doubts.unconfined:
        reasons.append(f"{count_of(doubts.unconfined, 'trial')} ran in no sandbox")
    if doubts.covered is not None:
        reasons.append(
            f"{percent(doubts.covered, 0)} % of all cells (every combo on every task) "
            "were measured"
        )
    return "; ".join(reasons)
