"""Everything that pages are made from: results, names, charts, settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sitegen.charts.figure import Chart
from sitegen.config import Settings
from sitegen.judge.verdict import Judged
from sitegen.metadata import Metadata
from sitegen.names import Names
from sitegen.stats.results import Results
from sitegen.stats.vendors import VendorGap
from sitegen.view import View

if TYPE_CHECKING:
    from sitegen.stats.results import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteData:
    """Everything a page may say something about."""

    results: Results
    names: Names
    metadata: Metadata
    settings: Settings
    charts: Mapping[tuple[str | None, str], Chart]
    """By sweep (None: all trials) and kind."""
    judged: tuple[Judged, ...] = ()
    """The author's claims, with verdicts."""
    vendor_gaps: tuple[VendorGap, ...] = ()
    """Of harnesses whose maker hosts a model of the main scope."""

    def view(self, scope: Scope) -> View:
        """One scope with everything needed to show it."""
        return View(
            scope=scope,
            names=self.names,
            metadata=self.metadata,
            settings=self.settings,
        )

    @property
    def everything(self) -> View:
        """All trials."""
        return self.view(self.results.all)

    @property
    def main(self) -> View:
        """The scope in which models and harnesses are compared."""
        return self.view(self.results.main)
