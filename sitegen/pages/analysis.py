"""The questions that any results table is asked, answered from its numbers."""

from collections.abc import Iterator, Sequence

from sitegen.charts.figure import Question
from sitegen.keys import HarnessKey, Key
from sitegen.kinds import COMBO, HARNESS, QUANT, Kind
from sitegen.numbers import count_of, decimal, percent, seconds
from sitegen.page import Content, Page, PageType, Section, plain
from sitegen.sections.charts import answering, titled
from sitegen.sections.compare import apart
from sitegen.sections.discrimination import all_or_none, discrimination_words
from sitegen.sections.effects import effect_sections
from sitegen.sections.entities import (
    interval_words,
    joined,
    met,
    none_passed,
    reached,
    result,
    shared_first,
)
from sitegen.sections.frontiers import frontier_sections
from sitegen.sections.integrity import integrity_sections
from sitegen.sections.orders import order_sections
from sitegen.sections.quant_answers import quant_sections
from sitegen.sections.tally import tally
from sitegen.sections.variants import variant_sections
from sitegen.sections.withheld import others_withheld
from sitegen.site_data import SiteData
from sitegen.stats.audit import Audit, Rate
from sitegen.stats.frontier import Step
from sitegen.stats.standings import Standing
from sitegen.words import Words, combo, entity, link, paragraph, words

_NAMED = 4
"""Tasks named in a sentence; more are counted."""


def analysis_pages(data: SiteData) -> Iterator[Page]:
    """The one analysis page."""
    lead = paragraph(
        "Questions, each answered from the same numbers as every other page. "
        "The figures move with the data; the wording follows the figures."
    )
    yield Page(
        path="analysis.html",
        title="Analysis",
        description=plain(lead),
        content=Content(
            heading="What do the numbers say?",
            listed=True,
            lead=lead,
            sections=(
                *_claims(data),
                *_combos(data),
                *frontier_sections(data),
                *_ranking(data, QUANT, HARNESS, "models"),
                *_ranking(data, HARNESS, QUANT, "harnesses"),
                *effect_sections(data),
                *answering(data, "budget"),
                *_grader(data),
                *order_sections(data),
                *integrity_sections(data),
                *quant_sections(data),
                *variant_sections(data),
                *_tasks(data),
                *answering(data, None),
            ),
        ),
    )


def _claims(data: SiteData) -> Iterator[Section]:
    if not data.judged:
        return
    text = words(
        f"Of {count_of(len(data.judged), 'statement')} of the author, "
        f"{tally(data.judged)}: ",
        link("every claim with its verdict", "claims.html"),
        ".",
    )
    yield Section(title="Does what is claimed hold?", anchor="claims", findings=(text,))


def _combos(data: SiteData) -> tuple[Section, ...]:
    scope = data.results.all
    steps = scope.frontier
    if not scope.combos:
        return ()
    if not steps:
        first = scope.combos[0]
        if not scope.size.timed:
            why = "No times were recorded"
        else:
            why = "No time of what passed can be compared"
        leads = words(
            *shared_first(data.names, scope.combos, "combos"),
            combo(data.names, first.key),
            " ",
            *result(first),
            f". {why}, so there is no frontier of speed.",
        )
        text = none_passed(data.everything, COMBO) or leads
        if first.rank is None and len(scope.combos) > 1:
            text = words("No combo is ranked, so none is the best.")
        return (
            Section(title="Which combos are best?", anchor="combos", findings=(text,)),
        )
    compared = sum(
        s.rank is not None and s.beside and s.time_mean_s is not None
        for s in scope.combos
    )
    texts: list[Words] = []
    if compared > 1:
        n = len(steps)
        every = "both" if n == 2 else "all"  # noqa: PLR2004 - a pair
        on = f"{every if n == compared else f'{n:,}'} {'is' if n == 1 else 'are'}"
        line = (
            f"Of the {compared:,} ranked combos whose times can be compared"
            f"{data.over_all}, {on} on "
            "the frontier: no other is both better and faster."
        )
        texts.append(words(line))
    for step in reversed(steps):
        first, slower = step.standing, _slower(step, steps)
        texts.append(words(combo(data.names, first.key), " ", *result(first), slower))
    sections = answering(data, "combos")
    return titled("Which combos are best, and what does speed cost?", sections, texts)


