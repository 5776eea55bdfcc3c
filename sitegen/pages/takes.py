"""What a trial of one entity takes and scores: means, medians, intervals."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from sitegen.numbers import count_of, decimal, seconds
from sitegen.pages.page import Section
from sitegen.stats.scores import Score
from sitegen.stats.spending import Spending
from sitegen.words import words

if TYPE_CHECKING:
    from sitegen.stats.resources import Resource
    from sitegen.stats.results import Scope
    from sitegen.words import Words

Key: TypeAlias = tuple[str, tuple[str, ...]]
"""Kind and key of an entity."""

_TERMS = {"time": "Time in the agent", "tokens": "Tokens", "cost": "Cost"}


@dataclass(slots=True)
class Takes:
    """Everything of one entity."""

    spending: tuple[Spending, ...] = ()
    score: Score | None = None


def takes_by(scope: Scope) -> dict[Key, Takes]:
    """Group a scope's lines by entity, once for all pages."""
    found: dict[Key, Takes] = {}
    for line in scope.spending:
        own = found.setdefault((line.kind, line.key), Takes())
        own.spending += (line,)
    for score in scope.scores:
        found.setdefault((score.kind, score.key), Takes()).score = score
    return found


def takes_section(own: Takes | None) -> tuple[Section, ...]:
    """The section, where there is something to say."""
    if own is None:
        return ()
    terms = [(_TERMS[line.resource], _spent(line)) for line in own.spending]
    about = ["spending"] if own.spending else []
    if own.score:
        found = own.score.found
        interval = found.interval
        around = f" ({interval.low:.2f} to {interval.high:.2f})" if interval else ""
        terms.append(
            (
                "Mean score",
                words(
                    f"{decimal(found.mean, 2)}{around}, over "
                    f"{count_of(found.n_trials, 'trial')}"
                ),
            )
        )
        about.append("score")
    return (
        Section(
            title="What a trial takes" if own.spending else "Scores",
            anchor="takes",
            paragraphs=(
                words("In brackets the 95 % intervals, over tasks like these."),
            ),
            terms=tuple(terms),
            about=tuple(about),
        ),
    )


def _spent(line: Spending) -> Words:
    mean = _amount(line.resource, line.mean.mean)
    interval = line.mean.interval
    if interval:
        mean += f" ({_range(line.resource, interval.low, interval.high)})"
    median = line.median
    if median.value is None:
        middle = "the median is hidden by the limits"
    else:
        middle = f"median {_amount(line.resource, Fraction(median.value))}"
        if median.low is not None and median.high is not None:
            middle += f" ({_range(line.resource, median.low, median.high)})"
        elif median.low is not None:
            middle += f" (at least {_amount(line.resource, Fraction(median.low))})"
    stopped = (
        f"; a limit stopped {count_of(line.stopped, 'trial')}" if line.stopped else ""
    )
    return words(f"mean {mean}, {middle}{stopped}")


def _range(resource: Resource, low: float, high: float) -> str:
    return f"{_amount(resource, Fraction(low))} to {_amount(resource, Fraction(high))}"


def _amount(resource: Resource, value: Fraction) -> str:
    if resource == "time":
        return " ".join(seconds(value))
    if resource == "tokens":
        return f"{round(value):,}"
    return f"${decimal(value, 2 if value >= 1 else 4)}"
