"""The list of task groups, such as languages, and a page for each."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sitegen.charts.dots import Dot
from sitegen.keys import GroupKey, Key
from sitegen.kinds import HARNESS, QUANT
from sitegen.numbers import count_of
from sitegen.page import Content, Page, PageType, Section, plain
from sitegen.sections.charts import chart_sections
from sitegen.sections.combo_table import combo_table
from sitegen.sections.entities import (
    averaging,
    dot_section,
    gathered,
    in_percent,
    joined,
)
from sitegen.sections.task_grid import who_passes
from sitegen.sections.withheld import withheld
from sitegen.site_data import SiteData
from sitegen.stats.groups import InGroup
from sitegen.stats.standings import Standing
from sitegen.table import (
    MEASURES,
    SCREENFUL,
    UNORDERED,
    Cell,
    Column,
    Table,
    measures,
    name_cell,
)
from sitegen.words import Words, entity, strong, words


def group_pages(data: SiteData) -> Iterator[Page]:
    """The list, then every group; nothing where tasks are not grouped."""
    groups = data.results.all.in_groups
    if not groups:
        return
    yield _list(data)
    for group, found in groups.items():
        yield _group(data, group, found)


def _list(data: SiteData) -> Page:
    columns = gathered(data.results.all.groups, lambda s: s.key.group)
    lead = tuple(filter(None, (_hardest(data, found) for found in columns.values())))
    return Page(
        path="groups/index.html",
        title="Groups",
        description=plain(lead),
        content=Content(
            heading="Who is good at which tasks?",
            lead=lead,
            sections=(
                *chart_sections(data, data.results.all, "model_group_heatmap"),
                *(
                    Section(
                        title=f"By {column}",
                        anchor=f"by-{number}",
                        table=_table(
                            data, f"Tasks by {column}", column, found, UNORDERED
                        ),
                    )
                    for number, (column, found) in enumerate(columns.items(), start=1)
                ),
            ),
        ),
    )


def _hardest(data: SiteData, found: Sequence[Standing[GroupKey]]) -> Words:
    """Of one column, the group with the lowest rate."""
    known = [s for s in found if s.rate is not None]
    if len({s.rate for s in known}) <= 1:
        return ()
    hardest = min(known, key=lambda s: (s.rate or 0, s.key))
    return words(
        f"By {hardest.key.group}, the hardest is ",
        entity(data.names[hardest.key]),
        ": ",
        *_passed(hardest),
    )


def _passed(standing: Standing[GroupKey]) -> Words:
    """How many of all trials on a group passed."""
    if standing.rate is None:
        return words("no trial was measured.")
    return words(
        strong(f"{standing.passed:,} of {count_of(standing.n_trials, 'trial')}"),
        f" passed{in_percent(standing)}{averaging(standing)}.",
    )


def _group(data: SiteData, group: GroupKey, found: InGroup) -> Page:
    names = data.names
    named = names[group]
    on = "on this task" if len(found.tasks) == 1 else "on these tasks"
    lead = (
        words(f"On its {count_of(len(found.tasks), 'task')}, ", *_passed(found.whole)),
        words(
            "Task: " if len(found.tasks) == 1 else "Tasks: ",
            *joined([entity(names[task]) for task in found.tasks]),
            ".",
        ),
    )
    sections: list[Section] = [
        *dot_section(
            named,
            [
                Dot(label=names[s.key].full, standing=s, hue=names[s.key].hue)
                for s in found.model_quants
            ],
            title="By model",
            caption=f"Pass rate of each model {on}, over all harnesses.",
            table=_table(data, f"Models {on}", QUANT.word, found.model_quants),
            data="data/task_groups",
        )
    ]
    if found.harnesses:
        sections.append(
            Section(
                title="By harness",
                anchor="harnesses",
                table=_table(data, f"Harnesses {on}", HARNESS.word, found.harnesses),
            )
        )
    if found.combos and len(found.tasks) == 1:
        # Rows of one trial each would say little more than "1/1".
        sections.append(who_passes(names, found.combos))
    elif found.combos:
        sections.append(
            Section(
                title="By combo",
                anchor="combos",
                table=combo_table(
                    data.everything,
                    found.combos,
                    "Combos on these tasks",
                    filterable=len(found.combos) > SCREENFUL,
                    ranked=False,
                ),
            )
        )
    if not sections:
        sections.append(withheld(data, "By model and harness"))
    return Page(
        path=named.href,
        title=named.label,
        description=plain(lead),
        content=Content(
            kicker=group.group.capitalize(),
            heading=named.label,
            lead=lead,
            sections=tuple(sections),
        ),
    )


def _table(
    data: SiteData,
    caption: str,
    what: str,
    found: Sequence[Standing[Key]],
    columns: tuple[Column, ...] = MEASURES,
) -> Table:
    return Table(
        caption=caption,
        columns=(
            Column(title=what.capitalize(), kind="name"),
            Column(title="Tasks", folds=True),
            *columns,
        ),
        rows=tuple(
            (
                # Groups come in their order: "easy" before "hard".
                replace(name_cell(data.names[s.key]), sort=place)
                if isinstance(s.key, GroupKey)
                else name_cell(data.names[s.key]),
                Cell(text=f"{s.n_across:,}", sort=s.n_across),
                *measures(s),
            )
            for place, s in enumerate(found)
        ),
        filterable=len(found) > SCREENFUL,
    )


PAGES = PageType(label="Groups", href="groups/index.html", pages=group_pages)