def _slower(step: Step, steps: Sequence[Step]) -> str:
    """The end of a sentence about a combo on the frontier."""
    if step.times_slower == 1:
        return ", as fast as the next."
    if step.times_slower:
        return f", {decimal(step.times_slower, 1)} times the time of the next."
    alone = len(steps) == 1 or steps[1].times_slower == 1
    return "." if alone else ", the fastest of them."


def _ranking(
    data: SiteData, kind: Kind[Key], over: Kind[Key], question: Question
) -> tuple[Section, ...]:
    standings = data.results.main.standings(kind)
    if not any(s.rate is not None for s in standings):
        return ()
    ranked = [s for s in standings if s.rank is not None]
    texts = _leader(data, kind, over, standings) + _last(data, kind, ranked)
    if kind is QUANT:
        texts += _not_apart_but_faster(data, ranked)
    return titled(_which(kind, over, ranked), answering(data, question), texts)


def _which(kind: Kind[Key], over: Kind[Key], ranked: Sequence[Standing[Key]]) -> str:
    """The question, which asks for more only where several were met by all."""
    whatever = (
        f", whatever the {over.word}" if ranked and len(met(ranked[0])) > 1 else ""
    )
    return f"Which {kind.plural} are best{whatever}?"


def _leader(
    data: SiteData,
    kind: Kind[Key],
    over: Kind[Key],
    standings: Sequence[Standing[Key]],
) -> list[Words]:
    """The first of a kind, over what all ranked ones met; or that nobody is ranked."""
    within = data.main.within
    ranked = [s for s in standings if s.rank is not None]
    withheld = others_withheld(data.main, kind)
    if len(standings) == 1:
        only = entity(data.names[standings[0].key])
        return [*withheld] or [
            words(f"There is only one {kind.word}{within}: ", only, ".")
        ]
    if not ranked:
        return [*apart(kind, standings), *withheld]
    first = ranked[0]
    partners = met(first)
    where = (
        words("In " if over is HARNESS else "With ", entity(data.names[partners[0]]))
        if len(partners) == 1
        else words(f"Over {len(partners):,} {over.plural}")
    )
    return [
        none_passed(data.main, kind)
        or words(
            *shared_first(data.names, standings, kind.plural),
            *where,
            f"{within}: ",
            entity(data.names[first.key]),
            " ",
            *result(first),
            ". ",
            interval_words(first),
        ),
        *apart(kind, standings),
        *withheld,
    ]


def _last(
    data: SiteData, kind: Kind[Key], ranked: Sequence[Standing[Key]]
) -> list[Words]:
    """Who is last, and how many are shown to be better; nothing where all are equal."""
    last = [s for s in ranked if s.headline == ranked[-1].headline]
    if len(last) == len(ranked):
        return []
    if len(last) > 1:
        named = [entity(data.names[s.key]) for s in last]
        who = (
            joined(named) if len(named) <= _NAMED else (f"{len(last):,} {kind.plural}",)
        )
        what = "rates" if last[0].score is None else "scores"
        return [words(f"Last, with equal {what}, are ", *who, ".")]
    (worst,) = last
    others = len(ranked) - 1
    better = worst.rank_range[0] - 1 if worst.rank_range else None
    if better is None:
        shown = "."
    elif better == others:
        many = "both" if others == 2 else f"all {others:,}"  # noqa: PLR2004 - a pair
        all_of = "the other is" if others == 1 else f"{many} others are"
        shown = f"; {all_of} shown to be better."
    else:
        some = f"{better:,} of the {others:,}" if better else "none of the"
        shown = f"; {some} others {'is' if better <= 1 else 'are'} shown to be better."
    return [
        words(
            "Last is ",
            entity(data.names[worst.key]),
            ", which ",
            *result(worst),
            shown,
        )
    ]


