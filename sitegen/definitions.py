"""What every statistic means and where it comes from: said once, linked everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from sitegen.measures import MEASURES, Measure
from sitegen.numbers import percent
from sitegen.stats.intervals import RATE_INTERVAL
from sitegen.stats.pairs import LEVEL, MOST
from sitegen.stats.power import WANTED
from sitegen.stats.ranks import DRAWS
from sitegen.words import Run, Words, link, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PAGE = "methodology.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One entry of the methodology page."""

    anchor: str
    """The id of the entry; what a column's `about` names."""
    term: str
    text: Words

    @property
    def href(self) -> str:
        """Where it stands on the site."""
        return f"{PAGE}#{self.anchor}"


def _entry(anchor: str, term: str, text: str) -> Definition:
    return Definition(anchor=anchor, term=term, text=words(text))


_ENTRIES = (
    _entry(
        "rate",
        "Pass rate",
        "Passed trials over measured trials. Rounded half-even on the exact fraction.",
    ),
    _entry("interval", "95 % interval", RATE_INTERVAL),
    _entry(
        "noise",
        "Seeds and tasks",
        "An interval has two sources. Chance within a cell shrinks with more seeds; "
        "the choice of tasks only with more tasks. Where every cell ran at least "
        "twice, the variance is split between them (the law of total variance; Wang "
        "2025, arXiv:2512.21326). Where cells ran once, the interval holds both, and "
        "nothing can tell them apart.",
    ),
    _entry(
        "rank",
        "Rank",
        "1 + how many have a higher rate, of those that ran every task; equals share "
        "it, and the faster is listed first. Shown as a range: the 95 % range of the "
        f"rank in {DRAWS:,} draws of as many tasks, with replacement, the same for all "
        "(Goldstein & Spiegelhalter 1996).",
    ),
    _entry(
        "tier",
        "Tier",
        "Letters behind the rank: two that share a letter cannot be told apart by "
        "their p value after Holm, two that share none can (compact letter display, "
        f"Piepho 2004). The first {MOST} of a ranking are compared.",
    ),
    _entry(
        "complete",
        "Incomplete",
        "Whoever has no measured trial on some task that others were measured on is "
        "listed after the others, without rank and tier: a rate over easier tasks "
        "would outrank one over all.",
    ),
    _entry(
        "difference",
        "Difference",
        "Of two entities, over the cells that both ran: the mean over tasks of rate "
        "minus rate, in percentage points, with Student's interval over tasks. No "
        "interval where all tasks differ by the same.",
    ),
    _entry(
        "p",
        "p and p after Holm",
        "The two-sided sign-flip permutation test over tasks (Fisher 1935; Pitman "
        "1937), every choice of signs counted; with one trial a cell it is McNemar's "
        "exact test. Then adjusted by Holm (1979) for all pairs of a kind: in at most "
        f"{percent(LEVEL, 0)} % of such families does chance alone tell any two apart.",
    ),
    _entry(
        "needed",
        "What would settle it",
        "How many tasks in all, or trials of each cell on these tasks, would show "
        f"the difference that was seen in {WANTED * 100:.0f} % of such sweeps, looking "
        "at all pairs of the kind (Guenther 1981). Seeds are given only where every "
        "cell ran twice.",
    ),
    _entry(
        "time",
        "Time",
        "Mean wall clock in the agent, over measured trials with a known time, failed "
        "ones included.",
    ),
    _entry(
        "spending",
        "Mean and median of what a trial takes",
        "The mean as it was spent, with a cluster-robust interval over tasks (Liang & "
        "Zeger 1986). The median as it would be without limits: Kaplan & Meier's "
        "(1958), for which a trial that a limit stopped took longer than it shows; its "
        "interval is Woodruff's (1952). Empty where limits hide it.",
    ),
    _entry(
        "score",
        "Mean score",
        "The grader's marks from 0 to 1, averaged over trials, with a cluster-robust "
        "interval over tasks (Liang & Zeger 1986).",
    ),
    _entry(
        "frontier",
        "Frontier",
        "Combos that passed something, and that no other beats on both pass rate and "
        "mean time.",
    ),
    _entry(
        "frontier-chance",
        "Chance on the frontier",
        "The share of 1,000 draws of tasks, with replacement, in which the combo is on "
        "the frontier (a bootstrap, Efron & Tibshirani 1993). Near 50 % the line runs "
        "through it by luck. Combos that did not run every task take no part.",
    ),
    _entry(
        "budget",
        "Passed within a budget",
        "The share of all trials that passed and took no more than the budget: the "
        "pass rate, had every trial been stopped there. The interval is that of a pass "
        "rate, for each budget alone.",
    ),
    _entry(
        "effects",
        "Effects of model and harness",
        "On the complete shared sub-grid, where every model met every harness on the "
        "same tasks. In points: the mean rate less that of the sub-grid. In log-odds: "
        "a logistic model with effects of models, harnesses, their meetings and tasks, "
        "all drawn towards 0 by a ridge penalty of 1 (le Cessie & van Houwelingen "
        "1992), split as in an analysis of variance.",
    ),
    _entry(
        "drop",
        "Drop in a harness",
        "A model's rate in one harness less its mean rate in its other harnesses, "
        "paired by task: sign-flip test, adjusted by Holm for every model in every "
        "harness, because the largest was picked from all of them. Expected is what "
        "the effects of model and harness alone would give.",
    ),
    _entry(
        "vendor",
        "Gap on a vendor's models",
        "The rate of a model in the harness less its mean rate in the other harnesses, "
        "on cells that both have, averaged by task; over the models that the "
        "harness's maker hosts, and over the models that run locally.",
    ),
    _entry(
        "paired-quants",
        "Paired quants",
        "Two quants of one model on the cells (harness and task) that both ran. Pools "
        "add up the pairs with the same nominal bits.",
    ),
    _entry(
        "equivalence",
        "Equal, different, open",
        "Equal: two one-sided t tests (Schuirmann 1987) show at 5 % that the "
        "difference is smaller than the margin: its 90 % interval lies within it. "
        "Different: the sign-flip test after Holm tells the two apart. Open: neither. "
        "Not to find a difference is no proof that there is none.",
    ),
    _entry(
        "ratio",
        "Times the time",
        "The geometric mean over shared tasks of one mean time over the other, with "
        "Student's interval of the logarithm (Bland & Altman 1996).",
    ),
    _entry(
        "discrimination",
        "Discrimination",
        "The correlation, over combos, of the rate on a task with the lead on all "
        "other tasks (item-rest correlation, Henrysson 1963): near 0 a task says "
        "nothing of who is better elsewhere. The interval is a jackknife over models "
        "on Fisher's z, because combos of one model are alike; it speaks of each task "
        "alone.",
    ),
    _entry(
        "switches",
        "Other ways of counting",
        "Every setting of the policy turned to each of its other values, and all rates "
        "and ranks counted anew.",
    ),
    _entry(
        "claims",
        "How claims are judged",
        "A claim holds where the data show it. Comparisons are paired and exact, and "
        "adjusted (Holm) for everything that the claim itself compares; one about an "
        "extreme, such as the worst of all or a collapse, for all that it was picked "
        "from. Equality has to be shown as well. What the data neither show nor "
        "contradict is not settled.",
    ),
    _entry(
        "pass-k",
        "pass^k and pass@k",
        "The chance that all, or any, of k trials pass: C(c, k)/C(n, k) (tau-bench, "
        "arXiv:2406.12045) and 1 − C(n − c, k)/C(n, k) (Chen et al. 2021, "
        "arXiv:2107.03374), averaged over tasks; blank where a task has fewer than k "
        "trials.",
    ),
)

_OF_MEASURES: Mapping[Measure, Definition] = MappingProxyType(
    {
        each: _entry(each.anchor, each.label, each.definition)
        for each in MEASURES
        if each.anchor
    }
)
DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {entry.anchor: entry for entry in (*_ENTRIES, *_OF_MEASURES.values())}
)
"""By anchor, in the order of the methodology page."""


def defined(anchors: Iterable[str]) -> tuple[Definition, ...]:
    """The entries of these anchors, in the order of the page."""
    wanted = set(anchors)
    unknown = wanted - set(DEFINITIONS)
    assert not unknown, f"no definition of {unknown}"  # noqa: S101 - our own tables
    return tuple(found for anchor, found in DEFINITIONS.items() if anchor in wanted)


def explained(measures: Iterable[Measure]) -> tuple[Definition, ...]:
    """The entries of the methodology page.

    Args:
        measures: What the site tells of; no page links to the others.
    """
    known = set(measures)
    return (*_ENTRIES, *(said for each, said in _OF_MEASURES.items() if each in known))


def meaning(text: str, anchor: str) -> Run:
    """A word that links to what it means."""
    return link(text, DEFINITIONS[anchor].href)
