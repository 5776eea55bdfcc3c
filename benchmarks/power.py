"""Whether `harness-bench power` keeps what it promises, in drawn sweeps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from benchmarks.designs import table
from sitegen.stats.power import WANTED, Plan, World

SWEEPS = 2_000
_SEED = 41

_PLAN = Plan(world=World(), combos=10, tasks=16, seeds=3)
PLANS = (
    replace(_PLAN, combos=2),
    _PLAN,
    replace(_PLAN, seeds=1),
    replace(_PLAN, seeds=10),
    replace(_PLAN, tasks=48, seeds=1),
    replace(_PLAN, combos=17),
    replace(_PLAN, world=World(rate=0.3, alike=0.3, correlation=0.6)),
)


@dataclass(frozen=True)
class UShaped(World):
    """Tasks whose chances have a Beta distribution, where `power` assumes a probit."""

    def sweep(
        self,
        draw: np.random.Generator,
        rates: npt.NDArray[np.float64],
        tasks: int,
        seeds: int,
    ) -> npt.NDArray[np.int64]:
        """Passed trials by entry and task."""
        score = np.sqrt(self.correlation) * draw.normal(size=tasks)
        own = draw.normal(size=(len(rates), tasks))
        score = stats.norm.cdf(score + np.sqrt(1 - self.correlation) * own)
        whole = 1 / self.alike - 1
        a, b = rates[:, None] * whole, (1 - rates[:, None]) * whole
        found: npt.NDArray[np.int64] = draw.binomial(seeds, stats.beta.ppf(score, a, b))
        return found


def found(plan: Plan, difference: float) -> float:
    """The share of fresh sweeps that find the difference."""
    draw = np.random.default_rng(_SEED)
    return sum(plan.finds(draw, difference) for _ in range(SWEEPS)) / SWEEPS


def first_is_best(plan: Plan) -> float:
    """How often the first of a fresh sweep is truly the best."""
    draw = np.random.default_rng(_SEED)
    world, hits = plan.world, 0.0
    for _ in range(SWEEPS):
        rates = np.clip(draw.normal(world.rate, world.spread, plan.combos), 0.01, 0.99)
        passed = world.sweep(draw, rates, plan.tasks, plan.seeds).sum(axis=1)
        first = np.flatnonzero(passed == passed.max())
        hits += float(np.mean(rates[first] == rates.max()))
    return hits / SWEEPS


def main() -> str:
    """The figures."""
    rows, off = [], [0.0]
    for plan in PLANS:
        promised = plan.smallest_difference()
        assert promised is not None, "it can be found"
        kept, likely = found(plan, promised), plan.first_is_best()
        fresh = first_is_best(plan)
        other = replace(plan, world=UShaped(**vars_of(plan.world)))
        off += [abs(kept - WANTED), abs(likely - fresh)]
        rows.append(
            (
                f"{plan.combos} x {plan.tasks} x {plan.seeds}",
                f"{plan.world.rate:g}",
                f"{promised * 100:.1f}",
                f"{kept * 100:.1f}",
                f"{found(other, promised) * 100:.1f}",
                f"{likely * 100:.1f}",
                f"{fresh * 100:.1f}",
            )
        )
    head = (
        "combos x tasks x seeds",
        "rate",
        "promised, points",
        "found, %",
        "found if tasks are Beta, %",
        "first is best, %: promised",
        "seen",
    )
    return f"""# What `harness-bench power` promises

The true difference that it says is found in {WANTED:.0%} of sweeps, and in how many of
{SWEEPS:,} fresh sweeps the joint test finds it; the chance that the first is truly the
best, and how often it is. Plans and seed were fixed beforehand. The promises are off by
at most {max(off) * 100:.1f} points.

{table(head, rows)}
"""


def vars_of(world: World) -> dict[str, float]:
    """The assumptions of a world."""
    return {
        "rate": world.rate,
        "alike": world.alike,
        "correlation": world.correlation,
        "spread": world.spread,
    }
