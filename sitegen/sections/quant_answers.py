"""The analysis page's answer about quants: paired, over all tasks and by task."""

from collections.abc import Iterator, Sequence

from sitegen.charts.quant_pairs import pair_table
from sitegen.keys import ModelKey, QuantKey, TaskKey
from sitegen.kinds import QUANT
from sitegen.measures import TIME, TOKENS, Resource
from sitegen.numbers import count_of, percent, points
from sitegen.page import Section
from sitegen.sections.charts import answering, titled
from sitegen.site_data import SiteData
from sitegen.stats.changes import Change, Rung
from sitegen.stats.quants import QuantPair
from sitegen.table import (
    EMPTY,
    SCREENFUL,
    Cell,
    Column,
    Table,
    count_cell,
    name_cell,
    p_cell,
    plain_cell,
    points_cell,
)
from sitegen.words import Words, entity, paragraph, words


def quant_sections(data: SiteData) -> Iterator[Section]:
    """Paired quants of one model: over all tasks, and for each task."""
    view = data.everything
    pairs = view.scope.quant_pairs
    title = "Do more bits help?"
    whole = [pair for pair in pairs if pair.task is None]
    if not whole and data.results.told:
        return
    if not whole:
        text = words("No model ran at two quants on the same cells.")
        yield Section(title=title, anchor="quant-pairs", findings=(text,))
        return
    ladders = view.scope.ladders
    changes = [rung.paired for rung in ladders.rungs if rung.paired]
    if not any(pair.is_a_step for pair in whole):
        title = "Does the quant matter?"
    texts = [_pooled(change, data.over_all) for change in ladders.pooled]
    if len(changes) > 1:
        texts.append(_ends(data, changes))
    sections = answering(data, "quants")
    if not sections:
        sections = (
            Section(
                title="",
                anchor="quant-pairs",
                table=pair_table(view, whole, "Paired quants"),
            ),
        )
    yield from titled(title, sections, texts)
    yield from _ladder(data, ladders.rungs)
    yield from _by_task(data)


_FINDINGS = {
    "equal": "that is equal, to within {margin} points",
    "slightly different": "that is a difference, but one of less than {margin} points",
    "different": "that is a difference",
    "open": "neither a difference nor equality to within {margin} points is shown",
}


def _pooled(change: Change, over_all: str) -> Words:
    # Equality is judged by another interval, which must stand beside it.
    equal = change.finding == "equal"
    interval = change.equivalence.interval if equal else change.found.interval
    level = 90 if equal else 95
    said = _FINDINGS[change.finding].format(
        margin=percent(change.equivalence.margin, 0)
    )
    ends = f" ({level} % interval {interval.in_points})" if interval else ""
    time = next((cost for cost in change.costs if cost.measure == TIME), None)
    slower = (
        f" The same tasks take {time.ratio.value:.1f} times the time."
        if time and time.ratio
        else ""
    )
    return words(
        f"From {change.quant} to {change.reference}, all models together{over_all}, on "
        f"{count_of(change.n_cells, 'shared cell')}: a change of "
        f"{points(change.found.mean)} points{ends}; {said}.{slower}"
    )


def _ends(data: SiteData, changes: list[Change]) -> Words:
    most = max(changes, key=lambda c: (c.found.mean, c.model))
    least = min(changes, key=lambda c: (c.found.mean, c.model))
    names = data.names
    sure = sum(c.finding in {"different", "slightly different"} for c in changes)
    ends: Words = ()
    for change, way in ((most, "better"), (least, "worse")):
        if change.found.mean and (change.found.mean > 0) == (way == "better"):
            ends += words(
                entity(names[ModelKey(change.model or "")]),
                f" changes most for the {way} ({points(change.found.mean)} points). ",
            )
    tested = sum(change.p is not None for change in changes)
    if not tested:
        return words(*ends, "None of these changes is tested: no pair is ranked.")
    told = f"{sure:,}" if sure else "none"
    untested = len(changes) - tested
    rest = (
        f" {untested:,} more are not tested: a quant is not ranked." if untested else ""
    )
    return words(
        *ends,
        f"Of {count_of(tested, 'change')}, {told} can be told from 0 when all "
        f"pairs of {QUANT.plural} are tested together.{rest}",
    )


