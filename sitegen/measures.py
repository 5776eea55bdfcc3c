"""What is measured of a trial: one entry a quantity, and all else follows from it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias, TypeVar

from harness_bench.schema import Status
from sitegen.numbers import decimal, percent, seconds

Writer: TypeAlias = Callable[[Fraction], tuple[str, str]]
"""How an amount is written for people: the number, and its unit where it has one."""


def _whole(value: Fraction) -> tuple[str, str]:
    return f"{round(value):,}", ""


def _dollars(value: Fraction) -> tuple[str, str]:
    return f"${decimal(value, 2 if value >= 1 else 4)}", ""


def _energy(value_wh: Fraction) -> tuple[str, str]:
    if value_wh >= _KILO:
        return decimal(value_wh / _KILO, 1), "kWh"
    return decimal(value_wh, 1 if value_wh >= 1 else 3), "Wh"


def _per_second(tokens: Fraction) -> tuple[str, str]:
    return (f"{round(tokens):,}" if tokens >= _ROUND else decimal(tokens, 1)), "tok/s"


def _wait(wait_s: Fraction) -> tuple[str, str]:
    if wait_s < _SHORT_S:
        return decimal(wait_s * _KILO, 0), "ms"
    return seconds(wait_s)


def _hundredths(value: Fraction) -> tuple[str, str]:
    return decimal(value, 2), ""


def _percent(value: Fraction) -> tuple[str, str]:
    return percent(value), "%"


def _gigabytes(value: Fraction) -> tuple[str, str]:
    return decimal(value, 1), "GB"


_KILO = 1000
_ROUND = 100
"""From here on, digits after the point say nothing."""
_SHORT_S = Fraction(1, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A quantity that is measured of each trial."""

    name: str
    """As data files spell it."""
    columns: tuple[str, ...]
    """Of cells.csv; of several the sum, known where all are."""
    label: str
    """What heads it in tables and lists."""
    written: Writer = _whole
    steps: int = 1_000_000
    """It is counted in whole parts, so many of which make 1: every sum is exact,
    whatever the order of the rows."""
    most: int = 10**9
    """More than this in one trial is a fault of the record, and counts as not known;
    so all sums fit 64 bits."""
    anchor: str = ""
    """The id of its definition, where it has one of its own."""
    definition: str = ""
    """What it is, on the methodology page."""
    of_machine: bool = False
    """Whether unlike hardware makes unlike amounts, which are not put together."""
    always: bool = False
    """Data files have columns for it even where nobody measured it."""

    def text(self, value: Fraction | float) -> str:
        """An amount as people read it, with its unit."""
        return " ".join(filter(None, self.written(Fraction(value))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Measure):
    """What a trial spends, the less the better: mean, median, frontier, budgets."""

    unit: str
    listed: str
    """It and its unit, in the title of a data file."""
    suffix: str
    """The unit, as names of columns end in data files."""
    much: str
    """A lot of it."""
    limit: Status | None = None
    """What a trial ends with that a limit on it stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Measure):
    """What answering was like: one figure over all trials of an entity."""

    hint: str
    """What the figure is, at the head of its column."""
    said: str = "{amount}, median over {trials}"
    """What a combo's page says of it."""
    field: str
    """The figure's column in data files."""
    described: str
    """What that column holds."""
    counted: str
    """What the column before it holds: how many trials are behind the figure."""


class Pace(Answer):
    """What depends on the machine: a median over trials on the same hardware."""


class Peak(Answer):
    """What a machine must have room for: the largest of all trials."""


TIME = Resource(
    name="time",
    columns=("agent_time_s",),
    label="Time in the agent",
    written=seconds,
    of_machine=True,
    always=True,
    unit="seconds",
    listed="time in seconds",
    suffix="_s",
    much="much time",
    limit=Status.AGENT_TIMEOUT,
)
TOKENS = Resource(
    name="tokens",
    columns=("tokens_in", "tokens_out"),
    label="Tokens",
    steps=1,
    always=True,
    unit="tokens",
    listed="tokens",
    suffix="",
    much="many tokens",
    limit=Status.AGENT_BUDGET,
)
COST = Resource(
    name="cost",
    columns=("cost_usd",),
    label="Cost",
    written=_dollars,
    always=True,
    unit="dollars",
    listed="cost in US dollars",
    suffix="_usd",
    much="much money",
)
ENERGY = Resource(
    name="energy",
    columns=("energy_wh",),
    label="Energy",
    written=_energy,
    of_machine=True,
    anchor="energy",
    definition="Electricity that the model server used for a trial, in watt-hours. "
    "What the agent and its tools used is not in it.",
    unit="watt-hours",
    listed="energy in watt-hours",
    suffix="_wh",
    much="much energy",
)
SPEED = Pace(
    name="speed",
    columns=("tokens_per_s",),
    label="Speed",
    written=_per_second,
    anchor="answer-speed",
    definition="Tokens after the first output over the time from it to the last "
    "output, summed over a trial's calls; then the median over trials. The inverse of "
    "the time per output token (vLLM) or inter-token latency (NVIDIA). Known for "
    "answers that were streamed to their end in several parts. What a server "
    "holds back before its first output makes it look faster than it is.",
    always=True,
    hint="median over trials, of tokens a second after the first",
    field="tokens_per_s_median",
    described="Median over them, of tokens a second after the first",
    counted="Trials of which tokens a second are known",
)
FIRST_TOKEN = Pace(
    name="first_token",
    columns=("first_token_s",),
    label="First token",
    written=_wait,
    anchor="first-token",
    definition="Seconds from a call to the first output of its answer: the median over "
    "a trial's calls, then over trials. Reading the prompt is in it, so that it "
    "grows with the harness's prompts; so is waiting for a busy server.",
    always=True,
    hint="median over trials, of the time from a call to its first output",
    field="first_token_median_s",
    described="Median over them, of seconds to the first output",
    counted="Trials of which the wait is known",
)
PREFILL = Pace(
    name="prefill",
    columns=("prefill_per_s",),
    label="Prefill",
    written=_per_second,
    anchor="prefill",
    definition="How fast the server read prompts: tokens that came from no cache, over "
    "the time that it took for them, summed over a trial's calls; then the median over "
    "trials. Known where the server tells these times.",
    hint="median over trials, of prompt tokens read per second",
    field="prefill_per_s_median",
    described="Median over them, of prompt tokens read per second",
    counted="Trials for which the speed of reading prompts is known",
)
CONTEXT = Peak(
    name="context",
    columns=("context_peak",),
    label="Context",
    steps=1,
    anchor="context-peak",
    definition="The most tokens that any one call held, prompt and answer together: "
    "what the model's context had to have room for.",
    always=True,
    hint="tokens: the most that one call held",
    said="at most {amount} tokens in a call, over {trials}",
    field="context_peak",
    described="The most tokens that one call of them held, prompt and answer",
    counted="Trials of which the context is known",
)
CONTEXT_LIMIT = Peak(
    name="context_limit",
    columns=("context_limit",),
    label="Context limit",
    steps=1,
    anchor="context-limit",
    definition="The most tokens that one call could hold, as the model server was set "
    "up: the largest over trials.",
    hint="tokens: the most that one call could hold",
    said="{amount} tokens, the largest over {trials}",
    field="context_limit",
    described="The most tokens that one call of them could hold",
    counted="Trials for which the context limit is known",
)
MEMORY = Peak(
    name="memory",
    columns=("peak_memory_gb",),
    label="Memory",
    written=_gigabytes,
    anchor="memory",
    definition="The most main memory that the model server had held when a trial "
    "ended: the largest over trials. A GB is 1,000,000,000 bytes.",
    hint="the most main memory that the model server held",
    said="at most {amount}, over {trials}",
    field="peak_memory_gb",
    described="The most main memory that the model server held, in GB of 1e9 bytes",
    counted="Trials for which the memory is known",
)
CALLS = Measure(name="calls", columns=("calls",), label="Calls", steps=1, always=True)
MALFORMED = Measure(
    name="malformed_calls",
    columns=("malformed_calls",),
    label="Malformed calls",
    steps=1,
    anchor="malformed",
    definition="Calls of tools whose arguments were no JSON object, over all calls of "
    "the model. A harness must throw such a call away, or mend it.",
    always=True,
)
SCORE = Measure(
    name="score",
    columns=("score",),
    label="Mean score",
    written=_hundredths,
    steps=10**12,
    most=1,
    always=True,
)
TRIES = Measure(
    name="tries",
    columns=("tries",),
    label="Passed at the first try",
    written=_percent,
    steps=1,
    anchor="first-try",
    definition="Where an agent is told what failed and tries again: the pass rate if "
    "only its first try counted. The rate beside it counts every try.",
)

MEASURES = tuple(each for each in [*vars().values()] if isinstance(each, Measure))
"""All of this module, in the order in which pages show them: none can be forgotten."""

M = TypeVar("M", bound=Measure)


def shown(sort: type[M], recorded: Collection[Measure]) -> tuple[M, ...]:
    """The measures of a sort that a site's tables have columns for."""
    return tuple(
        each
        for each in MEASURES
        if isinstance(each, sort) and (each.always or each in recorded)
    )
