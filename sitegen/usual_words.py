"""What other people usually call what cells.csv calls otherwise.

Only words whose meaning is beyond doubt: "completed" says that a trial ended, and not
how, so it is not here.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from harness_bench.schema import COLUMN_BY_NAME, NAMED, Status

_PASSED = (
    "pass passed resolved success successful succeeded true yes y ok correct solved"
)
_FAILED = (
    "fail failed unresolved failure unsuccessful false no n incorrect wrong unsolved"
)

STATUSES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(_PASSED.split(), Status.PASS.value),
        **dict.fromkeys(_FAILED.split(), Status.FAIL.value),
        "timeout": Status.AGENT_TIMEOUT.value,
        "timedout": Status.AGENT_TIMEOUT.value,
        **{status.value.replace("_", ""): status.value for status in Status},
    }
)
"""A status without case and punctuation, to ours."""

FLAGS: Mapping[str, str] = MappingProxyType(
    {**dict.fromkeys(_PASSED.split(), "1"), **dict.fromkeys(_FAILED.split(), "0")}
)
"""A verdict in the same form, to `passed`."""

_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "model": "model_name model_id llm",
        "harness": "agent agent_name scaffold framework",
        "task": "task_name task_id instance_id problem problem_id question_id",
        "seed": "trial trial_id trial_name attempt repeat repetition epoch",
        "quant": "quantization quantisation",
        "passed": "resolved is_resolved success correct is_correct solved",
        "score": "reward grade mark points",
        "agent_time_s": "wall_s wall_time wall_time_s wall_clock_s duration duration_s"
        " duration_seconds seconds time_s elapsed elapsed_s runtime runtime_s"
        " latency_s agent_time",
        "calls": "n_calls num_calls api_calls requests llm_calls",
        "tokens_in": "input_tokens prompt_tokens in_tokens n_input_tokens",
        "tokens_cached": "cached_tokens cache_read_tokens cache_read_input_tokens"
        " n_cache_tokens",
        "tokens_out": "output_tokens completion_tokens out_tokens n_output_tokens",
        "cost_usd": "cost price_usd total_cost total_cost_usd usd",
        "energy_wh": "energy watt_hours",
        "harness_version": "agent_version scaffold_version",
        "hardware": "gpu device machine",
        "started_at": "start_time started",
    }
)
"""Our column, to what others call it."""

_TOTALS = (
    "n total count ntasks numtasks ntrials numtrials nruns tasks trials runs"
    " passedcount resolvedcount npassed nresolved numpassed numresolved rate passrate"
    " successrate resolvedrate resolverate accuracy meanscore scoremean averagescore"
    " passat1 pass1 passnum1 passnum2 testcases totalinstances stderr cilow cihigh"
)

COUNTS: Mapping[str, str] = MappingProxyType(
    {
        "passed": "passed npassed passedcount numpassed resolved resolvedcount"
        " nresolved resolvedinstances passnum2",
        "n": "n total count testcases totaltests totalinstances ntasks ntrials"
        " numtrials nruns",
        "passed_first": "passedfirst passnum1",
    }
)
"""Our column of a table of totals, to what others call it, bare."""


def bare(word: str) -> str:
    """A word without case, blanks and punctuation."""
    return re.sub(r"[\W_]+", "", word.casefold())


def _looks() -> dict[str, str]:
    found = {bare(name): name for name in COLUMN_BY_NAME}
    for ours, others in _COLUMNS.items():
        found.update(dict.fromkeys(map(bare, others.split()), ours))
    return found


_LOOKS_LIKE: Mapping[str, str] = MappingProxyType(_looks())


def look_alikes(outside: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Our columns that nothing fills, to the foreign column that looks like each.

    Args:
        outside: Names of columns that are dropped.
        taken: Our columns that the tables or the settings fill.
    """
    filled = set(taken)
    found: dict[str, str] = {}
    for name in outside:
        parts = name.split(".")
        ends = (bare("".join(parts[start:])) for start in range(len(parts)))
        ours = next((_LOOKS_LIKE[end] for end in ends if end in _LOOKS_LIKE), None)
        if ours is not None and ours not in filled:
            found.setdefault(ours, name)
    return found


def totals(header: Iterable[str]) -> list[str]:
    """The columns that hold totals over trials rather than a trial."""
    return [name for name in header if bare(name) in _TOTALS.split()]


def without_trials(header: Iterable[str], ours: Iterable[str]) -> list[str]:
    """The columns of totals of a table that no column of tasks takes apart.

    Args:
        header: As the file has it.
        ours: Our columns that the file itself fills.

    Returns:
        Empty for a table that may hold one row for each trial.
    """
    *_, task = NAMED
    return [] if task in set(ours) else totals(header)
