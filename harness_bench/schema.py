"""One trial as a value, and the columns of cells.csv that follow from it.

The header, the parser and the column table of the documentation all come from
the fields of `Record`. What one field of a file may hold is in `columns.py`;
reading and writing whole files is `cells_csv.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, cast, get_type_hints

from harness_bench.columns import About, Column, Value, column

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One trial of one cell: one row of cells.csv.

    The first seven fields are the identity: together unique. None is "not
    measured", never 0. Numbers are finite and not negative; text has neither
    control characters nor blanks around it.
    """

    sweep: Annotated[
        str, About(group="identity", description="Cells meant to be compared.")
    ] = ""
    model: Annotated[
        str, About(group="identity", description="The model as its provider spells it.")
    ]
    quant: Annotated[
        str, About(group="identity", description="Quantisation; empty: none or unknown")
    ] = ""
    harness: Annotated[
        str, About(group="identity", description="The agent program around the model.")
    ]
    variant: Annotated[
        str,
        About(
            group="identity",
            description="What else sets the combo apart: effort, profile, edit format;"
            " empty: nothing.",
        ),
    ] = ""
    task: Annotated[
        str, About(group="identity", description="Task identifier within its pack.")
    ]
    seed: Annotated[
        int,
        About(
            group="identity",
            description="Tells the trials of a cell apart; empty: 0.",
        ),
    ] = 0

    status: Annotated[
        Status | None, About(group="outcome", description="How the trial ended.")
    ] = None
    passed: Annotated[
        bool | None,
        About(group="outcome", description="Whether the hidden grader accepted it."),
    ] = None
    score: Annotated[
        float | None,
        About(group="outcome", description="The grader's mark.", high=1.0),
    ] = None
    tests_passed: Annotated[
        int | None,
        About(
            group="outcome",
            description="Hidden tests that passed.",
            unit="tests",
        ),
    ] = None
    tests_total: Annotated[
        int | None,
        About(
            group="outcome",
            description="Hidden tests in all.",
            unit="tests",
        ),
    ] = None

    agent_time_s: Annotated[
        float | None,
        About(
            group="time",
            description="Wall clock in the agent.",
            unit="seconds",
            high=LONGEST_S,
        ),
    ] = None
    model_time_s: Annotated[
        float | None,
        About(
            group="time",
            description="The part of it spent waiting for the model.",
            unit="seconds",
            high=LONGEST_S,
        ),
    ] = None
    tool_time_s: Annotated[
        float | None,
        About(
            group="time",
            description="The part of it spent in the agent's tools.",
            unit="seconds",
            high=LONGEST_S,
        ),
    ] = None
    grade_time_s: Annotated[
        float | None,
        About(
            group="time",
            description="Wall clock in the grader.",
            unit="seconds",
            high=LONGEST_S,
        ),
    ] = None

    calls: Annotated[
        int | None,
        About(
            group="usage",
            description="Calls of the model.",
            unit="calls",
        ),
    ] = None
    tokens_in: Annotated[
        int | None,
        About(
            group="usage",
            description="Prompt tokens, cached ones included.",
            unit="tokens",
        ),
    ] = None
    tokens_cached: Annotated[
        int | None,
        About(
            group="usage",
            description="Prompt tokens that came from a cache.",
            unit="tokens",
        ),
    ] = None
    tokens_out: Annotated[
        int | None,
        About(
            group="usage",
            description="Tokens that the model wrote.",
            unit="tokens",
        ),
    ] = None
    first_token_s: Annotated[
        float | None,
        About(
            group="usage",
            description="From a call to its first output: median over the trial's.",
            unit="seconds",
            high=LONGEST_S,
        ),
    ] = None
    tokens_per_s: Annotated[
        float | None,
        About(
            group="usage",
            description="How fast answers came: tokens after the first output over"
            " the time from it to the last",
            unit="tokens a second",
        ),
    ] = None
    prefill_per_s: Annotated[
        float | None,
        About(
            group="usage",
            description="How fast prompts were read: tokens that came from no cache"
            " over the time that the server took for them.",
            unit="tokens a second",
        ),
    ] = None
    context_peak: Annotated[
        int | None,
        About(
            group="usage",
            description="The most that one call held, prompt and answer.",
            unit="tokens",
        ),
    ] = None
    context_limit: Annotated[
        int | None,
        About(
            group="usage",
            description="The most that one call could hold: a slot of the server.",
            unit="tokens",
        ),
    ] = None
    peak_memory_gb: Annotated[
        float | None,
        About(
            group="usage",
            description="Most main memory that the model server had held when the trial"
            " ended; a GB is 1e9 bytes.",
            unit="GB",
        ),
    ] = None
    energy_wh: Annotated[
        float | None,
        About(
            group="usage",
            description="Energy that the model server used.",
            unit="watt-hours",
        ),
    ] = None
    malformed_calls: Annotated[
        int | None,
        About(
            group="usage",
            description="Calls of tools whose arguments were no JSON object.",
            unit="calls",
        ),
    ] = None
    cost_usd: Annotated[
        float | None,
        About(group="usage", description="What the model cost.", unit="US dollars"),
    ] = None
    usage_source: Annotated[
        UsageSource | None,
        About(
            group="usage",
            description="Who counted; by an estimate, tokens are at least as many.",
        ),
    ] = None

    grader_mentions: Annotated[
        bool | None,
        About(
            group="integrity",
            description="Whether the agent's log mentions the hidden grader.",
        ),
    ] = None
    grader_access: Annotated[
        GraderAccess | None,
        About(group="integrity", description="How near the agent came to the grader."),
    ] = None
    sandbox: Annotated[
        str | None,
        About(group="integrity", description="What the agent was confined by."),
    ] = None

    sampling: Annotated[
        str | None,
        About(
            group="provenance",
            description="What each request asked for, whatever its harness wrote:"
            " temperature=0.2 top_p=0.95 seed=1.",
        ),
    ] = None
    harness_version: Annotated[
        str | None, About(group="provenance", description="Version of the harness.")
    ] = None
    model_sha256: Annotated[
        str | None, About(group="provenance", description="Hash of the model's file.")
    ] = None
    server_build: Annotated[
        str | None, About(group="provenance", description="Build of the model server.")
    ] = None
    task_version: Annotated[
        str | None,
        About(
            group="provenance",
            description="Version of the task; a ranking has one version of each.",
        ),
    ] = None
    hardware: Annotated[
        str | None, About(group="provenance", description="What the model ran on.")
    ] = None
    runner_version: Annotated[
        str | None, About(group="provenance", description="Version of the runner.")
    ] = None
    started_at: Annotated[
        str | None,
        About(
            group="provenance",
            description="When the trial began, in ISO 8601; kept as it is written.",
        ),
    ] = None

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
    annotations = get_type_hints(Record, include_extras=True)
    return tuple(
        column(
            field.name,
            annotations[field.name],
            empty=None if field.name in NAMED else cast("Value", field.default),
            required=field.name in NAMED,
        )
        for field in fields(Record)
    )


COLUMNS: tuple[Column, ...] = _columns()
"""All columns, in their order in the file."""

COLUMN_BY_NAME: Mapping[str, Column] = MappingProxyType(
    {column.name: column for column in COLUMNS}
)
