"""Density difference against the closed form of two normals."""

import numpy as np
import pytest

from drift.statistics.lsdd import lsdd


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_is_the_share_of_two_normals(shift):
    """Of N(0,1) and N(s,1), the integral of (p-q)^2 is 1 - exp(-s^2/4) of that of p^2 + q^2."""
    rng = np.random.default_rng(1)
    values = [
        lsdd(
            rng.normal(size=2000),
            rng.normal(shift, 1, size=2000),
            permutations=1,
            bandwidth=0.3,
            ridge=0.01,
        ).estimate
        for _ in range(5)
    ]
    assert np.mean(values) == pytest.approx(1 - np.exp(-(shift**2) / 4), abs=0.03)


def test_samples_that_do_not_overlap_share_nothing():
    rng = np.random.default_rng(2)
    result = lsdd(rng.uniform(0, 1, 300), rng.uniform(50, 51, 300), permutations=9, bandwidth=0.1)
    assert result.estimate == pytest.approx(1.0, abs=0.02)


def test_units_of_the_columns_do_not_matter():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(90, 2)), rng.normal(0.5, 1, size=(80, 2))
    scale = np.array([1000.0, 0.01])
    assert lsdd(x * scale, y * scale, permutations=1).estimate == pytest.approx(
        lsdd(x, y, permutations=1).estimate, rel=1e-9
    )


def test_swapped_samples_have_the_same_distance():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(300, 2)), rng.normal(0.3, 1, size=(200, 2))
    assert lsdd(x, y, permutations=1).estimate == pytest.approx(
        lsdd(y, x, permutations=1).estimate, rel=1e-9
    )


def test_the_jackknife_is_that_of_samples_without_a_group():
    """With centres and columns held, leaving rows out changes sums only."""
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=400), rng.normal(1, 1, size=400)
    estimates = [
        lsdd(rng.normal(size=400), rng.normal(1, 1, size=400), permutations=1).estimate
        for _ in range(100)
    ]
    result = lsdd(x, y, permutations=1)
    assert (result.high - result.low) / 4 == pytest.approx(np.std(estimates), rel=0.4)


def test_refuses_a_ridge():
    with pytest.raises(ValueError, match="ridge must be above 0"):
        lsdd([1.0, 2.0], [1.0, 2.0], ridge=0)
