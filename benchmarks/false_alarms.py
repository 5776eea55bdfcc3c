"""How often equal models are called different, in drawn sweeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.designs import TASKS, Design, counts, table
from sitegen.stats.pairs import pairs
from sitegen.stats.standings import Standing, standings

if TYPE_CHECKING:
    from sitegen.keys import ComboKey

DRAWS = 2_000


def alarms(design: Design, models: int, own: float) -> tuple[float, float]:
    """The share of sweeps with any false "different", and with a split leader.

    Args:
        design: Tasks and seeds.
        models: How many equal ones.
        own: How far each model has strengths of its own: the standard deviation
            of its chance on a task around the task's, with mean 0.
    """
    draw = np.random.default_rng(3)
    some = first = 0
    for _ in range(DRAWS):
        tasks = design.tasks(draw, 1)[0]
        # As far up as down, so that all models stay equal in the mean.
        room = np.minimum(tasks, 1 - tasks)
        shift = np.clip(draw.normal(0, own, size=(models, TASKS)), -room, room)
        passed = draw.binomial(design.seeds, tasks + shift)
        sweep = counts(passed, design.seeds)
        order: tuple[Standing[ComboKey], ...] = standings(sweep, ranked=False)
        apart = [pair for pair in pairs("combo", sweep, order) if pair.separable]
        some += bool(apart)
        first += any(pair.a == order[0].key for pair in apart)
    return some / DRAWS, first / DRAWS


def main() -> str:
    """The figures."""
    rows = []
    for models in (5, 10):
        for seeds in (1, 3):
            for rate in (0.5, 0.2):
                for own in (0.0, 0.2):
                    design = Design(name="", rate=rate, spread=1.0, seeds=seeds)
                    some, first = alarms(design, models, own)
                    rows.append(
                        (
                            f"{models}",
                            f"{seeds}",
                            f"{rate}",
                            f"{own}",
                            f"{some:.4f}",
                            f"{first:.4f}",
                        )
                    )
    worst = max(float(row[4]) for row in rows)
    head = ("models", "seeds", "rate", "own strengths", "any pair", "with the first")
    return f"""# False alarms among equal models

{TASKS} tasks, {DRAWS:,} drawn sweeps a line, all models equally good: how often any
pair is called different (sign-flip test, Holm over all pairs, 5 %), and how often one
that has the first of the ranking in it. "Own strengths" lets each model's chance on a
task differ from the task's by so much (standard deviation). The largest share is
{worst:.4f}.

{table(head, rows)}
"""
