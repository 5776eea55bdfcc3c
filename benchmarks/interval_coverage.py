"""How often the 95 % intervals hold the truth, in drawn sweeps."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.designs import DESIGNS, TASKS, table
from sitegen.stats.distributions import t_quantile
from sitegen.stats.intervals import Interval, rate_interval, wilson
from sitegen.stats.intraclass import agreement, worth
from sitegen.stats.paired import difference

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from benchmarks.designs import Design

DRAWS = 20_000


ENTITIES = 10
"""In one sweep: their correlation is pooled."""


def headline(passed: npt.NDArray[np.int64], seeds: int) -> list[Interval]:
    """What the site shows of each entity of a sweep, shape (ENTITIES, TASKS)."""
    agree = agreement(passed, np.full_like(passed, seeds))
    own = worth(np.ones(TASKS, dtype=np.int64), Fraction(TASKS, seeds), agree)
    found = []
    for total in passed.sum(axis=1).tolist():
        interval = rate_interval(Fraction(total, TASKS * seeds), own, TASKS * seeds)
        assert interval is not None, "there are trials"
        found.append(interval)
    return found


def unclustered(passed: npt.NDArray[np.int64], seeds: int) -> Interval | None:
    """Wilson's interval as if all trials were independent."""
    return wilson(float(passed.sum()), float(TASKS * seeds))


def between_seeds(passed: npt.NDArray[np.int64], seeds: int) -> Interval:
    """The error bar of many leaderboards: only the noise of seeds.

    Of seeds drawn anew, the spread of their mean rates; from the tasks' own
    rates, which is the best that these boards could do.
    """
    rates = passed / seeds
    se = sqrt(float((rates * (1 - rates)).sum()) / (TASKS**2 * max(1, seeds - 1)))
    mean = float(rates.mean())
    return Interval(mean - 1.96 * se, mean + 1.96 * se)


def clustered_t(passed: npt.NDArray[np.int64], seeds: int) -> Interval:
    """Student's interval over the tasks' rates."""
    rates = passed / seeds
    half = t_quantile(0.975, TASKS - 1) * float(rates.std(ddof=1)) / sqrt(TASKS)
    mean = float(rates.mean())
    return Interval(mean - half, mean + half)


METHODS: dict[str, Callable[[npt.NDArray[np.int64], int], Interval | None]] = {
    "seeds only": between_seeds,
    "Wilson, all trials": unclustered,
    "clustered t": clustered_t,
}
OURS = "**ours: Wilson, pooled correlation**"


