"""What the pages of models, harnesses, tasks and combos share."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from sitegen.charts.dots import MOST, Dot, dots
from sitegen.charts.figure import Chart
from sitegen.keys import HarnessKey, QuantKey
from sitegen.numbers import count_of, percent, seconds
from sitegen.page import Section
from sitegen.sections.charts import chart_section
from sitegen.words import Run, combo, strong, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sitegen.keys import ComboKey, Key, KeyT
    from sitegen.names import Entity, Names
    from sitegen.stats.standings import Standing
    from sitegen.table import Table
    from sitegen.words import Words


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
) -> tuple[Section, ...]:
    """A ranking with its chart; the table alone where there is but one line."""
    if not found:
        return ()
    if sum(dot.standing.rate is not None for dot in found) <= 1:
        return (
            Section(
                title=title,
                anchor="ranking",
                paragraphs=(words(caption),),
                table=table,
            ),
        )
    more = f" The first {MOST} are drawn." if len(found) > MOST else ""
    chart = Chart(
        id=entity.href.removesuffix(".html"),
        title=title,
        caption=caption + more,
        wide=dots(found, "wide"),
        narrow=dots(found, "narrow"),
        table=table,
        data=data,
    )
    # Not after the entity: its name may be any word, another anchor of the page too.
    return (replace(chart_section(chart), anchor="ranking"),)


def result(standing: Standing[Key]) -> Words:
    """What follows a name: passed 6 of 8 trials (75.0 %), averaging 474 s per task."""
    if standing.rate is None:
        return words("has no measured trial")
    each = "" if is_count(standing) else " with each task weighing the same"
    return words(
        "passed ",
        strong(f"{standing.passed:,} of {count_of(standing.n_trials, 'trial')}"),
        f" ({percent(standing.rate)} %{each}){averaging(standing)}",
    )


def is_count(standing: Standing[Key]) -> bool:
    """Whether the rate is passed over trials: no cell ran more often than another."""
    return standing.rate == Fraction(standing.passed, max(1, standing.n_trials))


def averaging(standing: Standing[Key]) -> str:
    """The end of a phrase: ", averaging 474 s per task"; empty where not known."""
    time, unit = seconds(standing.time_mean_s)
    return f", averaging {time} {unit} per task" if unit else ""


def best_combo(names: Names, combos: Sequence[Standing[ComboKey]]) -> Words:
    """The first of an entity's combos, or the only one, as a sentence."""
    first = combo(names, combos[0].key)
    if len(combos) == 1:
        return words("All of its trials are of one combo, ", first, ".")
    return words("Its best combo is ", first, ", which ", *result(combos[0]), ".")


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
    return (
        f"The 95 % interval of the rate is {interval.low * 100:.0f} to "
        f"{interval.high * 100:.0f} %{source}. {_fresh(standing)}"
    )


def _fresh(standing: Standing[Key]) -> str:
    """What a sweep of the same size would bring."""
    found = standing.fresh
    if found is None:
        return ""
    new = f"{found.new_tasks.low * 100:.0f} and {found.new_tasks.high * 100:.0f} %"
    if found.same_tasks is None:
        return (
            "Another sweep of this size, on other tasks like these, would bring "
            f"between {new}. "
        )
    same = found.same_tasks
    return (
        f"Another sweep of this size would bring between {same.low * 100:.0f} and "
        f"{same.high * 100:.0f} % on the same tasks, between {new} on others. "
    )


def rank_words(standing: Standing[Key], n: int, what: str, n_tasks: int) -> str:
    """The rank as a sentence, with its tier and the range that the tasks leave open."""
    if not n or standing.rate is None:
        return ""
    if standing.rank is None or standing.rank_range is None:
        return (
            f"It ran {standing.n_across:,} of {count_of(n_tasks, 'task')}, and stands "
            "apart from the ranked ones. "
            if standing.n_across < n_tasks
            else "It is not ranked: the others share too little of what it ran. "
        )
    low, high = standing.rank_range
    tier = f", tier {standing.tier}" if standing.tier else ""
    rank = f"That is rank {standing.rank} of {n:,} {what}{tier}"
    if low == high:
        return f"{rank}. "
    return f"{rank}. Its true rank may be anything from {low:,} to {high:,}. "


def shared_first(standings: Sequence[Standing[Key]], nouns: str) -> str:
    """That several share the first rank, before a sentence that names one of them."""
    first = sum(standing.rank == 1 for standing in standings)
    if first <= 1:
        return ""
    return f"{first:,} {nouns} share the first rank, among them this one: "


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


def joined(runs: Sequence[Run]) -> Words:
    """Runs as a phrase: a, b and c."""
    found: list[Run] = []
    for index, run in enumerate(runs):
        if index:
            last = index == len(runs) - 1
            found.append(Run(text=" and " if last else ", "))
        found.append(run)
    return tuple(found)
