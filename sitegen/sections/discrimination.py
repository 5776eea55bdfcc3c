"""Which tasks tell those apart who are better elsewhere."""

from collections.abc import Sequence

from sitegen.keys import TaskKey
from sitegen.numbers import count_of, named_of
from sitegen.sections.entities import joined
from sitegen.site_data import SiteData
from sitegen.stats.standings import Standing
from sitegen.words import Run, Words, entity, paragraph

_NAMED = 4


def discrimination_words(data: SiteData, within: str = "") -> tuple[Words, ...]:
    """Which tasks tell strong combos from weak; nothing where cells are private."""
    found = data.results.all.discrimination
    known = [d for d in found if d.low is not None]
    if not known:
        return ()
    sure = sorted(
        (d for d in known if d.separates), key=lambda d: (-(d.correlation or 0), d.task)
    )
    if not sure:
        return paragraph(
            "Of no task, tested by itself, is it shown that those who are better "
            "elsewhere pass it more often."
        )
    names = [entity(data.names[TaskKey(d.task)]) for d in sure]
    named = named_of(len(names), _NAMED)
    if rest := len(names) - named:
        names[named:] = [Run(text=f"{rest:,} more")]
    return paragraph(
        f"For {len(sure):,} of {count_of(len(found), 'task')}{within}, each "
        "tested by itself, it is shown that those who are better elsewhere pass "
        "it more often: ",
        *joined(names),
        ".",
    )


def all_or_none(data: SiteData, tasks: Sequence[Standing[TaskKey]]) -> Words:
    """Tasks that every trial passed, or none, as sentences."""
    always = [s for s in tasks if s.rate == 1]
    never = [s for s in tasks if s.rate == 0]
    # Scores may tell those apart who all failed.
    scored = any(s.score is not None for s in data.results.all.combos)
    found: list[Run] = []
    for group, text in ((always, "passed by every trial"), (never, "passed by none")):
        if not group:
            continue
        verb = "is" if len(group) == 1 else "are"
        if len(group) <= _NAMED:
            found += joined([entity(data.names[s.key]) for s in group])
        else:
            found.append(Run(text=count_of(len(group), "task")))
        tells = "tells" if len(group) == 1 else "tell"
        so = "" if scored else f" and so {tells} no two agents apart"
        found.append(Run(text=f" {verb} {text}{so}. "))
    return tuple(found)
