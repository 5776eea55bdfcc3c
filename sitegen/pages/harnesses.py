"""The list of harnesses, and a page for each."""

from collections.abc import Iterator

from sitegen.charts.dots import Dot
from sitegen.charts.harness_ranking import harness_table
from sitegen.keys import ComboKey, HarnessKey, TaskKey
from sitegen.kinds import HARNESS
from sitegen.numbers import count_of, percent
from sitegen.page import Content, Page, PageType, Section, plain
from sitegen.sections.charts import chart_sections
from sitegen.sections.combo_table import combo_table
from sitegen.sections.compare import apart, compared, seen_by, verdict
from sitegen.sections.entities import (
    best_combo,
    by_key,
    dot_section,
    gathered,
    interval_words,
    met,
    none_passed,
    rank_words,
    result,
    shared_first,
)
from sitegen.sections.provenance import sealing_section
from sitegen.sections.resource_use import takes_by, takes_section
from sitegen.sections.speed import harness_speed, harnesses_calls
from sitegen.sections.withheld import others_withheld, withheld
from sitegen.site_data import SiteData
from sitegen.stats.standings import Standing
from sitegen.table import SCREENFUL, ranked_table, task_results
from sitegen.words import Words, entity, paragraph, words


def harness_pages(data: SiteData) -> Iterator[Page]:
    """The list, then every harness."""
    yield _list(data)
    scope = data.results.all
    combos = gathered(scope.combos, lambda s: s.key.harness_of)
    on_tasks = (
        (task.key, s) for task in scope.tasks for s in scope.task_harnesses[task.key]
    )
    tasks = gathered(on_tasks, lambda each: each[1].key)
    pairs = seen_by(data.results.main, HARNESS)
    takes = takes_by(data.results.all)
    for standing in data.results.all.harnesses:
        more = (
            *compared(data.main, HARNESS, standing.key, pairs.get(standing.key, ())),
            *takes_section(takes.get(standing.key)),
        )
        yield _harness(
            data,
            standing,
            combos.get(standing.key, []),
            more,
            tasks.get(standing.key, []),
        )


def _list(data: SiteData) -> Page:
    view = data.main
    scope = view.scope
    lead: tuple[Words, ...] = ()
    ranked = [s for s in scope.harnesses if s.rate is not None]
    if ranked and (ranked[0].rank is not None or len(ranked) == 1):
        best = ranked[0]
        lead = (
            none_passed(view, HARNESS)
            or words(
                *shared_first(view.names, scope.harnesses, "harnesses"),
                entity(view.names[best.key]),
                " ",
                *result(best),
                f", over {count_of(len(met(best)), 'model')}{view.within}. ",
                interval_words(best),
            ),
            *verdict(view, HARNESS, scope.harnesses),
        )
    lead += (*apart(HARNESS, scope.harnesses), *others_withheld(view, HARNESS))
    sections = [
        *chart_sections(data, scope, "harness_ranking", "model_harness_heatmap"),
    ]
    every = (
        Section(
            title="Every harness" if sections else "Harnesses",
            anchor="harnesses",
            table=harness_table(view),
        )
        if scope.harnesses
        else withheld(data, "Harnesses")
    )
    if not sections or len(ranked) <= 1:
        sections.insert(0, every)
    elif not data.results.sweeps:
        sections.append(every)
    return Page(
        path="harnesses/index.html",
        title="Harnesses",
        description=plain(lead),
        content=Content(
            heading="What difference does the harness make?",
            lead=lead,
            sections=(*sections, *harnesses_calls(view), *_links(data)),
        ),
    )


def _links(data: SiteData) -> Iterator[Section]:
    """Every harness of every sweep; without sweeps they stand above."""
    standings = data.results.all.harnesses
    if not data.results.sweeps:
        return
    yield Section(
        title="All trials",
        anchor="all",
        paragraphs=paragraph(
            "Every harness over all trials, whatever the sweep; open one for "
            "its models and notes."
        ),
        table=ranked_table("Harnesses, all trials", "Harness", data.names, standings),
    )


def _harness(
    data: SiteData,
    standing: Standing[HarnessKey],
    combos: list[Standing[ComboKey]],
    more: tuple[Section, ...],
    tasks: list[tuple[TaskKey, Standing[HarnessKey]]],
) -> Page:
    names = data.names
    found = names[standing.key]
    main = by_key(data.results.main.harnesses).get(standing.key)
    info = data.metadata.harnesses.get(standing.key.harness)
    ranked = main or standing
    lead = (
        words(
            f"{found.label} ",
            *result(ranked),
            f"{data.main.within if main else ', all trials'}. ",
            interval_words(ranked),
            rank_words(ranked, data.results.main, HARNESS) if main else "",
        ),
        *filter(None, (best_combo(names, combos),)),
    )
    sections: list[Section] = []
    if info and info.note:
        sections.append(
            Section(title="Note", anchor="note", findings=paragraph(info.note))
        )
    sections += dot_section(
        found,
        [
            Dot(label=names[s.key].full, standing=s, hue=names[s.key].hue)
            for s in combos
        ],
        title="With each model",
        caption=f"Pass rate of each model in {found.label}, with its 95 % interval.",
        table=combo_table(
            data.everything,
            combos,
            f"Combos with {found.label}",
            filterable=len(combos) > SCREENFUL,
            same="harness",
        ),
        data="data/combos",
    )
    sections += harness_speed(data.everything, found.label, standing.key)
    sections += more
    sections += sealing_section(data, standing.key)
    sections += _audit(data, standing.key.harness)
    if tasks:
        sections.append(
            Section(
                title="By task",
                anchor="tasks",
                paragraphs=paragraph("Over all models; the hardest task first."),
                table=task_results(f"Tasks in {found.label}", names, tasks),
            )
        )
    return Page(
        path=found.href,
        title=found.label,
        description=plain(lead),
        shows=standing.key,
        content=Content(
            kicker="Harness", heading=found.label, lead=lead, sections=tuple(sections)
        ),
    )


def _audit(data: SiteData, harness: str) -> Iterator[Section]:
    line = next((a for a in data.results.all.audit if a.harness == harness), None)
    if line is None or not line.n_audited:
        return
    if not line.mentions and not line.accesses:
        found = words(
            f"No log of its {count_of(line.n_audited, 'audited trial')} mentions the "
            "hidden grader."
        )
    else:
        found = words(
            "The log mentions the hidden grader in "
            f"{count_of(line.mentions, 'trial')} of "
            f"{line.n_audited:,}; the agent ran or read it in {line.accesses:,}"
            + (
                f", of which {line.accesses_passed:,} passed. Rate kept "
                f"{percent(line.kept.rate)} %, counted as failed "
                f"{percent(line.failed.rate)} %, dropped "
                f"{percent(line.dropped.rate)} %."
                if line.accesses
                else "."
            )
        )
    yield Section(title="The hidden grader", anchor="grader", findings=(found,))


PAGES = PageType(label="Harnesses", href="harnesses/index.html", pages=harness_pages)
