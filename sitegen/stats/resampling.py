"""The same draws for everything that is drawn: numbers that no release can change."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sitegen.stats.trials import IntArray

DRAWS = 1000
_SEED = np.uint64(2026)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def fixed_numbers(n: int) -> npt.NDArray[np.uint64]:
    """The first `n` numbers of 64 bits from the one fixed seed.

    SplitMix64 on a counter (Steele, Lea & Flood 2014), every step of it written
    here: no release of any library can change them.
    """
    z = np.arange(1, n + 1, dtype=np.uint64) * _GOLDEN + _SEED
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


def resampled(n_tasks: int) -> IntArray:
    """How often each draw takes each task, shape (`DRAWS`, n_tasks).

    Each draw takes `n_tasks` tasks with replacement.
    """
    draws = (fixed_numbers(DRAWS * n_tasks) % np.uint64(n_tasks)).astype(np.int64)
    rows = np.repeat(np.arange(DRAWS), n_tasks) * n_tasks
    weights = np.bincount(rows + draws, minlength=DRAWS * n_tasks)
    return weights.reshape(DRAWS, n_tasks).astype(np.int64)
