"""pass^k: the chance that k trials of a task in a row all pass."""

from dataclasses import dataclass
from fractions import Fraction
from math import comb

from sitegen.keys import ComboKey
from sitegen.stats.counts import Counts

_MOST = 8
"""Larger k are not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """pass^k and pass@k of one combo."""

    key: ComboKey
    k: int
    n_tasks: int
    pass_hat_k: Fraction
    """All of k trials pass, averaged over tasks."""
    pass_at_k: Fraction
    """At least one of k trials passes, averaged over tasks."""


def consistency(counts: Counts[ComboKey]) -> tuple[Consistency, ...]:
    """Each group, k = 1 up to the fewest trials it has on any of its tasks.

    With fewer than k trials on some task the estimate is blank, so those k are
    absent; groups with one trial a task have none worth showing and are left
    out altogether.

    Source:
        pass^k = C(c, k)/C(n, k), tau-bench (arXiv:2406.12045);
        pass@k = 1 - C(n - c, k)/C(n, k), Chen et al. (arXiv:2107.03374).
    """
    found: list[Consistency] = []
    for index, key in enumerate(counts.labels):
        tasks = [
            (int(n), int(c))
            for n, c in zip(counts.trials[index], counts.passed[index], strict=True)
            if n
        ]
        fewest = min((n for n, _ in tasks), default=0)
        if fewest > 1:
            found += [
                _estimate(key, k, tasks) for k in range(1, min(fewest, _MOST) + 1)
            ]
    return tuple(found)


def _estimate(key: ComboKey, k: int, tasks: list[tuple[int, int]]) -> Consistency:
    all_pass = sum(Fraction(comb(c, k), comb(n, k)) for n, c in tasks)
    none_pass = sum(Fraction(comb(n - c, k), comb(n, k)) for n, c in tasks)
    return Consistency(
        key=key,
        k=k,
        n_tasks=len(tasks),
        pass_hat_k=Fraction(all_pass, len(tasks)),
        pass_at_k=1 - Fraction(none_pass, len(tasks)),
    )
