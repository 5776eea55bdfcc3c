"""What the pages of models, harnesses, tasks and combos share."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

from sitegen.charts.dots import MOST, Dot, dots, in_order
from sitegen.charts.figure import Chart
from sitegen.keys import ComboKey, HarnessKey, Key, KeyT, QuantKey
from sitegen.kinds import Kind
from sitegen.names import Entity, Names
from sitegen.numbers import count_of, decimal, listed, percent, rounded, seconds
from sitegen.page import Section
from sitegen.sections.charts import chart_section
from sitegen.stats.results import Scope
from sitegen.stats.standings import Standing
from sitegen.table import Table
from sitegen.view import View
from sitegen.words import Run, Words, combo, entity, paragraph, strong, words

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)
_NAMED = 4
"""Names in a sentence; more are counted."""
_ANYTHING = "0 and 100 %"
"""A prediction that says nothing."""
_NEARLY = 0.995
"""From this share on, a rounded rest would be 0 %."""


def dot_section(
    entity: Entity,
    found: Sequence[Dot],
    *,
    title: str,
    caption: str,
    table: Table,
    data: str,
) -> Iterator[Section]:
    """A ranking with its chart; the table alone where there is but one line."""
    if not found:
        return
    if sum(dot.standing.rate is not None for dot in found) <= 1:
        yield Section(
            title=title,
            anchor="ranking",
            paragraphs=paragraph(caption),
            table=table,
        )
        return
    more = f" The first {MOST} are drawn." if len(found) > MOST else ""
    chart = Chart(
        id=entity.href.removesuffix(".html"),
        title=title,
        caption=caption + in_order(dot.standing for dot in found) + more,
        wide=dots(found, "wide"),
        narrow=dots(found, "narrow"),
        table=table,
        data=data,
    )
    # Not after the entity: its name may be any word, another anchor of the page too.
    yield replace(chart_section(chart), anchor="ranking")


def result(standing: Standing[Key]) -> Words:
    """What follows a name: passed 6 of 8 trials (75.0 %), averaging 474 s per task.

    Where ranks are by score it says that first.
    """
    if standing.rate is None:
        return words("has no measured trial")
    if standing.score is not None:
        return words(
            "scored ",
            strong(f"{decimal(standing.score, 2)} on average"),
            f" ({standing.passed:,} of {count_of(standing.n_trials, 'trial')} passed)"
            f"{averaging(standing)}",
        )
    return words(
        "passed ",
        strong(f"{standing.passed:,} of {count_of(standing.n_trials, 'trial')}"),
        f"{in_percent(standing)}{averaging(standing)}",
    )


def reached(standing: Standing[Key]) -> str:
    """What it is ranked by, without counts: "78 %", "a mean score of 0.57"."""
    if standing.score is not None:
        return f"a mean score of {decimal(standing.score, 2)}"
    return f"{rounded(standing.rate, standing.effective)} %"


def in_percent(standing: Standing[Key]) -> str:
    """What follows a count: its rate in brackets; "" for a single trial."""
    if standing.n_trials <= 1:
        return ""
    # A cell is a combo on a task.
    what = "task" if isinstance(standing.key, ComboKey) else "cell"
    each = "" if is_count(standing) else f" with each {what} weighing the same"
    return f" ({percent(standing.rate)} %{each})"


def is_count(standing: Standing[Key]) -> bool:
    """Whether the rate is passed over trials: no cell ran more often than another."""
    return standing.rate == Fraction(standing.passed, max(1, standing.n_trials))


def averaging(standing: Standing[Key]) -> str:
    """The end of a phrase: ", averaging 474 s per task"; empty where not known."""
    time, unit = seconds(standing.time_mean_s)
    return f", averaging {time} {unit} per task" if unit else ""


def best_combo(names: Names, combos: Sequence[Standing[ComboKey]]) -> Words:
    """The first of an entity's combos, or the only one, as a sentence."""
    if not combos:
        return ()
    if len(combos) == 1:
        only = combo(names, combos[0].key)
        return words("All of its trials are of one combo, ", only, ".")
    ranked = [s for s in combos if s.rank is not None]
    best = [s for s in ranked if s.headline == ranked[0].headline]
    if not ranked or not ranked[0].headline or len(best) == len(combos):
        return ()
    what = "rate" if best[0].score is None else "mean score"
    if len(best) == 1:
        first = combo(names, best[0].key)
        return words(
            "Of its ranked combos ",
            first,
            f" has the highest {what}: it ",
            *result(best[0]),
            ".",
        )
    named = [combo(names, s.key) for s in best]
    if len(named) > _NAMED:
        return words(f"{len(named):,} of its ranked combos share the highest {what}.")
    return words("Of its ranked combos ", *joined(named), f" share the highest {what}.")


def interval_words(standing: Standing[Key]) -> str:
    """The interval as a sentence, with its two sources; empty where there is none."""
    interval, noise = standing.interval, standing.noise
    if interval is None:
        return ""
    share = noise.seeds_share if noise else None
    if share is None:
        source = ""
    elif share < _NEARLY:
        source = (
            f" ({share * 100:.0f} % of its variance is chance within cells, the rest "
            "the choice of tasks)"
        )
    else:
        source = " (its variance is chance within cells)"
    rate = "rate" if standing.score is None else "pass rate"
    return (
        f"The 95 % interval of the {rate} is {interval.low * 100:.0f} to "
        f"{interval.high * 100:.0f} %{source}. {_fresh(standing)}"
    )


