"""How combos moved: over sweeps, and from publish to publish.

What publishes said is read from the data file of the last one; a row is added where a
combo has other results. Only with public cells: of private ones it would tell by
subtraction what changed.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from harness_bench.errors import Problem, PublishError
from sitegen.datafiles.column import flag, integer, number, table, text
from sitegen.datafiles.fields import COMBO
from sitegen.datafiles.format import DataFile
from sitegen.keys import ComboKey
from sitegen.numbers import plain
from sitegen.stats.results import Results, Scope
from sitegen.stats.standings import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What a combo had passed at a time."""

    key: ComboKey
    over: str
    """`sweep` or `publish`."""
    at: str
    """The name of the sweep, or the day of the results: "2026-04-28"."""
    passed: int
    n_trials: int
    rate: float
    moved: bool | None = None
    """Since the sweep before, whether it is beyond what chance brings; None: nobody
    knows."""


HISTORY = "data/history.json"
OTHER_FORM = (ValueError, KeyError, TypeError, AttributeError)
"""How reading a file ends that another version wrote."""


def of_another_form(path: str) -> Problem:
    """What to say of a file that the last publish left."""
    return Problem(path, "another version wrote it", "delete it to begin anew")


def history(found: Results, kept: bytes, day: str) -> tuple[Point, ...]:
    """All points, sweeps first, then publishes, in the order of time.

    Args:
        found: With public cells.
        kept: The data file of the last publish; empty: there was none.
        day: Of the results; "": publishes are not kept.

    Raises:
        PublishError: The data file has another form than those of this version.
    """
    points = tuple(_over_sweeps(found.sweeps))
    if not day:
        return points
    try:
        rows = json.loads(kept)["rows"] if kept else ()
        old = [_again(row) for row in rows if row["over"] == "publish"]
    except OTHER_FORM:
        raise PublishError(of_another_form(HISTORY)) from None
    last = {each.key: (each.passed, each.n_trials) for each in old}
    day = max([day, *(each.at for each in old)])
    new = (_point(s, "publish", day) for s in found.all.combos if s.rate is not None)
    told = (p for p in new if (p.passed, p.n_trials) != last.get(p.key))
    return (*points, *old, *told)


def history_file(points: Iterable[Point]) -> DataFile:
    """The points as a table."""
    return table(
        "history",
        "How combos moved, over sweeps and from publish to publish",
        points,
        text("over", "sweep, or publish: a row where it had other results"),
        text("at", "Name of the sweep, or day of the results"),
        COMBO,
        integer("passed", "Trials that passed"),
        integer("n_trials", "Measured trials"),
        number("rate", "Mean over cells of the mean over a cell's trials, in 0..1"),
        flag(
            "moved?",
            "Whether the rate lies beyond where 95 % of sweeps like the one before "
            "would; null without one, where that ran more, and between publishes",
        ),
    )


def _over_sweeps(sweeps: Iterable[Scope]) -> Iterator[Point]:
    last: dict[ComboKey, tuple[Standing[ComboKey], Scope]] = {}
    for scope in sweeps:
        for now in scope.combos:
            if now.rate is None:
                continue
            before = last.get(now.key)
            moved = _moved(*before, now, scope) if before else None
            last[now.key] = now, scope
            yield replace(_point(now, "sweep", scope.sweep or ""), moved=moved)


def _moved(
    was: Standing[ComboKey], then: Scope, now: Standing[ComboKey], scope: Scope
) -> bool | None:
    if was.fresh is None or now.rate is None or now.n_trials < was.n_trials:
        return None
    tasks = [{each.key for each in one.tasks} for one in (then, scope)]
    same = tasks[0] == tasks[1] and was.n_across == now.n_across
    found = (was.fresh.same_tasks if same else None) or was.fresh.new_tasks
    return not found.low <= float(now.rate) <= found.high


def _point(found: Standing[ComboKey], over: str, at: str) -> Point:
    return Point(
        key=found.key,
        over=over,
        at=at,
        passed=found.passed,
        n_trials=found.n_trials,
        # As it will be read again.
        rate=float(plain(found.rate) or 0),
    )


def _again(row: dict[str, Any]) -> Point:
    """A point as the data file has it."""
    parts = {name: row.pop(name, "") or "" for name in ComboKey.__slots__}
    return Point(key=ComboKey(**parts), **row)
