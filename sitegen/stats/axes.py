"""Two axes: what the model does, what the harness does, and what their meeting does."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import fsum, lcm, sqrt
from typing import TYPE_CHECKING, Generic

import numpy as np

from sitegen.keys import HarnessKey, KeyT, KeyT_co, QuantKey
from sitegen.stats.intervals import Z95
from sitegen.stats.logistic import Fit, fit
from sitegen.stats.paired import Difference, difference, holm
from sitegen.stats.subgrid import Subgrid, subgrid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sitegen.stats.trials import FloatArray, Trials

LEVEL = Fraction(1, 20)
"""An adjusted p value up to this one tells two things apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOdds:
    """An effect on the log-odds of passing, with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect(Generic[KeyT_co]):
    """What one model or one harness adds, over all it met in the sub-grid."""

    key: KeyT_co
    rate: Fraction
    """Mean over the cells of the sub-grid."""
    points: Fraction
    """Its rate minus the mean rate of the sub-grid."""
    effect: LogOdds | None
    """From the ridge logistic model; None where everyone passed or failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One model in one harness, against the same model in the other harnesses."""

    model: QuantKey
    harness: HarnessKey
    rate: Fraction
    elsewhere: Fraction
    """Mean rate of the model in the other harnesses, on the same tasks."""
    expected: float | None
    """The rate that the effects of model and harness alone would give."""
    interaction: LogOdds | None
    """What its log-odds have beside both effects."""
    drop: Difference
    """Rate here minus rate elsewhere, paired by task."""
    p_holm: Fraction
    """Of the drop, Holm-adjusted over all meetings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """How much a model depends on its harness."""

    model: QuantKey
    best: HarnessKey
    """The harness with the highest rate; of equals the first by name."""
    worst: HarnessKey
    spread: Fraction
    """The highest rate minus the lowest."""
    rivals: tuple[HarnessKey, ...]
    """Harnesses that the data do not tell from the best: paired by task, Holm
    over all pairs of the model's harnesses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """Models and harnesses of the complete sub-grid, taken apart."""

    grid: Subgrid
    rate: Fraction
    """Mean over all cells."""
    models: tuple[Effect[QuantKey], ...]
    """Best first."""
    harnesses: tuple[Effect[HarnessKey], ...]
    """Best first."""
    meetings: tuple[Meeting, ...]
    """Largest drop first."""
    sensitivity: tuple[Sensitivity, ...]
    """Most dependent model first."""


def axes(trials: Trials) -> Axes | None:
    """Model effects, harness effects and what is left, on the complete sub-grid.

    The log-odds that the ridge logistic model gives each combo are split as in
    an analysis of variance: a model's effect is the mean over harnesses minus
    the grand mean, a harness's likewise, and the interaction is what remains.
    Intervals are those of the penalised fit, on these tasks. Rates are means
    over cells, so that each cell weighs the same however often it ran.

    Returns:
        None without a complete sub-grid of two models, harnesses and tasks.
    """
    grid = subgrid(trials)
    if grid is None:
        return None
    rates = _rates(grid)
    fitted = fit(grid.passed, grid.trials)
    meetings = tuple(_meetings(grid, rates, fitted))
    by_model = tuple(
        _sensitivity(grid, model, rates[index])
        for index, model in enumerate(grid.models)
    )
    return Axes(
        grid=grid,
        rate=_mean([cell for row in rates for combo in row for cell in combo]),
        models=_effects(grid.models, rates, _of_models(grid), fitted),
        harnesses=_effects(
            grid.harnesses,
            list(zip(*rates, strict=True)),
            _of_harnesses(grid),
            fitted,
        ),
        meetings=tuple(
            sorted(meetings, key=lambda m: (m.drop.mean, m.model, m.harness))
        ),
        sensitivity=tuple(sorted(by_model, key=lambda s: (-s.spread, s.model))),
    )


_Rates = list[list[list[Fraction]]]
"""Of each cell: models, harnesses, tasks."""


def _rates(grid: Subgrid) -> _Rates:
    return [
        [
            [Fraction(int(x), int(n)) for x, n in zip(*cells, strict=True)]
            for cells in zip(*rows, strict=True)
        ]
        for rows in zip(grid.passed, grid.trials, strict=True)
    ]


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, start=Fraction(0)) / len(values)


def _effects(
    labels: Sequence[KeyT],
    rates: Sequence[Sequence[Sequence[Fraction]]],
    weights: Sequence[FloatArray],
    fitted: Fit | None,
) -> tuple[Effect[KeyT], ...]:
    means = [_mean([cell for combo in row for cell in combo]) for row in rates]
    whole = _mean(means)
    found = [
        Effect(
            key=label,
            rate=rate,
            points=rate - whole,
            effect=_log_odds(fitted, weight),
        )
        for label, rate, weight in zip(labels, means, weights, strict=True)
    ]
    return tuple(sorted(found, key=lambda effect: (-effect.rate, effect.key)))


def _of_models(grid: Subgrid) -> list[FloatArray]:
    """For each model, the weights of the combos in its effect."""
    m, h = len(grid.models), len(grid.harnesses)
    return [
        (np.arange(m) == model)[:, None] / h - np.full((m, h), 1 / (m * h))
        for model in range(m)
    ]


def _of_harnesses(grid: Subgrid) -> list[FloatArray]:
    m, h = len(grid.models), len(grid.harnesses)
    return [
        (np.arange(h) == harness)[None, :] / m - np.full((m, h), 1 / (m * h))
        for harness in range(h)
    ]


def _log_odds(fitted: Fit | None, weights: FloatArray) -> LogOdds | None:
    if fitted is None:
        return None
    value = fsum((weights * fitted.combo).ravel().tolist())
    half = Z95 * sqrt(fitted.variance(weights))
    return LogOdds(value=value, low=value - half, high=value + half)


def _meetings(grid: Subgrid, rates: _Rates, fitted: Fit | None) -> Iterator[Meeting]:
    places = list(product(range(len(grid.models)), range(len(grid.harnesses))))
    drops = []
    for model, harness in places:
        others = [row for h, row in enumerate(rates[model]) if h != harness]
        elsewhere = [_mean(cells) for cells in zip(*others, strict=True)]
        drops.append(paired(rates[model][harness], elsewhere))
    models, harnesses = _of_models(grid), _of_harnesses(grid)
    for (model, harness), drop, p in zip(
        places, drops, holm([drop.p for drop in drops]), strict=True
    ):
        rate = _mean(rates[model][harness])
        own = np.zeros((len(grid.models), len(grid.harnesses)))
        own[model, harness] = 1
        alone = models[model] + harnesses[harness] + 1 / own.size
        yield Meeting(
            model=grid.models[model],
            harness=grid.harnesses[harness],
            rate=rate,
            elsewhere=rate - drop.mean,
            expected=_expected(fitted, alone),
            interaction=_log_odds(fitted, own - alone),
            drop=drop,
            p_holm=p,
        )


def _expected(fitted: Fit | None, weights: FloatArray) -> float | None:
    """The mean chance over the tasks at a weighted sum of the log-odds."""
    if fitted is None:
        return None
    combo = fsum((weights * fitted.combo).ravel().tolist())
    chances = 1 / (1 + np.exp(-(combo + fitted.task)))
    return fsum(chances.tolist()) / len(chances)


def _sensitivity(
    grid: Subgrid, model: QuantKey, rates: Sequence[Sequence[Fraction]]
) -> Sensitivity:
    means = [_mean(cells) for cells in rates]
    best, worst = means.index(max(means)), means.index(min(means))
    pairs = [(a, b) for a, b in product(range(len(means)), repeat=2) if a < b]
    adjusted = dict(
        zip(pairs, holm([paired(rates[a], rates[b]).p for a, b in pairs]), strict=True)
    )
    return Sensitivity(
        model=model,
        best=grid.harnesses[best],
        worst=grid.harnesses[worst],
        spread=means[best] - means[worst],
        rivals=tuple(
            grid.harnesses[other]
            for other in range(len(means))
            if other != best and adjusted[min(best, other), max(best, other)] > LEVEL
        ),
    )


def paired(a: Sequence[Fraction], b: Sequence[Fraction]) -> Difference:
    """The difference of two lists of rates, task by task."""
    leads = [x - y for x, y in zip(a, b, strict=True)]
    unit = lcm(*(lead.denominator for lead in leads))
    steps = [int(lead * unit) for lead in leads]
    return difference(steps, unit, seed_noise=None, seeds=1)
