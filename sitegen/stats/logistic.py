"""A ridge logistic model of models, harnesses, their meetings, and tasks."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

import numpy as np

from sitegen.stats.trials import FloatArray

if TYPE_CHECKING:
    from sitegen.stats.trials import IntArray

RIDGE = 1.0
"""Weight of the squared effects: each is drawn towards 0 as by a normal prior
with a standard deviation of 1 on the log-odds scale."""
_STEPS = 100
_CLOSE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The fitted log-odds of every combo on a task of mean difficulty."""

    combo: FloatArray
    """Shape (models, harnesses)."""
    task: FloatArray
    """Shape (tasks,): what a task adds; sums to 0."""
    factor: FloatArray
    """Shape (models * harnesses, size): with `own`, the covariance of the
    combos' log-odds is factor factor' + diag(own)."""
    own: FloatArray
    """Shape (models * harnesses,)."""

    def variance(self, weights: FloatArray) -> float:
        """The variance of a weighted sum of the combos' log-odds.

        Args:
            weights: Shape (models, harnesses).
        """
        flat = weights.ravel()
        along = np.add.reduce(flat[:, None] * self.factor, axis=0)
        return fsum((along * along).tolist()) + fsum((flat * flat * self.own).tolist())


def fit(passed: IntArray, trials: IntArray) -> Fit | None:
    """Fit logit P = mean + model + harness + (model, harness) + task.

    All effects but the mean carry the ridge penalty, so that a combo that
    passed everything has a finite effect; the mean carries none. Solved by
    Newton's method; the effects of single combos are eliminated first, for
    their block of the Hessian is diagonal. Sums and Gaussian elimination run
    in a fixed order, without BLAS.

    Args:
        passed: Shape (models, harnesses, tasks): passed trials.
        trials: The same shape: trials, at least one in all.

    Returns:
        None where all trials passed or all failed: the mean then has no
        finite estimate.

    Source:
        Ridge logistic regression: le Cessie & van Houwelingen (1992); the
        covariance is the inverse of the penalised Hessian (the Laplace
        approximation to the posterior under the normal prior).
    """
    if not 0 < passed.sum() < trials.sum():
        return None
    design = _Design(passed.shape)
    x = passed.reshape(design.combos, design.tasks).astype(np.float64)
    n = trials.reshape(design.combos, design.tasks).astype(np.float64)
    outer, inner = np.zeros(design.size), np.zeros(design.combos)
    outer[0] = np.log(x.sum() / (n.sum() - x.sum()))
    best = _objective(design, outer, inner, x, n)
    for _ in range(_STEPS):
        step_outer, step_inner = _newton(design, outer, inner, x, n)
        scale = 1.0
        while True:
            tried = outer + scale * step_outer, inner + scale * step_inner
            value = _objective(design, *tried, x, n)
            if value >= best or scale < _CLOSE:
                break
            scale /= 2
        (outer, inner), best = tried, value
        if max(np.abs(step_outer).max(), np.abs(step_inner).max()) < _CLOSE:
            break
    return _fit(design, outer, inner, n)


