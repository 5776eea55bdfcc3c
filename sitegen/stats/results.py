"""Every number of a site, computed once: one scope over all trials, one a sweep."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from operator import attrgetter
from typing import Any, Generic, TypeVar

import numpy as np

from harness_bench.schema import Record
from sitegen.keys import (
    ComboKey,
    GroupKey,
    HarnessKey,
    Key,
    KeyT,
    ModelKey,
    QuantKey,
    TaskKey,
)
from sitegen.kinds import COMBO, HARNESS, QUANT, Kind
from sitegen.measures import TIME, Measure
from sitegen.numbers import count_of
from sitegen.policy import Policy
from sitegen.records import Records
from sitegen.stats.across import Across, across
from sitegen.stats.audit import Audit, audit
from sitegen.stats.axes import Axes, axes
from sitegen.stats.budgets import Curve, curves
from sitegen.stats.changes import Ladders, ladders
from sitegen.stats.consistency import Consistency, consistency
from sitegen.stats.counts import Counts, counts, counts_in
from sitegen.stats.coverage import Coverage, coverage
from sitegen.stats.difficulty import Discrimination, discrimination
from sitegen.stats.frontier import Place, Step, frontier, places
from sitegen.stats.groups import InGroup, groups
from sitegen.stats.intervals import rate_interval
from sitegen.stats.intraclass import independent
from sitegen.stats.pairs import Family, Pair, pairs
from sitegen.stats.provenance import Provenance, numbered, provenance
from sitegen.stats.quants import QuantPair, quant_pairs
from sitegen.stats.ranking import Ranking, Verdicts, ranking
from sitegen.stats.scores import Score, first_tries, mark_sums, only_scores, scores
from sitegen.stats.shared import Cells
from sitegen.stats.speed import Speed, one_hardware, speeds
from sitegen.stats.spending import Spending, spending
from sitegen.stats.standings import Standing, ranked, standings
from sitegen.stats.switches import Switch, entered, subsets, switches, turned
from sitegen.stats.tiers import tiered
from sitegen.stats.times import times
from sitegen.stats.trials import Axis, IntArray, Trials, trials

T = TypeVar("T")

_MOST_SWEEPS = 4
"""As many sweeps are compared two by two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a scope is."""

    rows: int
    trials: int
    """Measured trials."""
    cells: int
    combos: int
    models: int
    model_quants: int
    harnesses: int
    tasks: int
    most_trials_a_cell: int
    fewest_trials_a_cell: int
    timed: int
    """Measured trials whose time is known."""
    cells_run_once: int
    unconfined: int
    """Trials that are known to have run in no sandbox."""
    sandbox_unknown: int
    """Trials of which it is not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """All numbers over the trials of one sweep, or of all of them."""

    sweep: str | None
    """None: over all trials."""
    size: Size
    combos: tuple[Standing[ComboKey], ...]
    model_quants: tuple[Standing[QuantKey], ...]
    models: tuple[Standing[ModelKey], ...]
    harnesses: tuple[Standing[HarnessKey], ...]
    tasks: tuple[Standing[TaskKey], ...]
    """Hardest first."""
    frontier: tuple[Step, ...]
    places: tuple[Place, ...]
    """How surely each complete combo is on the frontier of each resource."""
    harness_curves: tuple[Curve[HarnessKey], ...]
    """Success against budget."""
    model_curves: tuple[Curve[QuantKey], ...]
    """Of models at a quant."""
    axes: Axes | None
    """None without a complete sub-grid."""
    discrimination: tuple[Discrimination, ...]
    """Of each task, by name. Not for publication as it is."""
    ladders: Ladders
    """Quants against their references."""
    switches: tuple[Switch, ...]
    """What other policies would change."""
    quant_pairs: tuple[QuantPair, ...]
    audit: tuple[Audit, ...]
    coverage: tuple[Coverage, ...]
    consistency: tuple[Consistency, ...]
    pairs: tuple[Pair[Key], ...]
    scores: tuple[Score, ...]
    """Empty where no score says more than pass or fail."""
    first_tries: tuple[Score, ...]
    """Pass rates at the first try; empty where unknown, and where cells are private."""
    spending: tuple[Spending, ...]
    recorded: frozenset[Measure]
    """What was measured of any trial of the site, whether in this scope or not."""
    speeds: tuple[Speed, ...]
    """Empty where nothing is known of how models answered."""
    one_hardware: bool
    """Whether everything with a known speed ran on the same, as far as is recorded."""
    task_model_quants: Mapping[TaskKey, tuple[Standing[QuantKey], ...]]
    """Of each task, model-quants best first. Not for publication as it is:
    see `sitegen.disclosure`."""
    task_harnesses: Mapping[TaskKey, tuple[Standing[HarnessKey], ...]]
    task_combos: Mapping[TaskKey, tuple[Standing[ComboKey], ...]]
    in_groups: Mapping[GroupKey, InGroup]
    """Of each group of tasks. Not for publication as it is."""

    @property
    def groups(self) -> tuple[Standing[GroupKey], ...]:
        """Groups of tasks, in the order of their columns, then by value."""
        return tuple(found.whole for found in self.in_groups.values())

    def standings(self, kind: Kind[KeyT]) -> tuple[Standing[KeyT], ...]:
        """Every entity of a kind, in the order of its ranking."""
        found: tuple[Standing[KeyT], ...] = getattr(self, kind.standings)
        return found


