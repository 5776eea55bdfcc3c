"""The leaderboard: the front page over all trials, and one page a sweep."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from sitegen.definitions import meaning
from sitegen.keys import ComboKey
from sitegen.kinds import COMBO
from sitegen.numbers import count_of, decimal, rounded
from sitegen.page import Content, Page, PageType, ScopeLink, Section, plain
from sitegen.sections.board_tool import board_tool
from sitegen.sections.charts import chart_sections
from sitegen.sections.combo_table import board_table
from sitegen.sections.compare import apart, verdict
from sitegen.sections.entities import (
    averaging,
    is_count,
    n_ranked,
    none_passed,
    reached,
    result,
)
from sitegen.sections.withheld import not_told, withheld
from sitegen.site_data import SiteData
from sitegen.stats.frontier import Step
from sitegen.stats.results import Scope
from sitegen.stats.standings import Standing
from sitegen.view import View
from sitegen.words import Words, combo, paragraph, words

_MUCH_FASTER = Fraction(3, 2)
"""Combos that are less faster than this are not named beside the first."""


def board_pages(data: SiteData) -> Iterator[Page]:
    """The front page, then each sweep's where there are several."""
    yield _board(data, data.results.all, "index.html")
    for scope in data.results.sweeps:
        yield _board(data, scope, data.names.sweeps[scope.sweep or ""].href)


def _board(data: SiteData, scope: Scope, path: str) -> Page:
    view = data.view(scope)
    lead = answer(view)
    front = scope is data.results.all
    at = "#board" if scope.combos else ""
    tool = f"board/{view.data_folder.removeprefix('data/').rstrip('/') or 'all'}.js"
    heading = data.settings.site.question if front else view.label.capitalize()
    unknown = not_told(data, scope) if front and data.results.told else ()
    rows = _in_groups(scope)
    sections = [
        *(replace(each, table_at=at) for each in _first_chart(data, scope)),
        Section(
            title=_title(scope),
            anchor="board",
            findings=verdict(view, COMBO, scope.combos),
            paragraphs=(
                *_how_ranked(view, verdicts=data.results.told is None),
                *apart(COMBO, scope.combos),
                *unknown,
            ),
            table=board_table(view, rows, f"Combos, {view.label}", _heads(scope), tool),
        )
        if scope.combos
        else withheld(data, "Board", *unknown),
        *chart_sections(
            data, data.results.main if front else scope, "model_harness_heatmap"
        ),
    ]
    return Page(
        path=path,
        title="" if front else view.label,
        description=plain(lead),
        shows=scope.sweep,
        content=Content(
            kicker="" if front else "Board",
            heading=heading,
            lead=lead,
            scopes=_scope_links(data, path),
            scripts=("assets/board.js",) if len(rows) > 1 else (),
            sections=tuple(sections),
        ),
        files=board_tool(
            view,
            rows,
            data.results.provenance.machines if front else (),
            tool,
            turns=(scope.sweep, "speed_vs_accuracy") in data.charts,
        ),
    )


def _title(scope: Scope) -> str:
    n = len(scope.combos)
    return f"All {n:,} combos" if n > 2 else "Board"  # noqa: PLR2004 - a pair


def _in_groups(scope: Scope) -> list[Standing[ComboKey]]:
    """Those that could have come first before those that are shown to be worse."""
    return sorted(scope.combos, key=lambda s: (s.rank is None, not s.could_be_first))


def _heads(scope: Scope) -> dict[int, str]:
    """What heads the rows, where the verdicts rule out that some came first."""
    first = sum(s.could_be_first for s in scope.combos)
    ranked = n_ranked(scope.combos)
    found = {}
    if 0 < first < ranked:
        found[0] = "Could have come first"
        found[first] = "Shown to be worse than another"
    if ranked and ranked < len(scope.combos):
        found[ranked] = "Stand apart: too little was run"
    return found


def _first_chart(data: SiteData, scope: Scope) -> tuple[Section, ...]:
    """Speed against accuracy; where no times are known, the next that can be drawn."""
    kinds = ("speed_vs_accuracy", "harness_ranking", "task_difficulty")
    found = (chart_sections(data, scope, kind) for kind in kinds)
    return next(filter(None, found), ())


def _scope_links(data: SiteData, path: str) -> tuple[ScopeLink, ...]:
    if not data.results.sweeps:
        return ()
    sweeps = data.names.sweeps.values()
    found = [("all trials", "index.html"), *((s.label, s.href) for s in sweeps)]
    return tuple(
        ScopeLink(label=label, href=href, current=href == path) for label, href in found
    )


def answer(view: View) -> tuple[Words, ...]:
    """What the numbers say, in one paragraph."""
    scope, size = view.scope, view.scope.size
    quants = any(standing.key.quant for standing in scope.model_quants)
    first = words(
        f"{count_of(size.combos, 'combo')} of "
        f"{count_of(size.model_quants, 'model-quant' if quants else 'model')} "
        f"and {count_of(size.harnesses, 'harness', 'harnesses')} on "
        f"{count_of(size.tasks, 'task')}. "
    )
    if size.combos == 1 and scope.combos and scope.combos[0].rate is not None:
        (alone,) = scope.combos
        return (first + words(combo(view.names, alone.key), " ", *result(alone), "."),)
    if nothing := none_passed(view, COMBO):
        return (first + nothing,)
    best = [s for s in scope.combos if s.rank == 1]
    if not best:
        return (first,)
    if best[0].n_across < size.tasks:
        first += words(
            f"{n_ranked(scope.combos):,} are ranked, on the "
            f"{count_of(best[0].n_across, 'task')} that all of them ran. "
        )
    return (
        first + _best(view, best) + _faster(view, best[0]) + _doubt(view, len(best)),
    )


