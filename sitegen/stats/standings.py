"""Groups in order: who passed how much, how surely, and how fast."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Generic

import numpy as np

from sitegen.keys import Key, KeyT, KeyT_co
from sitegen.kinds import Kind
from sitegen.measures import SCORE
from sitegen.stats.counts import Counts, counts
from sitegen.stats.fresh_sweep import FreshSweep, fresh_sweep
from sitegen.stats.intervals import Interval, Noise, noise, rate_interval
from sitegen.stats.intraclass import Agreement, Worth, worth_of
from sitegen.stats.means import by_task
from sitegen.stats.ranking import Ranking, Verdicts
from sitegen.stats.scores import marks
from sitegen.stats.trials import Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Generic[KeyT_co]):
    """One entity among its kind: a combo, model, harness or task.

    The numbers of a ranked one are over the cells that all ranked ones share, those
    of any other over its own.
    """

    key: KeyT_co
    n_trials: int
    """Measured trials."""
    n_cells: int
    n_across: int
    """Distinct tasks it ran on; for a task, distinct combos that tried it."""
    passed: int
    rate: Fraction | None
    """Mean over cells of the mean over a cell's trials; None without a trial."""
    effective: float = 0.0
    """How many independent trials these are worth."""
    interval: Interval | None
    """None for a single trial, which tells nothing of the spread."""
    score: Fraction | None = None
    """The same mean of scores, where entries are ranked by it."""
    time_mean_s: Fraction | None
    """Mean agent wall clock, in seconds; None: not measured, or on unlike hardware."""
    beside: bool = True
    """Whether that time may stand beside others: measured on what most of them were."""
    missed: int | None
    """Tasks (for a task, combos) where not every measured trial passed; None where
    that would tell of private cells."""
    partners: tuple[tuple[str, ...], ...] = ()
    """What it met in these numbers: the harnesses of a model, the models of a harness.
    Empty where that is not asked."""
    noise: Noise | None = None
    """Where the interval comes from; None where seeds and tasks cannot be told
    apart."""
    fresh: FreshSweep | None = None
    """What a sweep of the same size would bring; None with the interval."""
    rank: int | None = None
    """1 + how many ranked ones have a higher rate, or score; ties share it. None for
    one that stands apart: it ran too little of what the ranked ones share."""
    rank_range: tuple[int, int] | None = None
    """The ranks that it may truly have, all entities' at once."""
    tier: str = ""
    """Letters: two of a kind that share one cannot be told apart. Empty where
    it is not ranked."""

    @property
    def headline(self) -> Fraction | None:
        """What it is ranked by: the mean score where there is one, else the rate."""
        return self.rate if self.score is None else self.score

    @property
    def could_be_first(self) -> bool:
        """Whether no other is shown to be better."""
        return self.rank_range is not None and self.rank_range[0] == 1


_INDEPENDENT = Agreement(Fraction(0), Fraction(0))


def standings(
    counts: Counts[KeyT],
    *,
    independent: bool = False,
    hardest_first: bool = False,
) -> tuple[Standing[KeyT], ...]:
    """Every group with a trial, unranked, best first; ties faster first, then by name.

    `independent`: the trials of one cluster are as good as of many.
    """
    found = _standings(counts, _INDEPENDENT if independent else counts.agreement)
    direction = 1 if hardest_first else -1
    return tuple(sorted(found, key=lambda s: _order(s, direction)))


def ranked(
    trials: Trials, kind: Kind[KeyT], ranking: Ranking[KeyT], verdicts: Verdicts[KeyT]
) -> tuple[Standing[KeyT], ...]:
    """The ranked groups in order, then those that stand apart."""
    own = on_ground = counts(trials, trials.axis(kind))
    shared, inside = trials, ranking.holds(trials)
    if not inside.all():
        shared = trials.where(inside)
        on_ground = counts(shared, shared.axis(kind))
    ranks = ranking.ranks()
    place = {key: index for index, key in enumerate(on_ground.labels)}
    met, met_inside = _met(trials, kind), _met(shared, kind)
    score = _scores(trials, kind, ranking) if ranking.by_score else {}
    apart = _standings(own, own.agreement)
    # What differs outside the shared cells is no part of their noise.
    inside_only = _standings(on_ground, on_ground.agreement)
    found = []
    for index, key in enumerate(own.labels):
        if key in ranks:
            standing = inside_only[place[key]]
            standing = replace(
                standing,
                rank=ranks[key],
                rank_range=verdicts.rank_set(key),
                partners=met_inside[key],
            )
        else:
            standing = apart[index]
            standing = replace(standing, partners=met.get(key, ()))
        standing = replace(standing, score=score.get(key))
        # Which hardware is the commonest hangs on the whole scope.
        found.append(replace(standing, beside=own.beside[index]))
    return tuple(sorted(found, key=lambda s: _order(s, -1)))


