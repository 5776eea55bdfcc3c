"""The complete part of a ranking of models: what all ran in all harnesses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sitegen.keys import HarnessKey, KeyT, QuantKey, TaskKey
from sitegen.stats.ranking import Ranking
from sitegen.stats.trials import IntArray, Trials

_FEWEST = 2
"""Labels that an axis needs: with fewer there is nothing to compare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgrid:
    """Models x harnesses x tasks without a gap, and what was left out for it."""

    models: tuple[QuantKey, ...]
    harnesses: tuple[HarnessKey, ...]
    tasks: tuple[TaskKey, ...]
    trials: IntArray
    """Shape (models, harnesses, tasks): measured trials, all of them 1 or more."""
    passed: IntArray
    repeated: bool
    """Whether every cell ran more than once."""
    without_models: tuple[QuantKey, ...]
    """Left out."""
    without_harnesses: tuple[HarnessKey, ...]
    without_tasks: tuple[TaskKey, ...]
    outside: int
    """Measured cells that are left out with them."""


def subgrid(trials: Trials, ranking: Ranking[QuantKey]) -> Subgrid | None:
    """The models that are ranked, on the tasks that all ran in all shared harnesses.

    Main effects mean something only where every model met every harness on the
    same tasks: elsewhere a harness that was tried with weak models looks weak.

    A harness in several variants counts as their mean: each variant weighs the same.

    Returns:
        None without two models, harnesses and tasks.
    """
    tasks = np.flatnonzero(ranking.shared.all(axis=0))
    variants: dict[HarnessKey, list[int]] = {}
    for index, partner in enumerate(ranking.partners):
        variants.setdefault(HarnessKey(partner[0]), []).append(index)
    harnesses = tuple(sorted(variants))
    if min(len(ranking.keys), len(harnesses), len(tasks)) < _FEWEST:
        return None
    both = [_mean(ranking, variants[harness], tasks) for harness in harnesses]
    n_partners = len(ranking.partners)
    _, cells = trials.cells(trials.measured)
    named = tuple(trials.task.labels[index] for index in tasks)
    return Subgrid(
        models=ranking.keys,
        harnesses=harnesses,
        tasks=named,
        trials=np.stack([n for n, _ in both], axis=1),
        passed=np.stack([passed for _, passed in both], axis=1),
        repeated=bool((ranking.trials[:, :, tasks] > 1).all()),
        without_models=_absent(trials.quant.labels, ranking.keys),
        without_harnesses=_absent(trials.harness.labels, harnesses),
        without_tasks=_absent(trials.task.labels, named),
        outside=len(cells) - len(ranking.keys) * n_partners * len(tasks),
    )


def _mean(
    ranking: Ranking[QuantKey], partners: list[int], tasks: IntArray
) -> tuple[IntArray, IntArray]:
    """Trials and passes, (models, tasks), whose ratio is the mean of the variants'."""
    n = ranking.trials[:, partners][:, :, tasks]
    each = np.lcm.reduce(n, axis=1)
    passed = (ranking.passed[:, partners][:, :, tasks] * (each[:, None] // n)).sum(
        axis=1
    )
    return each * len(partners), passed


def _absent(labels: Sequence[KeyT], kept: Iterable[KeyT]) -> tuple[KeyT, ...]:
    known = set(kept)
    return tuple(label for label in labels if label not in known)
