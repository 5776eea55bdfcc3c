"""One test for all pairs of a ranking at once: who differs from whom, task by task."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import fsum, gcd
from typing import Any

import numpy as np
import numpy.typing as npt

from sitegen.stats.resampling import fixed_numbers
from sitegen.stats.trials import BoolArray, FloatArray, IntArray

LEVEL = Fraction(1, 20)
"""Two are told apart where the adjusted p value is at most this."""

FLIPS = 1_999
"""Choices of signs that are drawn where there are too many to try them all."""

_ALL_UP_TO = 2_000
_FINEST = 2**20
"""Steps of 1: fine enough for any rate, coarse enough for exact sums over 4,000
tasks."""
_BLOCK = 64
"""Pairs that are looked at together: they fit a cache, and change no result."""
_ROUNDING = 1 - 1e-12
"""Statistics that differ by less count as equal: 2/sqrt(8) and 1/sqrt(2) are."""
_EXACT = 2**53
"""Whole numbers below this are exact as floats, in whatever order they are added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTest:
    """The verdict on every pair of the entities of one ranking."""

    p: FloatArray
    """Shape (n, n), symmetric: adjusted for all pairs together; 1 on the diagonal."""
    lead: IntArray
    """Shape (n, n): the sign of the mean difference, row minus column."""

    def apart(self, a: int, b: int) -> bool:
        """Whether the data tell two entities apart."""
        return float(self.p[a, b]) <= float(LEVEL)

    def ahead(self, a: int, b: int) -> bool:
        """Whether `a` is shown to be better than `b`."""
        return self.apart(a, b) and int(self.lead[a, b]) > 0

    @property
    def told_apart(self) -> BoolArray:
        """Shape (n, n): the same of all pairs."""
        return self.p <= float(LEVEL)

    def rank_set(self, a: int) -> tuple[int, int]:
        """The ranks that `a` may truly have, all entities' at once.

        1 + who is shown to be better, to the number of entities less who is
        shown to be worse.

        Source:
            Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic Studies
            91(1), with this test in place of theirs.
        """
        lead = self.lead[a] * (self.p[a] <= float(LEVEL))
        return 1 + int((lead < 0).sum()), len(lead) - int((lead > 0).sum())


def joint_test(steps: IntArray) -> JointTest:
    """Test all pairs of entities that ran the same tasks, as one family.

    If no two entities differed, the differences of one task could all as well
    have had the other sign: each choice of signs flips every pair on a task
    together, so that the dependence between pairs is kept. The statistic of a
    pair is its summed difference over the root of its summed squares and of their
    mean over all pairs, which no flip changes. Of few tasks a pair's own squares say
    little of its noise: with the mean, more true differences are found at the same
    error. 0/0, entities that are all equal task by task, counts as 0.
    Pairs are taken in the order of their statistics, and each is held against
    the largest among itself and those after it (step-down). In at most 5 % of
    sweeps is any pair told apart that is equal, if differences are symmetric.

    All 2**T choices of signs are tried where they are at most 2,000, else 1,999
    are drawn from a fixed seed. Sums are taken of each entity and then
    subtracted: n of them for each choice of signs, not one for each pair.

    Args:
        steps: Shape (n_entities, n_tasks): the mean of each entity on each task
            in whole steps of a common size.

    Source:
        Romano & Wolf (2005), JASA 100(469); Westfall & Young (1993), Resampling-
        Based Multiple Testing; sign flips: Fisher (1935), section 21; the mean in
        the root: Tusher, Tibshirani & Chu (2001), PNAS 98(9).
    """
    n, n_tasks = steps.shape
    p, lead = np.ones((n, n)), np.zeros((n, n), dtype=np.int64)
    if n < 2 or n_tasks == 0:  # noqa: PLR2004 - a pair
        return JointTest(p=p, lead=lead)
    values = _exact(steps - steps.min())
    a, b = np.triu_indices(n, k=1)
    total = values.sum(axis=1)
    signs, drawn = _signs(n_tasks)
    flipped = values @ signs.T
    adjusted = _step_down(
        total[a] - total[b],
        _squares(values, a, b),
        lambda pairs: flipped[a[pairs]] - flipped[b[pairs]],
        drawn,
    )
    p[a, b] = p[b, a] = adjusted
    lead[a, b] = np.sign(total[a] - total[b])
    lead[b, a] = -lead[a, b]
    return JointTest(p=p, lead=lead)


