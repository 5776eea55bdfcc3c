"""Inspect: logs of evaluations, `.eval` or `.json`, with their samples."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness_bench.errors import shown
from harness_bench.schema import Status, UsageSource
from sitegen.importers.importer import (
    Importer,
    Left,
    Trial,
    json_in_zip,
    json_of,
    part,
    taken,
)
from sitegen.read_table import WITHOUT_ARROW

LIMITS: Mapping[str, Status] = {
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
        except ImportError:
            yield Left(where, "; ".join(WITHOUT_ARROW))
            continue
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            log, samples = {"eval": None, "status": "unreadable"}, []
        if "eval" in log and not samples:
            yield Left(where, f"holds no samples ({log.get('status')})")
        for sample in samples:
            yield from taken(where, _trial, where, log, sample)


def _log(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if path.suffix == ".json":
        whole = json_of(path)
        return whole, [*(whole.get("samples") or ())]
    data = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as log:
        names = sorted(n for n in log.namelist() if n.startswith("samples/"))
        head, *samples = [json_in_zip(data, log, n) for n in ("header.json", *names)]
    return head, samples


def _trial(where: str, log: Mapping[str, Any], sample: dict[str, Any]) -> Trial | Left:
    where = f"{where}: {sample.get('id')}, epoch {sample.get('epoch')}"
    about, plan = part(log, "eval"), part(log, "plan")
    scores = part(sample, "scores")
    mark = part(scores, name := next(iter(scores), "")).get("value")
    mark = _MARKS.get(mark) if isinstance(mark, str) else mark
    of = f", the first of {len(scores)}" if len(scores) > 1 else ""
    limit = part(sample, "limit").get("type")
    status, because = LIMITS.get(str(limit)), f"limit {limit}"
    if sample.get("invalidation"):
        status, because = Status.CANCELLED, "invalidated by a person"
    elif sample.get("error"):
        if not any(word in str(sample["error"]) for word in _SERVER):
            what = shown(str(part(sample, "error").get("message")))
            return Left(where, f"ended with {what}, which does not say who failed")
        status, because = Status.INFRA_SERVER, "error of the model's server"
    if status is None:
        if not isinstance(mark, int | float) or not 0 <= mark <= 1:
            return Left(where, f"has no mark in 0..1{f' of {name}' if name else ''}")
        because = f"score of {name}{of}"
    elif mark == 1:
        because = f"{because}, though its work passed"
    solvers = [each.get("solver") for each in plan.get("steps") or [{}]]
    usage = list(part(sample, "model_usage").values())
    return Trial(
        where=where,
        because=because,
        fields={
            "model": about.get("model"),
            "harness": about.get("solver") or solvers[-1],
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
            "runner_version": part(about, "packages").get("inspect_ai"),
            "started_at": sample.get("started_at"),
        },
    )


def _sum(usage: list[dict[str, Any]], name: str, *, less: str = "") -> float | None:
    """Over the models that were asked; None where one does not say."""
    known = usage and all(each.get(name) is not None for each in usage)
    return sum(e[name] - (e.get(less) or 0) for e in usage) if known else None


IMPORTER = Importer(
    runner="Inspect",
    version="inspect_ai 0.3.285",
    files="logs, .eval or .json",
    read=_trials,
)
