"""The analysis page's answer on whether the answer itself changes: orders compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sitegen.keys import Key
from sitegen.kinds import COMBO, HARNESS, QUANT, Kind
from sitegen.numbers import abridged, count_of, listed
from sitegen.page import Section
from sitegen.policy import CHOICES
from sitegen.sections.charts import answering
from sitegen.site_data import SiteData
from sitegen.stats.across import Across
from sitegen.table import EMPTY, SCREENFUL, Cell, Column, Table, plain_cell
from sitegen.words import Words, words

_KINDS: tuple[Kind[Key], ...] = (HARNESS, QUANT, COMBO)
_NAMED = 3
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


def order_sections(data: SiteData) -> Iterator[Section]:
    """Orders side by side: sweeps, policies, hardware and versions."""
    orders = list(_orders(data))
    rows = tuple(_rows(data, orders))
    if len(orders) <= 1 or not rows:
        return
    sections = answering(data, "sweeps")
    drawn, more = sections[:1], sections[1:]
    yield Section(
        title="Does the answer change?",
        anchor="orders",
        findings=(
            *_leaders(data, orders),
            *(
                _pair_by_pair(data, kind, found)
                for kind in _KINDS
                for found in data.results.across.get(kind.word, ())
            ),
        ),
        chart=drawn[0].chart if drawn else None,
        paragraphs=drawn[0].paragraphs if drawn else (),
        table=Table(
            caption="Ranks side by side, by what is looked at",
            columns=(
                Column(title="Entry", kind="name"),
                *(Column(title=order.label) for order in orders),
            ),
            rows=rows,
            filterable=len(rows) > SCREENFUL,
            after=words(
                "It lists whoever has a rank in two columns or more, and only those "
                "combos whose rank differs. Each column has its own common ground."
            ),
        ),
        about=("rank", "switches"),
    )
    yield from more


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
                every = "both" if len(where) == 2 else f"all {len(where):,}"  # noqa: PLR2004 - a pair
                are = f"{len(keys):,} {kind.plural} are"
                who = f"{kind.word} is" if len(keys) == 1 else are
                yield words(
                    f"The same {who} first in {every} orders of "
                    f"{kind.plural}: {_named(data, keys)}."
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


def _named(data: SiteData, keys: tuple[Key, ...]) -> str:
    return listed(abridged([data.names[key].text for key in keys], _NAMED))


def _pair_by_pair(data: SiteData, kind: Kind[Key], found: Across[Key]) -> Words:
    """What two sweeps say of the pairs that both rank."""
    one, other = (data.names.scope_text(sweep) for sweep in (found.one, found.other))
    n = found.same + found.opposite + found.tied
    counts = (
        (found.same, "in the same order"),
        (found.opposite, "in the opposite order"),
        (found.tied, "level in one of them at least"),
    )
    stand = listed(
        [
            f"{count:,} {'stands' if count == 1 else 'stand'} {how}"
            for count, how in counts
            if count
        ]
    )
    tested = f"one test of all {n:,}" if n > 1 else "a test"
    changed = ""
    if found.n_tasks:
        named = [
            f"{data.names[a].text} against {data.names[b].text}"
            for a, b in found.changed
        ]
        shown = (
            f"for {count_of(len(named), 'pair')}: {listed(abridged(named, _NAMED))}"
            if named
            else "for none"
        )
        changed = (
            f" A change of the difference itself is shown {shown} ({tested}, on "
            f"{count_of(found.n_tasks, 'task')} that both ran)."
        )
    pairs = f"Of {count_of(n, 'pair')} of {kind.plural} ranked in both"
    return words(f"{pairs}, the {one} and the {other}, {stand}.{changed}")
