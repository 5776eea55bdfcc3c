"""Up to six combos side by side: a page that a script fills, and what it asks for.

Each combo has a small file of its own: what it did, and how it compares with the others
whose pairs are published. The script selects; every number and verdict is made here.
"""

from collections.abc import Iterator, Sequence

from sitegen.escape import script_json
from sitegen.keys import ComboKey, Key
from sitegen.kinds import COMBO
from sitegen.measures import COST, TOKENS
from sitegen.numbers import UNKNOWN, points, probability, ratio, seconds
from sitegen.page import Content, Page, PageType, plain
from sitegen.sections.compare import seen_by, settled_by, within
from sitegen.sections.entities import in_percent, n_ranked
from sitegen.site_data import SiteData
from sitegen.stats.pairs import MOST, Pair
from sitegen.stats.standings import Standing
from sitegen.table import interval_cell
from sitegen.words import link, words

_FOLDER = "compare/combos/"
_SPENT = (TOKENS, COST)


def compare_pages(data: SiteData) -> Iterator[Page]:
    """The one page; none where there are no two combos."""
    combos = data.results.all.combos
    if len(combos) > 1:
        yield _page(data, _files(data, combos))


def _page(data: SiteData, files: dict[str, bytes]) -> Page:
    cells = data.settings.publish.cells
    kept = "combos.csv, pairs.csv, cells.csv" if cells else "combos.csv"
    differ = "how far they differ, and how surely" if cells else "their totals"
    lead = (
        words(
            "Mark two to six combos on the ",
            link("board", "index.html"),
            f" and press Compare: this page then shows {differ}.",
        ),
        words(
            "A script in the browser puts it together. All that it shows is in the ",
            link("data", "data.html"),
            f": {kept}.",
        ),
    )
    return Page(
        path="compare/index.html",
        title="Compare",
        description=plain(lead),
        content=Content(
            kicker="Board",
            heading="Compare combos",
            lead=lead,
            scripts=("assets/compare.js",),
            sections=(),
        ),
        files=files,
    )


def _files(data: SiteData, combos: Sequence[Standing[ComboKey]]) -> dict[str, bytes]:
    scope, names = data.results.all, data.names
    pairs = seen_by(scope, COMBO)
    spent: dict[Key, dict[str, str]] = {}
    for line in scope.spending:
        if line.measure in _SPENT:
            text = line.measure.text(line.mean.mean)
            spent.setdefault(line.key, {})[line.measure.name] = text
    done: dict[ComboKey, dict[int, list[object]]] = {s.key: {} for s in combos}
    for index, task in enumerate(scope.tasks):
        for found in scope.task_combos[task.key]:
            done[found.key][index] = _on_task(found)
    files = {
        f"{_FOLDER}{_slug(data, s.key)}.js": _script(
            _slug(data, s.key),
            {
                "name": names[s.key].label,
                "quant": names[s.key].quant,
                "harness": names[s.key].harness,
                "href": names[s.key].href,
                "ranked": s.rank is not None,
                "tier": s.tier,
                "passed": f"{s.passed:,} of {s.n_trials:,}{in_percent(s)}",
                "interval": interval_cell(s.rate, s.interval).text,
                "time": _time(s) if s.beside else "",
                **spent.get(s.key, {}),
                "tasks": done[s.key],
                "pairs": {
                    _slug(data, pair.b): _pair(pair) for pair in pairs.get(s.key, ())
                },
            },
        )
        for s in combos
    }
    files["compare/tasks.js"] = _script("", _common(data))
    return files


def _slug(data: SiteData, key: Key) -> str:
    return data.names[key].href.rsplit("/", 1)[-1].removesuffix(".html")


def _script(name: str, value: object) -> bytes:
    return (
        f"harnessBench.compared({script_json(name)},{script_json(value)});\n".encode()
    )


def _common(data: SiteData) -> dict[str, object]:
    """What is the same whichever are compared."""
    scope = data.results.all
    n = n_ranked(scope.combos)
    private = data.results.told is not None
    note = (
        "Which combos can be told apart is not shown, because it would give private "
        "cells away."
        if private
        else "Differences are on the cells that all ranked combos share"
        f"{data.over_all}, tested with all pairs of combos together."
    )
    capped = (
        f" They are published for the first {MOST} of the ranking; of others, only "
        "whether they can be told apart."
    )
    return {
        "note": note,
        "alone": " Each interval is of its pair alone. Among many pairs some miss 0 by "
        "chance; p and the verdict allow for that.",
        "capped": capped if not private and n > MOST else "",
        "cells": not private,
        "tasks": [
            [
                data.names[task.key].label,
                data.names[task.key].href,
                f"{task.passed:,} of {task.n_trials:,}",
            ]
            for task in scope.tasks
        ]
        if not private
        else [],
    }


def _on_task(found: Standing[ComboKey]) -> list[object]:
    """Passed trials, measured trials, and their time."""
    return [found.passed, found.n_trials, _time(found)]


def _time(found: Standing[ComboKey]) -> str:
    return (
        " ".join(filter(None, seconds(found.time_mean_s))) if found.time_mean_s else ""
    )


def _pair(pair: Pair[Key]) -> dict[str, object]:
    """The comparison as the first of the two sees it."""
    ends = pair.found.interval
    found: dict[str, object] = {
        "difference": points(pair.found.mean),
        "mean": float(pair.found.mean),
        "interval": within(ends) if ends else UNKNOWN,
        "ends": ends and (ends.low, ends.high),
        "p": probability(pair.p),
        "apart": pair.separable,
        "need": (not pair.separable and settled_by(pair)) or UNKNOWN,
    }
    time = pair.time
    if time is not None:
        both = (time.ratio.low, time.ratio.high)
        found["time"] = ratio(time.ratio.value)
        found["timeEnds"] = [ratio(end) for end in both if end is not None]
        found["timeApart"] = time.separable
    return found


PAGES = PageType(label="Board", href="index.html", pages=compare_pages)
