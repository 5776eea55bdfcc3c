"""Benchmarks drawn from fixed seeds: full and ragged, dense and sparse."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from harness_bench.schema import Record
from sitegen.metadata import TaskInfo
from tests.records import inputs

if TYPE_CHECKING:
    from sitegen.inputs import Inputs

N_DESIGNS = 200


def design(seed: int) -> Inputs:
    """The rows of one benchmark whose cells are private, and what is told of tasks.

    6 combos on 8 tasks up to 20 on 16, by skill and difficulty. A third miss some
    cells, a sixth have a sweep for each quant, a tenth ran some cells in another sweep
    again, a fifth ran some or all cells more often than once, a fifth have scores.
    """
    rng = random.Random(seed)  # noqa: S311 - no secret
    n_harnesses = rng.randint(1, 5)
    n_models = max(1, round(rng.randint(6, 20) / n_harnesses))
    tasks = [f"t{i:02d}" for i in range(rng.randint(8, 16))]
    quants = rng.choice(([""], ["Q4", "Q8"]))
    swept = len(quants) > 1 and rng.random() < 1 / 3
    missing = rng.choice((0, 0, 0, 0, 0.1, 0.5))
    seeds = rng.choice(([1], [1], [1], [1], [1], [1], [1], [3], [2], [1, 2]))
    scored = rng.random() < 1 / 5
    ease = rng.choice((-1.0, 0.0, 1.0, 2.0))
    hard = {task: rng.gauss(0, 1.5) for task in tasks}
    records = []
    for m in range(n_models):
        quant, skill = quants[m % len(quants)], rng.gauss(ease, 1.5)
        for h in range(n_harnesses):
            own = skill + rng.gauss(0, 0.5)
            for task in tasks:
                if rng.random() < missing:
                    continue
                for again in range(rng.choice(seeds)):
                    passed = rng.random() < 1 / (1 + math.exp(hard[task] - own))
                    records.append(
                        Record(
                            model=f"m{m // len(quants)}",
                            quant=quant,
                            harness=f"h{h}",
                            task=task,
                            seed=again,
                            sweep=quant if swept else "",
                            passed=passed,
                            score=_score(rng, passed=passed) if scored else None,
                            agent_time_s=round(rng.uniform(1, 100), 1),
                        )
                    )
    records += _again(random.Random(-seed - 1), records)  # noqa: S311 - no secret
    records = records or [Record(model="m", harness="h", task="t", passed=True)]
    found = inputs(records, cells=False)
    languages = rng.choice((0, 2, 3))
    told = {
        task: TaskInfo(language=f"l{place % languages}")
        for place, task in enumerate(tasks)
        if languages
    }
    return replace(found, metadata=replace(found.metadata, tasks=told))


def _again(rng: random.Random, records: list[Record]) -> list[Record]:
    """In a tenth of the benchmarks, what some cells did in another sweep."""
    share = rng.choice((0.1, 0.5, 1.0))
    if rng.random() > 1 / 10:
        return []
    return [
        replace(r, sweep="again", passed=rng.random() < 1 / 2)
        for r in records
        if rng.random() < share
    ]


def _score(rng: random.Random, *, passed: bool) -> float:
    return 1.0 if passed else round(rng.random(), 2)
