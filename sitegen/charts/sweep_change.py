"""Harnesses from the main sweep to another, the change of models told from the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from statistics import mean
from typing import TypeAlias

from sitegen.charts.figure import Chart, ChartKind
from sitegen.charts.slopes import MOST, Slope, slopes
from sitegen.keys import HarnessKey
from sitegen.numbers import count_of, percent
from sitegen.stats.intervals import Interval
from sitegen.stats.results import Scope
from sitegen.table import Column, Table, name_cell, percent_cell, points_cell
from sitegen.theme import ACCENT, INK, RECEDE
from sitegen.view import View

_Rates: TypeAlias = Mapping[tuple[str, ...], Fraction]
"""Of the ranked combos of a harness, by what it met: the model first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stop:
    """A sweep over some models, all of which every harness met."""

    scope: Scope
    models: set[str]
    rates: dict[HarnessKey, Fraction]


def sweep_change(view: View) -> Chart | None:
    """The main sweep, and the one that shares most models; nothing without another."""
    found = [stops for scope in view.others if (stops := _stops(view.scope, scope))]
    if not found:
        return None
    stops = max(found, key=lambda each: len(each[-1].models))
    first, before, last = stops[0], stops[-2], stops[-1]
    one, two = view.label, view.names.scope_text(last.scope.sweep)
    heads = [(one, count_of(len(first.models), "model")), (two, "the same")]
    if before is not first:
        heads.insert(1, ("of these", count_of(len(last.models), "model")))
    lead = next(iter(first.rates))
    gain = {key: rate - before.rates[key] for key, rate in last.rates.items()}
    # Of those that are first in the end, the one that rose most.
    top = max(gain, key=lambda key: (last.rates[key], gain[key]))
    inks = {top: INK, lead: ACCENT}
    lines = [
        Slope(
            entity=view.names[key],
            rates=tuple(stop.rates[key] for stop in stops),
            intervals=tuple(_interval(stop, key) for stop in stops if key == lead),
            colour=inks.get(key, RECEDE),
            ink=inks.get(key, ""),
            tells=tuple(
                f"{', '.join(head)}: {percent(stop.rates[key])} %"
                for head, stop in zip(heads, stops, strict=True)
            ),
        )
        # The coloured ones over the others.
        for key in sorted(gain, key=inks.__contains__)
    ]
    names = ["\n".join(head) for head in heads]
    return Chart(
        id="sweep_change",
        title="From sweep to sweep",
        caption=_caption(view, stops),
        wide=slopes(lines, names, "wide", least=300),
        narrow=slopes(lines, names, "narrow", least=300),
        table=Table(
            caption=f"Harnesses, {one} and {two}",
            columns=(
                Column(title="Harness", kind="name"),
                *(Column(title=", ".join(head)) for head in heads),
                Column(title="Last step", hint="points of pass rate"),
            ),
            rows=tuple(
                (
                    name_cell(view.names[key]),
                    *(percent_cell(stop.rates[key]) for stop in stops),
                    points_cell(gain[key]),
                )
                for key in first.rates
            ),
        ),
        data=f"{view.data_folder}combos",
    )


def _caption(view: View, stops: list[_Stop]) -> str:
    first, last = stops[0], stops[-1]
    lead = next(iter(first.rates))
    how = (
        "Percent of trials passed: the mean of a harness's ranked combos, over models "
        "that all of these harnesses ran."
    )
    parts = [how]
    if len(stops) > 2:  # noqa: PLR2004 - a stop between
        parts.append(
            "Up to the middle only the choice of models changes, from there only the "
            "sweep."
        )
    if any(_interval(stop, lead) for stop in stops):
        parts.append(f"Bars: the 95 % interval of {view.names[lead].label}.")
    if {s.key for s in first.scope.tasks} != {s.key for s in last.scope.tasks}:
        parts.append("The sweeps did not run all the same tasks.")
    return " ".join(parts)


def _stops(here: Scope, there: Scope) -> list[_Stop]:
    """All of the one, those of both in it unless these are all, and in the other."""
    one, other = _rates(here), _rates(there)
    keys = [
        s.key
        for s in here.harnesses
        if s.rank is not None and s.key in one and s.key in other
    ][:MOST]
    if len(keys) <= 1:
        return []
    mine, theirs = _met_by_all(one, keys), _met_by_all(other, keys)
    both = {met[0] for met in mine} & {met[0] for met in theirs}
    wanted = [(here, one, mine, {met[0] for met in mine})]
    wanted += [(here, one, mine, both), (there, other, theirs, both)]
    return [
        _Stop(
            scope=scope,
            models=models,
            rates={
                key: mean(rates[key][met] for met in every if met[0] in models)
                for key in keys
            },
        )
        for scope, rates, every, models in wanted[wanted[0][3] == both :]
        if both
    ]


def _rates(scope: Scope) -> dict[HarnessKey, dict[tuple[str, ...], Fraction]]:
    found: dict[HarnessKey, dict[tuple[str, ...], Fraction]] = {}
    for s in scope.combos:
        if s.rank is not None and s.rate is not None:
            key = s.key.harness_of
            found.setdefault(key, {})[s.key.beside(key)] = s.rate
    return found


def _met_by_all(
    rates: Mapping[HarnessKey, _Rates], keys: list[HarnessKey]
) -> set[tuple[str, ...]]:
    return set.intersection(*({*rates[key]} for key in keys))


def _interval(stop: _Stop, key: HarnessKey) -> Interval | None:
    """That of the harness in its sweep, where its rate there is the same."""
    own = next((s for s in stop.scope.harnesses if s.key == key), None)
    return own.interval if own and own.rate == stop.rates[key] else None


CHART = ChartKind(id="sweep_change", home="main", question="sweeps", draw=sweep_change)
