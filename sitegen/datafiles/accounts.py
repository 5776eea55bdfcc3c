"""Data files of single trials, summed up: what became of them, what they took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.fields import (
    COMBO,
    COUNTS,
    ENTITY,
    HARNESS,
    N_TASKS,
    ends,
    ends_of,
    resource_field,
    spelled,
)
from sitegen.datafiles.format import DataFile, Field, Value, told
from sitegen.measures import Resource, shown
from sitegen.numbers import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sitegen.stats.audit import Rate
    from sitegen.stats.results import Scope


def audit(scope: Scope) -> DataFile:
    """Contact with the hidden grader, by harness."""

    def rate_fields(name: str, what: str) -> Iterable[Field]:
        yield Field(f"passed_{name}", "integer", f"Passed, accessing trials {what}")
        yield Field(f"n_{name}", "integer", f"Denominator, accessing trials {what}")
        yield Field(f"rate_{name}", "number", f"Rate, accessing trials {what}", True)  # noqa: FBT003 nullable

    counts = (
        Field("n_audited", "integer", "Trials whose audit was recorded"),
        Field("mentions", "integer", "Trials whose log mentions the grader"),
        Field("accesses", "integer", "Trials that ran or read the grader"),
        Field("ran", "integer", "Trials that ran it"),
        Field("read", "integer", "Trials that read it"),
        Field("accesses_passed", "integer", "Accessing trials that passed"),
    )

    def values(rate: Rate) -> tuple[Value, ...]:
        return rate.passed, rate.n, plain(rate.rate)

    return DataFile(
        name="audit",
        title="Contact with the hidden grader, by harness",
        fields=(
            HARNESS,
            *counts,
            *rate_fields("kept", "kept"),
            *rate_fields("failed", "counted as failed"),
            *rate_fields("dropped", "dropped"),
        ),
        rows=tuple(
            (
                line.harness,
                *told(line, counts),
                *values(line.kept),
                *values(line.failed),
                *values(line.dropped),
            )
            for line in scope.audit
        ),
    )


def scores(scope: Scope) -> DataFile:
    """Mean scores."""
    return DataFile(
        name="scores",
        title="Mean scores, where scores say more than pass or fail",
        fields=(
            *ENTITY,
            COUNTS[0],
            N_TASKS,
            Field("score_mean", "number", "Mean score over trials, in 0..1"),
            *ends_of("score"),
        ),
        rows=tuple(
            (
                *spelled(score.key),
                score.found.n_trials,
                score.found.n_tasks,
                plain(score.found.mean),
                *ends(score.found.interval),
            )
            for score in scope.scores
        ),
    )


def spending(scope: Scope) -> DataFile:
    """What a trial takes."""
    spent = shown(Resource, scope.recorded)
    return DataFile(
        name="spending",
        title=f"What a trial takes: {', '.join(each.listed for each in spent)}",
        fields=(
            *ENTITY,
            resource_field(spent),
            Field("n_trials", "integer", "Measured trials whose amount is known"),
            Field("stopped", "integer", "Those that a limit stopped"),
            Field("mean", "number", "Mean as it was spent"),
            *ends_of("mean"),
            Field(
                "median",
                "number",
                "Median without limits; null where limits hide it",
                nullable=True,
            ),
            *ends_of("median", hidden="; null where limits hide it"),
        ),
        rows=tuple(
            (
                *spelled(line.key),
                line.measure.name,
                line.mean.n_trials,
                line.stopped,
                plain(line.mean.mean),
                *ends(line.mean.interval),
                plain(line.median.value),
                plain(line.median.low),
                plain(line.median.high),
            )
            for line in scope.spending
        ),
    )


def coverage(scope: Scope) -> DataFile:
    """What became of the trials of each combo."""
    counts = (
        Field("rows", "integer", "Rows in the input"),
        Field("measured", "integer", "In the denominator"),
        Field("infra", "integer", "Lost to infrastructure"),
        Field("cancelled", "integer", "Cancelled"),
        Field("void", "integer", "Voided for cheating; counted as failed"),
    )
    return DataFile(
        name="coverage",
        title="What became of the trials of each combo",
        fields=(
            *COMBO,
            *counts,
            Field("n_tasks", "integer", "Tasks with a measured trial"),
            Field("tasks_in_scope", "integer", "Tasks there are"),
        ),
        rows=tuple(
            (*line.key.values, *told(line, counts), line.tasks, line.tasks_in_scope)
            for line in scope.coverage
        ),
    )


def consistency(scope: Scope) -> DataFile:
    """pass^k and pass@k."""
    return DataFile(
        name="consistency",
        title="pass^k and pass@k of combos that ran every task more than once",
        fields=(
            *COMBO,
            Field("k", "integer", "Trials in a row"),
            Field("n_tasks", "integer", "Tasks averaged over"),
            Field("pass_hat_k", "number", "All k trials of a task pass"),
            Field("pass_at_k", "number", "At least one of k trials passes"),
        ),
        rows=tuple(
            (*c.key.values, c.k, c.n_tasks, plain(c.pass_hat_k), plain(c.pass_at_k))
            for c in scope.consistency
        ),
    )
