"""How often the 95 % intervals hold the truth, in drawn sweeps."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.designs import DESIGNS, TASKS, table
from sitegen.stats.distributions import t_quantile
from sitegen.stats.intervals import Interval, rate_interval, wilson
from sitegen.stats.intraclass import intraclass, worth
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
    rho = intraclass(passed, np.full_like(passed, seeds))
    own = worth(np.ones(TASKS, dtype=np.int64), Fraction(TASKS, seeds), rho)
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

The interval of the paired difference of two combos on the same tasks, over the sweeps
in which the tasks do not all differ alike (in the others none is shown):

{table(("design", "no difference", "20 points"), pairs)}
"""
