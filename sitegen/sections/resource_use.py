"""What a trial of one entity takes and scores: means, medians, intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sitegen.numbers import count_of, decimal
from sitegen.page import Section
from sitegen.stats.scores import Score
from sitegen.stats.spending import Spending
from sitegen.words import words

if TYPE_CHECKING:
    from sitegen.stats.results import Scope
    from sitegen.words import Words

Key: TypeAlias = tuple[str, tuple[str, ...]]
"""Kind and key of an entity."""


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
    terms = [(line.measure.term, _spent(line)) for line in own.spending]
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
    text, interval, median = line.measure.text, line.mean.interval, line.median
    mean = text(line.mean.mean)
    if interval:
        mean += f" ({text(interval.low)} to {text(interval.high)})"
    if median.value is None:
        middle = "median unknown: too many trials hit a limit"
    else:
        middle = f"median {text(median.value)}"
        if median.low is not None and median.high is not None:
            middle += f" ({text(median.low)} to {text(median.high)})"
        elif median.low is not None:
            middle += f" (at least {text(median.low)})"
    stopped = (
        f"; a limit stopped {count_of(line.stopped, 'trial')}" if line.stopped else ""
    )
    return words(f"mean {mean}, {middle}{stopped}")
