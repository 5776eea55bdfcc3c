"""What every statistic means and where it comes from: said once, linked everywhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sitegen.measures import MEASURES, Measure
from sitegen.numbers import percent
from sitegen.stats.intervals import RATE_INTERVAL
from sitegen.stats.joint_test import FLIPS, LEVEL
from sitegen.stats.power import WANTED
from sitegen.words import Run, Words, link, words

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
        "The mean over cells (a combo on a task) of the share of a cell's trials that "
        "passed: each task weighs the same however often it ran. Of ranked entries it "
        "is over the cells that all of them share. Rounded half-even on the exact "
        "fraction.",
    ),
    _entry("interval", "95 % interval", RATE_INTERVAL),
    _entry(
        "noise",
        "Seeds and tasks",
        "An interval has two sources. Chance within a cell shrinks with more seeds; "
        "the choice of tasks only with more tasks. Where cells ran more than once, the "
        "pooled correlation splits the variance between them. Where all ran once, the "
        "interval holds both, and nothing can tell them apart.",
    ),
    _entry(
        "rank",
        "Rank",
        "1 + how many ranked ones have a higher rate; equals share it, and the faster "
        "is listed first.",
    ),
    _entry(
        "places",
        "Places that it may truly have",
        "A rank is shown as these: 1 + how many are shown to be better, to all less "
        "those shown to be worse. In 95 % of sweeps they hold the true ranks of all at "
        "once (Mogstad, Romano, Shaikh & Wilhelm 2024).",
    ),
    _entry(
        "tier",
        "Tier",
        "Letters behind the rank: two that share a letter cannot be told apart, two "
        "that share none can (compact letter display, Piepho 2004).",
    ),
    _entry(
        "apart",
        "Ranked, and apart",
        "Entries are ranked on what all ranked ones ran. Models are compared over the "
        "harnesses that all of them met, harnesses over the models. Whoever lacks too "
        "much of what at least half ran stands apart, without rank, tier and verdict: "
        "a rate over other cells is not comparable. Outcomes play no part in this.",
    ),
    _entry(
        "difference",
        "Difference",
        "Of two ranked entities: rate minus rate, in percentage points, or mean score "
        "minus mean score, in hundredths, where ranks are by it. With Student's "
        "interval over tasks, which is made to reach 0 where the exact sign-flip test "
        "of this difference alone does not rule 0 out. No interval where all tasks "
        "differ by the same.",
    ),
    _entry(
        "p",
        "p",
        "One test for all pairs of a ranking together: if nobody were better, the "
        "differences on a task could as well have the other sign, for all pairs at "
        "once. A difference is measured against the noise of its pair and the mean "
        "noise of all pairs (the root of both summed squares; Tusher, Tibshirani & Chu "
        f"2001). All choices of signs are tried, or {FLIPS:,} are drawn; each pair is "
        "held against the largest that chance brings among all that seem no larger "
        "(step-down, Romano & Wolf 2005; Westfall & Young 1993). In at most "
        f"{percent(LEVEL, 0)} % of sweeps does chance alone tell any two apart, where "
        "differences are symmetric.",
    ),
    _entry(
        "needed",
        "What would settle it",
        "How many tasks in all, or trials of each cell on these tasks, would show "
        "a difference as large as the one seen, if it is the true one, in "
        f"{WANTED * 100:.0f} % of such sweeps (Guenther 1981); for this pair alone. "
        "Seeds are given only where every cell ran twice.",
    ),
    _entry(
        "time",
        "Time",
        "Mean wall clock in the agent over cells, of each the mean over its measured "
        "trials with a known time, failed ones included.",
    ),
    _entry(
        "slower",
        "Times compared",
        "How many times as long one takes as another: the geometric mean over the "
        "tasks that both passed in the same harness, or with the same model. Only "
        "trials that passed enter, because one that gives up soon is not fast and one "
        "that a limit stopped would have gone on; and only those on the hardware on "
        "which most were timed. Logs of all pairs are tested together, as rates are; "
        "what is told apart is set in bold.",
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
        "through it by luck. Combos that stand apart take no part.",
    ),
    _entry(
        "budget",
        "Passed within a budget",
        "The mean over cells of the share of trials that passed and took no more than "
        "the budget: the pass rate, had every trial been stopped there. Only trials "
        "that a limit on the same resource stopped count as not seen to the end. The "
        "interval is that of a pass rate, for each budget alone.",
    ),
    _entry(
        "effects",
        "Effects of model and harness",
        "On the shared sub-grid, where every ranked model met every harness on the "
        "same tasks: the mean rate less that of the sub-grid. What is left of a "
        "meeting of model and harness is its interaction; all are tested together, "
        "like the pairs of a ranking. How far each source spreads the rates is a "
        "variance component (Searle, Casella & McCulloch 1992), with a jackknife "
        "interval over tasks.",
    ),
    _entry(
        "drop",
        "Drop in a harness",
        "A model's rate in one harness less its mean rate in its other harnesses, "
        "paired by task, tested together with the drops of every model in every "
        "harness, because the largest was picked from all of them. Expected is what "
        "the effects of model and harness add up to.",
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
        "Different: their p tells the two apart. Open: neither. "
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
        "A claim holds where the data show it, by the verdicts that all pages give. "
        "Equality, and so a tie, has to be shown as well. What the data neither show "
        "nor contradict is not settled.",
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
    """The entries of the methodology page, where these measures are told of."""
    known = set(measures)
    return (*_ENTRIES, *(said for each, said in _OF_MEASURES.items() if each in known))


def meaning(text: str, anchor: str) -> Run:
    """A word that links to what it means."""
    return link(text, DEFINITIONS[anchor].href)
