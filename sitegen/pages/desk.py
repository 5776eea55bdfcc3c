"""What every page builder works with: the results, the names, the charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sitegen.charts.figure import Chart
from sitegen.config import Settings
from sitegen.judge.verdict import Judged
from sitegen.metadata import Metadata
from sitegen.names import Names
from sitegen.pages.page import Section
from sitegen.stats.results import Results
from sitegen.stats.vendors import VendorGap
from sitegen.view import View
from sitegen.words import Words, words

if TYPE_CHECKING:
    from sitegen.stats.results import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
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

    def chart_sections(self, scope: Scope, *kinds: str) -> tuple[Section, ...]:
        """A section for each of these charts that the scope has data for."""
        found = (self.charts.get((scope.sweep, kind)) for kind in kinds)
        return tuple(chart_section(chart) for chart in found if chart)


def chart_section(chart: Chart, title: str = "") -> Section:
    """A chart under its own heading, its caption first."""
    return Section(
        title=title or chart.title,
        anchor=chart.id.rsplit("/", 1)[-1].replace("_", "-"),
        paragraphs=(words(chart.caption),),
        chart=chart,
    )


def titled(
    title: str, sections: tuple[Section, ...], texts: list[Words]
) -> tuple[Section, ...]:
    """The question above its first chart, the answer before the caption."""
    if not sections:
        anchor = title.lower().split(",")[0].rstrip("?").replace(" ", "-")
        return (Section(title=title, anchor=anchor, findings=tuple(texts)),)
    first = sections[0]
    return (
        Section(
            title=title,
            anchor=first.anchor,
            findings=tuple(texts),
            paragraphs=first.paragraphs,
            chart=first.chart,
            table=first.table,
        ),
        *sections[1:],
    )
