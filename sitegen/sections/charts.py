"""Charts as sections: each under its own heading, or under a question it answers."""

from dataclasses import replace

from sitegen.charts.figure import Chart, Question
from sitegen.page import Section
from sitegen.site_data import SiteData
from sitegen.stats.results import Scope
from sitegen.words import Words, paragraph


def chart_sections(data: SiteData, scope: Scope, *kinds: str) -> tuple[Section, ...]:
    """A section for each of these charts that the scope has data for."""
    found = (data.charts.get((scope.sweep, kind)) for kind in kinds)
    return tuple(chart_section(chart) for chart in found if chart)


def answering(data: SiteData, question: Question | None) -> tuple[Section, ...]:
    """The charts that answer a question, each in its home scope."""
    return tuple(
        section
        for kind in data.chart_kinds
        if kind.question == question
        for section in chart_sections(data, data.home(kind), kind.id)
    )


def chart_section(chart: Chart) -> Section:
    """A chart under its own heading, its caption first."""
    return Section(
        title=chart.title,
        anchor=chart.id.rsplit("/", 1)[-1].replace("_", "-"),
        paragraphs=paragraph(chart.caption),
        chart=chart,
    )


def titled(
    title: str, sections: tuple[Section, ...], texts: list[Words]
) -> tuple[Section, ...]:
    """The question above its first chart, the answer before the caption."""
    if not sections:
        anchor = title.lower().split(",")[0].rstrip("?").replace(" ", "-")
        return (Section(title=title, anchor=anchor, findings=tuple(texts)),)
    first, *rest = sections
    return (replace(first, title=title, findings=tuple(texts)), *rest)
