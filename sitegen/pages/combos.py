"""A page for each combo: where it stands, and who stands beside it."""

from collections.abc import Iterator, Sequence
from typing import Literal

from sitegen.keys import ComboKey, TaskKey
from sitegen.kinds import COMBO
from sitegen.numbers import count_of, rounded
from sitegen.page import Content, Page, PageType, Section, plain
from sitegen.sections.combo_table import combo_table
from sitegen.sections.compare import compared, seen_by
from sitegen.sections.entities import (
    by_key,
    gathered,
    interval_words,
    n_ranked,
    rank_words,
    result,
)
from sitegen.sections.provenance import view_section
from sitegen.sections.resource_use import takes_by, takes_section
from sitegen.sections.speed import combo_speed
from sitegen.site_data import SiteData
from sitegen.stats.consistency import Consistency
from sitegen.stats.coverage import Coverage
from sitegen.stats.standings import Standing
from sitegen.table import ranks, task_results
from sitegen.words import Words, entity, paragraph, words

_MOST = 30
"""Neighbours listed; the board has all."""


def combo_pages(data: SiteData) -> Iterator[Page]:
    """Every combo, from the first rank on."""
    scope = data.results.all
    by_quant = gathered(scope.combos, lambda s: s.key.quant_of)
    by_harness = gathered(scope.combos, lambda s: s.key.harness_of)
    by_plain = gathered(scope.combos, lambda s: s.key.plain)
    told = scope.tasks if data.settings.publish.cells else ()
    on_tasks = ((task.key, s) for task in told for s in scope.task_combos[task.key])
    tasks = gathered(on_tasks, lambda each: each[1].key)
    repeated = gathered(scope.consistency, lambda line: line.key)
    pairs = seen_by(scope, COMBO)
    takes = takes_by(scope)
    covered = {line.key: line for line in scope.coverage}
    frontier = {step.standing.key for step in scope.frontier}
    for standing in scope.combos:
        sections = (
            *_near(
                data,
                "The same model in other harnesses",
                "model",
                by_quant[standing.key.quant_of],
            ),
            *_near(
                data,
                "Its variants",
                "harness",
                by_plain[standing.key.plain],
                anchor="variants",
            ),
            *view_section(data, standing.key),
            *_tasks(data, tasks.get(standing.key, ())),
            *compared(
                data.everything, COMBO, standing.key, pairs.get(standing.key, ())
            ),
            *combo_speed(data.everything, standing.key),
            *takes_section(takes.get(standing.key)),
            *_repeats(repeated.get(standing.key, ())),
            *_lost(covered[standing.key]),
            *_near(
                data,
                "Other models in the same harness",
                "harness",
                _around(standing, by_harness[standing.key.harness_of]),
            ),
        )
        yield _page(data, standing, sections, frontier)


def _page(
    data: SiteData,
    standing: Standing[ComboKey],
    sections: tuple[Section, ...],
    frontier: set[ComboKey],
) -> Page:
    names = data.names
    found = names[standing.key]
    title = names[standing.key].text
    best = (
        "No other combo is both better and faster. " if standing.key in frontier else ""
    )
    lead = (
        words(
            entity(names[standing.key.quant_of]),
            " in ",
            entity(names[standing.key.harness_of]),
            f" ({standing.key.variant}) " if standing.key.variant else " ",
            *result(standing),
            ". ",
            interval_words(standing),
            rank_words(
                standing,
                data.results.all,
                COMBO,
                data.over_all,
            ),
            best,
        ),
        *_by_sweep(data, standing.key),
    )
    return Page(
        path=found.href,
        title=title,
        description=plain(lead),
        shows=standing.key,
        content=Content(
            kicker="Combo",
            heading=f"{found.label} + {found.harness}",
            quant=found.quant,
            lead=lead,
            sections=sections,
        ),
    )


def _by_sweep(data: SiteData, key: ComboKey) -> tuple[Words, ...]:
    """Its rank within each sweep, when it ran in one of several."""
    if len(data.results.sweeps) <= 1:
        return ()
    parts = []
    for scope in data.results.sweeps:
        standing = by_key(scope.combos).get(key)
        if standing and standing.rank:
            found = standing.rank_range or (standing.rank, standing.rank)
            label = data.names.scope_text(scope.sweep)
            tier = f", tier {standing.tier}" if standing.tier else ""
            parts.append(
                f"In the {label}, rank {ranks(found)} of "
                f"{n_ranked(scope.combos):,}{tier}"
            )
    return paragraph(f"{'; '.join(parts)}.") if parts else ()


def _near(
    data: SiteData,
    title: str,
    same: Literal["model", "harness"],
    standings: Sequence[Standing[ComboKey]],
    *,
    anchor: str = "",
) -> Iterator[Section]:
    if len(standings) <= 1:
        return
    yield Section(
        title=title,
        anchor=anchor or f"same-{same}",
        table=combo_table(data.everything, standings[:_MOST], title, same=same),
    )


def _around(
    standing: Standing[ComboKey], ranked: Sequence[Standing[ComboKey]]
) -> Sequence[Standing[ComboKey]]:
    """As many standings around this one as are listed."""
    at = ranked.index(standing)
    start = max(0, min(at - _MOST // 2, len(ranked) - _MOST))
    return ranked[start : start + _MOST]


def _tasks(
    data: SiteData, found: Sequence[tuple[TaskKey, Standing[ComboKey]]]
) -> Iterator[Section]:
    if not found:
        return
    yield Section(
        title="By task",
        anchor="tasks",
        paragraphs=paragraph("The hardest task first."),
        table=task_results("Results by task", data.names, found),
    )


def _repeats(found: Sequence[Consistency]) -> Iterator[Section]:
    if not found:
        return
    all_pass = ", ".join(
        f"{rounded(line.pass_hat_k, line.n_tasks)} % for k = {line.k}" for line in found
    )
    any_pass = ", ".join(
        f"{rounded(line.pass_at_k, line.n_tasks)} % for k = {line.k}" for line in found
    )
    yield Section(
        title="Repeated trials",
        anchor="repeated",
        paragraphs=paragraph(
            f"Over {count_of(found[0].n_tasks, 'task')}, estimated from all "
            "trials of each."
        ),
        terms=(
            ("pass^k: all of k trials pass", words(all_pass)),
            ("pass@k: at least one of k passes", words(any_pass)),
        ),
    )


def _measured(line: Coverage) -> str:
    if line.measured < line.rows:
        was = "was" if line.measured == 1 else "were"
        return f"{line.measured:,} of {count_of(line.rows, 'trial')} {was} measured"
    if line.rows == 1:
        return "Its one trial was measured"
    return f"All {line.rows:,} trials were measured"


def _lost(line: Coverage) -> Iterator[Section]:
    missing = line.tasks_in_scope - line.tasks
    lost = [
        (line.infra, "lost to infrastructure, which says nothing about the agent"),
        (line.cancelled, "cancelled"),
        (line.void, "voided for cheating and counted as failed"),
    ]
    facts = [f"{count_of(n, 'trial')} {what}" for n, what in lost if n]
    if missing:
        verb = "was" if missing == 1 else "were"
        facts.append(f"{count_of(missing, 'task')} {verb} not run")
    if not facts:
        return
    yield Section(
        title="Coverage",
        anchor="coverage",
        paragraphs=paragraph(f"{_measured(line)}: {'; '.join(facts)}."),
    )


PAGES = PageType(label="Board", href="index.html", pages=combo_pages)
