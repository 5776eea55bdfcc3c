"""What leaves where cells are private: a closed list, and nothing else.

Totals of combos and tasks, and of what is made of them, of at least `min_cells`
distinct cells, where what is left of every whole that they are part of is nothing or as
many. Whatever else is computed from cells is on no list, and `WITHHELD` keeps it from
being computed. What the totals by combo and by task tell of single cells cannot be
hidden without hiding them; it is counted, and nothing else that leaves may tell more.

`publishable` is applied once, before anything is drawn or written: pages, charts and
data files never see what may not be shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import numpy as np

from sitegen.config import Publish
from sitegen.keys import GroupKey, HarnessKey, Key, KeyT, QuantKey, TaskKey
from sitegen.kinds import COMBO, COMPARED, HARNESS, QUANT, TASK, Kind
from sitegen.leaks import EVERYWHERE, Cells, Number, Numbers, safe
from sitegen.stats.by_task import judged
from sitegen.stats.changes import Ladders
from sitegen.stats.fresh_sweep import fresh_sweep
from sitegen.stats.frontier import frontier
from sitegen.stats.groups import InGroup
from sitegen.stats.intervals import rate_interval
from sitegen.stats.intraclass import Worth
from sitegen.stats.provenance import Provenance
from sitegen.stats.quants import QuantPair, bits_of
from sitegen.stats.results import NEAR, Results, Scope
from sitegen.stats.speed import Speed
from sitegen.stats.spending import Median, Spending
from sitegen.stats.standings import Standing
from sitegen.suppression import shown

Groups: TypeAlias = "Mapping[TaskKey, tuple[Standing[KeyT], ...]]"

WITHHELD: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "places": (),
        "harness_curves": (),
        "model_curves": (),
        "axes": None,
        "discrimination": (),
        "first_tries": (),
        "switches": (),
        "consistency": (),
        "pairs": (),
    }
)
"""What of a scope is not computed where cells are private, with what stands in its
place: it depends on the rows of two, or on the order of few trials."""

TABLES: Final = frozenset(
    {"audit", "claims", "combos", "coverage", "frontier", "harnesses", "models"}
    | {"pairs", "quant_ladder", "quant_pairs", "scores", "speed", "spending"}
    | {"task_groups", "task_harnesses", "task_models", "tasks"}
)
"""The data files that are written where cells are private."""


def publishable(results: Results, publish: Publish) -> Results:
    """The results without what the settings do not let out."""
    if publish.cells:
        return results
    cells, least = Cells.of(results), publish.min_cells
    numbers, told = safe(cells, _listed(cells, least), least)
    whole = _scope(results.all, numbers, least)
    sweeps = tuple(_scope(s, numbers, least, results.all) for s in results.sweeps)
    if _few_touched(whole, (), least):
        whole = replace(whole, audit=())
    if not whole.audit or _few_touched(whole, sweeps, least):
        sweeps = tuple(replace(scope, audit=()) for scope in sweeps)
    by_name = {scope.sweep: scope for scope in sweeps}
    told = replace(told, by_scores=_by_scores(cells, (whole, *sweeps)))
    return replace(
        results,
        all=whole,
        sweeps=sweeps,
        main=by_name.get(results.main.sweep, whole),
        provenance=Provenance(),
        subsets=(),
        told=told,
    )


def _few_touched(whole: Scope, sweeps: Sequence[Scope], least: int) -> bool:
    """Whether few trials of a harness touched the grader, or few did not.

    How many passed is told of both, in each sweep, and so of what sweeps leave.
    """
    parts = [line for scope in sweeps for line in scope.audit]
    found = [(line.accesses, line.kept.n) for line in parts]
    for line in whole.audit:
        own = [part for part in parts if part.harness == line.harness]
        touched = line.accesses - sum(part.accesses for part in own)
        found.append((touched, line.kept.n - sum(part.kept.n for part in own)))
    few = least * whole.size.most_trials_a_cell
    return any(0 < n < few for touched, of in found for n in (touched, of - touched))


def _by_scores(cells: Cells, scopes: Sequence[Scope]) -> int:
    """Cells under a mean score so near an end that none can be far from it."""
    found = np.zeros(len(cells.tasks), dtype=np.bool_)
    if not any(scope.scores for scope in scopes):
        return 0
    for kind in COMPARED:
        places: dict[tuple[Key, str | None], list[int]] = {}
        of = zip(cells.part(kind.key), cells.sweeps, strict=True)
        for place, (key, sweep) in enumerate(of):
            for where in {None, sweep}:
                places.setdefault((key, where), []).append(place)
        for scope in scopes:
            for score in scope.scores:
                own = places.get((score.key, scope.sweep), [])
                n = len({(cells.combos[i], cells.tasks[i]) for i in own})
                mean = score.found.mean
                if min(mean, 1 - mean) * n <= 2 * NEAR:
                    found[own] = True
    return cells.distinct(found)


def _listed(cells: Cells, least: int) -> Numbers:
    """Every number of enough cells, with enough left of what it is part of."""
    everywhere = [EVERYWHERE] * len(cells.tasks)
    told: set[Number] = set()
    for kind in COMBO.key, TASK.key:
        large = shown(cells.count(cells.part(kind)), least)
        told |= {(key, EVERYWHERE) for key in large}
    told |= {*_large(cells, (COMBO, TASK), cells.sweeps, told, least)}
    told |= {*_with_others(cells, everywhere, told, least)}
    told |= {*_with_others(cells, cells.sweeps, told, least)}
    told |= {*_large(cells, (QUANT, HARNESS), cells.tasks, told, least)}
    for column in cells.columns:
        of = cells.group(column)
        told |= {*_large(cells, (QUANT, HARNESS, COMBO), of, told, least)}
    return frozenset(told)


def _large(
    cells: Cells,
    kinds: Iterable[Kind[Key]],
    where: Sequence[Key | str | None],
    told: set[Number],
    least: int,
) -> Iterator[Number]:
    """Of whom it is told where, and what is left of both is enough.

    `where` is the task, the group of tasks or the sweep of each cell.
    """
    # Of a group all tasks are told, or its total would tell of others.
    closed = {
        of
        for of, task in {*zip(where, cells.tasks, strict=True)}
        if isinstance(of, Key) and (task, EVERYWHERE) not in told
    }
    for kind in kinds:
        whose: dict[Key, dict[Key | str, int]] = {}
        at: dict[Key | str, dict[Key, int]] = {}
        rest: Counter[Key | str] = Counter()
        for (key, of), n in cells.count(
            zip(cells.part(kind.key), where, strict=True)
        ).items():
            if of is None:
                rest[key] += n
            else:
                whose.setdefault(key, {})[of] = n
        for key, own in whose.items():
            large = shown(own, least, rest[key])
            for of, n in own.items():
                if of in large and of not in closed and (key, EVERYWHERE) in told:
                    at.setdefault(of, {})[key] = n
                else:
                    rest[of] += n
        for of, here in at.items():
            yield from ((key, of) for key in shown(here, least, rest[of]))


def _with_others(
    cells: Cells, where: Sequence[str | None], told: set[Number], least: int
) -> Iterator[Number]:
    """Models and harnesses whose combos without a total are together enough."""
    for kind in HARNESS, QUANT:
        keys = cells.part(kind.key)
        alone = cells.count(
            (key, of) if (combo, of) not in told else None
            for key, combo, of in zip(keys, cells.combos, where, strict=True)
        )
        left: dict[str | None, dict[Key, int]] = {}
        for number, n in alone.items():
            if number:
                left.setdefault(number[1], {})[number[0]] = n
        few = {
            (key, of)
            for of, own in left.items()
            for key in own.keys() - shown(own, least)
        }
        every = {*zip(keys, where, strict=True)} - few
        yield from ((key, of) for key, of in every if of is not None)


def _scope(
    scope: Scope, numbers: Numbers, least: int, everywhere: Scope | None = None
) -> Scope:
    where = scope.sweep or EVERYWHERE
    hidden: set[Key] = {
        s.key
        for kind in (*COMPARED, TASK)
        for s in scope.standings(kind)
        if s.n_cells and (s.key, where) not in numbers
    }
    hidden |= {key.model_of for key in hidden if isinstance(key, QuantKey)}

    def kept(found: Iterable[Standing[KeyT]]) -> tuple[Standing[KeyT], ...]:
        told = [_total(s, clusters) for s in found if s.key not in hidden]
        # Among those told: a place left out would tell of a total that is not.
        places = sorted(s.rank for s in told if s.rank is not None)
        return tuple(
            s if s.rank is None else replace(s, rank=1 + places.index(s.rank))
            for s in told
        )

    clusters = _clusters(scope)
    whole = _by_task(scope, numbers, everywhere)
    combos = kept(scope.combos)
    models, of_models = judged(
        kept(scope.model_quants),
        whole.task_model_quants,
        {"model": None, "quant": attrgetter("model_of")},
    )
    harnesses, of_harnesses = judged(
        kept(scope.harnesses), whole.task_harnesses, {"harness": None}
    )
    withheld = {**WITHHELD, "pairs": (*of_models, *of_harnesses)}
    return replace(
        whole,
        **withheld,
        combos=combos,
        model_quants=models,
        models=kept(scope.models),
        harnesses=harnesses,
        tasks=tuple(_total(s, clusters) for s in scope.tasks if s.key not in hidden),
        frontier=frontier(combos),
        # The quants of each model, not held against each other.
        ladders=Ladders(
            rungs=tuple(
                replace(rung, paired=None)
                for rung in scope.ladders.rungs
                if QuantKey(rung.model, rung.quant) not in hidden
            ),
            pooled=(),
            by_task=(),
        ),
        quant_pairs=_pairs(scope, hidden, whole.task_model_quants),
        audit=tuple(a for a in scope.audit if HarnessKey(a.harness) not in hidden),
        coverage=tuple(line for line in scope.coverage if line.key not in hidden),
        scores=tuple(
            replace(score, found=replace(score.found, interval=None))
            for score in scope.scores
            if score.key not in hidden
        ),
        spending=tuple(
            _spending(line, least) for line in scope.spending if line.key not in hidden
        ),
        speeds=tuple(_speed(s, least) for s in scope.speeds if s.key not in hidden),
    )


def _total(standing: Standing[KeyT], clusters: Counter[Key]) -> Standing[KeyT]:
    """Without verdicts, and with nothing but what the total tells.

    How far the trials of one task agree would tell of cells: they count as one. Tasks
    missed are a total only where each is one trial.

    Args:
        standing: As counted.
        clusters: Of each key, the sum over tasks (of a task, over combos) of the
            squared number of its cells.
    """
    n, n_cells = standing.n_trials, standing.n_cells
    worth = Worth(Fraction(n_cells**2, clusters[standing.key] or 1), None)
    rate = standing.rate
    interval = None if rate is None else rate_interval(rate, worth, n)
    return replace(
        standing,
        effective=float(worth.trials),
        interval=interval,
        noise=None,
        fresh=fresh_sweep(rate, worth, seeds_known=False, n_tasks=standing.n_across)
        if rate is not None and interval
        else None,
        rank_range=None,
        tier="",
        missed=standing.missed if n == n_cells == standing.n_across else None,
    )


def _clusters(scope: Scope) -> Counter[Key]:
    """See `_total`."""
    cells = Counter(
        (part, task)
        for task, found in scope.task_combos.items()
        for combo in (s.key for s in found)
        for part in (combo, combo.quant_of, combo.model_of, combo.harness_of)
    )
    squares: Counter[Key] = Counter()
    for (part, _), n in cells.items():
        squares[part] += n * n
    squares.update({task: len(found) for task, found in scope.task_combos.items()})
    return squares


def _by_task(scope: Scope, numbers: Numbers, everywhere: Scope | None) -> Scope:
    """A scope with what is told of single tasks and of groups of them.

    Args:
        scope: As counted.
        numbers: What is told.
        everywhere: All trials, where the scope is a sweep: its numbers are theirs, or
            are not told.
    """

    def told(groups: Groups[KeyT], of_all: Groups[KeyT]) -> Groups[KeyT]:
        return {
            task: tuple(
                # Combos stand for tasks: each is one of its cells.
                _total(s, Counter({s.key: s.n_cells}))
                for s in found
                if (s.key, task) in numbers and _same(s, of_all.get(task, ()))
            )
            for task, found in groups.items()
        }

    whole = everywhere or scope
    return replace(
        scope,
        task_model_quants=told(scope.task_model_quants, whole.task_model_quants),
        task_harnesses=told(scope.task_harnesses, whole.task_harnesses),
        task_combos=dict.fromkeys(scope.task_combos, ()),
        in_groups={} if everywhere else _groups(scope.in_groups, numbers),
    )


def _same(standing: Standing[KeyT], others: Iterable[Standing[KeyT]]) -> bool:
    own = (standing.key, standing.n_cells, standing.n_trials)
    return any(own == (s.key, s.n_cells, s.n_trials) for s in others)


def _without_interval(standing: Standing[KeyT]) -> Standing[KeyT]:
    return replace(_total(standing, Counter()), interval=None, fresh=None)


def _groups(
    groups: Mapping[GroupKey, InGroup], numbers: Numbers
) -> dict[GroupKey, InGroup]:
    """Intervals depend on more than sums."""

    def told(
        group: GroupKey, found: tuple[Standing[KeyT], ...]
    ) -> tuple[Standing[KeyT], ...]:
        return tuple(_without_interval(s) for s in found if (s.key, group) in numbers)

    return {
        group: replace(
            own,
            whole=_without_interval(own.whole),
            model_quants=told(group, own.model_quants),
            harnesses=told(group, own.harnesses),
            combos=told(group, own.combos),
        )
        for group, own in groups.items()
        if all((task, EVERYWHERE) in numbers for task in own.tasks)
    }


def _pairs(
    scope: Scope, hidden: set[Key], by_task: Groups[QuantKey]
) -> tuple[QuantPair, ...]:
    """Those that cover all trials of both quants: their counts are the quants' own.

    On fewer cells they would tell the rest by subtraction. A pool is shown where
    every pair in it is.
    """
    of_all = [s for s in scope.model_quants if s.key not in hidden]

    def nothing_new(pair: QuantPair) -> bool:
        found = of_all if pair.task is None else by_task.get(TaskKey(pair.task), ())
        groups = {group.key: group for group in found}
        sides = ((pair.quant_a, pair.n_a), (pair.quant_b, pair.n_b))
        return all(
            (group := groups.get(QuantKey(pair.model or "", quant))) is not None
            and (group.n_cells, group.n_trials) == (pair.n_cells, n)
            for quant, n in sides
        )

    single = {pair: nothing_new(pair) for pair in scope.quant_pairs if pair.model}

    def pool(pair: QuantPair) -> bool:
        return all(
            fine
            for other, fine in single.items()
            if other.task == pair.task
            and bits_of(other) == (pair.quant_a, pair.quant_b)
        )

    return tuple(
        pair
        for pair in scope.quant_pairs
        if (single[pair] if pair.model else pool(pair))
    )


def _spending(line: Spending, least: int) -> Spending:
    """A mean, and a median of enough trials: among few it is one of them."""
    few = line.mean.n_trials < 2 * least
    return replace(
        line,
        mean=replace(line.mean, interval=None),
        median=Median(value=None, low=None, high=None) if few else line.median,
    )


def _speed(speed: Speed, least: int) -> Speed:
    return replace(
        speed,
        figures={
            measure: figure
            if figure.n_trials >= 2 * least
            else replace(figure, value=None)
            for measure, figure in speed.figures.items()
        },
    )
