"""Which task packs may be sent to a vendor: those whose owner says so in pack.toml.

What a vendor has seen may be in its next model, and then measures nothing any more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness_bench.errors import SettingsError
from harness_bench.settings import SettingsReader, read_toml
from runner.plan import Group

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
        raise SettingsError(*(f"{folder.name}/{line}" for line in reader.problems))
    return pack


def refusals(groups: Iterable[Group]) -> Iterator[str]:
    """A line for each pack that would be sent to a vendor and may not be."""
    asked: dict[Path, set[str]] = {}
    for group in groups:
        if group.model.model.is_hosted:
            for trial in group.trials:
                folder = trial.task.folder.parent
                asked.setdefault(folder, set()).add(group.model.label)
    for folder, models in asked.items():
        try:
            if read_pack(folder).allow_hosted:
                continue
        except SettingsError as error:
            yield from error.problems
            continue
        yield (
            f"{folder.name}: its tasks would be sent to the vendor of"
            f" {', '.join(sorted(models))}, expected allow_hosted = true below [pack]"
            f" in {folder / _NAME}"
        )
