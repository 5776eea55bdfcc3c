"""Two axes: what the model does, what the harness does, and what their meeting does."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import fsum, sqrt
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias

import numpy as np

from sitegen.keys import HarnessKey, KeyT, KeyT_co, QuantKey
from sitegen.stats.distributions import t_quantile
from sitegen.stats.joint_test import in_steps, joint_contrasts, joint_test
from sitegen.stats.paired import Difference, of_leads
from sitegen.stats.shared import mean
from sitegen.stats.subgrid import Subgrid, subgrid
from sitegen.stats.trials import FloatArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sitegen.stats.ranking import Ranking
    from sitegen.stats.trials import Trials

_FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect(Generic[KeyT_co]):
    """What one model or one harness adds, over all it met in the sub-grid."""

    key: KeyT_co
    rate: Fraction
    """Mean over the cells of the sub-grid."""
    points: Fraction
    """Its rate minus the mean rate of the sub-grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One model in one harness, against the same model in the other harnesses."""

    model: QuantKey
    harness: HarnessKey
    rate: Fraction
    elsewhere: Fraction
    """Mean rate of the model in the other harnesses, on the same tasks."""
    expected: Fraction
    """What the effects of model and harness would add up to."""
    p_interaction: float
    """That the rate is what is expected; adjusted for all meetings together."""
    drop: Difference
    """Rate here minus rate elsewhere, paired by task."""
    p: float
    """That there is no drop; adjusted for all meetings together."""

    @property
    def interaction(self) -> Fraction:
        """What the meeting adds beside both effects."""
        return self.rate - self.expected


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
    """Harnesses that the data do not tell from the best: one joint test over all
    pairs of the model's harnesses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """How far rates are spread by one source, as a standard deviation in 0..1."""

    source: Literal["model", "harness", "meeting", "task", "seed"]
    spread: float
    low: float | None
    """Lower end of the 95 % interval; None where it is not known."""
    high: float | None


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
    components: tuple[Component, ...]
    """Without "seed" where a cell ran once."""


