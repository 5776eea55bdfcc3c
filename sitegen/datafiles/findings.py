"""Tables of what follows from the counts: effects, quants, frontiers, budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.column import (
    Column,
    columns,
    ends,
    flag,
    inside,
    integer,
    number,
    table,
    text,
)
from sitegen.datafiles.fields import (
    COMBO,
    DIFFERENCE,
    HARNESS,
    MODEL,
    PARTS,
    QUANT,
    in_units,
    keyed,
    kind,
    named,
)
from sitegen.measures import Resource, shown
from sitegen.numbers import significant

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from sitegen.datafiles.format import DataFile
    from sitegen.keys import Key
    from sitegen.stats.changes import Change
    from sitegen.stats.equivalence import Equivalence
    from sitegen.stats.results import Scope
    from sitegen.stats.shared import Cost
    from sitegen.stats.switches import Reordered, Switch


def finding_files(scope: Scope) -> tuple[DataFile, ...]:
    """Every such table of one scope, which holds only what may be published."""
    return (
        _effects(scope),
        _interactions(scope),
        _sensitivity(scope),
        _components(scope),
        _quant_ladder(scope),
        _quant_changes(scope),
        _frontier_places(scope),
        _budgets(scope),
        _switches(scope),
    )


_ONE_AXIS = (kind("model (at a quant) or harness"), *PARTS[:-1])
"""The entity of tables that have no combos."""
_ADJUSTED = "p adjusted for the family; null where not ranked"


def _effects(scope: Scope) -> DataFile:
    lines: list[tuple[Key, Fraction | None, Fraction | None]] = []
    if found := scope.axes:
        lines += [(e.key, e.rate, e.points) for e in found.models]
        lines += [(e.key, e.rate, e.points) for e in found.harnesses]
        left_out = (*found.grid.without_models, *found.grid.without_harnesses)
        lines += [(key, None, None) for key in left_out]
    return table(
        "effects",
        "What each model and harness adds, on the complete shared sub-grid",
        lines,
        inside(lambda line: line[0], _ONE_AXIS),
        flag(
            "in_grid",
            "Whether the sub-grid holds it",
            lambda line: line[1] is not None,
        ),
        number("rate?", "Mean over its cells in the sub-grid", lambda line: line[1]),
        number("delta_rate?", "Less the mean of the sub-grid", lambda line: line[2]),
    )


def _interactions(scope: Scope) -> DataFile:
    return table(
        "interactions",
        "Each model in each harness, against the same model in the other ones",
        scope.axes.meetings if scope.axes else (),
        inside(lambda m: m.model, (MODEL, QUANT)),
        inside(lambda m: m.harness, (HARNESS,)),
        number("rate", "Mean over its cells in the sub-grid"),
        number(
            "rate_elsewhere",
            "Of the model in the other harnesses",
            lambda m: m.elsewhere,
        ),
        number(
            "rate_expected",
            "What the effects of model and harness alone would give",
            lambda m: m.expected,
        ),
        number("interaction", "rate less rate_expected"),
        number(
            "p_interaction",
            "That it is 0: joint sign-flip test over all meetings",
            write=significant,
        ),
        inside(lambda m: m.drop, DIFFERENCE),
        number("p?", _ADJUSTED, write=significant),
    )


def _sensitivity(scope: Scope) -> DataFile:
    return table(
        "sensitivity",
        "How much each model depends on its harness",
        scope.axes.sensitivity if scope.axes else (),
        inside(lambda s: s.model, (MODEL, QUANT)),
        text("best_harness", "With the highest rate", lambda s: s.best.harness),
        text("worst_harness", "With the lowest rate", lambda s: s.worst.harness),
        number("spread", "The highest rate less the lowest"),
        integer(
            "rivals",
            "Harnesses that the data do not tell from the best",
            lambda s: len(s.rivals),
        ),
    )


def _components(scope: Scope) -> DataFile:
    return table(
        "components",
        "How far pass rates are spread by model, harness, meeting, task and seed",
        scope.axes.components if scope.axes else (),
        text("source", "model, harness, meeting, task or seed"),
        number("spread", "Standard deviation of the rate that it brings"),
        ends("spread", lambda c: c, ", 95 %"),
    )


_EQUIVALENCE: tuple[Column[Equivalence], ...] = columns(
    number("margin", "Differences below it count as none"),
    number(
        "equivalence_p?",
        "Two one-sided t tests against the margin; null where there is no variance",
        lambda e: e.p,
    ),
    ends("equivalence", lambda e: e.interval, " of the 90 % interval"),
)
_CHANGE: tuple[Column[Change], ...] = columns(
    integer("n_cells", "Shared cells"),
    inside(lambda change: change.found, DIFFERENCE),
    number("p?", _ADJUSTED, write=significant),
    inside(lambda change: change.equivalence, _EQUIVALENCE),
    text("finding", "equal, different, slightly different or open"),
)


def _costs(spent: Iterable[Resource]) -> tuple[Column[Change], ...]:
    return columns(*(_cost(measure) for measure in spent))


def _cost(measure: Resource) -> tuple[Column[Change], ...]:
    name, unit = measure.name, measure.suffix
    found: tuple[Column[Cost], ...] = columns(
        number(
            f"{name}_mean{unit}?",
            f"Mean {name} of the quant, shared cells",
            lambda cost: cost.a,
        ),
        number(
            f"{name}_reference{unit}?",
            f"Mean {name} of the reference",
            lambda cost: cost.b,
        ),
        number(
            f"{name}_ratio?",
            "Reference over quant: geometric mean over tasks",
            lambda cost: cost.ratio.value if cost.ratio else None,
        ),
        ends(f"{name}_ratio", lambda cost: cost.ratio),
    )
    return inside(
        lambda change: next((c for c in change.costs if c.measure == measure), None),
        found,
    )


def _quant_ladder(scope: Scope) -> DataFile:
    spent = shown(Resource, scope.recorded)
    return table(
        "quant_ladder",
        "The quants of each model by bits, with and without pairing",
        scope.ladders.rungs,
        text("model", MODEL.field.description),
        text("quant", QUANT.field.description),
        number("bits?", "Nominal bits, from the name"),
        flag(
            "is_reference",
            "The quant that the others are held to: of those whose names tell bits "
            "the one with most, else the last by name",
        ),
        integer("passed", "Trials that passed, paired or not"),
        integer("n_trials", "Measured trials, paired or not"),
        flag(
            "paired",
            "Whether it shares cells with the reference",
            lambda rung: rung.paired is not None,
        ),
        inside(
            lambda rung: rung.paired, columns(_CHANGE, _costs(spent)), may_lack=True
        ),
    )


def _quant_changes(scope: Scope) -> DataFile:
    spent = shown(Resource, scope.recorded)
    return table(
        "quant_changes",
        "From fewer bits to more, pooled over models, over all tasks and by task",
        (*scope.ladders.pooled, *scope.ladders.by_task),
        text("quant", "The bits of the quants"),
        text("reference", "The bits of the references"),
        text(
            "task?",
            "Task, then paired by model; null: over all tasks, paired by task",
        ),
        _CHANGE,
        _costs(spent),
    )


def _frontier_places(scope: Scope) -> DataFile:
    spent = shown(Resource, scope.recorded)
    return table(
        "frontier_places",
        f"How surely each combo is on the frontier of {named(spent)}",
        scope.places,
        text("resource", named(spent), lambda place: place.measure.name),
        COMBO,
        number("rate", "Mean over cells of the mean over a cell's trials, in 0..1"),
        number("mean", f"Mean a trial: {in_units(spent)}"),
        flag("on_frontier", "No combo is better and cheaper"),
        number("chance", "Share of draws of tasks in which it is on it"),
    )


def _budgets(scope: Scope) -> DataFile:
    spent = shown(Resource, scope.recorded)
    return table(
        "budgets",
        "The share of trials that passed within a budget",
        [
            (curve, point)
            for curve in (*scope.harness_curves, *scope.model_curves)
            for point in curve.points
        ],
        inside(lambda line: line[0], keyed(*_ONE_AXIS)),
        text("resource", named(spent), lambda line: line[0].measure.name),
        number(
            "budget",
            f"A trial's budget: {in_units(spent)}",
            lambda line: line[1].budget,
        ),
        integer(
            "n_trials",
            "Measured trials whose amount is known",
            lambda line: line[0].n_trials,
        ),
        integer(
            "passed",
            "Those that passed within the budget",
            lambda line: line[1].passed,
        ),
        number(
            "rate",
            "Mean over cells of the share that passed within the budget, in 0..1",
            lambda line: line[1].rate,
        ),
        ends("ci", lambda line: line[1].interval, " of the 95 % interval"),
    )


_REORDERED: tuple[Column[Reordered], ...] = (
    text("kind?", "combo, harness or model", lambda r: r.kind.word),
    integer("n_ranked?", "Entities with a rank now", lambda r: r.n),
    integer("n_moved?", "Those whose rank would differ", lambda r: len(r.moved)),
    integer("furthest?", "Most ranks that one moves"),
    integer("n_left?", "Those that would have no rank", lambda r: len(r.left)),
    flag(
        "first_changes?",
        "Whether others would share the first rank",
        lambda r: set(r.first) != set(r.first_otherwise),
    ),
)


def _switches(scope: Scope) -> DataFile:
    lines: list[tuple[Switch, Reordered | None]] = [
        (switch, ranking)
        for switch in scope.switches
        for ranking in (switch.rankings or (None,))
    ]
    return table(
        "switches",
        "What another policy would do to the rankings",
        lines,
        text("setting", "Setting of [policy]", lambda line: line[0].setting),
        text("value", "Another value of it", lambda line: line[0].value),
        integer(
            "n_trials", "Trials that would count otherwise", lambda line: line[0].trials
        ),
        inside(lambda line: line[1], _REORDERED),
    )
