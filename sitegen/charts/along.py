"""Pass rates of combos along something else than time: what the board turns to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sitegen.charts.figure import Figure, Width, hover, in_percent, passed_words
from sitegen.charts.scatter import Point, scatter
from sitegen.charts.speed_vs_accuracy import FEW, LABELS, combo_name, ruled_out
from sitegen.keys import ComboKey
from sitegen.measures import COST, FIRST_TOKEN, SPEED, TOKENS, Measure, Pace
from sitegen.stats.results import Scope
from sitegen.view import View

_ROUND = (1, 2, 5)
_FINE = (1, 1.5, 2, 3, 4, 5, 6, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Along:
    """The chart along one axis."""

    id: str
    label: str
    caption: str
    wide: Figure
    narrow: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What is known of combos beside passes and time."""

    measure: Measure
    rising: bool
    """Whether the least is the best."""
    of: Mapping[ComboKey, Fraction]


def amounts(scope: Scope) -> Iterator[Amounts]:
    """What combos spent in the mean, and their median paces."""
    for resource in (COST, TOKENS):
        spent = {
            line.key: line.mean.mean
            for line in scope.spending
            if line.measure is resource and isinstance(line.key, ComboKey)
        }
        yield Amounts(measure=resource, rising=True, of=spent)
    for pace in (SPEED, FIRST_TOKEN):
        known = {
            each.key: value
            for each in scope.speeds
            if isinstance(each.key, ComboKey)
            and (figure := each.figures.get(pace))
            and (value := figure.value) is not None
        }
        yield Amounts(measure=pace, rising=pace is not SPEED, of=known)


def along(view: View) -> Iterator[Along]:
    """A chart for each amount of two combos; paces only where all ran on alike."""
    for each in amounts(view.scope):
        told = [s for s in view.scope.combos if s.key in each.of and s.rate is not None]
        comparable = view.scope.one_hardware or not isinstance(each.measure, Pace)
        if len(told) > 1 and any(each.of.values()) and comparable:
            label = each.measure.label
            better = "left" if each.rising else "right"
            yield Along(
                id=each.measure.name.replace("_", "-"),
                label=label,
                caption=(
                    f"Each mark is a combo. Higher passes more, further {better} is "
                    f"better. Across: {label.lower()}, {_how(each.measure)}."
                ),
                wide=_figure(view, each, "wide"),
                narrow=_figure(view, each, "narrow"),
            )


def _how(measure: Measure) -> str:
    return "median over trials" if isinstance(measure, Pace) else "mean per task"


def _figure(view: View, found: Amounts, width: Width) -> Figure:
    least = min(value for value in found.of.values() if value)
    standings = [
        (place, s)
        for place, s in enumerate(view.scope.combos)
        if s.key in found.of and s.rate is not None
    ]
    standings.sort(key=lambda each: -(each[1].rate or 0))
    named = len(standings) if len(standings) <= FEW else LABELS[width]
    measure = found.measure
    return scatter(
        [
            Point(
                entity=view.names[s.key],
                # An amount of 0 has no place on a log axis and takes the least one.
                x=float(max(found.of[s.key], least)),
                rate=in_percent(s.rate),
                hover=hover(
                    view.names[s.key].text,
                    passed_words(s),
                    f"{measure.label}: {measure.text(found.of[s.key])}",
                ),
                place=place,
                name=combo_name(view, s, width) if index < named else "",
                recedes=ruled_out(s),
            )
            for index, (place, s) in enumerate(standings)
        ],
        view.names,
        width,
        title=f"{measure.label.lower()}, {_how(measure)} (log scale)",
        ladders=[
            [
                (value, measure.text(Fraction(value)))
                for power in range(-6, 10)
                for step in steps
                for value in (step * 10.0**power,)
            ]
            for steps in (_ROUND, _FINE)
        ],
        receding="surely not first",
    )