def _fresh(standing: Standing[Key]) -> str:
    """What a sweep of the same size would bring."""
    found = standing.fresh
    if found is None:
        return ""
    what = "" if standing.score is None else " a pass rate"
    new = f"{found.new_tasks.low * 100:.0f} and {found.new_tasks.high * 100:.0f} %"
    same = found.same_tasks
    # Where nothing varied, nothing is known of how it would vary.
    if same is not None and round(same.low * 100) == round(same.high * 100):
        same = None
    old = f"{same.low * 100:.0f} and {same.high * 100:.0f} %" if same else _ANYTHING
    brings = [
        f"between {ends} on {which}"
        for ends, which in ((old, "the same tasks"), (new, "other tasks like these"))
        if ends != _ANYTHING
    ]
    if not brings:
        return ""
    return (
        f"In 95 % of cases another sweep of this size brings{what} {listed(brings)}. "
    )


def rank_words(
    standing: Standing[Key], scope: Scope, kind: Kind[Key], within: str = ""
) -> str:
    """The rank as a sentence, with its tier and the range that the tasks leave open."""
    standings, n_tasks = scope.standings(kind), scope.size.tasks
    n = n_ranked(standings)
    if n <= 1 or standing.rate is None:
        return ""
    if standing.rank is None:
        return (
            f"It ran {standing.n_across:,} of {count_of(n_tasks, 'task')}, and stands "
            "apart from the ranked ones. "
            if standing.n_across < n_tasks
            else "It is not ranked: the others share too little of what it ran. "
        )
    low, high = standing.rank_range or (0, 0)
    tier = f", tier {standing.tier}" if standing.tier else ""
    equal = sum(s.rank == standing.rank for s in standings) - 1
    if equal == n - 1:
        all_of = "Both" if n == 2 else f"All {n:,}"  # noqa: PLR2004 - a pair
        return f"{all_of} {kind.plural} did equally well{within}. "
    shared = f", shared with {count_of(equal, 'other')}" if equal else ""
    by = "" if standing.score is None else ", by mean score"
    if standing.n_across < n_tasks:
        by += (
            f", on the {standing.n_across:,} of {count_of(n_tasks, 'task')} that all "
            "ranked ones ran"
        )
    rank = (
        f"That is rank {standing.rank} of {n:,} {kind.plural}{shared}{by}{within}{tier}"
    )
    if low == high:
        return f"{rank}. "
    return f"{rank}. Its true rank may be anything from {low:,} to {high:,}. "


def none_passed(view: View, kind: Kind[Key]) -> Words:
    """That no trial of a scope passed, and so nobody leads; else nothing."""
    standings = [s for s in view.scope.standings(kind) if s.rate is not None]
    if len(standings) <= 1 or any(s.passed or s.score for s in standings):
        return ()
    what = f"{count_of(len(standings), kind.word, kind.plural)} passed a trial"
    return words(f"Not one of {what}{view.within}: nobody leads.")


def shared_first(names: Names, standings: Sequence[Standing[Key]], nouns: str) -> Words:
    """That several share the first rank, before a sentence about one of them."""
    n = n_ranked(standings)
    first = [s for s in standings if s.rank == 1]
    if len(first) <= 1:
        return ()
    if len(first) == n:
        both = "Both" if n == 2 else f"All {n:,}"  # noqa: PLR2004 - a pair
        return words(f"{both} {nouns} did equally well. ")
    if len(first) > _NAMED:
        return words(f"{len(first):,} {nouns} share the first rank. ")
    named = joined([entity(names[s.key]) for s in first])
    return words(*named, " share the first rank. ")


def met(standing: Standing[Key]) -> tuple[Key, ...]:
    """The harnesses that a model met in these numbers, or the models of a harness.

    Variants of a combo are none of their own.
    """
    if isinstance(standing.key, HarnessKey):
        return tuple(sorted({QuantKey(*partner[:2]) for partner in standing.partners}))
    return tuple(sorted({HarnessKey(partner[0]) for partner in standing.partners}))


def n_ranked(standings: Sequence[Standing[Key]]) -> int:
    """How many have a rank."""
    return sum(standing.rank is not None for standing in standings)


def by_key(standings: Sequence[Standing[KeyT]]) -> dict[KeyT, Standing[KeyT]]:
    """Standings by their key."""
    return {standing.key: standing for standing in standings}


def gathered(found: Iterable[T], key: Callable[[T], H]) -> dict[H, list[T]]:
    """What has a key in common, in order."""
    groups: dict[H, list[T]] = {}
    for each in found:
        groups.setdefault(key(each), []).append(each)
    return groups


def joined(runs: Sequence[Run]) -> Words:
    """Runs as a phrase: a, b and c."""
    found: list[Run] = []
    for index, run in enumerate(runs):
        if index:
            last = index == len(runs) - 1
            found.append(Run(text=" and " if last else ", "))
        found.append(run)
    return tuple(found)