def _not_apart_but_faster(
    data: SiteData, ranked: Sequence[Standing[Key]]
) -> list[Words]:
    """The fastest model that is not told apart from the first, where it is much so."""
    if not ranked or ranked[0].time_mean_s is None or not ranked[0].beside:
        return []
    if data.results.told:
        return []
    best, slow = ranked[0], ranked[0].time_mean_s
    told = {
        frozenset((pair.a, pair.b))
        for pair in data.results.main.pairs
        if pair.kind == QUANT.word and pair.separable
    }
    rivals = [
        s
        for s in ranked[1:]
        if s.time_mean_s
        and s.beside
        and frozenset((best.key, s.key)) not in told
        and s.time_mean_s * 2 <= slow
    ]
    if not rivals:
        return []
    rival = min(rivals, key=lambda s: (s.time_mean_s or 0, s.key))
    ratio = slow / (rival.time_mean_s or 1)
    return [
        words(
            entity(data.names[rival.key]),
            f", at {reached(rival)}, is not told apart from ",
            entity(data.names[best.key]),
            f" and is {decimal(ratio, 1)} times as fast.",
        )
    ]


def _grader(data: SiteData) -> tuple[Section, ...]:
    title = "Which agents accessed the hidden grader?"
    whole, main = data.results.all, data.results.main
    if not whole.audit:
        more = ", or is not published" if data.results.told else ""
        text = words(f"Whether agents touched the grader was not recorded{more}.")
        return (Section(title=title, anchor="audit", findings=(text,)),)
    mentioned = sum(line.mentions for line in whole.audit)
    accessed = sum(line.accesses for line in whole.audit)
    passed = sum(line.accesses_passed for line in whole.audit)
    if not mentioned and not accessed:
        audited = sum(line.n_audited for line in whole.audit)
        text = words(
            f"No log of {count_of(audited, 'audited trial')} mentions the hidden "
            "grader."
        )
        return (Section(title=title, anchor="audit", findings=(text,)),)
    texts = [
        words(
            f"Over all trials, {mentioned:,} logs mention the grader; in {accessed:,} "
            f"the agent ran or read it, and {passed:,} of those passed."
        )
    ]
    texts += [_three_ways(data, line) for line in main.audit if line.accesses]
    sections = answering(data, "grader")
    return titled(title, sections, texts)


def _three_ways(data: SiteData, line: Audit) -> Words:
    def said(found: Rate) -> str:
        return f"{percent(found.rate)} % ({found.passed:,}/{found.n:,})"

    return words(
        f"{data.main.label.capitalize()}, ",
        entity(data.names[HarnessKey(line.harness)]),
        f": {said(line.kept)} with these trials kept, {said(line.failed)} with them "
        f"counted as failed, {said(line.dropped)} with them dropped.",
    )


def _tasks(data: SiteData) -> tuple[Section, ...]:
    tasks = [s for s in data.results.all.tasks if s.rate is not None]
    texts = []
    # Of those that some passed; the easiest are not hard.
    between = [s for s in tasks if s.rate and s.rate < (tasks[-1].rate or 0)]
    if between:
        # No three of more that are equally hard.
        tied = sum(s.rate == between[0].rate for s in between)
        hardest = [entity(data.names[s.key]) for s in between[: max(3, tied)]]
        who = joined(hardest) if len(hardest) <= _NAMED else (f"{tied:,} tasks",)
        rest = "" if tasks[0].rate else " of those that a trial passed"
        texts.append(words(f"Hardest{rest}{data.over_all}: ", *who, "."))
    elif len({s.rate for s in tasks}) == 1 < len(tasks):
        texts.append(words("No task is harder than another: all were passed equally."))
    if extremes := all_or_none(data, tasks):
        texts.append(extremes)
    texts += discrimination_words(data, data.over_all)
    times = [s.time_mean_s for s in tasks if s.beside and s.time_mean_s is not None]
    time, unit = seconds(max(times, default=None))
    if unit and len(times) == len(tasks) > 1:
        texts.append(words(f"The slowest task took {time} {unit} on average."))
    sections = answering(data, "tasks")
    if not texts and not sections:
        return ()
    return titled("Which tasks are hard?", sections, texts)


PAGES = PageType(label="Analysis", href="analysis.html", pages=analysis_pages)
