"""What is measured of a trial: one entry a quantity, and all else follows from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from sitegen.numbers import decimal, seconds

if TYPE_CHECKING:
    from harness_bench.schema import Record

Writer: TypeAlias = Callable[[Fraction], tuple[str, str]]
"""How an amount is written for people: the number, and its unit where it has one."""


def _whole(value: Fraction) -> tuple[str, str]:
    return f"{round(value):,}", ""


def _dollars(value: Fraction) -> tuple[str, str]:
    return f"${decimal(value, 2 if value >= 1 else 4)}", ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A quantity that is measured of each trial."""

    name: str
    """As data files spell it."""
    columns: tuple[str, ...]
    """Of cells.csv; of several the sum, known where all are."""
    written: Writer = _whole
    steps: int = 1_000_000
    """It is counted in whole parts, so many of which make 1: every sum is exact,
    whatever the order of the rows."""
    most: int = 10**9
    """More than this in one trial is a fault of the record, and counts as not known;
    so all sums fit 64 bits."""

    def read(self, record: Record) -> float | None:
        """What a record says of it; None: not measured."""
        found = [getattr(record, column) for column in self.columns]
        return None if None in found else sum(found)

    def text(self, value: Fraction | float) -> str:
        """An amount as people read it, with its unit."""
        return " ".join(filter(None, self.written(Fraction(value))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Measure):
    """What a trial spends, the less the better: mean, median, frontier, budgets."""

    term: str
    """What heads it in a list of what a trial takes."""
    much: str
    """A lot of it."""
    suffix: str
    """The unit, as names of columns end in data files."""
    frontier: str
    """The title of the section on who passes most for the least of it."""


class Pace(Measure):
    """What depends on the machine: a median over trials on the same hardware."""


class Peak(Measure):
    """What a machine must have room for: the largest of all trials."""


TIME = Resource(
    name="time",
    columns=("agent_time_s",),
    written=seconds,
    term="Time in the agent",
    much="much time",
    suffix="_s",
    frontier="How sure is the frontier?",
)
TOKENS = Resource(
    name="tokens",
    columns=("tokens_in", "tokens_out"),
    steps=1,
    term="Tokens",
    much="many tokens",
    suffix="",
    frontier="The frontier of tokens",
)
COST = Resource(
    name="cost",
    columns=("cost_usd",),
    written=_dollars,
    term="Cost",
    much="much money",
    suffix="_usd",
    frontier="The frontier of cost",
)
SPEED = Pace(name="speed", columns=("tokens_per_s",))
FIRST_TOKEN = Pace(name="first_token", columns=("first_token_s",))
CONTEXT = Peak(name="context", columns=("context_peak",), steps=1)
CALLS = Measure(name="calls", columns=("calls",), steps=1)
MALFORMED = Measure(name="malformed_calls", columns=("malformed_calls",), steps=1)
SCORE = Measure(name="score", columns=("score",), steps=10**12, most=1)

MEASURES = (
    TIME,
    TOKENS,
    COST,
    SPEED,
    FIRST_TOKEN,
    CONTEXT,
    CALLS,
    MALFORMED,
    SCORE,
)
"""All of them, in the order in which pages show them."""

RESOURCES = tuple(each for each in MEASURES if isinstance(each, Resource))
"""What trials spend."""
