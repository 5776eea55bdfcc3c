"""The list of models, a page for each model (joining its quants), one a quant."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sitegen.charts.dots import Dot
from sitegen.charts.quant_pairs import pair_table
from sitegen.keys import ComboKey, Key, ModelKey, QuantKey
from sitegen.kinds import QUANT
from sitegen.names import NOT_RECORDED, Entity
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
from sitegen.sections.provenance import to_hardware
from sitegen.sections.resource_use import takes_by, takes_section
from sitegen.sections.speed import model_speed, models_speed
from sitegen.sections.withheld import others_withheld, withheld
from sitegen.site_data import SiteData
from sitegen.stats.quants import ladder
from sitegen.stats.standings import Standing
from sitegen.table import (
    EMPTY,
    MEASURES,
    SCREENFUL,
    Cell,
    Column,
    Table,
    count_cell,
    measures,
    name_cell,
    plain_cell,
    points_cell,
    rank_cell,
    rank_column,
    task_results,
)
from sitegen.view import View
from sitegen.words import Run, Words, entity, link, paragraph, words


def model_pages(data: SiteData) -> Iterator[Page]:
    """The list, then every model, then every model-quant with a quant."""
    yield _list(data)
    scope = data.results.all
    quants = gathered(scope.model_quants, lambda s: s.key.model_of)
    combos = gathered(scope.combos, lambda s: s.key.model_of)
    tasks = _tasks_by_quant(data)
    more = _more(data)
    for standing in data.results.all.models:
        own, without_quant = standing.key, QuantKey(standing.key.model, "")
        yield _model(
            data, standing, quants[own], combos.get(own, []), more(without_quant), tasks
        )
    for model, standings in quants.items():
        for quant in standings:
            if quant.key.quant:
                of = [s for s in combos.get(model, ()) if s.key.quant_of == quant.key]
                yield _quant(data, quant, of, more(quant.key), tasks)


def _more(data: SiteData) -> Callable[[QuantKey], tuple[Section, ...]]:
    """What pages of a model at a quant say of it beside its rates."""
    pairs = seen_by(data.results.main, QUANT)
    takes = takes_by(data.results.all)

    def sections(key: QuantKey) -> tuple[Section, ...]:
        return (
            *compared(data.main, QUANT, key, pairs.get(key, ())),
            *takes_section(takes.get(key)),
        )

    return sections


def _list(data: SiteData) -> Page:
    view = data.main
    scope = view.scope
    lead: tuple[Words, ...] = ()
    found = scope.model_quants
    if found and (found[0].rank is not None or len(found) == 1):
        best = found[0]
        lead = (
            none_passed(view, QUANT)
            or words(
                *shared_first(view.names, scope.model_quants, "models"),
                entity(view.names[best.key]),
                " ",
                *result(best),
                *_over_harnesses(view, best),
                f"{view.within}. ",
                interval_words(best),
            ),
        )
    outside = [
        s
        for s in data.results.all.model_quants
        if s.key not in by_key(scope.model_quants)
    ]
    sections = [
        *chart_sections(data, scope, "size_vs_pass_rate"),
        Section(
            title=f"Models{view.within}",
            anchor="models",
            findings=verdict(view, QUANT, scope.model_quants),
            paragraphs=(
                *apart(QUANT, scope.model_quants),
                *others_withheld(view, QUANT),
                *to_hardware(data),
            ),
            table=_model_table(data, scope.model_quants, f"Models, {view.label}"),
        )
        if found
        else withheld(data, f"Models{view.within}"),
        *models_speed(view),
    ]
    if outside:
        sections.append(
            Section(
                title="In other sweeps",
                anchor="others",
                paragraphs=paragraph(
                    "They ran in another sweep, and so are not ranked with the "
                    "models above."
                ),
                table=_model_table(
                    data, outside, "Models in other sweeps", ranked=False
                ),
            )
        )
    return Page(
        path="models/index.html",
        title="Models",
        description=plain(lead),
        content=Content(
            heading="Which model is good at this work?",
            lead=lead,
            sections=tuple(sections),
        ),
    )


def _over_harnesses(view: View, standing: Standing[QuantKey]) -> Words:
    """Over how many harnesses these numbers are; a single one by its name."""
    harnesses = met(standing)
    if len(harnesses) == 1:
        return words(", in ", entity(view.names[harnesses[0]]))
    n = len(harnesses)
    which = f"{n:,}"
    if n == view.scope.size.harnesses:
        which = "both" if n == 2 else f"all {n:,}"  # noqa: PLR2004 - a pair
    return words(f", over {which} harnesses")


def _model_table(
    data: SiteData,
    standings: Sequence[Standing[QuantKey]],
    caption: str,
    *,
    ranked: bool = True,
) -> Table:
    info = data.metadata.models
    return Table(
        caption=caption,
        columns=(
            *((rank_column(standings),) if ranked else ()),
            Column(title="Model", kind="name"),
            Column(title="Family", kind="text", folds=True),
            *MEASURES,
        ),
        rows=tuple(
            (
                *((rank_cell(s, data.results.main.size.tasks),) if ranked else ()),
                name_cell(data.names[s.key]),
                plain_cell(info[s.key.model].family if s.key.model in info else None),
                *measures(s),
            )
            for s in standings
        ),
        filterable=len(standings) > SCREENFUL,
    )


def _model(
    data: SiteData,
    standing: Standing[ModelKey],
    quants: list[Standing[QuantKey]],
    combos: list[Standing[ComboKey]],
    more: tuple[Section, ...],
    tasks: Callable[[Sequence[Standing[QuantKey]]], Iterator[Section]],
) -> Page:
    names, view = data.names, data.everything
    found = names[standing.key]
    pairs = [
        pair
        for pair in view.scope.quant_pairs
        if pair.model == standing.key.model and pair.task is None
    ]
    # Of a single quant the numbers that it is ranked by.
    told = quants[0] if len(quants) == 1 else standing
    lead = (
        words(
            found.label,
            " ",
            *result(told),
            ". ",
            interval_words(told),
            _rank_words(data, QuantKey(standing.key.model, ""))
            if len(quants) == 1
            else "",
        ),
        *filter(None, (best_combo(names, combos),)),
    )
    sections = [*_about(data, standing.key.model)]
    if len(quants) > 1:
        sections.append(
            Section(
                title="Quants",
                anchor="quants",
                paragraphs=paragraph(
                    "Each over all that it ran; only paired figures compare like "
                    "with like."
                ),
                table=Table(
                    caption=f"Quants of {found.label}",
                    columns=(Column(title="Quant", kind="name"), *MEASURES),
                    rows=tuple(
                        (_quant_cell(names[s.key]), *measures(s)) for s in quants
                    ),
                ),
            )
        )
    if pairs:
        sections.append(
            Section(
                title="Paired quants",
                anchor="paired",
                paragraphs=paragraph(
                    "Over the cells (harness and task) that both ran.",
                    *_to_tasks(data),
                ),
                table=pair_table(view, pairs, f"Paired quants of {found.label}"),
            )
        )
    sections += _combos(data, found.label, combos, standing)
    sections += model_speed(view, found.label, [s.key for s in quants])
    sections += more
    sections += tasks(quants)
    return Page(
        path=found.href,
        title=found.label,
        description=plain(lead),
        shows=standing.key,
        model=standing.key.model,
        content=Content(
            kicker="Model", heading=found.label, lead=lead, sections=tuple(sections)
        ),
    )


def _to_tasks(data: SiteData) -> tuple[str | Run, ...]:
    """The way to the same pairs task by task, where any of them may be shown."""
    pairs = data.results.all.quant_pairs
    if not any(pair.task is not None and pair.is_a_step for pair in pairs):
        return ()
    return (" ", link("By task", "analysis.html#quant-tasks"))


def _quant_cell(found: Entity) -> Cell:
    label = found.quant or NOT_RECORDED
    return Cell(text=label, href=found.href, sort=label.lower(), hue=found.hue)


def _quant(
    data: SiteData,
    standing: Standing[QuantKey],
    combos: list[Standing[ComboKey]],
    more: tuple[Section, ...],
    tasks: Callable[[Sequence[Standing[QuantKey]]], Iterator[Section]],
) -> Page:
    found = data.names[standing.key]
    model = data.names[standing.key.model_of]
    lead = (
        words(
            f"{found.full} ",
            *result(standing),
            ". ",
            interval_words(standing),
            _rank_words(data, standing.key),
        ),
        words("All quants of this model: ", link(model.label, model.href), "."),
    )
    sections = [
        *_about(data, standing.key.model),
        *_combos(data, found.full, combos, standing),
        *model_speed(data.everything, found.full, [standing.key]),
        *more,
        *tasks([standing]),
    ]
    return Page(
        path=found.href,
        title=found.full,
        description=plain(lead),
        shows=standing.key,
        model=standing.key.model,
        content=Content(
            kicker="Model at a quant",
            heading=found.label,
            quant=found.quant,
            lead=lead,
            sections=tuple(sections),
        ),
    )


def _rank_words(data: SiteData, key: QuantKey) -> str:
    """Its rank where models are compared; empty where it did not run there."""
    scope = data.results.main
    standing = by_key(scope.model_quants).get(key)
    if standing is None:
        return ""
    within = f", {data.main.label}" if data.results.sweeps else ""
    return rank_words(standing, scope, QUANT, within)


def _about(data: SiteData, model: str) -> Iterator[Section]:
    info = data.metadata.models.get(model)
    if info is None:
        return
    facts = [
        ("Family", info.family),
        ("Parameters", f"{info.total_params_b:g} B" if info.total_params_b else None),
        (
            "Active per token",
            f"{info.active_params_b:g} B" if info.active_params_b else None,
        ),
        ("Note", info.note),
    ]
    terms = tuple((term, words(value)) for term, value in facts if value)
    if terms:
        yield Section(title="About", anchor="about", terms=terms)


def _combos(
    data: SiteData,
    label: str,
    combos: list[Standing[ComboKey]],
    standing: Standing[Key],
) -> Iterator[Section]:
    names = data.names
    several = len({s.key.quant for s in combos}) > 1
    entity_found = names[standing.key]
    found = [
        Dot(
            label=" ".join(
                part
                for part in (
                    names[s.key].harness,
                    s.key.quant if several else "",
                )
                if part
            ),
            standing=s,
            hue=entity_found.hue,
        )
        for s in combos
    ]
    return dot_section(
        entity_found,
        found,
        title="In each harness",
        caption=f"Pass rate of {label} in each harness, with its 95 % interval.",
        table=combo_table(data.everything, combos, f"Combos of {label}", same="model"),
        data="data/combos",
    )


_PAIR = 2
_CHANGE = Column(title="Points", hint="more than the first, in percentage points")


def _tasks_by_quant(
    data: SiteData,
) -> Callable[[Sequence[Standing[QuantKey]]], Iterator[Section]]:
    """Group what may be shown once, then look it up for each page."""
    by_task = data.results.all.task_model_quants
    found = {
        (task.key, standing.key): standing
        for task in data.results.all.tasks
        for standing in by_task[task.key]
    }
    order = [task.key for task in data.results.all.tasks]

    def section(quants: Sequence[Standing[QuantKey]]) -> Iterator[Section]:
        keys = sorted((s.key for s in quants), key=lambda key: ladder(key.quant))
        told = [
            (task, own)
            for task in order
            if any(own := [found.get((task, key)) for key in keys])
        ]
        if not told:
            return
        caption = "Results by task"
        one = Column(title="Task", kind="name")
        if len(keys) == 1:
            only = [(task, s) for task, own in told for s in own if s]
            table = task_results(caption, data.names, only)
        else:
            heads = [Column(title=key.quant or NOT_RECORDED) for key in keys]
            table = Table(
                caption=caption,
                columns=(one, *heads, *((_CHANGE,) if len(keys) == _PAIR else ())),
                rows=tuple(
                    (
                        name_cell(data.names[task]),
                        *(
                            count_cell(s.passed, s.n_trials) if s else EMPTY
                            for s in own
                        ),
                        *((_change(own[0], own[1]),) if len(keys) == _PAIR else ()),
                    )
                    for task, own in told
                ),
            )
        yield Section(
            title="By task",
            anchor="tasks",
            paragraphs=paragraph("Over all harnesses; the hardest task first."),
            table=replace(table, filterable=len(told) > SCREENFUL),
        )

    return section


def _change(few: Standing[QuantKey] | None, many: Standing[QuantKey] | None) -> Cell:
    """What more bits change on one task."""
    if few is None or many is None or few.rate is None or many.rate is None:
        return EMPTY
    return replace(points_cell(many.rate - few.rate), strong=False, muted="")


PAGES = PageType(label="Models", href="models/index.html", pages=model_pages)
