"""The analysis page's answer about two axes: what is the model, what the harness."""

from collections.abc import Iterator

from sitegen.keys import HarnessKey, QuantKey
from sitegen.numbers import (
    count_of,
    distance,
    equals_p,
    listed,
    points,
    rounded,
)
from sitegen.page import Section
from sitegen.sections.entities import joined
from sitegen.site_data import SiteData
from sitegen.stats.axes import Axes, Meeting, Sensitivity
from sitegen.stats.joint_test import LEVEL
from sitegen.stats.vendors import Gap, VendorGap
from sitegen.table import (
    SCREENFUL,
    Cell,
    Column,
    Table,
    name_cell,
    p_cell,
    plain_cell,
    points_cell,
)
from sitegen.words import Run, Words, entity, paragraph, words

_NAMED = 4
"""Names in a sentence; more are counted."""


def effect_sections(data: SiteData) -> Iterator[Section]:
    """What models and harnesses add, and which models hang on their harness."""
    axes = data.results.main.axes
    if axes is not None:
        # Where all passed equally there is no best, no worst and nothing to split up.
        alike = len({meeting.rate for meeting in axes.meetings}) == 1
        findings = [_spreads(data, axes)]
        if not alike:
            findings += [_components(axes), *_collapse(data, axes), _rivals(axes)]
        yield Section(
            title="What is the model, and what the harness?",
            anchor="effects",
            findings=tuple(findings),
            paragraphs=(_grid(data, axes),),
            table=None if alike else _sensitivity_table(data, axes),
            about=("effects", "drop"),
        )
    yield from _vendors(data)


def _vendors(data: SiteData) -> Iterator[Section]:
    """A harness on its own vendor's models, beside what it does for local ones."""
    gaps = data.vendor_gaps
    if not gaps:
        return
    yield Section(
        title="Is a harness made for its maker's models?",
        anchor="vendors",
        findings=tuple(_vendor_words(data, gap) for gap in gaps),
        paragraphs=paragraph(
            "The rate in the harness less the mean rate of the same models in "
            f"the other harnesses, on shared cells, {data.main.label}."
        ),
        table=Table(
            caption="Harnesses on their maker's models and on local ones",
            columns=(
                Column(title="Harness", kind="name"),
                Column(title="Models", kind="text"),
                Column(title="Gap", about="vendor"),
                Column(title="95 % interval", folds=True, about="difference"),
                Column(title="p", folds=True, about="p"),
            ),
            rows=tuple(
                _vendor_row(data, gap, found, of)
                for gap in gaps
                for of, found in (
                    (f"of {gap.vendor}", gap.own),
                    ("local", gap.local),
                )
                if found
            ),
        ),
    )


def _vendor_words(data: SiteData, gap: VendorGap) -> Words:
    name = entity(data.names[HarnessKey(gap.harness)])
    if gap.local is None:
        return words(name, " ran no local model, so its gap there is not known.")
    more = gap.own.found.mean - gap.local.found.mean
    sure = gap.more is not None and gap.more <= LEVEL
    return words(
        name,
        f" stands {points(gap.own.found.mean)} points against the other harnesses on "
        f"models of {gap.vendor}, and {points(gap.local.found.mean)} on local ones: "
        f"{points(more)} points between the two, "
        + ("which chance would rarely bring." if sure else "which may be chance."),
    )


def _vendor_row(
    data: SiteData, gap: VendorGap, found: Gap, of: str
) -> tuple[Cell, ...]:
    named = data.names[HarnessKey(gap.harness)]
    interval = found.found.interval
    return (
        Cell(text=named.label, href=named.href, sort=named.label.lower()),
        plain_cell(of),
        points_cell(found.found.mean),
        plain_cell(interval.in_points if interval else None),
        p_cell(found.found.p),
    )


def _spreads(data: SiteData, axes: Axes) -> Words:
    best_m, worst_m = axes.models[0], axes.models[-1]
    best_h, worst_h = axes.harnesses[0], axes.harnesses[-1]
    names = data.names
    models, harnesses = best_m.rate - worst_m.rate, best_h.rate - worst_h.rate
    if not models or not harnesses:
        same, rest = ("models", "harness") if not models else ("harnesses", "model")
        ends = (best_h, worst_h) if not models else (best_m, worst_m)
        if models == harnesses:
            return words("All models passed equally, and so did all harnesses.")
        return words(
            f"All {same} passed equally; the best {rest} passes "
            f"{distance(models or harnesses)} points more than the worst (",
            entity(names[ends[0].key]),
            " and ",
            entity(names[ends[1].key]),
            ").",
        )
    by_score = any(s.score is not None for s in data.results.main.combos)
    return words(
        "By pass rate, the" if by_score else "The",
        f" best model passes {distance(models)} points more than the worst (",
        entity(names[best_m.key]),
        " and ",
        entity(names[worst_m.key]),
        f"), the best harness {distance(harnesses)} points more than the worst (",
        entity(names[best_h.key]),
        " and ",
        entity(names[worst_h.key]),
        ").",
    )


