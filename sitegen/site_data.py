"""Everything that pages are made from: results, names, charts, settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sitegen.charts.figure import Chart, ChartKind
from sitegen.config import Settings
from sitegen.datafiles.format import DataFile
from sitegen.history import Point
from sitegen.judge.verdict import Judged
from sitegen.metadata import Metadata
from sitegen.names import Names
from sitegen.stats.provenance import Contribution
from sitegen.stats.results import Results, Scope
from sitegen.stats.vendors import VendorGap
from sitegen.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteData:
    """Everything a page may say something about."""

    results: Results
    names: Names
    metadata: Metadata
    settings: Settings
    charts: Mapping[tuple[str | None, str], Chart] = field(default_factory=dict)
    """By sweep (None: all trials) and kind."""
    chart_kinds: tuple[ChartKind, ...] = ()
    """Every kind, by name."""
    files: Mapping[str | None, tuple[DataFile, ...]]
    """The data files of each scope, by sweep (None: all trials)."""
    notes_html: str = ""
    """The author's notes, rendered."""
    judged: tuple[Judged, ...] = ()
    """The author's claims, with verdicts."""
    contributions: tuple[Contribution, ...] = ()
    """Who brought what; empty where that is unknown, or cells are private."""
    history: tuple[Point, ...] = ()
    """How combos moved; empty where cells are private."""
    can_be_rebuilt: bool = False
    """Whether the site offers all that makes it again."""
    parquet: bool = False
    """Whether its tables are there as Parquet too."""
    vendor_gaps: tuple[VendorGap, ...] = ()
    """Of harnesses whose maker hosts a model of the main scope."""

    def view(self, scope: Scope) -> View:
        """One scope with everything needed to show it."""
        return View(
            scope=scope,
            names=self.names,
            metadata=self.metadata,
            settings=self.settings,
            others=tuple(s for s in self.results.sweeps if s is not scope)
            if scope is self.results.main
            else (),
        )

    @property
    def over_all(self) -> str:
        """What says that a part of a page is over all trials; "" without sweeps."""
        return ", all trials" if self.results.sweeps else ""

    def home(self, kind: ChartKind) -> Scope:
        """The scope in which a chart is looked for first."""
        return self.results.all if kind.home == "all" else self.results.main

    @property
    def everything(self) -> View:
        """All trials."""
        return self.view(self.results.all)

    @property
    def main(self) -> View:
        """The scope in which models and harnesses are compared."""
        return self.view(self.results.main)
