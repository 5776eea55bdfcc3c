"""Columns that several data files share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.datafiles.format import Field, Value
from sitegen.kinds import kind_of
from sitegen.numbers import listed, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.keys import Key
    from sitegen.measures import Resource
    from sitegen.stats.intervals import Interval
    from sitegen.stats.ratios import Ratio


def ends_of(name: str, of: str = "its", *, hidden: str = "") -> tuple[Field, Field]:
    """The two columns of a 95 % interval; empty where there is none.

    Args:
        name: What they begin with: "delta".
        of: The word before "95 % interval".
        hidden: What is said of the higher one.
    """
    lower = f"Lower end of {of} 95 % interval"
    upper = f"Upper end of {of} 95 % interval{hidden}"
    return (
        Field(f"{name}_low", "number", lower, nullable=True),
        Field(f"{name}_high", "number", upper, nullable=True),
    )


MODEL = Field("model", "string", "Model, as its provider spells it")
QUANT = Field("quant", "string", "Quantisation; empty: not recorded")
HARNESS = Field("harness", "string", "Agent program")
COMBO = (
    MODEL,
    QUANT,
    HARNESS,
    Field("variant", "string", "What else sets the combo apart; empty: nothing"),
)
ENTITY = (
    Field("kind", "string", "model (at a quant), harness or combo"),
    Field("model", "string", "Model; null for a harness", nullable=True),
    Field("quant", "string", "Quantisation; null for a harness", nullable=True),
    Field("harness", "string", "Agent program; null for a model", nullable=True),
    Field("variant", "string", "Of a combo; null for the others", nullable=True),
)
TASK = Field("task", "string", "Task")
COUNTS = (
    Field("n_trials", "integer", "Measured trials: the denominator"),
    Field("n_cells", "integer", "Distinct cells (combo and task) among them"),
)
N_TASKS = Field("n_tasks", "integer", "Distinct tasks among them")
RATES = (
    Field("passed", "integer", "Trials that passed"),
    Field(
        "rate",
        "number",
        "Mean over cells of the mean over a cell's trials, in 0..1",
        nullable=True,
    ),
    *ends_of("ci", "the"),
    Field(
        "agent_time_mean_s",
        "number",
        "Mean wall clock in the agent, in seconds",
        nullable=True,
    ),
)
NOISE = (
    Field(
        "se_seeds",
        "number",
        "Standard error from cells having few trials; null where one ran once",
        nullable=True,
    ),
    Field(
        "se_tasks",
        "number",
        "Standard error from the choice of tasks; null with se_seeds",
        nullable=True,
    ),
)
RANKS = (
    Field(
        "rank",
        "integer",
        "1 + how many ranked ones have a higher rate; null for one that stands apart",
        nullable=True,
    ),
    Field("rank_low", "integer", "Best rank that it may truly have", nullable=True),
    Field("rank_high", "integer", "Worst rank that it may truly have", nullable=True),
    Field(
        "tier",
        "string",
        "Letters: who shares one cannot be told apart; null where not ranked",
        nullable=True,
    ),
)
MISSED = Field("tasks_missed", "integer", "Tasks with a trial that did not pass")
RANKED = (*COUNTS, N_TASKS, *RATES, *NOISE, *RANKS, MISSED)


def resource_field(spent: Sequence[Resource]) -> Field:
    """Which resource a row is about."""
    return Field("resource", "string", listed([each.name for each in spent], "or"))


def in_units(spent: Sequence[Resource]) -> str:
    """What an amount of any of them is in: "seconds, tokens or dollars"."""
    return listed([each.unit for each in spent], "or")


def spelled(key: Key) -> tuple[Value, ...]:
    """The values of `ENTITY`."""
    return kind_of(key).word, *parts(key)


def parts(key: Key) -> tuple[Value, ...]:
    """The values of `ENTITY` without the kind."""
    return tuple(key.parts.get(field.name) for field in ENTITY[1:])


def estimate(found: Ratio | None) -> tuple[Value, ...]:
    """A value and the two ends of its interval; unknown where there is none."""
    if found is None:
        return None, None, None
    return plain(found.value), plain(found.low), plain(found.high)


def ends(interval: Interval | None) -> tuple[Value, Value]:
    """The two ends of an interval; unknown where there is none."""
    return (plain(interval.low), plain(interval.high)) if interval else (None, None)
