"""Cross-fitted AUC: its size, its interval, and that rows left out stay left out."""

import numpy as np
import pytest
from scipy.special import ndtr

from drift.statistics.domain_classifier import COLUMNS_MAX, domain_classifier


def test_comes_near_the_best_area_of_two_normals():
    """The best scorer of N(0,I) and N(s,I) has the area Phi(|s| / sqrt 2)."""
    rng = np.random.default_rng(1)
    shift = np.array([0.8, 0.6])
    result = domain_classifier(
        rng.normal(size=(3000, 2)), shift + rng.normal(size=(3000, 2)), permutations=19
    )
    best = ndtr(1 / 2**0.5)
    assert best - 0.03 <= result.estimate <= best + 0.015
    assert result.low < best < result.high + 0.03


def test_more_columns_than_rows_does_not_look_like_drift():
    """A classifier judged on its own rows would tell these apart without fail."""
    rng = np.random.default_rng(2)
    areas = [
        domain_classifier(
            rng.normal(size=(40, 200)), rng.normal(size=(40, 200)), permutations=9, seed=run
        ).estimate
        for run in range(30)
    ]
    assert np.mean(areas) == pytest.approx(0.5, abs=0.04)


def test_many_columns_are_reduced_and_a_wide_shift_found():
    rng = np.random.default_rng(3)
    result = domain_classifier(
        rng.normal(size=(150, 300)), rng.normal(0.3, 1, size=(100, 300)), permutations=99
    )
    assert result.method["components"] == COLUMNS_MAX
    assert result.p_value == 0.01


def test_interval_is_as_wide_as_estimates_vary():
    rng = np.random.default_rng(4)
    results = [
        domain_classifier(
            rng.normal(size=(150, 2)), rng.normal(0.5, 1, size=(100, 2)), permutations=29
        )
        for _ in range(60)
    ]
    mean = np.mean([one.estimate for one in results])
    assert np.mean([one.low <= mean <= one.high for one in results]) >= 0.87


def test_fewer_folds_where_rows_are_few():
    rng = np.random.default_rng(5)
    assert domain_classifier(rng.normal(size=5), rng.normal(size=50)).method["folds"] == 2


@pytest.mark.parametrize("options", [{"folds": 1}, {"ridge": 0}])
def test_refuses(options):
    with pytest.raises(ValueError, match="folds must be at least 2"):
        domain_classifier(np.arange(9.0), np.arange(9.0), **options)
