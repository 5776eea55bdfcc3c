"""The ridge logistic model against a general optimiser and dense algebra."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize

from sitegen.stats import logistic
from sitegen.stats.logistic import RIDGE, Fit, fit
from sitegen.stats.trials import FloatArray, IntArray

shapes = st.tuples(st.integers(2, 4), st.integers(2, 3), st.integers(2, 5))


@st.composite
def grids(draw: st.DrawFn) -> tuple[IntArray, IntArray]:
    """(passed, trials) of shape (models, harnesses, tasks)."""
    shape = draw(shapes)
    trials = draw(arrays(np.int64, shape, elements=st.integers(1, 4)))
    share = draw(arrays(np.int64, shape, elements=st.integers(0, 4)))
    return np.minimum(share, trials), trials


def design(shape: tuple[int, ...]) -> FloatArray:
    """A column a parameter: mean, models, harnesses, combos, tasks."""
    m, h, t = (axis.ravel() for axis in np.indices(shape))
    blocks = [
        np.ones((len(m), 1)),
        np.eye(shape[0])[m],
        np.eye(shape[1])[h],
        np.eye(shape[0] * shape[1])[m * shape[1] + h],
        np.eye(shape[2])[t],
    ]
    return np.concatenate(blocks, axis=1)


def dense(passed: IntArray, trials: IntArray) -> tuple[FloatArray, FloatArray]:
    """Every parameter, and the inverse of the penalised Hessian."""
    x = design(passed.shape)
    penalty = np.full(x.shape[1], RIDGE)
    penalty[0] = 0
    successes, n = passed.ravel(), trials.ravel()

    def negative(beta: FloatArray) -> tuple[float, FloatArray]:
        eta = x @ beta
        value = (n * np.logaddexp(0, eta) - successes * eta).sum()
        slope = x.T @ (n / (1 + np.exp(-eta)) - successes) + penalty * beta
        return float(value + (penalty * beta * beta).sum() / 2), slope

    found = minimize(
        negative, np.zeros(x.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-7}
    )
    beta = found.x
    for _ in range(3):
        p = 1 / (1 + np.exp(-(x @ beta)))
        hessian = x.T @ ((n * p * (1 - p))[:, None] * x) + np.diag(penalty)
        beta = beta - np.linalg.solve(hessian, negative(beta)[1])
    return beta, np.linalg.inv(hessian)


def fitted(passed: IntArray, trials: IntArray) -> Fit:
    found = fit(passed, trials)
    assert found is not None
    return found


def some(shape: tuple[int, int, int], seed: int) -> tuple[IntArray, IntArray]:
    rng = np.random.default_rng(seed)
    trials = rng.integers(1, 4, shape)
    return rng.binomial(trials, rng.uniform(0.1, 0.9, shape)), trials


@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 5, 4), (6, 2, 9)])
def test_estimates_and_variances_are_those_of_dense_algebra(
    shape: tuple[int, int, int],
) -> None:
    passed, trials = some(shape, 7)
    beta, covariance = dense(passed, trials)
    ours = fitted(passed, trials)
    m, h = (axis.ravel() for axis in np.indices(shape[:2]))
    combos = shape[0] * shape[1]
    first = 1 + shape[0] + shape[1]
    pick = np.zeros((combos, len(beta)))
    rows = np.arange(combos)
    for column in (0 * m, 1 + m, 1 + shape[0] + h, first + rows):
        pick[rows, column] = 1
    assert ours.combo.ravel() == pytest.approx(pick @ beta, abs=1e-9)
    assert ours.task == pytest.approx(beta[first + combos :], abs=1e-9)
    contrast = np.zeros(shape[:2])
    contrast[0] += 1 / shape[1]
    contrast -= 1 / combos
    along = contrast.ravel() @ pick
    assert ours.variance(contrast) == pytest.approx(
        along @ covariance @ along, abs=1e-9
    )


@settings(max_examples=60)
@given(grids())
def test_every_grid_has_finite_effects_or_none(
    grid: tuple[IntArray, IntArray],
) -> None:
    passed, trials = grid
    found = fit(passed, trials)
    if passed.sum() in {0, trials.sum()}:
        assert found is None
        return
    assert found is not None
    assert np.isfinite(found.combo).all()
    assert abs(float(found.task.sum())) < 1e-9
    one = np.zeros(passed.shape[:2])
    one[0, 0] = 1
    assert 0 < found.variance(one) < np.inf


def test_a_grid_upside_down_has_the_opposite_effects() -> None:
    passed, trials = some((3, 4, 5), 11)
    upright, upside_down = fitted(passed, trials), fitted(trials - passed, trials)
    assert upside_down.combo == pytest.approx(-upright.combo, abs=1e-9)
    assert upside_down.task == pytest.approx(-upright.task, abs=1e-9)


def test_the_order_of_models_harnesses_and_tasks_is_irrelevant() -> None:
    passed, trials = some((3, 4, 5), 13)
    turned = np.s_[::-1, ::-1, ::-1]
    ours, theirs = fitted(passed, trials), fitted(passed[turned], trials[turned])
    assert theirs.combo[::-1, ::-1] == pytest.approx(ours.combo, abs=1e-9)
    assert theirs.task[::-1] == pytest.approx(ours.task, abs=1e-9)


def test_ten_times_the_trials_narrow_an_effect() -> None:
    passed, trials = some((3, 3, 6), 17)
    contrast = np.array([[1.0, 0, 0], [-1, 0, 0], [0, 0, 0]])
    once, often = fitted(passed, trials), fitted(passed * 10, trials * 10)
    assert often.variance(contrast) < once.variance(contrast) / 4


def test_a_fit_is_found_in_a_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Newton's method doubles its digits with each; a wrong direction only creeps."""
    steps = []
    newton = logistic._newton  # noqa: SLF001 - what is counted

    def counted(*given: Any) -> tuple[FloatArray, FloatArray]:  # noqa: ANN401 - passed on
        steps.append(given)
        return newton(*given)

    monkeypatch.setattr(logistic, "_newton", counted)
    passed = np.random.default_rng(0).integers(0, 5, (3, 4, 5))

    assert fit(passed, np.full_like(passed, 4)) is not None
    assert len(steps) <= 7
