"""The published data: which tables there are, and what is in them.

One set under `data/` over all trials and one under `data/<sweep>/`. A row
carries its keys, then its numbers: proportions in 0..1, times in seconds,
unknown is null (JSON) or empty (CSV), never 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.fields import (
    COUNTS,
    ENTITY,
    HARNESS,
    MODEL,
    N_TASKS,
    QUANT,
    RANKED,
    RATES,
    TASK,
    spelled,
)
from sitegen.datafiles.findings import finding_files
from sitegen.datafiles.format import DataFile, Field, Value
from sitegen.datafiles.speed import speed_file
from sitegen.numbers import plain, significant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sitegen.stats.audit import Rate
    from sitegen.stats.difficulty import Discrimination
    from sitegen.stats.intervals import Interval
    from sitegen.stats.results import Scope
    from sitegen.stats.standings import Standing


def data_files(scope: Scope, *, cells: bool) -> tuple[DataFile, ...]:
    """Every table of one scope, which holds only what may be published.

    Args:
        scope: After `disclosure.publishable`.
        cells: Whether the table of single cells is wanted.
    """
    return (
        _combos(scope),
        _models(scope),
        _harnesses(scope),
        _tasks(scope),
        _quant_pairs(scope),
        _audit(scope),
        _frontier(scope),
        _pairs(scope),
        _scores(scope),
        _spending(scope),
        _coverage(scope),
        _consistency(scope),
        _task_by("task_models", "model-quant", scope.task_model_quants),
        _task_by("task_harnesses", "harness", scope.task_harnesses),
        *finding_files(scope),
        *((speed_file(scope.speeds),) if scope.speeds else ()),
        *((_cells(scope),) if cells else ()),
    )


def _numbers(standing: Standing) -> tuple[Value, ...]:
    interval = standing.interval
    return (
        standing.passed,
        plain(standing.rate),
        plain(interval.low) if interval else None,
        plain(interval.high) if interval else None,
        plain(standing.time_mean_s),
    )


def _ranking(standing: Standing) -> tuple[Value, ...]:
    low, high = standing.rank_range or (None, None)
    return standing.complete, standing.rank, low, high, standing.tier or None


def _noise(standing: Standing) -> tuple[Value, ...]:
    found = standing.noise
    return (plain(found.seeds), plain(found.tasks)) if found else (None, None)


def _ranked(standing: Standing) -> tuple[Value, ...]:
    return (
        standing.n_trials,
        standing.n_cells,
        standing.n_across,
        *_numbers(standing),
        *_noise(standing),
        *_ranking(standing),
        standing.missed,
    )


def _combos(scope: Scope) -> DataFile:
    on_frontier = {step.standing.key for step in scope.frontier}
    return DataFile(
        name="combos",
        title="Combos: a model at a quant in a harness",
        fields=(
            MODEL,
            QUANT,
            HARNESS,
            *RANKED,
            Field(
                "on_frontier",
                "boolean",
                "It passed something, and no combo is both better and faster",
            ),
        ),
        rows=tuple((*s.key, *_ranked(s), s.key in on_frontier) for s in scope.combos),
    )


def _models(scope: Scope) -> DataFile:
    return DataFile(
        name="models",
        title="Models at a quant, over all harnesses",
        fields=(MODEL, QUANT, *RANKED),
        rows=tuple((*s.key, *_ranked(s)) for s in scope.model_quants),
    )


def _harnesses(scope: Scope) -> DataFile:
    combos: dict[str, list[Standing]] = {}
    for standing in scope.combos:
        combos.setdefault(standing.key[2], []).append(standing)

    def near_best(harness: str) -> int:
        return sum(
            s.rate is not None and s.n_across == scope.size.tasks and s.missed <= 1
            for s in combos[harness]
        )

    return DataFile(
        name="harnesses",
        title="Harnesses, over all models",
        fields=(
            HARNESS,
            *RANKED,
            Field("n_combos", "integer", "Combos with this harness"),
            Field(
                "combos_near_perfect",
                "integer",
                "Combos that ran every task and missed at most one",
            ),
        ),
        rows=tuple(
            (*s.key, *_ranked(s), len(combos[s.key[0]]), near_best(s.key[0]))
            for s in scope.harnesses
        ),
    )


_DISCRIMINATION = (
    Field(
        "discrimination",
        "number",
        "Correlation with the combo's results elsewhere; null where it has none, "
        "and where cells are private",
        nullable=True,
    ),
    Field("discrimination_low", "number", "Lower end, 95 %", nullable=True),
    Field("discrimination_high", "number", "Upper end, 95 %", nullable=True),
)


def _discrimination(found: Discrimination | None) -> tuple[Value, ...]:
    if found is None:
        return None, None, None
    return tuple(plain(v) for v in (found.correlation, found.low, found.high))


def _tasks(scope: Scope) -> DataFile:
    known = {found.task: found for found in scope.discrimination}
    return DataFile(
        name="tasks",
        title="Tasks, hardest first",
        fields=(
            TASK,
            *COUNTS,
            Field("n_combos", "integer", "Combos that tried it"),
            *RATES,
            Field("always_passed", "boolean", "Every measured trial passed"),
            Field("never_passed", "boolean", "No measured trial passed"),
            *_DISCRIMINATION,
        ),
        rows=tuple(
            (
                *s.key,
                s.n_trials,
                s.n_cells,
                s.n_across,
                *_numbers(s),
                s.rate == 1,
                s.rate == 0,
                *_discrimination(known.get(s.key[0])),
            )
            for s in scope.tasks
        ),
    )


def _quant_pairs(scope: Scope) -> DataFile:
    return DataFile(
        name="quant_pairs",
        title="Two quants of a model on the cells that both have",
        fields=(
            Field("model", "string", "Model; null: pooled over models", nullable=True),
            Field("quant_a", "string", "The quant with fewer bits"),
            Field("quant_b", "string", "The quant with more bits"),
            Field("task", "string", "Task; null: over all tasks", nullable=True),
            Field("n_cells", "integer", "Shared cells (harness and task)"),
            Field("n_a", "integer", "Trials of quant_a on them"),
            Field("n_b", "integer", "Trials of quant_b on them"),
            Field("passed_a", "integer", "Passed trials of quant_a"),
            Field("passed_b", "integer", "Passed trials of quant_b"),
            Field(
                "delta",
                "integer",
                "passed_b - passed_a; null where n_a and n_b differ",
                nullable=True,
            ),
            Field("delta_rate", "number", "Rate of quant_b minus that of quant_a"),
        ),
        rows=tuple(
            (
                pair.model,
                pair.quant_a,
                pair.quant_b,
                pair.task,
                pair.n_cells,
                pair.n_a,
                pair.n_b,
                pair.passed_a,
                pair.passed_b,
                pair.delta,
                plain(pair.delta_rate),
            )
            for pair in scope.quant_pairs
        ),
    )


def _audit(scope: Scope) -> DataFile:
    def rate_fields(name: str, what: str) -> Iterable[Field]:
        yield Field(f"passed_{name}", "integer", f"Passed, accessing trials {what}")
        yield Field(f"n_{name}", "integer", f"Denominator, accessing trials {what}")
        yield Field(f"rate_{name}", "number", f"Rate, accessing trials {what}", True)  # noqa: FBT003 nullable

    def values(rate: Rate) -> tuple[Value, ...]:
        return rate.passed, rate.n, plain(rate.rate)

    return DataFile(
        name="audit",
        title="Contact with the hidden grader, by harness",
        fields=(
            HARNESS,
            Field("n_audited", "integer", "Trials whose audit was recorded"),
            Field("mentions", "integer", "Trials whose log mentions the grader"),
            Field("accesses", "integer", "Trials that ran or read the grader"),
            Field("ran", "integer", "Trials that ran it"),
            Field("read", "integer", "Trials that read it"),
            Field("accesses_passed", "integer", "Accessing trials that passed"),
            *rate_fields("kept", "kept"),
            *rate_fields("failed", "counted as failed"),
            *rate_fields("dropped", "dropped"),
        ),
        rows=tuple(
            (
                line.harness,
                line.n_audited,
                line.mentions,
                line.accesses,
                line.ran,
                line.read,
                line.accesses_passed,
                *values(line.kept),
                *values(line.failed),
                *values(line.dropped),
            )
            for line in scope.audit
        ),
    )


def _frontier(scope: Scope) -> DataFile:
    return DataFile(
        name="frontier",
        title="The Pareto frontier of pass rate and time, fastest first",
        fields=(
            MODEL,
            QUANT,
            HARNESS,
            Field("n_trials", "integer", "Measured trials"),
            *RATES,
            Field(
                "times_slower",
                "number",
                "Its mean time over that of the row before; null in the first",
                nullable=True,
            ),
        ),
        rows=tuple(
            (
                *step.standing.key,
                step.standing.n_trials,
                *_numbers(step.standing),
                plain(step.times_slower),
            )
            for step in scope.frontier
        ),
    )


def _pairs(scope: Scope) -> DataFile:
    return DataFile(
        name="pairs",
        title="Two models, quants, harnesses or combos on the cells that both ran",
        fields=(
            Field("kind", "string", "model, quant (of one model), harness or combo"),
            *(
                Field(f"{name}_{side}", "string", f"{name} of {side}", nullable=True)
                for side in ("a", "b")
                for name in ("model", "quant", "harness")
            ),
            Field("n_tasks", "integer", "Shared tasks"),
            Field("n_cells", "integer", "Shared cells of each"),
            Field("wins", "integer", "Tasks on which a has the higher rate"),
            Field("losses", "integer", "Tasks on which b has the higher rate"),
            Field("ties", "integer", "Tasks on which the rates are equal"),
            Field("delta_rate", "number", "Mean over tasks of rate(a) - rate(b)"),
            Field(
                "delta_low", "number", "Lower end of its 95 % interval", nullable=True
            ),
            Field(
                "delta_high", "number", "Upper end of its 95 % interval", nullable=True
            ),
            Field("p", "number", "Two-sided exact sign-flip test over tasks"),
            Field("p_holm", "number", "p after Holm, over all pairs of the kind"),
            Field("separable", "boolean", "p_holm is at most 0.05"),
            Field(
                "tasks_needed",
                "integer",
                "Tasks in all that would show this difference in 80 % of sweeps, "
                "for all pairs of the kind",
                nullable=True,
            ),
            Field(
                "seeds_needed",
                "integer",
                "Trials a cell that would do so on these tasks; null where that is "
                "not known, and where none would",
                nullable=True,
            ),
        ),
        rows=tuple(
            (
                pair.kind,
                *spelled(pair.a),
                *spelled(pair.b),
                pair.found.n_tasks,
                pair.n_cells,
                pair.found.wins,
                pair.found.losses,
                pair.found.ties,
                plain(pair.found.mean),
                *_ends(pair.found.interval),
                significant(pair.found.p),
                significant(pair.p_holm),
                pair.separable,
                pair.found.tasks_needed,
                pair.found.seeds_needed,
            )
            for pair in scope.pairs
        ),
    )


def _scores(scope: Scope) -> DataFile:
    return DataFile(
        name="scores",
        title="Mean scores, where scores say more than pass or fail",
        fields=(
            *ENTITY,
            COUNTS[0],
            N_TASKS,
            Field("score_mean", "number", "Mean score over trials, in 0..1"),
            Field("score_low", "number", "Lower end of its 95 % interval", True),  # noqa: FBT003 nullable
            Field("score_high", "number", "Upper end of its 95 % interval", True),  # noqa: FBT003 nullable
        ),
        rows=tuple(
            (
                score.kind,
                *spelled(score.key),
                score.found.n_trials,
                score.found.n_tasks,
                plain(score.found.mean),
                *_ends(score.found.interval),
            )
            for score in scope.scores
        ),
    )


def _spending(scope: Scope) -> DataFile:
    return DataFile(
        name="spending",
        title="What a trial takes: time in seconds, tokens, cost in US dollars",
        fields=(
            *ENTITY,
            Field("resource", "string", "time, tokens or cost"),
            Field("n_trials", "integer", "Measured trials whose amount is known"),
            Field("stopped", "integer", "Those that a limit stopped"),
            Field("mean", "number", "Mean as it was spent"),
            Field("mean_low", "number", "Lower end of its 95 % interval", True),  # noqa: FBT003 nullable
            Field("mean_high", "number", "Upper end of its 95 % interval", True),  # noqa: FBT003 nullable
            Field(
                "median",
                "number",
                "Median without limits; null where limits hide it",
                nullable=True,
            ),
            Field("median_low", "number", "Lower end of its 95 % interval", True),  # noqa: FBT003 nullable
            Field(
                "median_high",
                "number",
                "Upper end of its 95 % interval; null where limits hide it",
                nullable=True,
            ),
        ),
        rows=tuple(
            (
                line.kind,
                *spelled(line.key),
                line.resource,
                line.mean.n_trials,
                line.stopped,
                plain(line.mean.mean),
                *_ends(line.mean.interval),
                plain(line.median.value),
                plain(line.median.low),
                plain(line.median.high),
            )
            for line in scope.spending
        ),
    )


def _ends(interval: Interval | None) -> tuple[Value, Value]:
    return (plain(interval.low), plain(interval.high)) if interval else (None, None)


def _coverage(scope: Scope) -> DataFile:
    return DataFile(
        name="coverage",
        title="What became of the trials of each combo",
        fields=(
            MODEL,
            QUANT,
            HARNESS,
            Field("rows", "integer", "Rows in the input"),
            Field("measured", "integer", "In the denominator"),
            Field("infra", "integer", "Lost to infrastructure"),
            Field("cancelled", "integer", "Cancelled"),
            Field("void", "integer", "Voided for cheating; counted as failed"),
            Field("n_tasks", "integer", "Tasks with a measured trial"),
            Field("tasks_in_scope", "integer", "Tasks there are"),
        ),
        rows=tuple(
            (
                *line.key,
                line.rows,
                line.measured,
                line.infra,
                line.cancelled,
                line.void,
                line.tasks,
                line.tasks_in_scope,
            )
            for line in scope.coverage
        ),
    )


def _consistency(scope: Scope) -> DataFile:
    return DataFile(
        name="consistency",
        title="pass^k and pass@k of combos that ran every task more than once",
        fields=(
            MODEL,
            QUANT,
            HARNESS,
            Field("k", "integer", "Trials in a row"),
            Field("n_tasks", "integer", "Tasks averaged over"),
            Field("pass_hat_k", "number", "All k trials of a task pass"),
            Field("pass_at_k", "number", "At least one of k trials passes"),
        ),
        rows=tuple(
            (*c.key, c.k, c.n_tasks, plain(c.pass_hat_k), plain(c.pass_at_k))
            for c in scope.consistency
        ),
    )


def _task_by(
    name: str,
    kind: str,
    by_task: Mapping[str, Sequence[Standing]],
) -> DataFile:
    keys = (MODEL, QUANT) if kind == "model-quant" else (HARNESS,)
    return DataFile(
        name=name,
        title=f"Each task by {kind}, where enough cells stand behind a number",
        fields=(TASK, *keys, *COUNTS, *RATES),
        rows=tuple(
            (task, *s.key, s.n_trials, s.n_cells, *_numbers(s))
            for task, groups in by_task.items()
            for s in groups
        ),
    )


def _cells(scope: Scope) -> DataFile:
    return DataFile(
        name="cells",
        title="Every cell: a combo on a task",
        fields=(MODEL, QUANT, HARNESS, TASK, COUNTS[0], *RATES),
        rows=tuple(
            (*s.key, task, s.n_trials, *_numbers(s))
            for task, groups in scope.task_combos.items()
            for s in groups
        ),
    )
