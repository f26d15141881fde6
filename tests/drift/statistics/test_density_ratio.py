"""Weights that make a reference resemble what came later."""

import doctest

import numpy as np
import pytest

from drift.statistics import density_ratio as module
from drift.statistics.density_ratio import WEIGHT_MAX, density_ratio


def test_its_example_runs():
    assert doctest.testmod(module).failed == 0


def test_is_the_ratio_of_two_normals():
    rng = np.random.default_rng(1)
    before, after = rng.normal(0, 1, 20_000), rng.normal(0.5, 1, 10_000)
    ratio = density_ratio(before, after)
    truth = np.exp(0.5 * before - 0.125)
    assert np.corrcoef(ratio.weights, truth)[0, 1] > 0.99
    assert ratio.weights.mean() == pytest.approx(1)
    # E[w] squared over E[w squared] of that ratio is exp(-1/4).
    assert ratio.effective / 20_000 == pytest.approx(np.exp(-0.25), rel=0.05)
    assert ratio.usable


def test_no_shift_weighs_all_alike():
    rng = np.random.default_rng(2)
    ratio = density_ratio(rng.normal(size=(5000, 3)), rng.normal(size=(5000, 3)))
    assert ratio.effective > 4900
    assert ratio.imbalance < 0.02


def test_a_population_the_reference_lacks_is_not_usable():
    rng = np.random.default_rng(3)
    ratio = density_ratio(rng.normal(0, 1, 1000), rng.normal(8, 1, 1000))
    assert not ratio.usable
    assert ratio.weights.max() <= WEIGHT_MAX * 1000


@pytest.mark.parametrize(
    ("reference", "current", "message"),
    [
        ([], [1.0], "reference must be rows"),
        ([[1.0, 2.0]], [[1.0]], "2 columns and current 1"),
        ([np.nan], [1.0], "reference has values that are not finite"),
        ([1.0], [np.inf], "current has values that are not finite"),
    ],
)
def test_refuses(reference, current, message):
    with pytest.raises(ValueError, match=message):
        density_ratio(reference, current)
