"""Carries templates and practice tasks into the wheel.

Static force-include settings would also copy them beside an editable install,
where the copies would go stale.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = {
    "examples/harness-bench-2026": "runner/_example",
    "tasks/practice": "runner/_practice",
    "templates": "sitegen/_templates",
}
"""Folder in the checkout -> folder in the wheel."""


class CarryData(BuildHookInterface[Any]):
    """Adds the data folders to a standard wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling; `version` is "standard" or "editable"."""
        if version == "editable":
            return
        for source, target in CARRIED.items():
            build_data["force_include"][str(Path(self.root) / source)] = target