NEAR = Fraction(1, 20)
"""A score is as good as told where it is known to be at most so far from some value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldByTotals:
    """Cells that cannot be hidden without hiding totals."""

    cells: int
    """Measured ones in all."""
    by_totals: int
    """That are the same in every table with the totals by combo and by task; where
    cells of one total ran three or more numbers of times, those that surely are."""
    at_most: int
    """The same, where such totals told more than they do."""
    by_groups: int
    """More, because all that is open in a group passed or failed."""
    by_scores: int = 0
    """Whose score a mean near 0 or 1 tells to within `NEAR`."""

    @property
    def said(self) -> str:
        """The count as a sentence."""
        more = (
            f", {self.by_groups:,} more from groups that passed or failed whole"
            if self.by_groups
            else ""
        )
        found = f"{self.by_totals:,}"
        if self.at_most > self.by_totals:
            found += f" to {self.at_most:,}"
        return (
            f"Of {count_of(self.cells, 'private cell')}, {found} follow "
            f"from the totals by combo and by task{more}."
            + (
                f" Mean scores near 0 or 1 tell {self.by_scores:,} scores to within "
                f"{float(NEAR)}."
                if self.by_scores
                else ""
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The scopes of a site."""

    all: Scope
    sweeps: tuple[Scope, ...]
    """By name; empty when no row names a sweep."""
    main: Scope
    """Where models and harnesses are compared: the default sweep."""
    across: Mapping[str, tuple[Across[Key], ...]]
    """By the word of a kind, each two of the first sweeps; empty where cells are
    private."""
    subsets: tuple[Switch, ...]
    """What hardware and versions change in the main scope: one kind alone."""
    provenance: Provenance
    """Trials told apart by what they ran with. Not for publication as it is."""
    ran: frozenset[ComboKey]
    """Every combo with a row, whether its totals may be told or not."""
    told: ToldByTotals | None = None
    """What totals tell of private cells; None where cells are published."""

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """All trials first, then each sweep."""
        return (self.all, *self.sweeps)


