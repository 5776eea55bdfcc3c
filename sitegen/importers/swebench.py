"""SWE-bench: reports of runs, `MODEL.RUN.json`, with lists of instances.

Beside them, predictions say how a model's name is spelled.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from harness_bench.schema import Status
from sitegen.importers.importer import Importer, Json, Left, Trial, json_files, taken

_LISTS: Mapping[str, Status] = {
    "infra_failure_ids": Status.INFRA_GRADER,
    "resolved_ids": Status.PASS,
    "unresolved_ids": Status.FAIL,
    "empty_patch_ids": Status.NO_CHANGE,
    "error_ids": Status.FAIL,
}
"""In this order: an instance that is in two lists is what the first of them says."""
_LEFT = {
    "ambiguous_failure_ids": "failed, and the report does not tell who",
    "incomplete_ids": "has no prediction",
}


def _trials(folder: Path) -> Iterator[Trial | Left]:
    names = _spelled(folder)
    for found in json_files(folder, "*.json"):
        if isinstance(found, Left):
            if "/" not in found.where:
                yield found
        elif "resolved_ids" in found.whole:
            yield from taken(found.where, _of_report, found, names)


def _of_report(found: Json, names: Mapping[str, str]) -> Iterator[Trial | Left]:
    file = found.path.stem
    fits = [name for name in names if file.startswith(f"{name}.")]
    longest = max(fits, key=len, default=file.rpartition(".")[0] or file)
    model = names.get(longest, longest.replace("__", "/"))
    done: set[str] = set()
    for key, why in _LEFT.items():
        if key == "ambiguous_failure_ids":
            done.update(found.whole.get(key, ()))
        for task in found.whole.get(key, ()):
            yield Left(f"{found.where}: {task}", why)
    for key, status in _LISTS.items():
        for task in found.whole.get(key, ()):
            if task in done:
                continue
            done.add(task)
            yield Trial(
                where=f"{found.where}: {task}",
                because=key,
                fields={
                    "model": model,
                    "task": task,
                    "seed": file.removeprefix(longest).strip(".") or None,
                    "status": status,
                },
            )


def _spelled(folder: Path) -> dict[str, str]:
    """How predictions spell the models that reports name in file names."""
    found = (each for each in json_files(folder, "preds.json"))
    predictions = (p for each in found if isinstance(each, Json) for p in [each.whole])
    models = {
        str(each["model_name_or_path"])
        for whole in predictions
        for each in whole.values()
        if isinstance(each, dict) and "model_name_or_path" in each
    }
    return {model.replace("/", "__"): model for model in sorted(models)}


IMPORTER = Importer(
    runner="SWE-bench",
    version="schema_version 2",
    files="reports of runs, MODEL.RUN.json",
    read=_trials,
)
