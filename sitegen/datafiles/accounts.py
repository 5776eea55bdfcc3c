"""Data files of single trials, summed up: what became of them, what they took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.column import (
    Column,
    ends,
    inside,
    integer,
    number,
    table,
    text,
)
from sitegen.datafiles.fields import COMBO, ENTITY, HARNESS, MEAN, named
from sitegen.measures import Resource, shown

if TYPE_CHECKING:
    from sitegen.datafiles.format import DataFile
    from sitegen.stats.audit import Rate
    from sitegen.stats.results import Scope


def audit(scope: Scope) -> DataFile:
    """Contact with the hidden grader, by harness."""

    def rates(name: str, what: str) -> tuple[Column[Rate], ...]:
        return (
            integer(
                f"passed_{name}", f"Passed, accessing trials {what}", lambda r: r.passed
            ),
            integer(
                f"n_{name}", f"Denominator, accessing trials {what}", lambda r: r.n
            ),
            number(f"rate_{name}?", f"Rate, accessing trials {what}", lambda r: r.rate),
        )

    return table(
        "audit",
        "Contact with the hidden grader, by harness",
        scope.audit,
        text("harness", HARNESS.field.description),
        integer("n_audited", "Trials whose audit was recorded"),
        integer("mentions", "Trials whose log mentions the grader"),
        integer("accesses", "Trials that ran or read the grader"),
        integer("ran", "Trials that ran it"),
        integer("read", "Trials that read it"),
        integer("accesses_passed", "Accessing trials that passed"),
        inside(lambda line: line.kept, rates("kept", "kept")),
        inside(lambda line: line.failed, rates("failed", "counted as failed")),
        inside(lambda line: line.dropped, rates("dropped", "dropped")),
    )


def scores(scope: Scope) -> DataFile:
    """Mean scores."""
    return table(
        "scores",
        "Mean scores, where scores say more than pass or fail",
        scope.scores,
        ENTITY,
        inside(lambda score: score.found, MEAN),
        number(
            "score_mean",
            "Mean score over trials, in 0..1",
            lambda score: score.found.mean,
        ),
        ends("score", lambda score: score.found.interval),
    )


def spending(scope: Scope) -> DataFile:
    """What a trial takes."""
    spent = shown(Resource, scope.recorded)
    hidden = "; null where limits hide it"
    return table(
        "spending",
        f"What a trial takes: {', '.join(each.listed for each in spent)}",
        scope.spending,
        ENTITY,
        text("resource", named(spent), lambda line: line.measure.name),
        integer(
            "n_trials",
            "Measured trials whose amount is known",
            lambda line: line.mean.n_trials,
        ),
        integer("stopped", "Those that a limit stopped"),
        number("mean", "Mean as it was spent", lambda line: line.mean.mean),
        ends("mean", lambda line: line.mean.interval),
        number(
            "median?",
            f"Median without limits{hidden}",
            lambda line: line.median.value,
        ),
        ends("median", lambda line: line.median, hidden=hidden),
    )


def coverage(scope: Scope) -> DataFile:
    """What became of the trials of each combo."""
    return table(
        "coverage",
        "What became of the trials of each combo",
        scope.coverage,
        COMBO,
        integer("rows", "Rows in the input"),
        integer("measured", "In the denominator"),
        integer("infra", "Lost to infrastructure"),
        integer("cancelled", "Cancelled"),
        integer("void", "Voided for cheating; counted as failed"),
        integer("n_tasks", "Tasks with a measured trial", lambda line: line.tasks),
        integer("tasks_in_scope", "Tasks there are"),
    )


def consistency(scope: Scope) -> DataFile:
    """pass^k and pass@k."""
    return table(
        "consistency",
        "pass^k and pass@k of combos that ran every task more than once",
        scope.consistency,
        COMBO,
        integer("k", "How many trials of a task"),
        integer("n_tasks", "Tasks averaged over"),
        number("pass_hat_k", "All k trials of a task pass"),
        number("pass_at_k", "At least one of k trials passes"),
    )
