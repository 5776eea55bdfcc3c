"""Who can be told apart: sentences and tables from the paired tests."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from sitegen.definitions import meaning
from sitegen.keys import ComboKey, Key
from sitegen.kinds import COMBO, HARNESS, QUANT, Kind
from sitegen.names import Entity
from sitegen.numbers import (
    count_of,
    decimal,
    ratio,
    rough,
    signed,
)
from sitegen.page import Section
from sitegen.stats.intervals import Interval
from sitegen.stats.paired import Difference
from sitegen.stats.pairs import Pair
from sitegen.stats.results import Scope
from sitegen.stats.standings import Standing
from sitegen.stats.times import Slower
from sitegen.table import EMPTY, Cell, Column, Table, name_cell, p_cell, points_cell
from sitegen.view import View
from sitegen.words import Run, Words, combo, entity, link, paragraph, strong, words

_FEW = 4
"""So many pairs are named one by one."""
_MOST = 20
"""With more others, only the first and the nearest are listed; the data have all."""
_NEAREST = 4
_MANY = 100
"""Tasks below which tenths of a point say nothing."""
_POINT = Fraction(1, 100)
_FAR = 1000
"""More tasks than anybody has: said as "over 1,000"."""

DIFFERENCE = (
    Column(
        title="Difference",
        about="difference",
        hint="of rates, or of scores",
    ),
    Column(title="95 % interval", folds=True, about="difference"),
    Column(title="Won–lost–tied", folds=True, hint="tasks", about="difference"),
    Column(
        title="p",
        folds=True,
        hint="tested with all pairs together",
        about="p",
    ),
    Column(title="To settle it", folds=True, about="needed"),
)
_TIME = Column(
    title="Time",
    folds=True,
    hint="times the other's, where both passed",
    about="slower",
)


def seen_by(scope: Scope, kind: Kind[Key]) -> dict[Key, list[Pair[Key]]]:
    """Of each entity its pairs with others, itself first, in the order of these."""
    found: dict[Key, list[Pair[Key]]] = {}
    for pair in scope.pairs:
        if pair.kind == kind.word:
            for one in (pair, pair.turned):
                found.setdefault(one.a, []).append(one)
    place = {s.key: index for index, s in enumerate(scope.standings(kind))}
    for pairs in found.values():
        pairs.sort(key=lambda pair: place[pair.b])
    return found


def verdict(
    view: View, kind: Kind[Key], standings: Sequence[Standing[Key]]
) -> tuple[Words, ...]:
    """Whom the data tell apart, and what would settle the first two."""
    pairs = [pair for pair in view.scope.pairs if pair.kind == kind.word]
    if not pairs:
        return ()
    nouns = kind.plural
    told_apart = [pair for pair in pairs if pair.separable]
    shown = {key for pair in pairs for key in (pair.a, pair.b)}
    n = len(shown)
    counted = _counted(standings, shown, nouns)
    of = f"the {count_of(len(pairs), 'pair')} of {counted}"
    told = meaning("told apart", "p")
    if not any(pair.found.mean for pair in pairs):
        all_of = f"The two {nouns}" if n == 2 else f"All {counted}"  # noqa: PLR2004 - a pair
        return paragraph(f"{all_of} did equally well and cannot be ", told, ".")
    if len(pairs) == 1 and told_apart:
        by = size(pairs[0].found)
        first = words(f"The two {nouns} can be ", told, f" by {by}. ")
    elif len(pairs) == 1:
        first = words(f"The two {nouns} cannot be ", told, ": it may be chance. ")
    elif not told_apart:
        first = words(f"Of {of}, none can be ", told, ": all of it may be chance. ")
    elif len(told_apart) == len(pairs):
        first = words(f"All of {of} can be ", told, ". ")
    elif len(told_apart) <= _FEW:
        head = words(f"Of {of}, {len(told_apart):,} can be ", told, ": ")
        first = head + _listing(view, told_apart)
    else:
        head = words(f"Of {of}, {len(told_apart):,} can be ", told)
        first = head + (
            _leading(view, told_apart, standings, n - 1)
            if standings[0].key in shown
            else words(". ")
        )
    return (first + _settle(standings, pairs),)


def _counted(standings: Sequence[Standing[Key]], shown: set[Key], nouns: str) -> str:
    """Of how many the pairs are, and which these are where they are not all."""
    n = len(shown)
    if n == sum(s.rate is not None for s in standings):
        return f"{n:,} {nouns}"
    if n == sum(s.rank is not None for s in standings):
        return f"the {n:,} ranked {nouns}"
    if shown == {s.key for s in standings[:n]}:
        return f"the first {n:,} {nouns}"
    return f"the {n:,} {nouns} whose pairs are published"


def apart(kind: Kind[Key], standings: Sequence[Standing[Key]]) -> tuple[Words, ...]:
    """That some stand apart, and why; empty where all are ranked."""
    found = sum(s.rate is not None and s.rank is None for s in standings)
    if not found or len(standings) == 1:
        return ()
    if not any(s.rank is not None for s in standings):
        why = f"these {kind.plural} share too little of what they ran"
        met = [set(s.partners) for s in standings if s.rate is not None]
        if kind is not COMBO and not set.intersection(*met):
            over = HARNESS if kind is QUANT else QUANT
            why = f"there is no {over.word} that all of them met"
        return paragraph(f"No {kind.word} is ", meaning("ranked", "apart"), f": {why}.")
    verb = "stands" if found == 1 else "stand"
    return paragraph(
        f"{count_of(found, kind.word, kind.plural)} {verb} ",
        meaning("apart", "apart"),
        ", below the ranked ones and without a verdict: too little of what those "
        "share was run. The number of tasks stands instead of a rank.",
    )


def _listing(view: View, apart: Sequence[Pair[Key]]) -> Words:
    """Each pair in words: a is 12.5 points better than b."""
    found: Words = ()
    for index, pair in enumerate(apart):
        ends = (pair.a, pair.b) if pair.found.mean > 0 else (pair.b, pair.a)
        better, worse = (_run(view, key) for key in ends)
        last = index == len(apart) - 1
        found += words(
            better,
            f" is {size(pair.found)} better than ",
            worse,
            ". " if last else "; ",
        )
    return found


def _leading(
    view: View,
    apart: Sequence[Pair[Key]],
    standings: Sequence[Standing[Key]],
    others: int,
) -> Words:
    """From how many the first of the ranking is told apart."""
    first = standings[0]
    below = sum(first.key in {pair.a, pair.b} for pair in apart)
    of = f"{below:,} of the" if below else "none of the"
    return words(
        "; the first, ",
        _run(view, first.key),
        f", from {'all' if below == others else of} {others:,} others. ",
    )


def _settle(standings: Sequence[Standing[Key]], pairs: Sequence[Pair[Key]]) -> Words:
    """What would tell the first two apart, where nothing does yet."""
    ranked = [s for s in standings if s.rank is not None]
    if len(ranked) <= 1:
        return ()
    top = {ranked[0].key, ranked[1].key}
    pair = next((pair for pair in pairs if {pair.a, pair.b} == top), None)
    if pair is None or pair.separable:
        return ()
    found = pair.found
    if not found.mean:
        return words("The first two did equally well. ")
    need = settled_by(pair)
    if not need:
        return ()
    return words(
        "If the true lead of the first over the second were the one seen, "
        f"{size(found)}, ",
        meaning(need, "needed"),
        f" would show it (now {count_of(found.n_tasks, 'task')}); it may be none. ",
    )


def settled_by(pair: Pair[Key]) -> str:
    """What would settle a pair: "40 tasks", "40 tasks or 7 seeds"; "" if unknown."""
    found = pair.found
    if found.tasks_needed is None:
        return ""
    if found.tasks_needed > _FAR:
        return f"more than {_FAR:,} tasks"
    tasks = f"about {rough(found.tasks_needed):,} tasks"
    if found.seeds_needed is None or found.seeds_needed > _FAR:
        return tasks
    return f"{tasks} or {count_of(found.seeds_needed, 'seed')}"


def size(found: Difference) -> str:
    """How large a difference is: "6 points"; of many tasks "6.2 points"."""
    digits = 0 if found.n_tasks < _MANY and abs(found.mean) >= _POINT else 1
    text = decimal(abs(found.mean) * 100, digits)
    return f"{text} {'point' if text == '1' else 'points'}"


def standing_among(kind: Kind[Key], seen: Sequence[Pair[Key]]) -> Words:
    """From how many others one entity can be told apart."""
    if not seen:
        return ()
    better = sum(pair.better for pair in seen)
    worse = sum(pair.worse for pair in seen)
    rest = len(seen) - better - worse
    noun, nouns = kind.word, kind.plural
    told = meaning("told apart", "p")
    if rest == len(seen) == 1:
        return words("It cannot be ", told, f" from the other {noun}.")
    if rest == len(seen):
        return words(
            "It cannot be ", told, f" from any of the {rest:,} {nouns} compared."
        )
    if len(seen) == 1:
        which = "better" if better else "worse"
        return words(f"It is {which} than the other {noun}: the two can be ", told, ".")
    if len(seen) in {better, worse}:
        which = "better" if better else "worse"
        start = f"It is {which} than each of {len(seen):,} other {nouns}: "
    else:
        them = f"Of {len(seen):,} other {nouns} compared"
        start = f"{them}, it is {_ways(better=better, worse=worse)}; "
    if not rest:
        return words(start, "all are ", told, ".")
    return words(start, "it cannot be ", told, f" from the remaining {rest:,}.")


def _among_all(view: View, kind: Kind[Key], key: Key, n_seen: int) -> tuple[Words, ...]:
    """How many of all ranked ones are told apart, where not all pairs are listed."""
    ranked = {s.key: s for s in view.scope.standings(kind) if s.rank is not None}
    others = len(ranked) - 1
    found = ranked[key].rank_range
    if found is None or n_seen == others:
        return ()
    ways = _ways(better=others + 1 - found[1], worse=found[0] - 1)
    told = f"is shown to be {ways}" if ways else "is told from none"
    return paragraph(f"Of all {others:,} other ranked {kind.plural} it {told}.")


def _ways(**others: int) -> str:
    """Than how many others it is what: "better than 3 and worse than 1"."""
    return " and ".join(f"{way} than {n:,}" for way, n in others.items() if n)


def _times_among(kind: Kind[Key], seen: Sequence[Pair[Key]]) -> tuple[Words, ...]:
    """From how many others its times are told apart, and which trials say so."""
    known = [pair.time for pair in seen if pair.time is not None]
    if not known:
        return ()
    slower = [found.ratio.value > 1 for found in known if found.separable]
    ways = _ways(faster=len(slower) - sum(slower), slower=sum(slower))
    told = f"it is shown to be {ways}" if ways else "no difference is shown"
    of = count_of(len(known), f"other {kind.word}", f"other {kind.plural}")
    return paragraph(
        "Where both passed, its ",
        meaning("times", "slower"),
        f" were compared with those of {of}: {told}. A trial that failed fast is "
        "not fast: only trials that passed enter.",
    )


def compared(
    view: View, kind: Kind[Key], key: Key, seen: Sequence[Pair[Key]]
) -> Iterator[Section]:
    """A section that compares one entity with the others of its kind."""
    if not seen:
        return
    nouns = kind.plural
    near = _nearest(view, kind, key, seen) if len(seen) > _MOST else seen
    timed = any(pair.time is not None for pair in near)
    where = (
        words(
            "The first and the nearest in the ranking (",
            link("all pairs", "data.html"),
            ")",
        )
        if len(near) < len(seen)
        else words("Positive differences favour ", strong(view.names[key].text))
    )
    yield Section(
        title=f"Compared with other {nouns}",
        anchor="compared",
        findings=(
            standing_among(kind, seen),
            *_among_all(view, kind, key, len(seen)),
            *_times_among(kind, seen),
        ),
        paragraphs=(
            (
                *where,
                *words(f"; on the cells that all ranked {nouns} share, {view.label}."),
            ),
        ),
        table=Table(
            caption=f"Compared with other {nouns}",
            columns=(
                Column(title="Compared with", kind="name"),
                *DIFFERENCE,
                *((_TIME,) if timed else ()),
            ),
            rows=tuple(
                (
                    _cell(view.names[pair.b]),
                    *difference_cells(pair),
                    *((_time_cell(pair.time),) if timed else ()),
                )
                for pair in near
            ),
        ),
    )


def _nearest(
    view: View, kind: Kind[Key], key: Key, seen: Sequence[Pair[Key]]
) -> Sequence[Pair[Key]]:
    place = {s.key: index for index, s in enumerate(view.scope.standings(kind))}
    own = place[key]
    nearest = sorted(
        seen[1:], key=lambda pair: (abs(place[pair.b] - own), place[pair.b])
    )[:_NEAREST]
    return [seen[0], *sorted(nearest, key=lambda pair: place[pair.b])]


def difference_cells(pair: Pair[Key]) -> tuple[Cell, ...]:
    """What stands under `DIFFERENCE`."""
    found, ends = pair.found, pair.found.interval
    need = "" if pair.separable else settled_by(pair)
    counts = f"{found.wins}–{found.losses}–{found.ties}"
    return (
        replace(points_cell(found.mean), muted="", strong=pair.separable),
        Cell(text=within(ends), sort=ends.low) if ends else EMPTY,
        Cell(text=counts, sort=found.wins - found.losses),
        replace(p_cell(pair.p), strong=pair.separable),
        Cell(text=need, sort=found.tasks_needed) if need else EMPTY,
    )


def within(ends: Interval) -> str:
    """Where a difference lies: "−12 to +31", in points."""
    return " to ".join(signed(round(end * 100)) for end in (ends.low, ends.high))


def _time_cell(found: Slower | None) -> Cell:
    if found is None:
        return EMPTY
    value = found.ratio.value
    return Cell(text=f"{ratio(value)}×", sort=value, strong=found.separable)


def _run(view: View, key: Key) -> Run:
    return (
        combo(view.names, key) if isinstance(key, ComboKey) else entity(view.names[key])
    )


def _cell(found: Entity) -> Cell:
    return replace(
        name_cell(found), muted=" ".join(filter(None, (found.quant, found.harness)))
    )
