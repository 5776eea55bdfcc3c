"""Data files of comparisons: two of a kind on the cells that both ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.fields import ends, ends_of, parts
from sitegen.datafiles.format import DataFile, Field, told
from sitegen.numbers import plain, significant

if TYPE_CHECKING:
    from sitegen.stats.results import Scope


def quant_pairs(scope: Scope) -> DataFile:
    """Two quants of a model, pooled and task by task."""
    counts = (
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
    )
    return DataFile(
        name="quant_pairs",
        title="Two quants of a model on the cells that both have",
        fields=(
            *counts,
            Field("delta_rate", "number", "Rate of quant_b minus that of quant_a"),
        ),
        rows=tuple(
            (*told(pair, counts), plain(pair.delta_rate)) for pair in scope.quant_pairs
        ),
    )


_VARIANT = "it has one; all that differs between two of the kind variant"


def pairs(scope: Scope) -> DataFile:
    """Two models, quants, harnesses or combos, with what tells them apart."""
    return DataFile(
        name="pairs",
        title="Two ranked models, quants, harnesses or combos on the cells all share",
        fields=(
            Field(
                "kind",
                "string",
                "model, quant (of one model), harness or combo",
            ),
            *(
                Field(f"{name}_{side}", "string", meaning, nullable=True)
                for side in ("a", "b")
                for name, meaning in (
                    ("model", f"model of {side}"),
                    ("quant", f"quant of {side}"),
                    ("harness", f"harness of {side}"),
                    ("variant", f"variant of {side}, where {_VARIANT}"),
                )
            ),
            Field("n_tasks", "integer", "Shared tasks"),
            Field("n_cells", "integer", "Shared cells of each"),
            Field("wins", "integer", "Tasks on which a has the higher rate"),
            Field("losses", "integer", "Tasks on which b has the higher rate"),
            Field("ties", "integer", "Tasks on which the rates are equal"),
            Field("delta_rate", "number", "Mean over tasks of rate(a) - rate(b)"),
            *ends_of("delta"),
            Field("p_alone", "number", "Sign-flip test over tasks, of this pair alone"),
            Field(
                "p",
                "number",
                "Joint sign-flip test, adjusted for all pairs of the kind in the scope",
            ),
            Field("separable", "boolean", "p is at most 0.05"),
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
                *parts(pair.a),
                *parts(pair.b),
                pair.found.n_tasks,
                pair.n_cells,
                pair.found.wins,
                pair.found.losses,
                pair.found.ties,
                plain(pair.found.mean),
                *ends(pair.found.interval),
                significant(pair.found.p),
                significant(pair.p),
                pair.separable,
                pair.found.tasks_needed,
                pair.found.seeds_needed,
            )
            for pair in scope.pairs
        ),
    )
