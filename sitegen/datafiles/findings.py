"""Tables of what follows from the counts: effects, quants, frontiers, budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.fields import (
    COMBO,
    ENTITY,
    HARNESS,
    MODEL,
    QUANT,
    ends,
    ends_of,
    estimate,
    in_units,
    resource_field,
    spelled,
)
from sitegen.datafiles.format import DataFile, Field, Value
from sitegen.measures import Resource, shown
from sitegen.numbers import listed, plain, significant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sitegen.keys import Key
    from sitegen.stats.budgets import Curve
    from sitegen.stats.changes import Change
    from sitegen.stats.paired import Difference
    from sitegen.stats.results import Scope
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


DIFFERENCE = (
    Field("n_tasks", "integer", "Shared tasks, or other units that it is paired by"),
    Field("wins", "integer", "Those with a positive difference"),
    Field("losses", "integer", "Those with a negative one"),
    Field("delta_rate", "number", "Mean difference of the rates"),
    *ends_of("delta"),
    Field("p_alone", "number", "Two-sided exact sign-flip test, of this one alone"),
)
_P = Field(
    "p", "number", "p adjusted for the family; null where not ranked", nullable=True
)


def difference_values(found: Difference) -> tuple[Value, ...]:
    """The values of `DIFFERENCE`."""
    return (
        found.n_tasks,
        found.wins,
        found.losses,
        plain(found.mean),
        *ends(found.interval),
        significant(found.p),
    )


def _effects(scope: Scope) -> DataFile:
    found = scope.axes
    return DataFile(
        name="effects",
        title="What each model and harness adds, on the complete shared sub-grid",
        fields=(
            Field("kind", "string", "model (at a quant) or harness"),
            *ENTITY[1:],
            Field("in_grid", "boolean", "Whether the sub-grid holds it"),
            Field(
                "rate", "number", "Mean over its cells in the sub-grid", nullable=True
            ),
            Field(
                "delta_rate", "number", "Less the mean of the sub-grid", nullable=True
            ),
        ),
        rows=(
            *(
                (
                    *spelled(e.key),
                    True,
                    plain(e.rate),
                    plain(e.points),
                )
                for e in ((*found.models, *found.harnesses) if found else ())
            ),
            *(
                (*spelled(key), False, None, None)
                for key in (
                    (*found.grid.without_models, *found.grid.without_harnesses)
                    if found
                    else ()
                )
            ),
        ),
    ).without("variant")


def _interactions(scope: Scope) -> DataFile:
    return DataFile(
        name="interactions",
        title="Each model in each harness, against the same model in the other ones",
        fields=(
            MODEL,
            QUANT,
            HARNESS,
            Field("rate", "number", "Mean over its cells in the sub-grid"),
            Field("rate_elsewhere", "number", "Of the model in the other harnesses"),
            Field(
                "rate_expected",
                "number",
                "What the effects of model and harness alone would give",
            ),
            Field("interaction", "number", "rate less rate_expected"),
            Field(
                "p_interaction",
                "number",
                "That it is 0: joint sign-flip test over all meetings",
            ),
            *DIFFERENCE,
            _P,
        ),
        rows=tuple(
            (
                *m.model.values,
                *m.harness.values,
                plain(m.rate),
                plain(m.elsewhere),
                plain(m.expected),
                plain(m.interaction),
                significant(m.p_interaction),
                *difference_values(m.drop),
                significant(m.p),
            )
            for m in (scope.axes.meetings if scope.axes else ())
        ),
    )


def _sensitivity(scope: Scope) -> DataFile:
    return DataFile(
        name="sensitivity",
        title="How much each model depends on its harness",
        fields=(
            MODEL,
            QUANT,
            Field("best_harness", "string", "With the highest rate"),
            Field("worst_harness", "string", "With the lowest rate"),
            Field("spread", "number", "The highest rate less the lowest"),
            Field(
                "rivals",
                "integer",
                "Harnesses that the data do not tell from the best",
            ),
        ),
        rows=tuple(
            (
                *s.model.values,
                *s.best.values,
                *s.worst.values,
                plain(s.spread),
                len(s.rivals),
            )
            for s in (scope.axes.sensitivity if scope.axes else ())
        ),
    )


def _components(scope: Scope) -> DataFile:
    return DataFile(
        name="components",
        title="How far pass rates are spread by model, harness, meeting, task and seed",
        fields=(
            Field("source", "string", "model, harness, meeting, task or seed"),
            Field("spread", "number", "Standard deviation of the rate that it brings"),
            Field("spread_low", "number", "Lower end, 95 %", nullable=True),
            Field("spread_high", "number", "Upper end, 95 %", nullable=True),
        ),
        rows=tuple(
            (c.source, plain(c.spread), plain(c.low), plain(c.high))
            for c in (scope.axes.components if scope.axes else ())
        ),
    )


_EQUIVALENCE = (
    Field("margin", "number", "Differences below it count as none"),
    Field(
        "equivalence_p",
        "number",
        "Two one-sided t tests against the margin; null where there is no variance",
        nullable=True,
    ),
    Field("equivalence_low", "number", "Lower end of the 90 % interval", nullable=True),
    Field(
        "equivalence_high", "number", "Upper end of the 90 % interval", nullable=True
    ),
    Field("finding", "string", "equal, different, slightly different or open"),
)


def _equivalence(change: Change) -> tuple[Value, ...]:
    found = change.equivalence
    return (
        plain(found.margin),
        plain(found.p),
        *ends(found.interval),
        change.finding,
    )


def _cost_fields(spent: Iterable[Resource]) -> Iterator[Field]:
    for measure in spent:
        name, unit = measure.name, measure.suffix
        for field, meaning in (
            (f"{name}_mean{unit}", f"Mean {name} of the quant, shared cells"),
            (f"{name}_reference{unit}", f"Mean {name} of the reference"),
            (f"{name}_ratio", "Reference over quant: geometric mean over tasks"),
        ):
            yield Field(field, "number", meaning, nullable=True)
        yield from ends_of(f"{name}_ratio")


def _costs(change: Change | None, spent: Iterable[Resource]) -> Iterator[Value]:
    known = {cost.measure: cost for cost in change.costs} if change else {}
    for measure in spent:
        cost = known.get(measure)
        if cost is None:
            yield from (None,) * 5
            continue
        yield plain(cost.a)
        yield plain(cost.b)
        yield from estimate(cost.ratio)


def _quant_ladder(scope: Scope) -> DataFile:
    spent = shown(Resource, scope.recorded)
    return DataFile(
        name="quant_ladder",
        title="The quants of each model by bits, with and without pairing",
        fields=(
            MODEL,
            QUANT,
            Field("bits", "integer", "Nominal bits, from the name", nullable=True),
            Field("is_reference", "boolean", "The quant that the others are held to"),
            Field("passed", "integer", "Trials that passed, paired or not"),
            Field("n_trials", "integer", "Measured trials, paired or not"),
            Field("paired", "boolean", "Whether it shares cells with the reference"),
            Field("n_cells", "integer", "Shared cells", nullable=True),
            *(
                Field(f.name, f.type, f.description, nullable=True)
                for f in (*DIFFERENCE, _P, *_EQUIVALENCE)
            ),
            *_cost_fields(spent),
        ),
        rows=tuple(
            (
                rung.model,
                rung.quant,
                rung.bits,
                rung.is_reference,
                rung.passed,
                rung.n_trials,
                rung.paired is not None,
                *_paired(rung.paired, spent),
            )
            for rung in scope.ladders.rungs
        ),
    )


def _paired(change: Change | None, spent: Sequence[Resource]) -> Iterator[Value]:
    if change is None:
        yield from (None,) * (2 + len(DIFFERENCE) + len(_EQUIVALENCE))
    else:
        yield change.n_cells
        yield from difference_values(change.found)
        yield significant(change.p)
        yield from _equivalence(change)
    yield from _costs(change, spent)


def _quant_changes(scope: Scope) -> DataFile:
    spent = shown(Resource, scope.recorded)
    return DataFile(
        name="quant_changes",
        title="From fewer bits to more, pooled over models, over all tasks and by task",
        fields=(
            Field("quant", "string", "The bits of the quants"),
            Field("reference", "string", "The bits of the references"),
            Field(
                "task",
                "string",
                "Task, then paired by model; null: over all tasks, paired by task",
                nullable=True,
            ),
            Field("n_cells", "integer", "Shared cells"),
            *DIFFERENCE,
            _P,
            *_EQUIVALENCE,
            *_cost_fields(spent),
        ),
        rows=tuple(
            (
                change.quant,
                change.reference,
                change.task,
                change.n_cells,
                *difference_values(change.found),
                significant(change.p),
                *_equivalence(change),
                *_costs(change, spent),
            )
            for change in (*scope.ladders.pooled, *scope.ladders.by_task)
        ),
    )


def _frontier_places(scope: Scope) -> DataFile:
    spent = shown(Resource, scope.recorded)
    names = listed([each.name for each in spent], "or")
    return DataFile(
        name="frontier_places",
        title=f"How surely each combo is on the frontier of {names}",
        fields=(
            resource_field(spent),
            *COMBO,
            Field("rate", "number", "passed / n_trials, in 0..1"),
            Field("mean", "number", f"Mean a trial: {in_units(spent)}"),
            Field("on_frontier", "boolean", "No combo is better and cheaper"),
            Field("chance", "number", "Share of draws of tasks in which it is on it"),
        ),
        rows=tuple(
            (
                p.measure.name,
                *p.key.values,
                plain(p.rate),
                plain(p.mean),
                p.on_frontier,
                plain(p.chance),
            )
            for p in scope.places
        ),
    )


def _budgets(scope: Scope) -> DataFile:
    spent = shown(Resource, scope.recorded)

    def lines(curves: Sequence[Curve[Key]]) -> Iterator[tuple[Value, ...]]:
        for curve in curves:
            for point in curve.points:
                yield (
                    *spelled(curve.key),
                    curve.measure.name,
                    plain(point.budget),
                    curve.n_trials,
                    point.passed,
                    plain(point.rate),
                    *ends(point.interval),
                )

    return DataFile(
        name="budgets",
        title="The share of trials that passed within a budget",
        fields=(
            Field("kind", "string", "model (at a quant) or harness"),
            *ENTITY[1:],
            resource_field(spent),
            Field("budget", "number", f"A trial's budget: {in_units(spent)}"),
            Field("n_trials", "integer", "Measured trials whose amount is known"),
            Field("passed", "integer", "Those that passed within the budget"),
            Field("rate", "number", "passed / n_trials, in 0..1"),
            *ends_of("ci", "the"),
        ),
        rows=(
            *lines(scope.harness_curves),
            *lines(scope.model_curves),
        ),
    ).without("variant")


def _switches(scope: Scope) -> DataFile:
    return DataFile(
        name="switches",
        title="What another policy would do to the rankings",
        fields=(
            Field("setting", "string", "Setting of [policy]"),
            Field("value", "string", "Another value of it"),
            Field("n_trials", "integer", "Trials that would count otherwise"),
            Field("kind", "string", "combo, harness or model", nullable=True),
            Field("n_ranked", "integer", "Entities with a rank now", nullable=True),
            Field("n_moved", "integer", "Those whose rank would differ", nullable=True),
            Field("furthest", "integer", "Most ranks that one moves", nullable=True),
            Field("n_left", "integer", "Those that would have no rank", nullable=True),
            Field(
                "first_changes",
                "boolean",
                "Whether others would share the first rank",
                nullable=True,
            ),
        ),
        rows=tuple(row for switch in scope.switches for row in _switch_rows(switch)),
    )


def _switch_rows(switch: Switch) -> Iterator[tuple[Value, ...]]:
    head = (switch.setting, switch.value, switch.trials)
    if not switch.rankings:
        yield (*head, None, None, None, None, None, None)
    for ranking in switch.rankings:
        yield (*head, *_ranking(ranking))


def _ranking(found: Reordered) -> tuple[Value, ...]:
    return (
        found.kind.word,
        found.n,
        len(found.moved),
        found.furthest,
        len(found.left),
        set(found.first) != set(found.first_otherwise),
    )
