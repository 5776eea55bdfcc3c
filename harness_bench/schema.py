"""One trial as a value, and the columns of cells.csv that follow from it.

The header, the parser and the column table of the documentation all come from
the fields of `Record`. What one field of a file may hold is in `columns.py`;
reading and writing whole files is `cells_csv.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import cast, get_type_hints

from harness_bench.columns import Column, Value, about, column, known

LONGEST_S = 1e9
"""No trial takes thirty years: a longer time is a mistake, and sums stay exact."""


class Status(StrEnum):
    """How a trial ended."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    AGENT_TIMEOUT = "agent_timeout"
    AGENT_IDLE = "agent_idle"
    AGENT_BUDGET = "agent_budget"
    AGENT_CRASH = "agent_crash"
    CONTEXT_OVERFLOW = "context_overflow"
    NO_CHANGE = "no_change"
    INFRA_SERVER = "infra_server"
    INFRA_SANDBOX = "infra_sandbox"
    INFRA_SETUP = "infra_setup"
    INFRA_GRADER = "infra_grader"
    VOID_CHEAT = "void_cheat"
    CANCELLED = "cancelled"

    @property
    def is_infra(self) -> bool:
        """Whether something of ours broke, which says nothing about the agent."""
        return self in INFRA

    @property
    def is_measured(self) -> bool:
        """Whether the trial counts in the denominator."""
        return self not in UNMEASURED


INFRA = frozenset(
    {
        Status.INFRA_SERVER,
        Status.INFRA_SANDBOX,
        Status.INFRA_SETUP,
        Status.INFRA_GRADER,
    }
)
"""A broken server, sandbox, set-up or grader."""

UNMEASURED = INFRA | {Status.CANCELLED}
"""These leave the denominator and are shown as coverage."""


class GraderAccess(StrEnum):
    """How near an agent came to the hidden grader, least to most."""

    NONE = "none"
    MENTIONED = "mentioned"
    RAN = "ran"
    READ = "read"


class UsageSource(StrEnum):
    """Who counted tokens and calls."""

    PROXY = "proxy"
    ESTIMATE = "estimate"
    HARNESS = "harness"
    NONE = "none"


