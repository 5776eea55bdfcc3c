"""Claims about who is ahead, best, worst or tied."""

from itertools import combinations, product

from sitegen.claims import Best, Better, Tied, Worst
from sitegen.judge.evidence import Evidence
from sitegen.judge.verdict import Said, Verdict, between, unjudged, weigh
from sitegen.keys import Key
from sitegen.kinds import COMBO, COMPARED_BY_WORD
from sitegen.measures import TIME
from sitegen.numbers import (
    count_of,
    decimal,
    distance,
    equals_p,
    listed,
    percent,
    points,
)
from sitegen.stats.pairs import Pair
from sitegen.stats.standings import Standing


def better(claim: Better, evidence: Evidence) -> Said:
    """Each pair of the claim, with the verdict that every page gives."""
    of = COMPARED_BY_WORD[claim.of]
    who = [evidence.find(of, name) for name in claim.who]
    than = [evidence.find(of, name) for name in claim.than]
    leads = evidence.leads(of, ((a, b) for a, b in product(who, than) if a and b))
    if not leads:
        return unjudged("They share no cell.")
    told = [lead for lead in leads if lead.better]
    against = [lead for lead in leads if lead.worse]
    rest = [lead for lead in leads if not lead.better and not lead.worse]
    figures = [
        f"{text}: {listed([evidence.lead_words(lead) for lead in group])}."
        for text, group in (
            ("Told apart", told),
            ("The other way round", against),
            ("Not told apart", rest),
        )
        if group
    ]
    return weigh(_verdict(lead) for lead in leads), tuple(figures)


def _verdict(lead: Pair[Key]) -> Verdict:
    if lead.better:
        return Verdict.HOLDS
    return Verdict.FAILS if lead.worse else Verdict.OPEN


def extreme(claim: Best | Worst, evidence: Evidence, *, best: bool) -> Said:
    """One entity against every other."""
    of = COMPARED_BY_WORD[claim.of]
    key = evidence.find(of, claim.who)
    ranked = [s for s in evidence.standings(of) if s.rank is not None]
    own = next((s for s in ranked if s.key == key), None)
    if key is None or own is None:
        return unjudged(
            "It stands apart: it ran too little of what the ranked ones share."
        )
    others = [s.key for s in ranked if s.key != key]
    leads = evidence.leads(
        of, ((key, other) if best else (other, key) for other in others)
    )
    if not leads:
        return unjudged("It was compared with no other.")
    rates = [s.headline for s in ranked if s.headline is not None]
    at_end = own.headline == (max(rates) if best else min(rates))
    rest = sorted(
        (lead for lead in leads if not lead.separable),
        key=lambda x: (abs(x.found.mean), x.a, x.b),
    )
    place = ("first" if best else "last") if at_end else f"number {own.rank}"
    figures = [
        _place(own, place, len(ranked)),
        (
            f"It is told apart from {len(leads) - len(rest):,} of the "
            f"{count_of(len(leads), 'other')} that it was compared with."
        ),
    ]
    if rest:
        least_away = abs(rest[0].found.mean)
        near = [lead for lead in rest if abs(lead.found.mean) == least_away]
        names = evidence.names(lead.b if best else lead.a for lead in near)
        least = equals_p(min(lead.p for lead in near))
        figures.append(
            f"Nearest {'is' if len(near) == 1 else 'are'} {names}, "
            f"{distance(least_away)} points away ({least}"
            f"{' or more' if len(near) > 1 and least != equals_p(1) else ''})."
        )
    if best and of is COMBO:
        figures += _on_frontier(evidence, key)
    if not at_end:
        return Verdict.FAILS, tuple(figures)
    sure = all(lead.better for lead in leads)
    return (Verdict.HOLDS if sure else Verdict.OPEN), tuple(figures)


def _place(own: Standing[Key], place: str, n: int) -> str:
    low, high = own.rank_range or (own.rank, own.rank)
    open_ranks = f"{low}" if low == high else f"{low} to {high}"
    score = "" if own.score is None else f", scored {decimal(own.score, 2)} on average"
    return (
        f"It passed {own.passed:,} of {count_of(own.n_trials, 'trial')} "
        f"({percent(own.rate)} %){score} and is {place} of {n:,}; its true rank may "
        f"be {open_ranks}."
    )


def _on_frontier(evidence: Evidence, key: Key) -> list[str]:
    return [
        f"It is on the frontier of pass rate and time in {percent(place.chance, 0)} % "
        "of draws of tasks."
        for place in evidence.results.all.places
        if place.key == key and place.measure == TIME
    ]


def tied(claim: Tied, evidence: Evidence) -> Said:
    """Whether some hold the first ranks, and are shown to be equal.

    Not to tell them apart is no tie: it may be that nobody looked hard enough.
    """
    of = COMPARED_BY_WORD[claim.of]
    keys = [key for name in claim.who if (key := evidence.find(of, name))]
    ranked = [s for s in evidence.standings(of) if s.rank is not None]
    own = [s for s in ranked if s.key in keys]
    leads = evidence.leads(of, combinations(keys, 2))
    if len(own) < len(keys) or not leads:
        return unjudged("They were not all compared.")
    on_top = max(s.rank or 0 for s in own) <= len(own)
    figures = [_difference(lead, evidence) for lead in leads]
    tier = set.intersection(*(set(s.tier) for s in own))
    also = [s.key for s in ranked if s.key not in keys and tier & set(s.tier)]
    if also:
        figures.append(f"{evidence.names(also)} cannot be told apart from them either.")
    if not on_top or any(lead.separable for lead in leads):
        return Verdict.FAILS, tuple(figures)
    equal = all(evidence.same(lead).equal for lead in leads)
    return (Verdict.HOLDS if equal else Verdict.OPEN), tuple(figures)


def _difference(lead: Pair[Key], evidence: Evidence) -> str:
    same = evidence.same(lead)
    word = "shown" if same.equal else "not shown"
    return (
        f"{evidence.name(lead.a)} minus {evidence.name(lead.b)}: "
        f"{points(lead.found.mean)} points{between(lead.found.interval)}, "
        f"{equals_p(lead.p)}. That they are equal to within "
        f"{percent(same.margin, 0)} points is {word}."
    )