def axes(trials: Trials, ranking: Ranking[QuantKey]) -> Axes | None:
    """Model effects, harness effects and what is left, on the complete sub-grid.

    An analysis of variance in points: a model's effect is its mean rate minus the
    grand mean, a harness's likewise, and the interaction is what remains. Rates are
    means over cells, so that each cell weighs the same however often it ran.

    Returns:
        None without a complete sub-grid of two models, harnesses and tasks.
    """
    grid = subgrid(trials, ranking)
    if grid is None:
        return None
    rates = _rates(grid)
    return Axes(
        grid=grid,
        rate=mean([cell for row in rates for combo in row for cell in combo]),
        models=_effects(grid.models, rates),
        harnesses=_effects(grid.harnesses, list(zip(*rates, strict=True))),
        meetings=_meetings(grid, rates),
        sensitivity=tuple(
            sorted(
                (
                    _sensitivity(grid, model, rates[index])
                    for index, model in enumerate(grid.models)
                ),
                key=lambda s: (-s.spread, s.model),
            )
        ),
        components=_components(grid),
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


def _effects(
    labels: Sequence[KeyT], rates: Sequence[Sequence[Sequence[Fraction]]]
) -> tuple[Effect[KeyT], ...]:
    means = [mean([cell for combo in row for cell in combo]) for row in rates]
    whole = mean(means)
    found = [
        Effect(key=label, rate=rate, points=rate - whole)
        for label, rate in zip(labels, means, strict=True)
    ]
    return tuple(sorted(found, key=lambda effect: (-effect.rate, effect.key)))


def _by_task(rows: Iterable[Sequence[Fraction]]) -> list[Fraction]:
    return [mean(task) for task in zip(*rows, strict=True)]


def _meetings(grid: Subgrid, rates: _Rates) -> tuple[Meeting, ...]:
    places = list(product(range(len(grid.models)), range(len(grid.harnesses))))
    of_model = [_by_task(row) for row in rates]
    of_harness = [_by_task(row) for row in zip(*rates, strict=True)]
    of_all = _by_task(of_model)
    others = len(grid.harnesses) - 1
    drops, left = [], []
    for m, h in places:
        here = rates[m][h]
        # Here less the mean over the others: of n harnesses, n / (n - 1) times here
        # less the mean over all.
        drops.append(
            [
                (x - of_all_here) * (others + 1) / others
                for x, of_all_here in zip(here, of_model[m], strict=True)
            ]
        )
        expected = zip(of_model[m], of_harness[h], of_all, strict=True)
        left.append(
            [x - (a + b - c) for x, (a, b, c) in zip(here, expected, strict=True)]
        )
    p_drop, p_left = joint_contrasts(in_steps(drops)), joint_contrasts(in_steps(left))
    found = []
    for index, (m, h) in enumerate(places):
        drop = of_leads(drops[index])
        rate = mean(rates[m][h])
        found.append(
            Meeting(
                model=grid.models[m],
                harness=grid.harnesses[h],
                rate=rate,
                elsewhere=rate - drop.mean,
                expected=rate - mean(left[index]),
                p_interaction=float(p_left[index]),
                drop=drop,
                p=float(p_drop[index]),
            )
        )
    return tuple(sorted(found, key=lambda m: (m.drop.mean, m.model, m.harness)))


def _sensitivity(
    grid: Subgrid, model: QuantKey, rates: Sequence[Sequence[Fraction]]
) -> Sensitivity:
    means = [mean(cells) for cells in rates]
    best, worst = means.index(max(means)), means.index(min(means))
    test = joint_test(in_steps(rates))
    return Sensitivity(
        model=model,
        best=grid.harnesses[best],
        worst=grid.harnesses[worst],
        spread=means[best] - means[worst],
        rivals=tuple(
            harness
            for other, harness in enumerate(grid.harnesses)
            if other != best and not test.apart(best, other)
        ),
    )


def _components(grid: Subgrid) -> tuple[Component, ...]:
    """Variance components of the rates, with jackknife intervals over the tasks.

    The mean squares of the crossed design without replication, set equal to what
    they are expected to be when all three are drawn at random; below 0 is 0. The
    variance of a single trial of a cell is known where every cell ran twice.

    Source:
        Searle, Casella & McCulloch (1992), Variance Components, chapter 4; the
        jackknife: Efron & Tibshirani (1993), chapter 11.
    """
    rates = grid.passed / grid.trials
    noise = None
    if grid.repeated:
        noise = rates * (1 - rates) / (grid.trials - 1) * grid.trials
    whole = _variances(rates, noise)
    n = rates.shape[2]
    without = []
    if n > _FEWEST:
        for task in range(n):
            rest = np.delete(np.arange(n), task)
            left = None if noise is None else noise[:, :, rest]
            without.append(_variances(rates[:, :, rest], left))
    found = []
    for source, value in whole.items():
        ends: tuple[float | None, float | None] = (None, None)
        if without:
            each = [n * value - (n - 1) * one[source] for one in without]
            centre = fsum(each) / n
            error = sqrt(fsum((x - centre) ** 2 for x in each) / (n * (n - 1)))
            half = t_quantile(0.975, n - 1) * error
            ends = sqrt(max(0.0, value - half)), sqrt(max(0.0, value + half))
        spread = sqrt(max(0.0, value))
        found.append(Component(source=source, spread=spread, low=ends[0], high=ends[1]))
    return tuple(found)


_Source: TypeAlias = Literal["model", "harness", "meeting", "task", "seed"]


def _variances(rates: FloatArray, noise: FloatArray | None) -> dict[_Source, float]:
    m, h, t = rates.shape
    grand = _average(rates)
    of_m, of_h, of_t = (_averages(rates, axes) for axes in ((1, 2), (0, 2), (0, 1)))
    mh, mt, ht = (_averages(rates, (axis,)) for axis in (2, 1, 0))

    def square(values: FloatArray, times: int, df: int) -> float:
        return times * fsum((values * values).ravel().tolist()) / df

    ms_m = square(of_m - grand, h * t, m - 1)
    ms_h = square(of_h - grand, m * t, h - 1)
    ms_t = square(of_t - grand, m * h, t - 1)
    ms_mh = square(mh - of_m[:, None] - of_h[None, :] + grand, t, (m - 1) * (h - 1))
    ms_mt = square(mt - of_m[:, None] - of_t[None, :] + grand, h, (m - 1) * (t - 1))
    ms_ht = square(ht - of_h[:, None] - of_t[None, :] + grand, m, (h - 1) * (t - 1))
    rest = (
        rates
        - mh[:, :, None]
        - mt[:, None, :]
        - ht[None, :, :]
        + of_m[:, None, None]
        + of_h[None, :, None]
        + of_t[None, None, :]
        - grand
    )
    ms_e = square(rest, 1, (m - 1) * (h - 1) * (t - 1))
    found: dict[_Source, float] = {
        "model": (ms_m - ms_mh - ms_mt + ms_e) / (h * t),
        "harness": (ms_h - ms_mh - ms_ht + ms_e) / (m * t),
        "meeting": (ms_mh - ms_e) / t,
        "task": (ms_t - ms_mt - ms_ht + ms_e) / (m * h),
    }
    if noise is not None:
        found["seed"] = _average(noise)
    return found


def _average(values: FloatArray) -> float:
    return fsum(values.ravel().tolist()) / values.size


def _averages(values: FloatArray, over: tuple[int, ...]) -> FloatArray:
    n = 1
    for axis in over:
        n *= values.shape[axis]
    found: FloatArray = np.add.reduce(values, axis=over) / n
    return found
