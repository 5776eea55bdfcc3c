"""Which task packs may be sent to a vendor: those whose owner says so in pack.toml.

What a vendor has seen may be in its next model, and then measures nothing any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem, SettingsError
from harness_bench.settings import SettingsReader, read_toml
from runner.plan import Trial

_NAME: Final = "pack.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """`[pack]` in the pack.toml of a task pack."""

    allow_hosted: bool = False
    """Whether its tasks may be sent to vendors of hosted models."""


def read_pack(folder: Path) -> Pack:
    """What the owner of a task pack says about it; without a file, the defaults.

    Raises:
        SettingsError: The file holds what no setting allows.
    """
    path = folder / _NAME
    if not path.exists():
        return Pack()
    reader = SettingsReader(path)
    document = read_toml(path)
    reader.known(document, ["pack"])
    pack = reader.section(Pack, "pack", document.get("pack", {}))
    if pack is None or reader.problems:
        raise SettingsError(*reader.problems)
    return pack


def refusals(trials: Iterable[Trial]) -> tuple[tuple[Path, tuple[Problem, ...]], ...]:
    """Each pack that would be sent to a vendor, and why it may not be, if so."""
    asked: dict[Path, set[str]] = {}
    for trial in trials:
        if trial.model.model.is_hosted:
            asked.setdefault(trial.task.folder.parent, set()).add(trial.model.label)
    return tuple((folder, _refusal(folder, models)) for folder, models in asked.items())


def _refusal(folder: Path, models: Iterable[str]) -> tuple[Problem, ...]:
    try:
        if read_pack(folder).allow_hosted:
            return ()
    except SettingsError as error:
        return error.problems
    what = f"its tasks would be sent to the vendor of {', '.join(sorted(models))}"
    advice = f"allow_hosted = true below [pack] in {folder / _NAME} allows it"
    return (Problem("", what, advice),)