def joint_contrasts(steps: IntArray) -> FloatArray:
    """The same test of any contrasts whose mean over tasks could be 0.

    Args:
        steps: Shape (n_contrasts, n_tasks): what each contrast is on each task, in
            whole steps of a common size.

    Returns:
        Shape (n_contrasts,): p values, adjusted for all contrasts together.
    """
    if not steps.size:
        return np.ones(len(steps))
    values = _exact(steps)
    signs, drawn = _signs(steps.shape[1])
    flipped = values @ signs.T
    return _step_down(
        values.sum(axis=1),
        np.square(values).sum(axis=1),
        lambda some: flipped[some],
        drawn,
    )


def in_steps(steps: npt.NDArray[Any], unit: int) -> IntArray:
    """Rows of numbers, whole steps of 1 / unit, coarse enough for exact sums."""
    common = gcd(unit, *np.unique(steps).tolist())
    steps, unit = steps // common, unit // common
    if unit > _FINEST:
        # To the nearest, of two as near to the even one.
        twice = 2 * _FINEST * steps.astype(object) + unit
        steps = twice // (2 * unit)
        steps -= (twice % (2 * unit) == 0) * (steps % 2)
    return steps.astype(np.int64)


def _step_down(
    sums: FloatArray,
    squares: FloatArray,
    flipped: Callable[[IntArray], FloatArray],
    drawn: int,
) -> FloatArray:
    """P values adjusted for the family, each statistic held against itself and less.

    Args:
        sums: Shape (n,): what was seen.
        squares: Shape (n,): summed squares, which no flip changes.
        flipped: The sums under each choice of signs, (some, choices), of some of n.
        drawn: 1 where the choices were drawn, see `_signs`.
    """
    # The same whatever the order of the pairs.
    squares = squares + fsum(squares.tolist()) / len(squares)
    seen = _statistic(sums, squares)
    order = np.argsort(-seen, kind="stable")
    at_least = np.zeros(len(seen), dtype=np.int64)
    # From the smallest statistic up, the largest of all those so far.
    largest = np.zeros(1)
    for block in _blocks(order):
        found = _statistic(flipped(block), squares[block][:, None])
        for pair, own in zip(block.tolist(), found, strict=True):
            largest = np.maximum(largest, own)
            at_least[pair] = np.count_nonzero(largest >= seen[pair] * _ROUNDING)
    share = (at_least + drawn) / (len(largest) + drawn)
    adjusted = np.empty_like(share)
    adjusted[order] = np.maximum.accumulate(share[order])
    return adjusted


def _exact(steps: IntArray) -> FloatArray:
    """The steps as floats whose sums and squares over all tasks are exact."""
    most = int(np.abs(steps).max(initial=0))
    if most * most * steps.shape[1] >= _EXACT:
        raise ValueError("steps are too fine for exact sums")
    found: FloatArray = steps.astype(np.float64)
    return found


def _squares(values: FloatArray, a: IntArray, b: IntArray) -> FloatArray:
    """The summed squared differences of each pair."""
    products = values @ values.T
    own = np.diagonal(products)
    found: FloatArray = own[a] + own[b] - 2 * products[a, b]
    return found


def _statistic(sums: FloatArray, squares: FloatArray) -> FloatArray:
    found: FloatArray = np.abs(sums)
    found /= np.sqrt(np.maximum(squares, 1.0))
    return found


@lru_cache(maxsize=8)
def _signs(n_tasks: int) -> tuple[FloatArray, int]:
    """Choices of signs, shape (choices, n_tasks), and 1 where they were drawn.

    A choice and its opposite give the same statistics, so that half of all are
    tried. What is drawn leaves out the choice that was seen: it is the 1 that is
    added.
    """
    if 2**n_tasks <= _ALL_UP_TO:
        choices = np.arange(2 ** (n_tasks - 1))[:, None]
        return _as_signs((choices >> np.arange(n_tasks)) & 1), 0
    words = -(-n_tasks // 64)
    shifts = np.arange(64, dtype=np.uint64)
    bits = (fixed_numbers(FLIPS * words)[:, None] >> shifts) & np.uint64(1)
    return _as_signs(bits.reshape(FLIPS, words * 64)[:, :n_tasks]), 1


def _as_signs(bits: npt.NDArray[np.integer[Any]]) -> FloatArray:
    return 1.0 - 2.0 * bits.astype(np.float64)


def _blocks(order: IntArray) -> Iterator[IntArray]:
    """The pairs from the smallest statistic to the largest, some at a time."""
    rising = order[::-1]
    for start in range(0, len(rising), _BLOCK):
        yield rising[start : start + _BLOCK]
