"""The list of tasks, and a page for each."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction

from sitegen.charts.dots import Dot
from sitegen.charts.task_difficulty import task_table
from sitegen.definitions import meaning
from sitegen.keys import GroupKey, TaskKey
from sitegen.numbers import correlation, count_of, percent, seconds
from sitegen.page import Content, Page, PageType, Section, plain
from sitegen.sections.charts import chart_sections
from sitegen.sections.discrimination import all_or_none, discrimination_words
from sitegen.sections.entities import dot_section, in_percent, joined
from sitegen.sections.task_grid import who_passes
from sitegen.sections.withheld import withheld
from sitegen.site_data import SiteData
from sitegen.stats.difficulty import Discrimination
from sitegen.stats.standings import Standing
from sitegen.table import ranked_table
from sitegen.words import Words, entity, paragraph, strong, words

_SNAKE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
_NAMED = 4
"""Tasks named in a sentence; more are counted."""


def task_pages(data: SiteData) -> Iterator[Page]:
    """The list, then every task."""
    yield _list(data)
    scope = data.results.all
    rates = sorted(s.rate for s in scope.tasks if s.rate is not None)
    telling = {found.task: found for found in scope.discrimination}
    for standing in scope.tasks:
        yield _task(data, standing, rates, telling.get(standing.key.task))


def _list(data: SiteData) -> Page:
    view = data.everything
    tasks = [s for s in view.scope.tasks if s.rate is not None]
    lead: tuple[Words, ...] = ()
    if tasks:
        lead = paragraph(*_hardest(data, tasks), *all_or_none(data, tasks))
    charts = chart_sections(data, view.scope, "task_difficulty")
    title = "Every task" if charts else "Tasks"
    every = Section(title=title, anchor="tasks", table=task_table(view))
    return Page(
        path="tasks/index.html",
        title="Tasks",
        description=plain(lead),
        content=Content(
            heading="Which tasks tell agents apart?",
            lead=(*lead, *discrimination_words(data)),
            sections=(
                *charts,
                every if charts or view.scope.tasks else withheld(data, "Tasks"),
            ),
        ),
    )


def _hardest(data: SiteData, tasks: list[Standing[TaskKey]]) -> Words:
    """The hardest task, or those that are equally hard."""
    first = tasks[0]
    tied = [s for s in tasks if s.rate == first.rate]
    named = [entity(data.names[s.key]) for s in tied]
    each = f"{percent(first.rate)} % of the trials of each passed. "
    if len(tasks) == 1:
        return words(*named, " is the only task. ", *_share(first))
    if len(tied) == 1:
        return words(*named, " is the hardest. ", *_share(first))
    if len(tied) == len(tasks):
        return words(f"No task is harder than another: {each}")
    if not first.rate:
        # That no trial passed them is said of all such tasks.
        return ()
    who = joined(named) if len(tied) <= _NAMED else (f"{len(tied):,} tasks",)
    return words(*who, f" are the hardest: {each}")


def _task(
    data: SiteData,
    standing: Standing[TaskKey],
    rates: Sequence[Fraction],
    telling: Discrimination | None,
) -> Page:
    found, task = data.names[standing.key], standing.key
    heading = found.label if found.label != task.task else _readable(task.task)
    lead = paragraph(
        *_share(standing),
        _place(standing.rate, rates),
        " ",
        *_discriminates(telling),
    )
    sections = (*_who(data, standing), *_about(data, task.task))
    return Page(
        path=found.href,
        title=found.label,
        description=plain(lead),
        shows=standing.key,
        content=Content(
            kicker="Task",
            heading=heading,
            code=task.task if heading != task.task else "",
            lead=lead,
            sections=sections,
        ),
    )


def _readable(name: str) -> str:
    """A name in the data as a heading: "pt4_beam_search" -> "pt4 beam search"."""
    return name.replace("_", " ") if _SNAKE.fullmatch(name) else name


def _who(data: SiteData, standing: Standing[TaskKey]) -> Iterator[Section]:
    """Who passed it: each combo, or models and harnesses while cells are private."""
    scope, names, task = data.results.all, data.names, standing.key
    combos = [s for s in scope.task_combos[task] if s.rate is not None]
    if combos:
        yield who_passes(data.names, combos)
        return
    quants, harnesses = scope.task_model_quants[task], scope.task_harnesses[task]
    if not (quants or harnesses):
        yield withheld(data, "By model and harness")
    at_quant = " at a quant" if any(s.key.quant for s in quants) else ""
    yield from dot_section(
        names[task],
        [
            Dot(label=names[s.key].full, standing=s, hue=names[s.key].hue)
            for s in quants
        ],
        title="By model",
        caption=f"Pass rate on this task of each model{at_quant}, over all harnesses.",
        table=ranked_table("Models on this task", "Model", names, quants),
        data="data/task_models",
    )
    if harnesses:
        table = ranked_table("Harnesses on this task", "Harness", names, harnesses)
        yield Section(title="By harness", anchor="harnesses", table=table)


def _place(own: Fraction | None, rates: Sequence[Fraction]) -> str:
    """Its place among the rates of all, lowest first, with those that share it."""
    if own is None or len(rates) == 1:
        return ""
    below = bisect_left(rates, own)
    equal = bisect_right(rates, own) - below - 1
    if equal == len(rates) - 1:
        return "The others were passed equally often."
    shared = f", together with {count_of(equal, 'other')}" if equal else ""
    return (
        f"By pass rate it is number {below + 1} of {len(rates)}, counted from the "
        f"hardest{shared}."
    )


def _discriminates(found: Discrimination | None) -> Words:
    if found is None:
        return ()
    r = found.correlation
    if r is None:
        return words("It tells no two combos apart.")
    ends = (
        f" (95 % interval {correlation(found.low)} to {correlation(found.high)})"
        if found.low is not None and found.high is not None
        else ""
    )
    said = f"{correlation(r)}{ends}"
    verdict = (
        "those who are better elsewhere pass it more often"
        if found.separates
        else "whether it tells strong combos from weak ones is open"
    )
    return words(
        "Its ",
        meaning("discrimination", "discrimination"),
        f" is {said}: {verdict}.",
    )


def _share(standing: Standing[TaskKey]) -> Words:
    """How many of its trials passed, and how long one took."""
    if standing.rate is None:
        return words("No trial of it was measured. ")
    time, unit = seconds(standing.time_mean_s)
    return words(
        strong(f"{standing.passed:,} of its {count_of(standing.n_trials, 'trial')}"),
        f" passed{in_percent(standing)}. ",
        f"A trial took {time} {unit} on average. " if unit else "",
    )


def _about(data: SiteData, task: str) -> Iterator[Section]:
    info = data.metadata.tasks.get(task)
    if info is None:
        return
    columns = dict.fromkeys(("language", "category", *data.settings.site.groups))
    terms = [
        (column.capitalize(), _value(data, GroupKey(column, value)))
        for column in columns
        if (value := info.value(column))
    ]
    terms += [("Note", words(info.note))] if info.note else []
    if terms:
        yield Section(title="About", anchor="about", terms=tuple(terms))


def _value(data: SiteData, group: GroupKey) -> Words:
    """What a task is, linked to the others that are so too."""
    found = data.names.entities.get(group)
    return words(entity(found) if found else group.value)


PAGES = PageType(label="Tasks", href="tasks/index.html", pages=task_pages)
