"""What ran on which hardware, where there are several kinds."""

from collections.abc import Iterator

from sitegen.measures import Pace, shown
from sitegen.numbers import count_of, listed
from sitegen.page import Content, Page, PageType, Section, plain
from sitegen.sections.provenance import hardware_name, to_hardware
from sitegen.sections.speed import pace_cells, pace_columns
from sitegen.site_data import SiteData
from sitegen.stats.provenance import Machine
from sitegen.table import SCREENFUL, UNORDERED, Column, Table, measures, name_cell
from sitegen.words import paragraph, words

_MOST = 24
"""Kinds of hardware that are shown: those with most trials."""


def hardware_pages(data: SiteData) -> Iterator[Page]:
    """The one page; none where a single kind is recorded, or cells are private."""
    machines = data.results.provenance.machines
    if not machines:
        return
    more = f" The {_MOST} with most trials are shown." if len(machines) > _MOST else ""
    lead = (
        *to_hardware(data, linked=False),
        words(
            f"Names are not published; number 1 is what most trials ran on.{more} "
            "Times and speeds are compared within one kind alone. Each row is over "
            "the cells that ran there, and so is not ranked."
        ),
    )
    yield Page(
        path="hardware.html",
        title="Hardware",
        description=plain(lead),
        content=Content(
            kicker="Models",
            heading="What ran on which hardware?",
            lead=lead,
            sections=tuple(_section(data, machine) for machine in machines[:_MOST]),
        ),
    )


def _section(data: SiteData, machine: Machine) -> Section:
    paces = shown(Pace, data.results.all.recorded)
    name = hardware_name(machine.number)
    trials = sum(s.n_trials for s in machine.models)
    counts = ((trials, "trial"), (len(machine.combos), "combo"))
    found = listed(
        [count_of(n, word) for n, word in (*counts, (len(machine.models), "model"))]
    )
    return Section(
        title=name.capitalize(),
        anchor=f"hardware-{machine.number}",
        findings=paragraph(f"{found}."),
        table=Table(
            caption=f"Models on {name}",
            columns=(
                Column(title="Model", kind="name"),
                *UNORDERED,
                *pace_columns(paces),
            ),
            rows=tuple(
                (
                    name_cell(data.names[s.key]),
                    *measures(s),
                    *pace_cells(machine.speeds.get(s.key), paces),
                )
                for s in machine.models
            ),
            filterable=len(machine.models) > SCREENFUL,
        ),
    )


PAGES = PageType(label="Models", href="models/index.html", pages=hardware_pages)