def _scores(
    trials: Trials, kind: Kind[KeyT], ranking: Ranking[KeyT]
) -> dict[KeyT, Fraction]:
    """Mean scores: of ranked entities over the shared cells, else over their own."""
    axis = trials.axis(kind)
    own = by_task(trials, axis, marks(trials), SCORE.steps)
    means = {key: own.mean(row) for row, key in enumerate(axis.labels)}
    found = {key: mean.mean for key, mean in means.items() if mean}
    return found | dict(zip(ranking.keys, ranking.rates, strict=True))


def _met(trials: Trials, kind: Kind[KeyT]) -> dict[KeyT, tuple[tuple[str, ...], ...]]:
    """What each entity of a kind met in a measured trial."""
    found: dict[KeyT, list[tuple[str, ...]]] = {}
    for code in np.flatnonzero(np.bincount(trials.combo.codes[trials.measured])):
        combo = trials.combo.labels[code]
        key = combo.part(kind.key)
        found.setdefault(key, []).append(combo.beside(key))
    return {key: tuple(partners) for key, partners in found.items()}


def _standings(counts: Counts[KeyT], agree: Agreement) -> list[Standing[KeyT]]:
    # What differs within a task of a model is not seeds alone, but harnesses too.
    one_a_cluster = not (counts.cells > 1).any()
    found = []
    for index, (n_trials, passed, n_cells, n_across, squares, missed) in enumerate(
        zip(
            counts.trials.sum(axis=1).tolist(),
            counts.passed.sum(axis=1).tolist(),
            counts.cells.sum(axis=1).tolist(),
            np.count_nonzero(counts.trials, axis=1).tolist(),
            np.square(counts.cells).sum(axis=1).tolist(),
            np.count_nonzero(counts.passed < counts.trials, axis=1).tolist(),
            strict=True,
        )
    ):
        rate = counts.rates[index]
        own = worth_of(n_cells, squares, counts.inverse[index], agree)
        interval, sources, fresh = _sure(
            rate, own, n_trials, n_across, one_a_cluster=one_a_cluster
        )
        found.append(
            Standing(
                key=counts.labels[index],
                n_trials=n_trials,
                n_cells=n_cells,
                n_across=n_across,
                passed=passed,
                rate=rate,
                effective=float(own.trials),
                interval=interval,
                time_mean_s=counts.times_s[index],
                beside=counts.beside[index],
                missed=missed,
                noise=sources,
                fresh=fresh,
            )
        )
    return found


@lru_cache(maxsize=1 << 14)
def _sure(
    rate: Fraction | None,
    own: Worth,
    n_trials: int,
    n_across: int,
    *,
    one_a_cluster: bool,
) -> tuple[Interval | None, Noise | None, FreshSweep | None]:
    """How sure a rate is; on many tasks many are equal."""
    if rate is None:
        return None, None, None
    interval = rate_interval(rate, own, n_trials)
    return (
        interval,
        noise(rate, own) if one_a_cluster else None,
        None
        if interval is None
        else fresh_sweep(rate, own, seeds_known=one_a_cluster, n_tasks=n_across),
    )


def _order(standing: Standing[Key], direction: int) -> tuple[object, ...]:
    rate = standing.headline
    time = standing.time_mean_s if standing.beside else None
    return (
        rate is None,
        standing.rank is None,
        standing.rank or 0,
        *_exactly(direction * rate if rate is not None else 0),
        time is None,
        *_exactly(time if time is not None else 0),
        standing.key,
    )


def _exactly(value: Fraction | int) -> tuple[float, Fraction | int]:
    """Sorted as the number is, but sooner: a float is never in another order."""
    return float(value), value