_SOURCES = {
    "model": "models",
    "harness": "harnesses",
    "meeting": "what a model does in one harness and not in the others",
    "task": "tasks",
    "seed": "chance from one trial of a cell to the next",
}


def _components(axes: Axes) -> Words:
    """How far each source spreads the rates, with intervals."""
    parts = [
        f"{_SOURCES[each.source]} {each.spread * 100:.0f} points"
        + (
            f" ({each.low * 100:.0f} to {each.high * 100:.0f})"
            if each.low is not None and each.high is not None
            else ""
        )
        for each in axes.components
    ]
    sure = any(each.low is not None for each in axes.components)
    ends = ", with 95 % intervals" if sure else ""
    return words(f"As standard deviations of the pass rate{ends}: {listed(parts)}.")


def _collapse(data: SiteData, axes: Axes) -> tuple[Words, ...]:
    worst, n = axes.meetings[0], len(axes.grid.tasks)
    if worst.drop.mean >= 0:
        return ()
    names = data.names
    told = "is more than chance" if worst.p <= float(LEVEL) else "may be chance"
    return paragraph(
        "The largest drop: ",
        entity(names[worst.model]),
        " in ",
        entity(names[worst.harness]),
        f" passes {rounded(worst.rate, n)} %, where the effects of model and "
        f"harness add up to {rounded(worst.expected, n)} %, and "
        f"{rounded(worst.elsewhere, n)} % in its other harnesses. Tested with all "
        f"{len(axes.meetings):,} meetings, the drop {told} "
        f"({equals_p(worst.p)}).",
    )


def _rivals(axes: Axes) -> Words:
    n = len(axes.sensitivity)
    alone = sum(not found.rivals for found in axes.sensitivity)
    if alone == n:
        return words(
            "For every model the best harness is told apart from all other harnesses."
        )
    return words(
        f"The best harness is told apart from every other for {alone:,} of "
        f"{count_of(n, 'model')}; for the rest, several are as good as the data can "
        "tell."
        if alone
        else "For no model do these data tell its best harness from all others: the "
        "table names the best, not the only good one."
    )


def _grid(data: SiteData, axes: Axes) -> Words:
    grid, names = axes.grid, data.names
    size = (
        f"Over the {count_of(len(grid.models), 'model')}, "
        f"{count_of(len(grid.harnesses), 'harness', 'harnesses')} and "
        f"{count_of(len(grid.tasks), 'task')} of which every cell ran, "
        f"{data.main.label}. "
    )
    if not grid.outside:
        return words(size, "No cell is left out.")
    parts: list[Run] = []
    for text, runs in (
        ("model", [entity(names[k]) for k in grid.without_models]),
        ("harness", [entity(names[k]) for k in grid.without_harnesses]),
        ("task", [entity(names[k]) for k in grid.without_tasks]),
    ):
        if not runs:
            continue
        plural = "harnesses" if text == "harness" else f"{text}s"
        named = joined(runs) if len(runs) <= _NAMED else ()
        listed = (Run(text=" ("), *named, Run(text=")")) if named else ()
        lead = ", " if parts else ""
        parts += [Run(text=f"{lead}{count_of(len(runs), text, plural)}"), *listed]
    return words(size, f"Left out: {count_of(grid.outside, 'cell')} of ", *parts, ".")


def _sensitivity_table(data: SiteData, axes: Axes) -> Table:
    drops = {(m.model, m.harness): m for m in axes.meetings}
    return Table(
        caption="Each model in its best and its worst harness",
        columns=(
            Column(title="Model", kind="name"),
            Column(title="Best in", folds=True),
            Column(title="Worst in", folds=True),
            Column(
                title="Apart",
                sorted="descending",
                hint="best less worst, in points",
            ),
            Column(
                title="p of the worst",
                folds=True,
                hint="its drop against the other harnesses, tested with all",
                about="drop",
            ),
        ),
        rows=tuple(
            _sensitivity_row(data, found, drops, len(axes.grid.tasks))
            for found in axes.sensitivity
        ),
        filterable=len(axes.sensitivity) > SCREENFUL,
    )


def _sensitivity_row(
    data: SiteData,
    found: Sensitivity,
    drops: dict[tuple[QuantKey, HarnessKey], Meeting],
    n_tasks: int,
) -> tuple[Cell, ...]:
    names = data.names
    best, worst = drops[found.model, found.best], drops[found.model, found.worst]
    return (
        name_cell(names[found.model]),
        _harness_cell(data, best, n_tasks),
        _harness_cell(data, worst, n_tasks),
        Cell(
            text=distance(found.spread),
            muted=" pt",
            sort=float(found.spread),
            strong=True,
        ),
        p_cell(worst.p),
    )


def _harness_cell(data: SiteData, found: Meeting, n_tasks: int) -> Cell:
    named = data.names[found.harness]
    return Cell(
        text=named.label,
        muted=f" {rounded(found.rate, n_tasks)} %",
        href=named.href,
        sort=float(found.rate),
    )
