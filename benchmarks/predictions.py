"""How often what is predicted of a fresh sweep comes true, in drawn sweeps."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.designs import table
from sitegen.stats.fresh_sweep import fresh_sweep
from sitegen.stats.intraclass import agreement, worth

if TYPE_CHECKING:
    import numpy.typing as npt

    from sitegen.stats.intervals import Interval

SWEEPS = 2_000
ENTITIES = 10
_SEED = 20
_CORRELATION = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Ten entities, of which each finds other tasks hard or all find the same."""

    rate: float
    tasks: int
    seeds: int
    alike: bool

    def chances(self, draw: np.random.Generator) -> npt.NDArray[np.float64]:
        """To pass each task, (ENTITIES, tasks)."""
        whole = 1 / _CORRELATION - 1
        of_their_own = 1 if self.alike else ENTITIES
        drawn = draw.beta(
            self.rate * whole, (1 - self.rate) * whole, (of_their_own, self.tasks)
        )
        return np.broadcast_to(drawn, (ENTITIES, self.tasks))


PLANS = tuple(
    Plan(rate=rate, tasks=tasks, seeds=seeds, alike=alike)
    for tasks, seeds in ((16, 3), (16, 10), (40, 5))
    for alike in (False, True)
    for rate in (0.1, 0.3, 0.5)
)


def held(plan: Plan) -> tuple[float, float]:
    """The share of predictions that come true: on the same tasks, and on new ones."""
    draw = np.random.default_rng(_SEED)
    inverse = Fraction(plan.tasks, plan.seeds)
    same = new = 0
    for _ in range(SWEEPS):
        chances = plan.chances(draw)
        passed = draw.binomial(plan.seeds, chances)
        again = draw.binomial(plan.seeds, chances).mean(axis=1) / plan.seeds
        other = draw.binomial(plan.seeds, plan.chances(draw)).mean(axis=1) / plan.seeds
        agree = agreement(passed, np.full_like(passed, plan.seeds))
        own = worth(np.ones(plan.tasks, dtype=np.int64), inverse, agree)
        n = plan.tasks * plan.seeds
        for entity, total in enumerate(passed.sum(axis=1).tolist()):
            found = fresh_sweep(
                Fraction(total, n), own, seeds_known=True, n_tasks=plan.tasks
            )
            same += _holds(found.same_tasks, again[entity])
            new += _holds(found.new_tasks, other[entity])
    return same / SWEEPS / ENTITIES, new / SWEEPS / ENTITIES


def _holds(predicted: Interval | None, rate: float) -> bool:
    assert predicted is not None, "the seeds are known"
    return predicted.low - 1e-9 <= rate <= predicted.high + 1e-9


def main() -> str:
    """The figures."""
    found = [(plan, held(plan)) for plan in PLANS]
    shares = [share for _, both in found for share in both]
    rows = [
        (
            f"{plan.tasks} x {plan.seeds}",
            f"{plan.rate}",
            "the same" if plan.alike else "others",
            *(f"{share:.3f}" for share in both),
        )
        for plan, both in found
    ]
    return f"""# Predictions of a fresh sweep

{SWEEPS:,} sweeps of {
        ENTITIES
    } entities a line, each run a second time on the same tasks
and on tasks newly drawn. Designs and seed were fixed beforehand. The trials of a task
correlate by {_CORRELATION}. Of all shares the least is {min(shares):.3f}, the largest
{max(shares):.3f}.

{
        table(
            ("tasks x seeds", "rate", "hard for all are", "same tasks", "new tasks"),
            rows,
        )
    }
"""