def results(
    records: Iterable[Record],
    policy: Policy,
    *,
    default_sweep: str | None,
    told: Mapping[str, Mapping[str, str]] | None = None,
    totals_only: bool = False,
    without: Mapping[str, Any] | None = None,
) -> Results:
    """Compute every scope.

    The main scope is the default sweep; without one the sweep with the most
    rows, for a mean over sweeps of different models compares nothing.

    Args:
        records: All rows; quickest as columns.
        policy: How they are counted.
        default_sweep: Where models and harnesses are compared; None: as above.
        told: What groups tasks: by column of tasks.csv, what it says of tasks.
        totals_only: Whether all numbers must be totals over an entity's own cells,
            because on fewer they would tell single cells by subtraction. Then only
            who ran everything is ranked.
        without: What of a scope is not computed, with what stands in its place.
    """
    if totals_only:
        policy = replace(policy, missing="apart")
    records = Records.of(records)
    everything = trials(records, policy)
    everyone = entered(everything, policy)
    switched = not without or "switches" not in without
    otherwise = turned(records, policy, everything) if switched else {}
    if totals_only:
        otherwise["missing", "fail"] = None
    recorded = frozenset(measure for measure, _ in everything.recorded(Measure))
    least = None if totals_only else Fraction(str(policy.min_coverage))
    margin = Fraction(str(policy.margin))
    by_score = policy.headline == "score" or (
        policy.headline == "auto" and only_scores(records)
    )
    rules = _Rules(
        margin=margin,
        least=least,
        by_score=by_score,
        recorded=recorded,
        told=told or {},
        without=without or {},
    )

    grounds: dict[str, list[tuple[str, Ranking[Any], Sequence[TaskKey]]]] = {}

    def scope(code: int | None, name: str | None) -> Scope:
        def own(found: Trials) -> Trials:
            return found if code is None else found.where(found.sweep.codes == code)

        chosen = own(everything)
        found, rankings = _scope(
            chosen,
            chosen if everyone is everything else own(everyone),
            {turn: then and own(then) for turn, then in otherwise.items()},
            name,
            rules,
        )
        if name and not totals_only:
            for kind, ranking in rankings.items():
                of = (name, ranking, chosen.task.labels)
                grounds.setdefault(kind, []).append(of)
        return found

    whole = scope(None, None)
    sweeps = tuple(
        scope(code, name) for code, name in enumerate(everything.sweep.labels) if name
    )
    by_name = {scope.sweep: scope for scope in sweeps}
    largest = min(
        sweeps, key=lambda scope: (-scope.size.rows, scope.sweep or ""), default=whole
    )
    main = by_name.get(default_sweep, largest)
    inside = [name == main.sweep for name in everything.sweep.labels]
    shown = everything
    if main is not whole:
        shown = everything.where(np.array(inside)[everything.sweep.codes])
    numbers = numbered(everything)
    return Results(
        all=whole,
        sweeps=sweeps,
        main=main,
        across={
            kind: tuple(
                found
                for one, other in combinations(compared[:_MOST_SWEEPS], 2)
                if (found := across(one, other)) is not None
            )
            for kind, compared in grounds.items()
        },
        subsets=subsets(shown, numbers, least, by_score=by_score),
        provenance=Provenance() if totals_only else provenance(everything, numbers),
        ran=frozenset(everything.combo.labels),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """What holds for every scope."""

    margin: Fraction
    least: Fraction | None
    """As for `ranking`."""
    by_score: bool
    recorded: frozenset[Measure]
    told: Mapping[str, Mapping[str, str]]
    without: Mapping[str, Any]

    def ask(self, name: str, compute: Callable[[], T]) -> T:
        """What is computed, or what stands in its place."""
        found: T = self.without[name] if name in self.without else compute()
        return found


def _scope(
    chosen: Trials,
    counted: Trials,
    otherwise: Mapping[tuple[str, str], Trials | None],
    sweep: str | None,
    rules: _Rules,
) -> tuple[Scope, dict[str, Ranking[Any]]]:
    least, by_score = rules.least, rules.by_score
    combo_counts = counts(chosen, chosen.combo)
    entered_counts = (
        combo_counts if counted is chosen else counts(counted, counted.combo)
    )
    sums = mark_sums(counted) if by_score else None
    combos = _compared(counted, entered_counts, COMBO, rules, sums)
    models = _compared(counted, entered_counts, QUANT, rules, sums)
    harnesses = _compared(counted, entered_counts, HARNESS, rules, sums)
    cells = Cells(chosen)
    # The frontier is one of pass rate and time, whatever ranks are by.
    passing = ranking(entered_counts, ComboKey, least) if by_score else combos.ranking
    rankings = {
        "harness": harnesses.ranking,
        "model": models.ranking,
        "combo": combos.ranking,
    }
    found = Scope(
        sweep=sweep,
        size=_size(chosen, combo_counts),
        combos=combos.standings,
        model_quants=models.standings,
        models=standings(counts(counted, counted.model)),
        harnesses=harnesses.standings,
        tasks=standings(counts(chosen, chosen.task, chosen.combo), hardest_first=True),
        frontier=frontier(combos.standings),
        places=rules.ask("places", lambda: places(counted, passing)),
        harness_curves=rules.ask(
            "harness_curves", lambda: _within(chosen, harnesses.ranking, HARNESS)
        ),
        model_curves=rules.ask(
            "model_curves", lambda: _within(chosen, models.ranking, QUANT)
        ),
        axes=rules.ask("axes", lambda: axes(counted, models.ranking)),
        discrimination=rules.ask(
            "discrimination",
            lambda: discrimination(
                combo_counts, [label.task for label in chosen.task.labels]
            ),
        ),
        ladders=ladders(chosen, cells, models.verdicts, rules.margin),
        switches=rules.ask(
            "switches",
            lambda: switches(counted, otherwise, least, by_score=by_score),
        ),
        quant_pairs=quant_pairs(chosen, cells),
        audit=audit(chosen),
        coverage=coverage(chosen),
        consistency=rules.ask("consistency", lambda: consistency(combo_counts)),
        pairs=rules.ask(
            "pairs",
            lambda: (
                *models.pairs(
                    chosen, ("model", None), ("quant", attrgetter("model_of"))
                ),
                *harnesses.pairs(chosen, ("harness", None)),
                *combos.pairs(
                    chosen, ("combo", None), ("variant", attrgetter("plain"))
                ),
            ),
        ),
        scores=scores(chosen),
        first_tries=rules.ask("first_tries", lambda: first_tries(chosen)),
        spending=spending(chosen),
        recorded=rules.recorded,
        speeds=speeds(chosen),
        one_hardware=one_hardware(chosen),
        task_model_quants=_by_combo(chosen, chosen.quant),
        task_harnesses=_by_combo(chosen, chosen.harness),
        in_groups=groups(chosen, counted, rules.told),
        # A single combo on a single task has no clusters left: its seeds are
        # independent.
        task_combos={
            task: standings(own, independent=True)
            for task, own in counts_in(
                chosen, chosen.task, chosen.combo, chosen.task
            ).items()
        },
    )
    return found, rankings


@dataclass(frozen=True, slots=True)
class _Compared(Generic[KeyT]):
    """One kind of entity in order, with what the order rests on."""

    ranking: Ranking[KeyT]
    verdicts: Verdicts[KeyT]
    standings: tuple[Standing[KeyT], ...]

    def pairs(
        self, trials: Trials, *families: tuple[Family, Callable[[KeyT], Key] | None]
    ) -> Iterator[Pair[KeyT]]:
        """Of each family; of some only two for which something is the same."""
        ranked = [s.key for s in self.standings if s.rank is not None]
        if not ranked:
            return
        slower = times(trials, type(ranked[0]), self.ranking, ranked)
        for family, same in families:
            yield from pairs(
                family,
                self.ranking,
                self.verdicts,
                self.standings,
                times=slower,
                same=same,
            )


def _compared(
    chosen: Trials,
    combos: Counts[ComboKey],
    kind: Kind[KeyT],
    rules: _Rules,
    marks: IntArray | None,
) -> _Compared[KeyT]:
    found = ranking(combos, kind.key, rules.least, marks)
    verdicts = found.verdicts(told="pairs" not in rules.without)
    order = tiered(ranked(chosen, kind, found, verdicts), verdicts)
    return _Compared(found, verdicts, order)


def _within(
    chosen: Trials, ranking: Ranking[KeyT], kind: Kind[KeyT]
) -> tuple[Curve[KeyT], ...]:
    """Of the ranked ones, over what they share; of all, where nobody is ranked."""
    inside = ranking.holds(chosen) if ranking.keys else None
    return curves(chosen, chosen.axis(kind), inside)


def _by_combo(
    chosen: Trials, axis: Axis[KeyT]
) -> dict[TaskKey, tuple[Standing[KeyT], ...]]:
    """The groups of each task; their trials are clustered by combo.

    One of a single combo has that combo's interval.
    """
    found = counts_in(chosen, chosen.task, axis, chosen.combo)
    return {
        task: tuple(
            replace(
                s, interval=rate_interval(s.rate, independent(s.n_trials), s.n_trials)
            )
            if s.n_across == 1 and s.rate is not None
            else s
            for s in standings(own)
        )
        for task, own in found.items()
    }


def _size(chosen: Trials, combo_counts: Counts[ComboKey]) -> Size:
    a_cell = combo_counts.trials[combo_counts.trials > 0]
    return Size(
        rows=len(chosen),
        trials=int(chosen.measured.sum()),
        cells=len(a_cell),
        combos=len(chosen.combo),
        models=len(chosen.model),
        model_quants=len(chosen.quant),
        harnesses=len(chosen.harness),
        tasks=len(chosen.task),
        most_trials_a_cell=int(a_cell.max(initial=0)),
        fewest_trials_a_cell=int(a_cell.min()) if len(a_cell) else 0,
        timed=int(np.count_nonzero(chosen.measures[TIME].known)),
        cells_run_once=int(np.count_nonzero(a_cell == 1)),
        unconfined=int(np.count_nonzero(chosen.confined == 0)),
        sandbox_unknown=int(np.count_nonzero(chosen.confined < 0)),
    )
