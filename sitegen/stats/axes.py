"""Two axes: what the model does, what the harness does, and what their meeting does."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum, lcm, sqrt
from typing import Any, Generic, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from sitegen.keys import HarnessKey, KeyT, KeyT_co, QuantKey
from sitegen.stats.distributions import t_quantile
from sitegen.stats.joint_test import in_steps, joint_contrasts, joint_test
from sitegen.stats.paired import Difference, of_steps
from sitegen.stats.ranking import Ranking
from sitegen.stats.subgrid import Subgrid, subgrid
from sitegen.stats.trials import Trials

_FEWEST = 2
_FITS = 2**31
"""Squares of what is smaller fit 64 bits."""


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
    rates, unit = _steps(grid)
    sensitivity = (
        _sensitivity(grid, model, own, unit)
        for model, own in zip(grid.models, rates, strict=True)
    )
    return Axes(
        grid=grid,
        rate=Fraction(int(rates.sum()), unit * rates.size),
        models=_effects(grid.models, rates, unit),
        harnesses=_effects(grid.harnesses, rates.swapaxes(0, 1), unit),
        meetings=_meetings(grid, rates, unit),
        sensitivity=tuple(sorted(sensitivity, key=lambda s: (-s.spread, s.model))),
        components=_components(grid, rates, unit),
    )


_Steps: TypeAlias = "npt.NDArray[Any]"
"""Rates, (models, harnesses, tasks), in whole steps: of 64 bits, or of Python where
squared sums over all cells would not fit."""


def _steps(grid: Subgrid) -> tuple[_Steps, int]:
    """The rate of each cell, and how many steps make 1."""
    unit = lcm(*np.unique(grid.trials).tolist())
    exact: Any = np.int64 if unit * grid.trials.size < _FITS else object
    return grid.passed.astype(exact) * (unit // grid.trials.astype(exact)), unit


def _effects(
    labels: Sequence[KeyT], rates: _Steps, unit: int
) -> tuple[Effect[KeyT], ...]:
    whole = Fraction(int(rates.sum()), unit * rates.size)
    totals = rates.sum(axis=(1, 2)).tolist()
    means = [Fraction(each, unit * rates[0].size) for each in totals]
    found = [
        Effect(key=label, rate=rate, points=rate - whole)
        for label, rate in zip(labels, means, strict=True)
    ]
    return tuple(sorted(found, key=lambda effect: (-effect.rate, effect.key)))


def _meetings(grid: Subgrid, rates: _Steps, unit: int) -> tuple[Meeting, ...]:
    n_models, n_harnesses, n_tasks = rates.shape
    of_model, of_harness = rates.sum(axis=1), rates.sum(axis=0)
    # Here less the mean over the others: of n harnesses, n / (n - 1) times here less
    # the mean over all.
    drops = (n_harnesses * rates - of_model[:, None]).reshape(-1, n_tasks)
    each = unit * (n_harnesses - 1)
    left = n_models * (n_harnesses * rates - of_model[:, None])
    left = (left - n_harnesses * of_harness + of_harness.sum(axis=0)).reshape(
        -1, n_tasks
    )
    whole = unit * n_models * n_harnesses
    p_drop = joint_contrasts(in_steps(drops, each))
    p_left = joint_contrasts(in_steps(left, whole))
    found = []
    for index, (m, h) in enumerate(np.ndindex(n_models, n_harnesses)):
        drop = of_steps(drops[index].tolist(), each)
        rate = Fraction(int(rates[m, h].sum()), unit * n_tasks)
        found.append(
            Meeting(
                model=grid.models[m],
                harness=grid.harnesses[h],
                rate=rate,
                elsewhere=rate - drop.mean,
                expected=rate - Fraction(int(left[index].sum()), whole * n_tasks),
                p_interaction=float(p_left[index]),
                drop=drop,
                p=float(p_drop[index]),
            )
        )
    return tuple(sorted(found, key=lambda m: (m.drop.mean, m.model, m.harness)))


def _sensitivity(
    grid: Subgrid, model: QuantKey, rates: _Steps, unit: int
) -> Sensitivity:
    totals = rates.sum(axis=1).tolist()
    best, worst = totals.index(max(totals)), totals.index(min(totals))
    test = joint_test(in_steps(rates, unit))
    return Sensitivity(
        model=model,
        best=grid.harnesses[best],
        worst=grid.harnesses[worst],
        spread=Fraction(totals[best] - totals[worst], unit * rates.shape[1]),
        rivals=tuple(
            harness
            for other, harness in enumerate(grid.harnesses)
            if other != best and not test.apart(best, other)
        ),
    )


def _components(grid: Subgrid, rates: _Steps, unit: int) -> tuple[Component, ...]:
    """Variance components of the rates, with jackknife intervals over the tasks.

    The mean squares of the crossed design without replication, set equal to what
    they are expected to be when all three are drawn at random; below 0 is 0. The
    variance of a single trial of a cell is known where every cell ran twice.

    Source:
        Searle, Casella & McCulloch (1992), Variance Components, chapter 4; the
        jackknife: Efron & Tibshirani (1993), chapter 11.
    """
    whole, *without = _variances(rates, unit)
    n = rates.shape[2]
    if grid.repeated:
        share = grid.passed / grid.trials
        noise = share * (1 - share) / (grid.trials - 1) * grid.trials
        a_task = [fsum(own.ravel().tolist()) for own in noise.transpose(2, 0, 1)]
        cells = rates[:, :, 0].size
        whole["seed"] = fsum(a_task) / (cells * n)
        for one, own in zip(without, a_task, strict=False):
            one["seed"] = (fsum(a_task) - own) / (cells * (n - 1))
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


def _variances(rates: _Steps, unit: int) -> list[dict[_Source, float]]:
    """The components over all tasks; then without each, where enough are left.

    Sums of squares are differences of squared totals, which are exact.
    """
    m, h, n_tasks = rates.shape

    def squares(*over: int) -> list[int]:
        """Squared totals, summed, over all tasks and without each of them."""
        own = rates.sum(axis=over, keepdims=True)
        if own.shape[2] == 1:
            # Of each total, what a task has in it.
            task = rates.sum(axis=over[:-1]).reshape(-1, n_tasks)
            own = own.reshape(-1, 1)
            left = np.square(np.hstack([own, own - task]))
            return [*map(int, left.sum(axis=0))]
        task = np.square(own).sum(axis=(0, 1))
        return [*map(int, [task.sum(), *(task.sum() - task)])]

    each = zip(
        [n_tasks] + [n_tasks - 1] * n_tasks,
        *(squares(*over) for over in ((1, 2), (0, 2), (0, 1), (2,), (1,), (0,))),
        squares(),
        squares(0, 1, 2),
        strict=True,
    )
    found = []
    for n, q_m, q_h, q_t, q_mh, q_mt, q_ht, q_cells, q_all in each:
        if n < _FEWEST:
            break
        # All of them times m * h * n, so that they are whole.
        a, b, c = m * q_m - q_all, h * q_h - q_all, n * q_t - q_all
        ab = m * h * q_mh - q_all - a - b
        ac = m * n * q_mt - q_all - a - c
        bc = h * n * q_ht - q_all - b - c
        rest = m * h * n * q_cells - q_all - a - b - c - ab - ac - bc
        whole = m * h * n * unit * unit
        ms_m, ms_h = a / (whole * (m - 1)), b / (whole * (h - 1))
        ms_t = c / (whole * (n - 1))
        ms_mh = ab / (whole * (m - 1) * (h - 1))
        ms_mt = ac / (whole * (m - 1) * (n - 1))
        ms_ht = bc / (whole * (h - 1) * (n - 1))
        ms_e = rest / (whole * (m - 1) * (h - 1) * (n - 1))
        part: dict[_Source, float] = {
            "model": (ms_m - ms_mh - ms_mt + ms_e) / (h * n),
            "harness": (ms_h - ms_mh - ms_ht + ms_e) / (m * n),
            "meeting": (ms_mh - ms_e) / n,
            "task": (ms_t - ms_mt - ms_ht + ms_e) / (m * h),
        }
        found.append(part)
    return found