def coverage(design: Design) -> list[str]:
    """The share of draws whose interval holds the rate, and its half width."""
    draw = np.random.default_rng(1)
    passed = draw.binomial(design.seeds, design.tasks(draw, DRAWS))
    cells = [
        _held(design, [method(row, design.seeds) for row in passed])
        for method in METHODS.values()
    ]
    sweeps = passed.reshape(DRAWS // ENTITIES, ENTITIES, TASKS)
    ours = [found for sweep in sweeps for found in headline(sweep, design.seeds)]
    return [*cells, _held(design, ours)]


def _held(design: Design, found: Sequence[Interval | None]) -> str:
    held, width = 0, 0.0
    for interval in found:
        assert interval is not None, "there are trials"
        held += interval.low <= design.rate <= interval.high
        width += (interval.high - interval.low) / 2
    return f"{held / DRAWS:.3f} (± {width / DRAWS:.3f})"


def pair_coverage(design: Design, lead: float) -> str:
    """The same for the paired difference of two combos, `lead` apart."""
    draw = np.random.default_rng(2)
    tasks = design.tasks(draw, DRAWS)
    # The better one passes what the other does, and a share of the rest.
    gain = lead / (1 - design.rate)
    a = draw.binomial(design.seeds, tasks + (1 - tasks) * gain)
    b = draw.binomial(design.seeds, tasks)
    held = known = 0
    for steps in (a - b).tolist():
        found = difference(steps, design.seeds, seed_noise=None, seeds=1).interval
        if found is not None:
            known += 1
            held += found.low <= lead <= found.high
    return f"{held / known:.3f} ({known / DRAWS:.1%} have one)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Ten entities whose trials of a task correlate by a half."""

    tasks: int
    seeds: int
    rate: float
    alike: bool
    """Whether all find the same tasks hard: then pooling their correlations adds
    nothing."""
    correlation: float = 0.5

    def held(self) -> float:
        """The share of the intervals of DRAWS entities that hold the rate."""
        draw = np.random.default_rng(3)
        whole = 1 / self.correlation - 1
        a, b = self.rate * whole, (1 - self.rate) * whole
        n = self.tasks * self.seeds
        one = np.ones(self.tasks, dtype=np.int64)
        inside = 0
        # Entities that are alike err together: one of each sweep is looked at.
        looked_at = 1 if self.alike else ENTITIES
        for _ in range(DRAWS // looked_at):
            of_their_own = 1 if self.alike else ENTITIES
            chance = draw.beta(a, b, size=(of_their_own, self.tasks))
            passed = draw.binomial(
                self.seeds, np.broadcast_to(chance, (ENTITIES, self.tasks))
            )
            agree = agreement(passed, np.full_like(passed, self.seeds))
            own = worth(one, Fraction(self.tasks, self.seeds), agree)
            for total in passed[:looked_at].sum(axis=1).tolist():
                found = rate_interval(Fraction(total, n), own, n)
                assert found is not None, "there are trials"
                inside += found.low <= self.rate <= found.high
        return inside / DRAWS


RATES = (0.02, 0.1, 0.5, 0.9, 0.98)
SHAPES = ((4, 3), (16, 1), (16, 3), (16, 10), (100, 5), (500, 1))


def cells(correlation: float, kinds: tuple[bool, ...]) -> str:
    """Coverage by design and rate, the worst cell with several trials first."""
    held = {
        (shape, alike): [
            Cell(
                tasks=shape[0],
                seeds=shape[1],
                rate=rate,
                alike=alike,
                correlation=correlation,
            ).held()
            for rate in RATES
        ]
        for shape in SHAPES
        for alike in kinds
        if shape[1] > 1 or not alike
    }
    several = [
        (share, f"{tasks} x {seeds} at {rate}")
        for ((tasks, seeds), _), shares in held.items()
        if seeds > 1
        for rate, share in zip(RATES, shares, strict=True)
    ]
    rows = [
        (
            f"{tasks} x {seeds}",
            "–" if seeds == 1 else "the same" if alike else "others",
            *(f"{share:.3f}" for share in shares),
        )
        for ((tasks, seeds), alike), shares in held.items()
    ]
    head = ("tasks x seeds", "hard for all are", *(f"p = {rate}" for rate in RATES))
    low, high = min(several), max(several)
    return f"""With several seeds the least is {low[0]:.3f} ({low[1]}), the largest
{high[0]:.3f} ({high[1]}).

{table(head, rows)}"""


def main() -> str:
    """The figures."""
    rows = [(design.name, *coverage(design)) for design in DESIGNS]
    pairs = [
        (design.name, pair_coverage(design, 0.0), pair_coverage(design, 0.2))
        for design in DESIGNS
    ]
    return f"""# Coverage of the 95 % intervals

{TASKS} tasks, {DRAWS:,} drawn sweeps a design. The truth is the mean pass rate over all
tasks that could have been drawn. In brackets the mean half width. Ours pools the
correlation of the trials of a task over the {ENTITIES} entities of a sweep.

{table(("design", *METHODS, OURS), rows)}

## By design and rate

{DRAWS:,} intervals a cell, in sweeps of {ENTITIES} entities that find other tasks
hard, or all the same ones; designs and seeds were fixed beforehand. Trials of a task
correlate by 0.5. With one trial a task the coverage is Wilson's own.
{cells(0.5, (False, True))}

The same where trials of a task hardly agree (0.1): caution makes intervals wider than
they need be. {cells(0.1, (False,))}

## Differences

The interval of the paired difference of two combos on the same tasks, over the sweeps
in which the tasks do not all differ alike (in the others none is shown). It reaches 0
wherever the exact test does not rule 0 out, and so holds it more often where there is
no difference:

{table(("design", "no difference", "20 points"), pairs)}
"""
