"""The inverse Gaussian law equals scipy's."""

from __future__ import annotations

import doctest

import pytest
from scipy.stats import invgauss

from drift.statistics import inverse_gaussian
from drift.statistics.inverse_gaussian import quantile, tail


@pytest.mark.parametrize("mean", [0.8, 3.0])
@pytest.mark.parametrize("shape", [0.5, 4.0, 60.0, 5_000.0])
def test_tail_and_quantile_equal_scipy(mean: float, shape: float) -> None:
    law = invgauss(mean / shape, scale=shape)
    for level in (0.001, 0.05, 0.5, 0.9, 0.95, 0.99, 0.9999):
        value = quantile(level, mean, shape)
        assert value == pytest.approx(law.ppf(level), rel=1e-9)
        assert tail(value, mean, shape) == pytest.approx(1 - level, rel=1e-9)
    for times in (0.3, 0.9, 1.0, 1.1, 2.0, 6.0):
        assert tail(times * mean, mean, shape) == pytest.approx(
            float(law.sf(times * mean)), rel=1e-9, abs=1e-300
        )


def test_the_examples_hold() -> None:
    assert doctest.testmod(inverse_gaussian).failed == 0
