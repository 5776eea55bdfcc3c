"""The analysis page's answer on whether the answer itself changes: orders compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from sitegen.keys import Key
from sitegen.kinds import COMBO, HARNESS, QUANT, Kind
from sitegen.numbers import abridged, count_of, listed
from sitegen.page import Section
from sitegen.policy import CHOICES
from sitegen.table import EMPTY, SCREENFUL, Cell, Column, Table, plain_cell
from sitegen.words import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.site_data import SiteData
    from sitegen.stats.results import Scope
    from sitegen.words import Words

_KINDS: tuple[Kind[Key], ...] = (HARNESS, QUANT, COMBO)
_NAMED = 3
_MOST = 4
"""As many sweeps are compared two by two."""
_SUBSETS = {
    "hardware": "Hardware {} alone",
    "harness_version": "Each harness in the version of most trials",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """The ranks of each kind under one way to look at the trials."""

    label: str
    ranks: Mapping[str, Mapping[Key, int]]
    """By the word of the kind."""


def order_sections(data: SiteData) -> tuple[Section, ...]:
    """Orders side by side: sweeps, policies, hardware and versions."""
    orders = list(_orders(data))
    rows = tuple(_rows(data, orders))
    if len(orders) <= 1 or not rows:
        return ()
    sweeps = data.results.sweeps[:_MOST]
    return (
        Section(
            title="Does the answer change?",
            anchor="orders",
            findings=(
                *_leaders(data, orders),
                *(
                    text
                    for one, other in combinations(sweeps, 2)
                    for kind in _KINDS
                    for text in _pair_by_pair(data, kind, one, other)
                ),
            ),
            paragraphs=(
                words(
                    "Ranks side by side, of whoever has one in two columns or more; of "
                    "combos only those whose rank differs. Each column has its own "
                    "common ground."
                ),
            ),
            table=Table(
                caption="Ranks by what is looked at",
                columns=(
                    Column(title="Entry", kind="name"),
                    *(Column(title=order.label) for order in orders),
                ),
                rows=rows,
                filterable=len(rows) > SCREENFUL,
            ),
            about=("rank", "switches"),
        ),
    )


def _orders(data: SiteData) -> Iterator[_Order]:
    """The main scope first, then the other sweeps, then what changes the main one."""
    main = data.results.main
    for scope in (main, *(s for s in data.results.sweeps if s is not main)):
        yield _Order(
            label=data.names.scope_text(scope.sweep),
            ranks={
                kind.word: {
                    s.key: s.rank for s in scope.standings(kind) if s.rank is not None
                }
                for kind in _KINDS
            },
        )
    for switch in (*main.switches, *data.results.subsets):
        if not switch.trials:
            continue
        choice = CHOICES.get(switch.setting)
        yield _Order(
            label=choice.ways[switch.value].label
            if choice
            else _SUBSETS[switch.setting].format(switch.value),
            ranks={found.kind.word: found.ranks for found in switch.rankings},
        )


def _rows(data: SiteData, orders: list[_Order]) -> Iterator[tuple[Cell, ...]]:
    for kind in _KINDS:
        by_order = [order.ranks.get(kind.word, {}) for order in orders]
        keys = dict.fromkeys(key for ranks in by_order for key in ranks)
        for key in keys:
            found = [ranks.get(key) for ranks in by_order]
            known = [rank for rank in found if rank is not None]
            if len(known) <= 1 or (kind.word == "combo" and len(set(known)) == 1):
                continue
            named = data.names[key]
            yield (
                Cell(
                    text=named.text,
                    muted=f" {kind.word}",
                    href=named.href,
                    sort=named.text.lower(),
                ),
                *(
                    EMPTY if rank is None else plain_cell(rank, f"/{len(ranks):,}")
                    for rank, ranks in zip(found, by_order, strict=True)
                ),
            )


def _leaders(data: SiteData, orders: list[_Order]) -> Iterator[Words]:
    """Who is first in each order, where that is not the same everywhere."""
    for kind in _KINDS:
        first: dict[tuple[Key, ...], list[str]] = {}
        for order in orders:
            ranks = order.ranks.get(kind.word, {})
            keys = tuple(sorted(key for key, rank in ranks.items() if rank == 1))
            if keys and len(ranks) > 1:
                first.setdefault(keys, []).append(order.label)
        if len(first) == 1 and len(orders) > 1:
            ((keys, where),) = first.items()
            if len(where) > 1:
                yield words(
                    f"The same {_noun(kind, keys)} first in all {len(where):,} orders "
                    f"of {kind.plural}: {_named(data, keys)}."
                )
        elif first:
            said = "; ".join(
                f"{_named(data, keys)} ({', '.join(map(_inside, where))})"
                for keys, where in first.items()
            )
            yield words(f"First among {kind.plural}: {said}.")


def _inside(label: str) -> str:
    """A label within a sentence."""
    return label[0].lower() + label[1:] if label[1:2].islower() else label


def _noun(kind: Kind[Key], keys: tuple[Key, ...]) -> str:
    return f"{kind.word} is" if len(keys) == 1 else f"{len(keys):,} {kind.plural} are"


def _named(data: SiteData, keys: tuple[Key, ...]) -> str:
    return listed(abridged([data.names[key].text for key in keys], _NAMED))


def _pair_by_pair(
    data: SiteData, kind: Kind[Key], one: Scope, other: Scope
) -> Iterator[Words]:
    """The verdicts of two sweeps on the pairs that both have."""
    leads = [
        {
            key: (mean > 0, pair.separable)
            for pair in scope.pairs
            if pair.kind == kind.word and pair.found.mean
            for key, mean in (
                ((pair.a, pair.b), pair.found.mean),
                ((pair.b, pair.a), -pair.found.mean),
            )
            if key[0] < key[1]
        }
        for scope in (one, other)
    ]
    shared = sorted(leads[0].keys() & leads[1].keys())
    if not shared:
        return
    pairs = [(leads[0][key], leads[1][key]) for key in shared]
    same = sum(a[0] == b[0] for a, b in pairs)
    both = [(a, b) for a, b in pairs if a[1] and b[1]]
    alike = sum(a[0] == b[0] for a, b in both)
    single = sum(a[1] != b[1] for a, b in pairs)
    names = [data.names.scope_text(scope.sweep) for scope in (one, other)]
    yield words(
        f"Of {count_of(len(shared), 'pair')} of {kind.plural} with a difference in "
        f"both, the {names[0]} and the {names[1]}, {_n(same)} "
        f"{'stands' if same == 1 else 'stand'} in the same order. Told apart are "
        f"{_n(alike)} in both alike, {_n(single)} in one alone, and "
        f"{_n(len(both) - alike)} the other way round."
    )


def _n(count: int) -> str:
    return f"{count:,}" if count else "none"
