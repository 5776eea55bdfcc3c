"""The analysis page's answer about counting: does the ranking depend on it?"""

from collections.abc import Iterator

from sitegen.numbers import count_of, listed
from sitegen.page import Section
from sitegen.policy import CHOICES
from sitegen.site_data import SiteData
from sitegen.stats.switches import Reordered, Switch
from sitegen.table import EMPTY, Cell, Column, Table, plain_cell
from sitegen.words import Words, words


def integrity_sections(data: SiteData) -> Iterator[Section]:
    """What other policies would do to the rankings, and what was lost."""
    lost = _lost(data)
    if data.results.told:
        # Without cells a rank that moves would tell of single trials.
        title = "What became of the trials?"
        yield Section(title=title, anchor="counting", findings=(lost,))
        return
    touching = [switch for switch in data.results.main.switches if switch.trials]
    yield Section(
        title="Does the ranking depend on how trials are counted?",
        anchor="counting",
        findings=(_verdict(data, touching), lost),
        table=_table(data, touching) if touching else None,
        about=("switches",),
    )


def _verdict(data: SiteData, touching: list[Switch]) -> Words:
    if not touching:
        did = [choice.did for choice in CHOICES.values() if choice.did]
        of = f" of the {data.main.label}" if data.results.main.sweep else ""
        return words(
            f"Of no trial{of} is it recorded that it {listed(did, 'or')}, so no other "
            "policy would count one otherwise."
        )
    rankings = [r for switch in touching for r in switch.rankings]
    ranked = [r for r in rankings if r.n]
    falls = {r.kind.plural for r in ranked if set(r.first) != set(r.first_otherwise)}
    moves = {r.kind.plural for r in ranked if r.moved or r.left}
    new = {r.kind.plural for r in rankings if not r.n and r.first_otherwise}
    parts = []
    if falls:
        parts.append(
            f"Yes: another policy would put another first among {listed(sorted(falls))}"
            f"{data.main.within}."
        )
    elif moves:
        parts.append(
            f"The first places{data.main.within} do not, whatever the policy; some "
            f"ranks of {listed(sorted(moves))} further down would change."
        )
    elif ranked:
        parts.append("No: under every other policy all keep their ranks.")
    if new:
        parts.append(f"Another policy would rank {listed(sorted(new))}.")
    return words(" ".join(parts) or "Nothing is ranked, whatever the policy.")


def _lost(data: SiteData) -> Words:
    coverage = data.results.all.coverage
    rows = sum(line.rows for line in coverage)
    infra = sum(line.infra for line in coverage)
    cancelled = sum(line.cancelled for line in coverage)
    void = sum(line.void for line in coverage)
    parts = [
        f"{count} {what}"
        for count, what in (
            (infra, "were lost to infrastructure"),
            (cancelled, "were cancelled"),
            (void, "were voided for cheating"),
        )
        if count
    ]
    shown = " of the combos shown" if rows < data.results.all.size.rows else ""
    if not parts:
        one = rows == 1
        who = "The one trial" if one else f"All {count_of(rows, 'trial')}"
        verb = "was" if one else "were"
        return words(f"{who}{shown} {verb} measured; none was lost.")
    return words(f"Of {count_of(rows, 'trial')}{shown}, {listed(parts)}.")


def _table(data: SiteData, touching: list[Switch]) -> Table:
    rows = [
        (switch, ranking)
        for switch in touching
        for ranking in switch.rankings
        if ranking.n or ranking.first_otherwise
    ]
    return Table(
        caption=f"Other ways of counting, {data.main.label}",
        columns=(
            Column(title="Instead", kind="name"),
            Column(title="Trials", hint="that would count otherwise"),
            Column(title="Ranking of", kind="text", folds=True),
            Column(title="First", folds=True, about="switches"),
            Column(title="Moved", folds=True, hint="how many change rank"),
            Column(title="Furthest", folds=True, hint="most ranks that one moves"),
            Column(title="Unranked", folds=True, hint="stand apart then"),
        ),
        rows=tuple(_row(data, switch, ranking) for switch, ranking in rows),
    )


def _row(data: SiteData, switch: Switch, ranking: Reordered) -> tuple[Cell, ...]:
    same = set(ranking.first) == set(ranking.first_otherwise)
    said = CHOICES[switch.setting].ways[switch.value].label
    return (
        Cell(text=said, sort=said.lower()),
        plain_cell(switch.trials),
        plain_cell(ranking.kind.plural),
        plain_cell("the same" if same else _first(data, ranking)),
        plain_cell(len(ranking.moved), f"/{ranking.n:,}"),
        plain_cell(ranking.furthest) if ranking.moved else EMPTY,
        plain_cell(len(ranking.left)) if ranking.left else EMPTY,
    )


def _first(data: SiteData, ranking: Reordered) -> str:
    if not ranking.first_otherwise:
        return "nobody is ranked"
    if len(ranking.first_otherwise) > 1:
        return f"{len(ranking.first_otherwise):,} share it"
    return data.names[ranking.first_otherwise[0]].text
