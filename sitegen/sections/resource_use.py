"""What a trial of one entity takes and scores: means, medians, intervals."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sitegen.keys import Key
from sitegen.measures import SCORE, TRIES
from sitegen.numbers import count_of
from sitegen.page import Section
from sitegen.stats.intervals import Interval
from sitegen.stats.results import Scope
from sitegen.stats.scores import Score
from sitegen.stats.spending import Median, Spending
from sitegen.words import Words, words


@dataclass(slots=True)
class Takes:
    """Everything of one entity."""

    spending: tuple[Spending, ...] = ()
    score: Score | None = None
    first_try: Score | None = None


def takes_by(scope: Scope) -> dict[Key, Takes]:
    """Group a scope's lines by entity, once for all pages."""
    found: dict[Key, Takes] = {}
    for line in scope.spending:
        own = found.setdefault(line.key, Takes())
        own.spending += (line,)
    for score in scope.scores:
        found.setdefault(score.key, Takes()).score = score
    for score in scope.first_tries:
        found.setdefault(score.key, Takes()).first_try = score
    return found


def takes_section(own: Takes | None) -> Iterator[Section]:
    """The section, where there is something to say."""
    if own is None:
        return
    terms = [(line.measure.label, _spent(line)) for line in own.spending]
    about = [line.measure.anchor for line in own.spending if line.measure.anchor]
    if own.spending:
        about.append("spending")
    for measure, score in ((TRIES, own.first_try), (SCORE, own.score)):
        if score:
            found = score.found
            mean = measure.text(found.mean) + _around(found.interval, measure.text)
            trials = count_of(found.n_trials, "trial")
            terms.append((measure.label, words(f"{mean}, over {trials}")))
            about.append(measure.anchor or "score")
    yield Section(
        title="What a trial takes" if own.spending else "Scores",
        anchor="takes",
        paragraphs=(
            words(
                "Over all of its trials of which it is known; the 95 % intervals "
                "in brackets are over tasks like these."
            )
            if any(" to " in run.text for _, said in terms for run in said)
            else words("Over all of its trials of which it is known."),
        ),
        terms=tuple(terms),
        about=tuple(about),
    )


def _spent(line: Spending) -> Words:
    text = line.measure.text
    mean = text(line.mean.mean) + _around(line.mean.interval, text)
    said = f"mean {mean}"
    n = line.mean.n_trials
    if n > 1 and (line.median.value is not None or line.stopped):
        said += f", {_median(line.median, text)}"
    said += f", over {count_of(n, 'trial')}"
    if line.stopped:
        said += f", of which {line.stopped:,} hit a limit"
    return words(said)


def _median(found: Median, text: Callable[[float], str]) -> str:
    if found.value is None:
        return "median unknown: too many trials hit a limit"
    middle = f"median {text(found.value)}"
    if found.low is None:
        return middle
    if found.high is None:
        return f"{middle} (at least {text(found.low)})"
    return middle + _around(Interval(found.low, found.high), text)


def _around(interval: Interval | None, text: Callable[[float], str]) -> str:
    if interval is None:
        return ""
    return f" ({text(interval.low)} to {text(interval.high)})"
