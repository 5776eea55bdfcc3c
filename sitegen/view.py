"""What a chart or a page looks at: one scope, and how its entities are called."""

from __future__ import annotations

from dataclasses import dataclass

from sitegen.config import Settings
from sitegen.metadata import Metadata
from sitegen.names import Names
from sitegen.stats.results import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One scope with everything needed to show it."""

    scope: Scope
    names: Names
    metadata: Metadata
    settings: Settings
    others: tuple[Scope, ...] = ()
    """Of the main sweep, the sweeps beside it."""

    @property
    def label(self) -> str:
        """The scope as a caption names it."""
        return self.names.scope_text(self.scope.sweep)

    @property
    def within(self) -> str:
        """What follows a phrase to name the scope: ", 4-bit sweep"; "" for all."""
        return f", {self.label}" if self.scope.sweep else ""

    @property
    def data_folder(self) -> str:
        """Where the data files of the scope lie: "data/" or "data/q4/"."""
        return data_folder(self.scope.sweep, self.names)


def data_folder(sweep: str | None, names: Names) -> str:
    """The folder of one scope's data files, with a trailing slash."""
    if sweep is None:
        return "data/"
    slug = names.sweeps[sweep].href.removeprefix("sweeps/").removesuffix(".html")
    return f"data/{slug}/"
