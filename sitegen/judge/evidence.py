"""What judging works with: the numbers, the names in claims, the comparisons."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from harness_bench.errors import Problem, near_miss, shown
from sitegen.keys import ComboKey, Key, KeyT, QuantKey
from sitegen.kinds import COMBO, Kind
from sitegen.numbers import abridged, equals_p, listed, points
from sitegen.stats.equivalence import Equivalence, equivalence
from sitegen.stats.pairs import Pair
from sitegen.stats.results import Results, Scope
from sitegen.stats.shared import Cells, Cost, costs
from sitegen.stats.standings import Standing
from sitegen.stats.trials import Trials

Titles: TypeAlias = Mapping[str, Mapping[str, str]]
"""Of models, harnesses and tasks: by kind and name, what the public is told."""

_NAMED = 8
"""Names listed in a message or a sentence."""


class Evidence:
    """The numbers of a site, as claims ask for them."""

    def __init__(
        self,
        results: Results,
        trials: Trials,
        *,
        margin: Fraction,
        cells: bool,
        titles: Titles = MappingProxyType({}),
    ) -> None:
        self.results = results
        self._titles = titles
        self.margin = margin
        self.cells = cells
        self.problems: list[Problem] = []
        """Names in claims that are not in the data."""
        self.where = ""
        """Which claim is heard."""
        main = results.main.sweep
        chosen = (
            trials
            if main is None
            else trials.where(trials.sweep.codes == trials.sweep.labels.index(main))
        )
        self._cells = Cells(chosen)

    def scope(self, of: Kind[Key]) -> Scope:
        """Combos are compared over all trials, the others in the main scope."""
        return self.results.all if of is COMBO else self.results.main

    def standings(self, of: Kind[KeyT]) -> tuple[Standing[KeyT], ...]:
        """Every entity of a kind, in order."""
        return self.scope(of).standings(of)

    def name(self, key: Key) -> str:
        """An entity in a sentence, as short as is clear."""
        return self._words(key, self._titles)[0]

    def _words(self, key: Key, titles: Titles) -> tuple[str, str]:
        """An entity as short as is clear, and with all its parts."""
        full = _full(key, titles)
        if not isinstance(key, QuantKey):
            return full, full
        quants = [s for s in self.results.main.model_quants if s.key.model == key.model]
        return _full(key.model_of, titles) if len(quants) == 1 else full, full

    def names(self, keys: Iterable[Key]) -> str:
        """Entities in a sentence; many are counted."""
        found = [self.name(key) for key in keys]
        return listed(abridged(found, _NAMED))

    def find(self, of: Kind[KeyT], name: str) -> KeyT | None:
        """The entity that a claim names: "m", "m Q4_0", "h", "m Q4_0 + h".

        A name that is not in the data becomes a problem.
        """
        keys = [s.key for s in self.standings(of)]
        if not self.cells:
            # What too little was run for its total to be told is no error.
            ran = {combo.part(of.key) for combo in self.results.ran}
            keys = [*sorted(ran), *keys]
        known = {
            word: key
            for titles in (self._titles, {})
            for key in keys
            for word in self._words(key, titles)
        }
        return self.pick(name, known, of.word)

    def pick(self, name: str, known: Mapping[str, KeyT], what: str) -> KeyT | None:
        """The entity under a name; one that is not there becomes a problem."""
        if name in known:
            return known[name]
        some = listed(sorted(known)[:_NAMED], "or")
        self.problems.append(
            Problem(
                f"claims: {self.where}",
                f"the {what} {shown(name)} is not in the data{near_miss(name, known)}",
                f"the data have {some}",
            )
        )
        return None

    def leads(self, of: Kind[Key], pairs: Iterable[tuple[Key, Key]]) -> list[Pair[Key]]:
        """Those of the pairs that were compared, with the verdicts of the site."""
        own = [pair for pair in self.scope(of).pairs if pair.kind == of.word]
        known = {(pair.a, pair.b): pair for both in own for pair in (both, both.turned)}
        return [known[pair] for pair in pairs if pair in known]

    def same(self, lead: Pair[Key]) -> Equivalence:
        """Whether the two are equal, which has to be shown."""
        return equivalence(lead.found, self.margin)

    def lead_words(self, lead: Pair[Key]) -> str:
        """A comparison in a list."""
        return (
            f"{self.name(lead.a)} and {self.name(lead.b)} "
            f"({points(lead.found.mean)} points, {equals_p(lead.p)})"
        )

    def costs(self, a: QuantKey, b: QuantKey) -> tuple[Cost, ...]:
        """What models a and b took, on the cells that both ran."""
        return costs(self._cells.pair(a, b))


def _full(key: Key, titles: Titles) -> str:
    """An entity with all its parts."""
    said = {
        part: titles.get(part, {}).get(name, name) for part, name in key.parts.items()
    }
    match key:
        case ComboKey():
            variant = f" ({key.variant})" if key.variant else ""
            return f"{_full(key.quant_of, titles)} + {said['harness']}{variant}"
        case _:
            return " ".join(said.values()).strip()
