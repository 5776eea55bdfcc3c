"""Columns that several data files share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sitegen.datafiles.column import (
    Column,
    columns,
    ends,
    inside,
    integer,
    number,
    text,
)
from sitegen.kinds import kind_of
from sitegen.numbers import listed, significant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sitegen.keys import Key
    from sitegen.measures import Resource
    from sitegen.stats.intervals import Noise
    from sitegen.stats.means import Mean
    from sitegen.stats.paired import Difference
    from sitegen.stats.standings import Standing


class Keyed(Protocol):
    """A line about an entity."""

    @property
    def key(self) -> Key:
        """The entity."""


def _part(name: str, description: str) -> Column[Key]:
    return text(name, description, lambda key: key.parts.get(name.removesuffix("?")))


MODEL = _part("model", "Model, as its provider spells it")
QUANT = _part("quant", "Quantisation; empty: not recorded")
HARNESS = _part("harness", "Agent program")
TASK = _part("task", "Task")
VARIANT = _part("variant", "What else sets the combo apart; empty: nothing")
PARTS = (
    _part("model?", "Model; null for a harness"),
    _part("quant?", "Quantisation; null for a harness"),
    _part("harness?", "Agent program; null for a model"),
    _part("variant?", "Of a combo; null for the others"),
)


def keyed(*parts: Column[Key]) -> tuple[Column[Keyed], ...]:
    """Columns of the entity that a line is about."""
    return inside(lambda line: line.key, parts)


def kind(words: str = "model (at a quant), harness or combo") -> Column[Key]:
    """The kind of an entity, one of these."""
    return text("kind", words, lambda key: kind_of(key).word)


COMBO = keyed(MODEL, QUANT, HARNESS, VARIANT)
ENTITY = keyed(kind(), *PARTS)
N_TRIALS: Column[Standing[Key] | Mean] = integer(
    "n_trials", "Measured trials: the denominator"
)
COUNTS: tuple[Column[Standing[Key]], ...] = (
    N_TRIALS,
    integer("n_cells", "Distinct cells (combo and task) among them"),
)
_TASKS_AMONG = "Distinct tasks among them"
N_TASKS: Column[Standing[Key]] = integer("n_tasks", _TASKS_AMONG, lambda s: s.n_across)
MEAN: tuple[Column[Mean], ...] = (N_TRIALS, integer("n_tasks", _TASKS_AMONG))
RATES: tuple[Column[Standing[Key]], ...] = columns(
    integer("passed", "Trials that passed"),
    number("rate?", "Mean over cells of the mean over a cell's trials, in 0..1"),
    ends("ci", lambda s: s.interval, " of the 95 % interval"),
    number(
        "agent_time_mean_s?",
        "Mean wall clock in the agent, in seconds",
        lambda s: s.time_mean_s,
    ),
)
NOISE: tuple[Column[Noise], ...] = (
    number(
        "se_seeds?",
        "Standard error from cells having few trials; null where one ran once",
        lambda noise: noise.seeds,
    ),
    number(
        "se_tasks?",
        "Standard error from the choice of tasks; null with se_seeds",
        lambda noise: noise.tasks,
    ),
)
RANKED: tuple[Column[Standing[Key]], ...] = columns(
    COUNTS,
    N_TASKS,
    RATES,
    inside(lambda s: s.noise, NOISE),
    number("score?", "Mean score, where ranks are by it"),
    integer(
        "rank?",
        "1 + how many ranked ones have a higher rate, or score; null for one that "
        "stands apart",
    ),
    integer(
        "rank_low?",
        "Best rank that it may truly have",
        lambda s: s.rank_range and s.rank_range[0],
    ),
    integer(
        "rank_high?",
        "Worst rank that it may truly have",
        lambda s: s.rank_range and s.rank_range[1],
    ),
    text(
        "tier?",
        "Letters: who shares one cannot be told apart; null where not ranked",
        lambda s: s.tier or None,
    ),
    integer(
        "tasks_missed?",
        "Tasks with a trial that did not pass; null where cells are private and a task "
        "has several trials",
        lambda s: s.missed,
    ),
)
WON: tuple[Column[Difference], ...] = (
    integer("wins", "Those with a positive difference"),
    integer("losses", "Those with a negative one"),
)
LEAD: tuple[Column[Difference], ...] = columns(
    number("delta_rate", "Mean difference of the rates", lambda d: d.mean),
    ends("delta", lambda d: d.interval),
    number(
        "p_alone",
        "Two-sided exact sign-flip test, of this one alone",
        lambda d: d.p,
        write=significant,
    ),
)
DIFFERENCE: tuple[Column[Difference], ...] = columns(
    integer("n_tasks", "Shared tasks, or other units that it is paired by"), WON, LEAD
)


def named(spent: Sequence[Resource]) -> str:
    """Any of these resources: "time, tokens or cost"."""
    return listed([each.name for each in spent], "or")


def in_units(spent: Iterable[Resource]) -> str:
    """What an amount of any of them is in: "seconds, tokens or dollars"."""
    return listed([each.unit for each in spent], "or")
