"""terminal-bench: `run_metadata.json`, and below it `results.json` of each trial."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness_bench.schema import Status, UsageSource
from sitegen.importers.importer import (
    Importer,
    Json,
    Left,
    Trial,
    json_files,
    part,
    seconds,
    taken,
)

ENDS: Mapping[str, Status] = {
    "agent_timeout": Status.AGENT_TIMEOUT,
    "context_length_exceeded": Status.CONTEXT_OVERFLOW,
    "output_length_exceeded": Status.AGENT_BUDGET,
    "unknown_agent_error": Status.AGENT_CRASH,
    "fatal_llm_parse_error": Status.AGENT_CRASH,
    "agent_installation_failed": Status.INFRA_SETUP,
    "test_timeout": Status.INFRA_GRADER,
    "parse_error": Status.INFRA_GRADER,
}
"""Its `failure_mode`; `unset` and `none` leave it to `is_resolved`."""
_DECIDED = ("unset", "none")


def _trials(folder: Path) -> Iterator[Trial | Left]:
    for run in json_files(folder, "run_metadata.json"):
        if isinstance(run, Left):
            yield run
            continue
        # In a folder of its task and one of its own; nearer lies the sum of the run.
        for found in json_files(folder, "*/*/results.json", below=run.path.parent):
            if isinstance(found, Left):
                yield found
            else:
                yield from taken(found.where, _trial, found, run.whole)


def _trial(found: Json, run: Mapping[str, Any]) -> Trial | Left:
    whole = found.whole
    mode, resolved = str(whole.get("failure_mode", "unset")), whole.get("is_resolved")
    status, because = ENDS.get(mode), f"failure_mode {mode}"
    if status is None and mode not in _DECIDED:
        return Left(
            found.where, f"has failure_mode {mode}, which does not say who failed"
        )
    if status is None:
        if not isinstance(resolved, bool):
            return Left(found.where, "says neither is_resolved nor why not")
        status, because = Status.PASS if resolved else Status.FAIL, "is_resolved"
    elif resolved:
        because = f"{because}, though its work passed"
    tests = list(part(whole, "parser_results").values())
    data = filter(None, (run.get("dataset_name"), run.get("dataset_version")))
    used = whole.get("total_input_tokens")
    return Trial(
        where=found.where,
        because=because,
        fields={
            "model": run.get("model_name"),
            "harness": run.get("agent_name"),
            "task": whole.get("task_id"),
            "task_version": "@".join(map(str, data)) or None,
            "seed": whole.get("trial_name"),
            "status": status,
            "tests_passed": tests.count("passed") if tests else None,
            "tests_total": len(tests) or None,
            "agent_time_s": seconds(
                whole.get("agent_started_at"), whole.get("agent_ended_at")
            ),
            "grade_time_s": seconds(
                whole.get("test_started_at"), whole.get("test_ended_at")
            ),
            "tokens_in": used,
            "tokens_out": whole.get("total_output_tokens"),
            "usage_source": None if used is None else UsageSource.HARNESS,
            "runner_version": run.get("commit_hash"),
            "started_at": whole.get("trial_started_at"),
        },
    )


IMPORTER = Importer(
    runner="terminal-bench",
    version="0.2.18",
    files="run_metadata.json, and results.json of its trials",
    read=_trials,
)
