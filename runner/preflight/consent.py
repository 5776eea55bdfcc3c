"""Which task packs may be sent to a vendor: those whose owner says so in pack.toml.

What a vendor has seen may be in its next model, and then measures nothing any more.
"""

from collections.abc import Iterable
from pathlib import Path

from harness_bench.errors import Problem, SettingsError
from runner.pack_file import NAME, read_pack
from runner.plan import Trial


def refusals(trials: Iterable[Trial]) -> tuple[tuple[Path, tuple[Problem, ...]], ...]:
    """Each pack that would be sent to a vendor, and why it may not be, if so."""
    asked: dict[Path, set[str]] = {}
    for trial in trials:
        if trial.model.model.is_hosted:
            asked.setdefault(trial.task.folder.parent, set()).add(trial.model.label)
    return tuple((folder, _refusal(folder, models)) for folder, models in asked.items())


def _refusal(folder: Path, models: Iterable[str]) -> tuple[Problem, ...]:
    try:
        if read_pack(folder).pack.allow_hosted:
            return ()
    except SettingsError as error:
        return error.problems
    what = f"its tasks would be sent to the vendor of {', '.join(sorted(models))}"
    advice = f"allow_hosted = true below [pack] in {folder / NAME} allows it"
    return (Problem("", what, advice),)
