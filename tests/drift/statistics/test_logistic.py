"""The classifier behind density ratios and the domain classifier."""

import doctest

import numpy as np
import pytest
from scipy.optimize import minimize

from drift.statistics import logistic


def test_its_example_runs():
    assert doctest.testmod(logistic).failed == 0


def test_is_the_minimum_another_optimiser_finds():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(300, 4)) * [1, 5, 0.1, 2] + [0, 3, -7, 1]
    y = (rng.random(300) < 1 / (1 + np.exp(-(x[:, 0] - 0.3 * x[:, 1])))).astype(float)
    fitted = logistic.fit(x, y, ridge=2.0)
    z = (x - x.mean(axis=0)) / x.std(axis=0)

    def loss(b):
        margin = b[0] + z @ b[1:]
        return np.logaddexp(0, margin).sum() - y @ margin + b[1:] @ b[1:]

    other = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-6}).x
    assert np.r_[fitted.intercept, fitted.weights] == pytest.approx(other, abs=1e-5)
    assert fitted(x) == pytest.approx(other[0] + z @ other[1:], abs=1e-4)


def test_separable_classes_and_constant_columns_stay_finite():
    x = np.column_stack([np.r_[np.zeros(50), np.full(50, 1e6)], np.full(100, 3.0)])
    fitted = logistic.fit(x, np.r_[np.zeros(50), np.ones(50)], ridge=1e-6)
    assert np.isfinite(fitted.weights).all()
    assert fitted.weights[1] == pytest.approx(0, abs=1e-9)
    assert (fitted(x)[:50] < 0).all()
    assert (fitted(x)[50:] > 0).all()


def test_more_columns_than_rows():
    rng = np.random.default_rng(2)
    fitted = logistic.fit(rng.normal(size=(20, 100)), np.arange(20) % 2)
    assert np.isfinite(fitted.weights).all()


@pytest.mark.parametrize(("labels", "ridge"), [([1, 1], 1.0), ([0, 1], 0.0)])
def test_refuses(labels, ridge):
    with pytest.raises(ValueError, match="must"):
        logistic.fit(np.array([[0.0], [1.0]]), labels, ridge=ridge)