def _what(view: View, best: list[Standing[ComboKey]]) -> str:
    """What the first passed, or scored."""
    leader, n = best[0], best[0].n_across
    if leader.score is not None:
        return reached(leader)
    if leader.rate == 1 and n == view.scope.size.tasks:
        both = "both tasks" if n == 2 else f"all {count_of(n, 'task')}"  # noqa: PLR2004 - a pair
        return "the task" if n == 1 else both
    if leader.rate == 1:
        return f"every task tried ({n} of {view.scope.size.tasks})"
    if all(is_count(s) and s.n_trials == leader.n_trials for s in best):
        return f"{leader.passed:,} of {count_of(leader.n_trials, 'trial')}"
    return f"{reached(leader)}, with each task weighing the same"


def _best(view: View, best: list[Standing[ComboKey]]) -> Words:
    leader = best[0]
    time, full = averaging(leader), leader.rate == 1 and leader.score is None
    what = _what(view, best)
    if len(best) == 1:
        only = "is the only one to pass" if full else "leads with"
        return words(combo(view.names, leader.key), f" {only} {what}{time}")
    n = n_ranked(view.scope.combos)
    who = f"{len(best):,} combos"
    if len(best) == n:
        who = "Both combos" if n == 2 else f"All {n:,} combos"  # noqa: PLR2004 - a pair
    if full:
        head = f"{who} pass {what}"
    elif leader.score is None and len({(s.passed, s.n_trials) for s in best}) == 1:
        head = f"{who} share the first rank with {what} each"
    else:
        head = f"{who} share the first rank at {reached(leader)}"
    if not time or not all(s.beside for s in best):
        return words(head)
    if any(s.time_mean_s == leader.time_mean_s for s in best[1:]):
        return words(head)
    fastest = combo(view.names, leader.key)
    return words(f"{head}, the fastest of them ", fastest, time)


def _faster(view: View, leader: Standing[ComboKey]) -> Words:
    """The frontier's next combo, when it is much faster at nearly the same rate."""
    steps: list[Step] = [
        step for step in view.scope.frontier if step.standing.key != leader.key
    ]
    if not (steps and leader.beside and leader.time_mean_s) or leader.rate is None:
        return words(". ")
    near = steps[-1].standing
    if near.rate is None or not near.time_mean_s or near.rate >= leader.rate:
        return words(". ")
    ratio = leader.time_mean_s / near.time_mean_s
    if ratio < _MUCH_FASTER or leader.score is not None:
        return words(". ")
    if near.rate * 2 < leader.rate:
        return words(". ")
    alike = near.n_trials == leader.n_trials
    passed = f"{near.passed:,}" if alike else f"{rounded(near.rate, near.effective)} %"
    times = decimal(ratio, 0 if ratio >= 3 else 1)  # noqa: PLR2004 "about 6 times"
    return words(
        "; ",
        combo(view.names, near.key),
        f" passes {passed}{averaging(near)}, about {times} times as fast. ",
    )


def _doubt(view: View, n_best: int) -> Words:
    scope = view.scope
    could = sum(s.could_be_first for s in scope.combos)
    if n_best < n_ranked(scope.combos) and not any(s.rank_range for s in scope.combos):
        return words(
            "The site cannot say whether that is chance: single results are private."
        )
    if could <= n_best:
        return ()
    size = scope.size
    seeds = "one trial a cell" if size.most_trials_a_cell == 1 else "these trials"
    ranked = n_ranked(scope.combos)
    (tasks,) = {s.n_across for s in scope.combos if s.rank is not None}
    few = f"But with {count_of(tasks, 'task')} and {seeds}, "
    if could == ranked:
        which = "either" if ranked == 2 else f"any of the {ranked:,}"  # noqa: PLR2004 - a pair
        return words(
            f"{few}{which} may truly be the best: none is shown to be better than "
            "another."
        )
    return words(
        f"{few}{could:,} of {ranked:,} ranked combos may truly be the best: no other "
        "is shown to be better than any of them."
    )


def _how_ranked(view: View, *, verdicts: bool) -> tuple[Words, ...]:
    if any(standing.score is not None for standing in view.scope.combos):
        order = "Sorted by mean score, which ranks and comparisons are by."
    elif view.scope.size.timed:
        order = "Sorted by pass rate, then by time, faster first."
    else:
        order = "Sorted by pass rate; no times were recorded."
    if n_ranked(view.scope.combos) <= 1:
        return paragraph(order) if len(view.scope.combos) > 1 else ()
    if not verdicts:
        text = words(f"{order} Neighbours may be equal.")
    else:
        text = words(
            f"{order} ",
            "Those that no other is shown to be better than ",
            meaning("could have come first", "places"),
            "; each combo's page says from which others it can be told apart.",
        )
    return (text,)


PAGES = PageType(label="Board", href="index.html", pages=board_pages)
