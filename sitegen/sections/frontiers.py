"""The analysis page's answer about combos: how sure is the line, what fits a budget?"""

from dataclasses import replace
from fractions import Fraction

from sitegen.measures import TIME, Resource
from sitegen.numbers import UNKNOWN, percent
from sitegen.page import Section
from sitegen.site_data import SiteData
from sitegen.stats.frontier import Place
from sitegen.table import Cell, Column, Table, name_cell, percent_cell
from sitegen.words import combo, words

_WORTH = Fraction(1, 20)
"""A smaller chance is not listed."""
_TITLES = {TIME: "How sure is the frontier?"}


def frontier_sections(data: SiteData) -> tuple[Section, ...]:
    """For each resource, the combos that may be on the frontier, surest first."""
    places = data.results.all.places
    return tuple(
        _section(data, resource, own)
        for resource in dict.fromkeys(place.measure for place in places)
        for own in ([p for p in places if p.measure == resource],)
        if len(own) > 1 and any(p.on_frontier for p in own)
    )


def _section(data: SiteData, resource: Resource, own: list[Place]) -> Section:
    listed = sorted(
        (p for p in own if p.on_frontier or p.chance >= _WORTH),
        key=lambda p: (-p.chance, p.mean, p.key),
    )
    now = [p for p in listed if p.on_frontier]
    sure = [p for p in now if p.chance >= 1 - _WORTH]
    many = "all" if len(sure) == len(now) else f"{len(sure):,}" if sure else "none"
    texts = [
        words(
            f"Of the {len(now):,} combos on the line{data.over_all}, "
            f"{many} would be there on almost any tasks like "
            "these (in 95 % of draws or more)."
            if len(now) > 1
            else "The one combo on the line is there in "
            f"{percent(now[0].chance, 0)} % of draws of tasks like these."
        )
    ]
    shaky = [p for p in now if p.chance * 2 < 1] if len(now) > 1 else []
    texts += [
        words(
            combo(data.names, p.key),
            f" is on it in {percent(p.chance, 0)} % of draws only: its place hangs on "
            "a few tasks.",
        )
        for p in shaky[:2]
    ]
    return Section(
        title=_TITLES.get(resource, f"The frontier of {resource.name}"),
        anchor=f"frontier-{resource.name}",
        findings=tuple(texts),
        table=Table(
            caption=f"Combos that may be on the frontier of {resource.name}",
            columns=(
                Column(title="Combo", kind="name"),
                Column(title="Rate"),
                Column(title=resource.name.capitalize(), hint="mean a trial"),
                Column(title="On the line", kind="text", folds=True, about="frontier"),
                Column(
                    title="Chance",
                    sorted="descending",
                    hint="share of draws of tasks in which it is on the line",
                    about="frontier-chance",
                ),
            ),
            rows=tuple(_row(data, place) for place in listed),
        ),
    )


def _row(data: SiteData, place: Place) -> tuple[Cell, ...]:
    named = name_cell(data.names[place.key])
    harness = data.names[place.key].harness
    muted = " + ".join(filter(None, (place.key.quant, harness)))
    return (
        replace(named, muted=muted if place.key.quant else f"+ {harness}"),
        percent_cell(place.rate),
        Cell(text=place.measure.text(place.mean), sort=float(place.mean)),
        Cell(
            text="yes" if place.on_frontier else UNKNOWN,
            sort="no" if not place.on_frontier else "yes",
        ),
        Cell(
            text=percent(place.chance, 0),
            muted="%",
            sort=float(place.chance),
            strong=True,
        ),
    )
