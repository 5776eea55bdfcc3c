"""Claims about a model: where it collapses, what bits do to it, what it takes."""

from fractions import Fraction

from sitegen.claims import AsGoodButFaster, Collapses, EqualQuants, Gains, Loses
from sitegen.judge.evidence import Evidence
from sitegen.judge.verdict import Said, Verdict, between, unjudged, weigh
from sitegen.keys import ModelKey, QuantKey
from sitegen.kinds import HARNESS, QUANT
from sitegen.measures import TIME
from sitegen.numbers import equals_p, percent, points, seconds
from sitegen.stats.axes import Meeting
from sitegen.stats.changes import Change
from sitegen.stats.joint_test import LEVEL
from sitegen.stats.ratios import Ratio

_LARGE = Fraction(1, 5)
"""A drop from which on a model collapses."""


def collapses(claim: Collapses, evidence: Evidence) -> Said:
    """A large drop that is sure, though it was picked from all drops there are."""
    model = evidence.find(QUANT, claim.model)
    harness = evidence.find(HARNESS, claim.harness)
    axes = evidence.results.main.axes
    if axes is None:
        return unjudged("No complete grid of models and harnesses may be shown.")
    found = next(
        (
            (place, meeting)
            for place, meeting in enumerate(axes.meetings, start=1)
            if (meeting.model, meeting.harness) == (model, harness)
        ),
        None,
    )
    if found is None:
        return unjudged("It is not in the complete grid of models and harnesses.")
    place, meeting = found
    figures = _drop(meeting, place, len(axes.meetings), evidence)
    if meeting.drop.mean >= 0:
        return Verdict.FAILS, figures
    if meeting.p > float(LEVEL):
        return Verdict.OPEN, figures
    large = meeting.drop.mean <= -_LARGE
    return (Verdict.HOLDS if large else Verdict.PARTLY), figures


def _drop(meeting: Meeting, place: int, n: int, evidence: Evidence) -> tuple[str, ...]:
    largest = "the largest" if place == 1 else f"number {place} by size"
    return (
        (
            f"{percent(meeting.rate)} % in {evidence.name(meeting.harness)}, "
            f"{percent(meeting.elsewhere)} % in its other harnesses: "
            f"{points(meeting.drop.mean)} points"
            f"{between(meeting.drop.interval)}."
        ),
        (
            f"Tested alone it has {equals_p(meeting.drop.p)}. It is {largest} of {n} "
            "such differences, and adjusted for all of them it has "
            f"{equals_p(meeting.p)}."
        ),
        (
            "The effects of model and harness add up to "
            f"{percent(meeting.expected)} %; the pass rate differs from that by "
            f"{points(meeting.interaction)} points "
            f"({equals_p(meeting.p_interaction)}, adjusted for all meetings)."
        ),
    )


def equal_quants(claim: EqualQuants, evidence: Evidence) -> Said:
    """All models with such quants together, paired by task."""
    wanted = f"{claim.fewer}-bit", f"{claim.more}-bit"
    found = [
        change
        for change in evidence.results.all.ladders.pooled
        if (change.quant, change.reference) == wanted
    ]
    if not found:
        return unjudged("No two models ran at both widths on the same cells.")
    change = found[0]
    verdict = {
        "equal": Verdict.HOLDS,
        "slightly different": Verdict.HOLDS,
        "different": Verdict.FAILS,
        "open": Verdict.OPEN,
    }[change.finding]
    return verdict, _change_words(change)


def changes(claim: Gains | Loses, evidence: Evidence, *, sign: int) -> Said:
    """One model; adjusted for all models with several quants."""
    rungs = evidence.results.all.ladders.rungs
    known = {rung.model: ModelKey(rung.model) for rung in rungs}
    if evidence.pick(claim.model, known, "model of several quants") is None:
        return unjudged("")
    found = [r.paired for r in rungs if r.model == claim.model and r.paired]
    if not found:
        return unjudged("Its quants share no cell.")
    change = found[-1]
    figures = _change_words(change)
    if change.p is None:
        return Verdict.OPEN, (*figures, "One of the quants is not ranked.")
    figures += (f"Adjusted for all pairs of models it has {equals_p(change.p)}.",)
    if change.p <= float(LEVEL):
        return (
            Verdict.HOLDS if change.found.mean * sign > 0 else Verdict.FAILS
        ), figures
    failed = change.equivalence.equal or change.found.mean * sign <= 0
    return (Verdict.FAILS if failed else Verdict.OPEN), figures


def _change_words(change: Change) -> tuple[str, ...]:
    same = change.equivalence
    margin = percent(same.margin, 0)
    word = "shown" if same.equal else "not shown"
    figures = [
        (
            f"From {change.quant} to {change.reference}, on {change.n_cells:,} shared "
            f"cells: {points(change.found.mean)} points"
            f"{between(change.found.interval)}, {equals_p(change.found.p)}."
        ),
        f"That it is within {margin} points is {word}{between(same.interval, 90)}.",
    ]
    times = [
        f"It takes {cost.ratio.value:.2f} times the {cost.measure.name}."
        for cost in change.costs
        if cost.ratio and cost.measure == TIME
    ]
    return (*figures, *times)


def as_good_but_faster(claim: AsGoodButFaster, evidence: Evidence) -> Said:
    """Equal to each (two one-sided tests), and at most a fraction of its time."""
    own = evidence.find(QUANT, claim.model)
    others = [key for name in claim.than if (key := evidence.find(QUANT, name))]
    parts: list[Verdict] = []
    figures: list[str] = []
    for other in others:
        if own is None:
            continue
        said = _beside(own, other, claim.times, evidence)
        parts += said[0]
        figures += said[1]
    return (weigh(parts), tuple(figures)) if parts else unjudged("They share no cell.")


def _beside(
    own: QuantKey, other: QuantKey, times: float, evidence: Evidence
) -> tuple[list[Verdict], list[str]]:
    leads = evidence.leads(QUANT, [(own, other)])
    if not leads:
        return [], []
    lead = leads[0]
    same = evidence.same(lead)
    equal = (
        Verdict.HOLDS
        if same.equal
        else Verdict.FAILS
        if lead.separable
        else Verdict.OPEN
    )
    word = {
        Verdict.HOLDS: "equal",
        Verdict.FAILS: "different",
        Verdict.OPEN: "neither shown equal nor told apart",
    }[equal]
    figures = [
        (
            f"Against {evidence.name(other)}: {points(lead.found.mean)} points"
            f"{between(same.interval, 90)}, {equals_p(lead.p)}: {word} "
            f"at a margin of {percent(same.margin, 0)} points."
        )
    ]
    cost = next(
        (c for c in evidence.costs(own, other) if c.measure == TIME),
        None,
    )
    if cost is None or cost.ratio is None:
        return [equal], figures
    mine, theirs = (" ".join(seconds(time)) for time in (cost.a, cost.b))
    figures.append(
        f"It takes {mine} per task, the other {theirs}: task by task "
        f"{cost.ratio.value:.1f} times as fast{_ratio_between(cost.ratio)}."
    )
    return [equal, _faster(cost.ratio, times)], figures


def _ratio_between(found: Ratio) -> str:
    if found.low is None or found.high is None:
        return ""
    return f" (95 % interval {found.low:.1f} to {found.high:.1f})"


def _faster(found: Ratio, times: float) -> Verdict:
    if found.low is not None and found.low >= times:
        return Verdict.HOLDS
    if found.high is not None and found.high < times:
        return Verdict.FAILS
    return Verdict.OPEN