class _Design:
    """Where each parameter stands: mean, models, harnesses, tasks."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.models, self.harnesses, self.tasks = shape
        self.combos = self.models * self.harnesses
        self.size = 1 + self.models + self.harnesses + self.tasks
        model, harness = np.divmod(np.arange(self.combos), self.harnesses)
        self.places = np.stack(
            [np.zeros_like(model), 1 + model, 1 + self.models + harness], axis=1
        )
        self.first_task = 1 + self.models + self.harnesses

    def log_odds(self, outer: FloatArray, inner: FloatArray) -> FloatArray:
        """Shape (combos, tasks)."""
        combo = np.add.reduce(outer[self.places], axis=1) + inner
        found: FloatArray = combo[:, None] + outer[None, self.first_task :]
        return found

    def gather(self, values: FloatArray) -> FloatArray:
        """Sums over the cells that each outer parameter is in."""
        by_combo = np.add.reduce(values, axis=1)
        grid = by_combo.reshape(self.models, self.harnesses)
        return np.concatenate(
            [
                [np.add.reduce(by_combo)],
                np.add.reduce(grid, axis=1),
                np.add.reduce(grid, axis=0),
                np.add.reduce(values, axis=0),
            ]
        )

    def coupling(self, weights: FloatArray) -> FloatArray:
        """The Hessian between combos and outer parameters, (combos, size)."""
        found = np.zeros((self.combos, self.size))
        found[np.arange(self.combos)[:, None], self.places] = np.add.reduce(
            weights, axis=1
        )[:, None]
        found[:, self.first_task :] = weights
        return found

    def hessian(self, weights: FloatArray) -> FloatArray:
        """The Hessian of the outer parameters, (size, size), with the penalty."""
        found = np.zeros((self.size, self.size))
        for combo, places in enumerate(self.places):
            found[np.ix_(places, places)] += fsum(weights[combo].tolist())
            found[places, self.first_task :] += weights[combo]
        by_task = np.arange(self.first_task, self.size)
        found[self.first_task :] = found[:, self.first_task :].T
        found[by_task, by_task] = np.add.reduce(weights, axis=0)
        inside = np.arange(1, self.size)
        found[inside, inside] += RIDGE
        return found


def _objective(
    design: _Design, outer: FloatArray, inner: FloatArray, x: FloatArray, n: FloatArray
) -> float:
    eta = design.log_odds(outer, inner)
    likelihood = x * eta - n * np.logaddexp(0, eta)
    penalty = np.concatenate([outer[1:], inner])
    return fsum(likelihood.ravel().tolist()) - RIDGE / 2 * fsum(
        (penalty * penalty).tolist()
    )


def _newton(
    design: _Design, outer: FloatArray, inner: FloatArray, x: FloatArray, n: FloatArray
) -> tuple[FloatArray, FloatArray]:
    p = _logistic(design.log_odds(outer, inner))
    pull = np.concatenate([[0.0], RIDGE * outer[1:]])
    slope_outer = design.gather(x - n * p) - pull
    slope_inner = np.add.reduce(x - n * p, axis=1) - RIDGE * inner
    reduced, coupling, own = _reduced(design, n * p * (1 - p))
    slope = slope_outer - np.add.reduce(coupling * (slope_inner / own)[:, None], axis=0)
    lower = cholesky(reduced)
    step_outer = _backward(lower, forward(lower, slope[:, None]))[:, 0]
    step_inner = (
        slope_inner - np.add.reduce(coupling * step_outer[None, :], axis=1)
    ) / own
    return step_outer, step_inner


def _reduced(
    design: _Design, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The Hessian with the combos eliminated, their coupling, their diagonal."""
    own = np.add.reduce(weights, axis=1) + RIDGE
    coupling = design.coupling(weights)
    reduced = design.hessian(weights)
    for row, diagonal in zip(coupling, own, strict=True):
        used = np.flatnonzero(row)
        reduced[np.ix_(used, used)] -= row[used, None] * row[None, used] / diagonal
    return reduced, coupling, own


def _fit(design: _Design, outer: FloatArray, inner: FloatArray, n: FloatArray) -> Fit:
    p = _logistic(design.log_odds(outer, inner))
    reduced, coupling, own = _reduced(design, n * p * (1 - p))
    # The log-odds of a combo move with the outer parameters at `direct`.
    direct = np.zeros((design.combos, design.size))
    direct[np.arange(design.combos)[:, None], design.places] = 1
    direct -= coupling / own[:, None]
    tasks = outer[design.first_task :]
    centre = fsum(tasks.tolist()) / design.tasks
    combo = np.add.reduce(outer[design.places], axis=1) + inner + centre
    return Fit(
        combo=combo.reshape(design.models, design.harnesses),
        task=tasks - centre,
        factor=forward(cholesky(reduced), direct.T).T,
        own=1 / own,
    )


def _logistic(eta: FloatArray) -> FloatArray:
    return np.exp(-np.logaddexp(0, -eta))


def cholesky(matrix: FloatArray) -> FloatArray:
    """The lower triangle L with L L' = matrix, which is positive definite."""
    left = matrix.copy()
    lower = np.zeros_like(left)
    for k in range(len(left)):
        column = left[k:, k] / np.sqrt(left[k, k])
        lower[k:, k] = column
        left[k:, k:] -= column[:, None] * column[None, :]
    return lower


def forward(lower: FloatArray, right: FloatArray) -> FloatArray:
    """The solution Y of L Y = right, columns together."""
    found = right.copy()
    for k in range(len(lower)):
        found[k] /= lower[k, k]
        found[k + 1 :] -= lower[k + 1 :, k, None] * found[None, k]
    return found


def _backward(lower: FloatArray, right: FloatArray) -> FloatArray:
    """The solution Y of L' Y = right, columns together."""
    found = right.copy()
    for k in reversed(range(len(lower))):
        found[k] /= lower[k, k]
        found[:k] -= lower[k, :k, None] * found[None, k]
    return found
