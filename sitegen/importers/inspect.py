"""Inspect: logs of evaluations, `.eval` or `.json`, with their samples."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness_bench.schema import Status, UsageSource
from sitegen.importers.importer import Importer, Left, Trial, json_of, part

_LIMITS: Mapping[str, Status] = {
    "context": Status.CONTEXT_OVERFLOW,
    "time": Status.AGENT_TIMEOUT,
    "working": Status.AGENT_TIMEOUT,
    **dict.fromkeys(("message", "token", "turn", "cost"), Status.AGENT_BUDGET),
    "operator": Status.CANCELLED,
}
"""What stopped a sample; a `custom` limit leaves it to the score."""
_MARKS: Mapping[str, float] = {"C": 1, "P": 0.5, "I": 0, "N": 0}
_SERVER = ("RateLimit", "APIConnection", "APITimeout", "InternalServer", "Overloaded")


def _trials(folder: Path) -> Iterator[Trial | Left]:
    for path in sorted({*folder.rglob("*.eval"), *folder.rglob("*.json")}):
        where = path.relative_to(folder).as_posix()
        try:
            log, samples = _log(path)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            yield Left(where, "is no complete log")
            continue
        if "eval" not in log:
            continue
        if not samples:
            yield Left(where, f"holds no samples (status {log.get('status')})")
        for sample in samples:
            at = f"{where}: {sample.get('id')}, epoch {sample.get('epoch')}"
            yield _trial(at, part(log, "eval"), part(log, "plan"), sample)


def _log(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if path.suffix == ".json":
        whole = json_of(path)
        return whole, whole.get("samples") or []
    with zipfile.ZipFile(path) as log:
        names = [name for name in log.namelist() if name.startswith("samples/")]
        head = json.loads(log.read("header.json"))
        return head, [json.loads(log.read(name)) for name in sorted(names)]


def _trial(
    where: str,
    about: Mapping[str, Any],
    plan: Mapping[str, Any],
    sample: dict[str, Any],
) -> Trial | Left:
    scores = part(sample, "scores")
    name = next(iter(scores), "")
    mark = part(scores, name).get("value")
    mark = _MARKS.get(mark) if isinstance(mark, str) else mark
    of = f", the first of {len(scores)}" if len(scores) > 1 else ""
    limit = str(part(sample, "limit").get("type"))
    status, because = _LIMITS.get(limit), f"limit {limit}"
    if sample.get("invalidation"):
        status, because = Status.CANCELLED, "invalidated by a person"
    elif sample.get("error"):
        said = f"{sample['error'].get('message')} {sample['error'].get('traceback')}"
        if not any(word in said for word in _SERVER):
            return Left(where, "ended with an error, which tells not who failed")
        status, because = Status.INFRA_SERVER, "error of the model's server"
    if status is None:
        if not isinstance(mark, int | float) or not 0 <= mark <= 1:
            return Left(where, f"has no mark in 0..1{f' of {name}' if name else ''}")
        because = f"score of {name}{of}"
    elif mark == 1:
        because = f"{because}, though its work passed"
    solvers = [each.get("solver") for each in plan.get("steps") or []]
    usage = list(part(sample, "model_usage").values())
    packages = part(about, "packages")
    return Trial(
        where=where,
        because=because,
        fields={
            "model": about.get("model"),
            "harness": about.get("solver") or (solvers[-1] if solvers else None),
            "task": f"{about.get('task')}/{sample.get('id')}",
            "task_version": about.get("task_version"),
            "seed": sample.get("epoch"),
            "status": status,
            "score": None if status else mark,
            "agent_time_s": sample.get("working_time"),
            "tokens_in": _sum(usage, "total_tokens", less="output_tokens"),
            "tokens_cached": _sum(usage, "input_tokens_cache_read"),
            "tokens_out": _sum(usage, "output_tokens"),
            "cost_usd": _sum(usage, "total_cost"),
            "usage_source": UsageSource.HARNESS if usage else None,
            "sandbox": part(about, "sandbox").get("type"),
            "runner_version": packages.get("inspect_ai"),
            "started_at": sample.get("started_at"),
        },
    )


def _sum(usage: list[dict[str, Any]], name: str, *, less: str = "") -> float | None:
    """Over the models that a sample asked; None where one does not say."""
    if not usage or any(each.get(name) is None for each in usage):
        return None
    return float(sum(each[name] - (each.get(less) or 0) for each in usage))


IMPORTER = Importer(
    runner="Inspect",
    version="inspect_ai 0.3.285",
    files="logs of evaluations, .eval or .json",
    read=_trials,
)