_outcome = partial(known, group="outcome")
_time = partial(known, unit="seconds", group="time", high=LONGEST_S)
_usage = partial(known, group="usage")
_integrity = partial(known, group="integrity")
_provenance = partial(known, group="provenance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One trial of one cell: one row of cells.csv.

    The first seven fields are the identity: together unique. None is "not
    measured", never 0. Numbers are finite and not negative; text has neither
    control characters nor blanks around it.
    """

    sweep: str = field(default="", metadata=about("Cells meant to be compared."))
    model: str = field(metadata=about("The model as its provider spells it."))
    quant: str = field(
        default="", metadata=about("Quantisation; empty: none or unknown")
    )
    harness: str = field(metadata=about("The agent program around the model."))
    variant: str = field(
        default="",
        metadata=about(
            "What else sets the combo apart: effort, profile, edit format;"
            " empty: nothing."
        ),
    )
    task: str = field(metadata=about("Task identifier within its pack."))
    seed: int = field(
        default=0, metadata=about("Tells the trials of a cell apart; empty: 0.")
    )

    status: Status | None = _outcome("How the trial ended.")  # noqa: RUF009 - a field
    passed: bool | None = _outcome("Whether the hidden grader accepted it.")
    score: float | None = _outcome("The grader's mark.", high=1.0)
    tests_passed: int | None = _outcome("Hidden tests that passed.", "tests")
    tests_total: int | None = _outcome("Hidden tests in all.", "tests")
    tries: int | None = _outcome(
        "Which try passed, where the agent is told what failed and tries again; empty:"
        " none passed, or unknown.",
        "tries",
    )

    agent_time_s: float | None = _time("Wall clock in the agent.")
    model_time_s: float | None = _time("The part of it spent waiting for the model.")
    tool_time_s: float | None = _time("The part of it spent in the agent's tools.")
    grade_time_s: float | None = _time("Wall clock in the grader.")

    calls: int | None = _usage("Calls of the model.", "calls")
    tokens_in: int | None = _usage("Prompt tokens, cached ones included.", "tokens")
    tokens_cached: int | None = _usage(
        "Prompt tokens that came from a cache.", "tokens"
    )
    tokens_out: int | None = _usage("Tokens that the model wrote.", "tokens")
    first_token_s: float | None = _usage(
        "From a call to its first output: median over the trial's.",
        "seconds",
        high=LONGEST_S,
    )
    tokens_per_s: float | None = _usage(
        "How fast answers came: tokens after the first output over the time"
        " from it to the last",
        "tokens a second",
    )
    prefill_per_s: float | None = _usage(
        "How fast prompts were read: tokens that came from no cache over"
        " the time that the server took for them.",
        "tokens a second",
    )
    context_peak: int | None = _usage(
        "The most that one call held, prompt and answer.", "tokens"
    )
    context_limit: int | None = _usage(
        "The most that one call could hold: a slot of the server.", "tokens"
    )
    peak_memory_gb: float | None = _usage(
        "Most main memory that the model server had held when the trial"
        " ended; a GB is 1e9 bytes.",
        "GB",
    )
    energy_wh: float | None = _usage("Energy that the model server used.", "watt-hours")
    malformed_calls: int | None = _usage(
        "Calls of tools whose arguments were no JSON object.", "calls"
    )
    cost_usd: float | None = _usage("What the model cost.", "US dollars")
    usage_source: UsageSource | None = _usage(  # noqa: RUF009 - a field
        "Who counted; by an estimate, tokens are at least as many."
    )

    grader_mentions: bool | None = _integrity(
        "Whether the agent's log mentions the hidden grader."
    )
    grader_access: GraderAccess | None = _integrity(  # noqa: RUF009 - a field
        "How near the agent came to the grader."
    )
    sandbox: str | None = _integrity("What the agent was confined by.")

    sampling: str | None = _provenance(
        "What each request asked for, whatever its harness wrote:"
        " temperature=0.2 top_p=0.95 seed=1."
    )
    harness_version: str | None = _provenance("Version of the harness.")
    model_sha256: str | None = _provenance("Hash of the model's file.")
    server_build: str | None = _provenance("Build of the model server.")
    task_version: str | None = _provenance(
        "Version of the task; a ranking has one version of each."
    )
    hardware: str | None = _provenance("What the model ran on.")
    runner_version: str | None = _provenance("Version of the runner.")
    started_at: str | None = _provenance(
        "When the trial began, in ISO 8601; kept as it is written."
    )
    contributor: str | None = _provenance("Who brought the row.")

    @property
    def identity(self) -> tuple[str, str, str, str, str, str, int]:
        """What tells this trial from every other; records are ordered by it."""
        return (
            self.sweep,
            self.model,
            self.quant,
            self.harness,
            self.variant,
            self.task,
            self.seed,
        )


IDENTITY = ("sweep", "model", "quant", "harness", "variant", "task", "seed")
"""The columns that are together unique."""

NAMED = ("model", "harness", "task")
"""The columns that no row may leave empty."""

OUTCOMES = ("status", "passed", "score")
"""The columns of which every row must fill one."""


def _columns() -> tuple[Column, ...]:
    types = get_type_hints(Record)
    return tuple(
        column(
            each.name,
            types[each.name],
            each.metadata,
            empty=None if each.name in NAMED else cast("Value", each.default),
            required=each.name in NAMED,
        )
        for each in fields(Record)
    )


COLUMNS: tuple[Column, ...] = _columns()
"""All columns, in their order in the file."""

COLUMN_BY_NAME: Mapping[str, Column] = MappingProxyType(
    {column.name: column for column in COLUMNS}
)