def _ladder(data: SiteData, rungs: Sequence[Rung]) -> Iterator[Section]:
    """Every quant of every model by bits, against the one with most."""
    if not rungs:
        return
    yield Section(
        title="Every quant by its bits",
        anchor="quant-ladder",
        paragraphs=paragraph(
            "Passed counts all trials of a quant, paired or not, and compares "
            "only where quants ran the same cells. The change is paired: from "
            "the quant to the model's reference, the one with most bits, on "
            "the cells that both ran. Where no name tells bits, the reference "
            "is the last by name; a quant whose bits are unknown is not held "
            "against one whose bits are known."
        ),
        table=Table(
            caption="Quants by bits",
            columns=(
                Column(title="Model", kind="name"),
                Column(title="Passed", hint="passed / measured, paired or not"),
                Column(
                    title="Change",
                    hint="to the reference, in points; positive: the reference "
                    "passes more",
                    about="paired-quants",
                ),
                Column(
                    title="95 % interval",
                    folds=True,
                    hint="of this change alone, whatever the others",
                    about="difference",
                ),
                Column(
                    title="p",
                    folds=True,
                    hint="as in the ranking of models, tested with all pairs",
                    about="p",
                ),
                Column(title="Finding", kind="text", folds=True, about="equivalence"),
                Column(
                    title="Time",
                    folds=True,
                    hint="the reference's over the quant's, 95 % interval",
                    about="ratio",
                ),
                Column(title="Tokens", folds=True, about="ratio"),
            ),
            rows=tuple(_rung(data, rung) for rung in rungs),
            filterable=len(rungs) > SCREENFUL,
        ),
    )


def _rung(data: SiteData, rung: Rung) -> tuple[Cell, ...]:
    named = name_cell(data.names[QuantKey(rung.model, rung.quant)])
    passed = count_cell(rung.passed, rung.n_trials, strong=False)
    change = rung.paired
    if change is None:
        note = plain_cell("reference") if rung.is_reference else EMPTY
        return named, passed, EMPTY, EMPTY, EMPTY, note, EMPTY, EMPTY
    interval = change.found.interval
    return (
        named,
        passed,
        points_cell(change.found.mean),
        plain_cell(interval.in_points if interval else None),
        p_cell(change.p),
        plain_cell(change.finding),
        _ratio_cell(change, TIME),
        _ratio_cell(change, TOKENS),
    )


def _ratio_cell(change: Change, measure: Resource) -> Cell:
    found = next((c.ratio for c in change.costs if c.measure == measure), None)
    if found is None:
        return EMPTY
    ends = (
        f" ({found.low:.1f}–{found.high:.1f})"
        if found.low is not None and found.high is not None
        else ""
    )
    return Cell(text=f"×{found.value:.2f}", muted=ends, sort=found.value)


def _by_task(data: SiteData) -> Iterator[Section]:
    """Pooled pairs task by task, where enough cells stand behind each."""
    pairs = data.results.all.quant_pairs
    pooled = [p for p in pairs if p.model is None and p.task is not None]
    steps = [p for p in pairs if p.task is not None and p.is_a_step]
    chosen = pooled or steps
    several = len({(p.quant_a, p.quant_b) for p in chosen}) > 1
    place = {s.key.task: i for i, s in enumerate(data.results.all.tasks)}
    known = {
        (change.task, change.quant, change.reference): change
        for change in data.results.all.ladders.by_task
    }
    rows = tuple(
        _task_row(
            data,
            pair,
            known.get((pair.task, pair.quant_a, pair.quant_b)),
            of_model=not pooled,
            several=several,
        )
        for pair in sorted(
            chosen,
            key=lambda p: (place[p.task or ""], p.model or "", p.quant_a, p.quant_b),
        )
    )
    if not rows:
        return
    model = (Column(title="Model", kind="text", folds=True),)
    yield Section(
        title="More bits, task by task",
        anchor="quant-tasks",
        paragraphs=paragraph(
            "Paired: only cells that both quants ran. A task's own page counts "
            "every trial and so can differ."
        ),
        table=Table(
            caption="Paired quants by task",
            columns=(
                Column(title="Task", kind="name"),
                *(() if pooled else model),
                *((Column(title="Quants", kind="text", folds=True),) * several),
                Column(title="Fewer bits", folds=True),
                Column(title="More bits", folds=True),
                Column(title="Change"),
                Column(
                    title="p",
                    folds=True,
                    hint="paired by model, tested with all tasks",
                    about="p",
                ),
            ),
            rows=rows,
        ).tidy,
    )


def _task_row(
    data: SiteData,
    pair: QuantPair,
    change: Change | None,
    *,
    of_model: bool,
    several: bool,
) -> tuple[Cell, ...]:
    task = data.names[TaskKey(pair.task or "")]
    model = plain_cell(data.names[ModelKey(pair.model)].label if pair.model else None)
    return (
        Cell(text=task.label, href=task.href, sort=task.label.lower()),
        *((model,) if of_model else ()),
        *((plain_cell(f"{pair.quant_a} → {pair.quant_b}"),) * several),
        count_cell(pair.passed_a, pair.n_a, strong=False),
        count_cell(pair.passed_b, pair.n_b, strong=False),
        points_cell(pair.delta_rate),
        p_cell(change.p if change else None),
    )
