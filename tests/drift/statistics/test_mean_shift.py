"""Means of vectors: Hotelling's test, the effect and its interval."""

import numpy as np
import pytest
from scipy import stats

from drift.statistics.mean_shift import mean_shift


def test_without_shrinkage_it_orders_samples_as_hotelling_does():
    """In one column T squared is Student's t squared, but for the covariance of both samples."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=60), rng.normal(0.3, 1, size=40)
    t = stats.ttest_ind(x, y).statistic
    result = mean_shift(x, y, permutations=0)
    assert result.method["t_squared"] == pytest.approx(100 * t**2 / (98 + t**2), rel=1e-9)


def test_the_limit_agrees_with_permutations_and_with_student():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=600), rng.normal(0.12, 1, size=500)
    student = stats.ttest_ind(x, y).pvalue
    limit = mean_shift(x, y, permutations=0).p_value
    assert limit == pytest.approx(student, abs=0.003)
    assert mean_shift(x, y, permutations=9999).p_value == pytest.approx(student, abs=0.01)


@pytest.mark.parametrize(("n", "m", "d"), [(200, 150, 5), (100, 100, 80)])
def test_the_limit_keeps_its_level(n, m, d):
    rng = np.random.default_rng(3)
    p = [
        mean_shift(rng.normal(size=(n, d)), rng.normal(size=(m, d)), permutations=0).p_value
        for _ in range(400)
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.085


@pytest.mark.parametrize(("d", "shift"), [(2, 0.1), (3, 0.4), (40, 0.2)])
def test_interval_covers_and_noise_is_taken_off(d, shift):
    rng = np.random.default_rng(4)
    results = [
        mean_shift(rng.normal(size=(90, d)), rng.normal(shift, 1, size=(90, d)), permutations=0)
        for _ in range(300)
    ]
    truth = shift / (1 + shift**2 / 4) ** 0.5
    squares = [one.estimate**2 for one in results]
    assert np.mean(squares) == pytest.approx(truth**2, abs=0.02)
    assert 0.91 <= np.mean([one.low <= truth <= one.high for one in results]) <= 0.985


def test_plain_distances_by_hand():
    result = mean_shift([[1.0, 0.0], [3.0, 0.0]], [[0.0, 2.0], [0.0, 4.0]], permutations=9)
    assert result.method["euclidean"] == pytest.approx((4 + 9) ** 0.5)
    assert result.method["cosine"] == pytest.approx(1.0)
    assert mean_shift([[0.0], [0.0]], [[0.0], [0.0]]).method["cosine"] == 0.0


def test_a_shift_of_one_column_of_many_is_found():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(400, 50)), rng.normal(size=(400, 50))
    y[:, 7] += 0.6
    assert mean_shift(x, y).p_value <= 0.01
