"""Aider's benchmark: `.aider.results.json` in the folder of each exercise."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness_bench.schema import Status, UsageSource
from sitegen.importers.importer import Importer, Json, Left, Trial, json_files, taken


def _trials(folder: Path) -> Iterator[Trial | Left]:
    for found in json_files(folder, ".aider.results.json"):
        if isinstance(found, Left):
            yield found
        else:
            yield from taken(found.where, _trial, found)


def _trial(found: Json) -> Trial | Left:
    whole = found.whole
    if "exception" in whole:
        return Left(found.where, "holds an exception, which does not say who failed")
    tries = whole.get("tests_outcomes")
    if not isinstance(tries, list) or not tries:
        return Left(found.where, "holds no outcome of tests")
    passed = tries[-1] is True
    status, because = Status.PASS if passed else Status.FAIL, "tests_outcomes"
    if not passed and whole.get("num_exhausted_context_windows"):
        status, because = Status.CONTEXT_OVERFLOW, "num_exhausted_context_windows"
    run, *inside = Path(found.where).parts
    # LANGUAGE/exercises/practice/NAME, below the folder of a run where one is given.
    at = [n for n, name in enumerate((run, *inside)) if name == "exercises"]
    language = (run, *inside)[at[0] - 1] if at and at[0] else ""
    return Trial(
        where=found.where,
        because=because,
        fields={
            "model": whole.get("model"),
            "harness": "aider",
            "variant": _variant(whole),
            "task": "/".join(filter(None, (language, whole.get("testcase")))),
            "seed": run if at and at[0] > 1 else None,
            "status": status,
            "tries": len(tries) if passed else None,
            "agent_time_s": whole.get("duration"),
            "tokens_in": whole.get("prompt_tokens"),
            "tokens_out": whole.get("completion_tokens"),
            "cost_usd": whole.get("cost"),
            "usage_source": UsageSource.HARNESS,
            "harness_version": whole.get("commit_hash"),
        },
    )


def _variant(whole: dict[str, Any]) -> str:
    effort = whole.get("reasoning_effort")
    parts = (whole.get("edit_format"), effort and f"effort {effort}")
    return ", ".join(str(each) for each in parts if each)


IMPORTER = Importer(
    runner="Aider's benchmark",
    version="commit 5dc9490 of May 2026",
    files=".aider.results.json of its exercises",
    read=_trials,
)
