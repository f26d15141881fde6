"""The monotone map from score to probability."""

import doctest

import numpy as np
import pytest

from drift.statistics import isotonic


def test_its_example_runs():
    assert doctest.testmod(isotonic).failed == 0


def test_values_never_fall_and_keep_the_mean():
    rng = np.random.default_rng(1)
    scores, labels = rng.normal(size=500), rng.random(500) < 0.3
    mapped = isotonic.fit(scores, labels)
    assert (np.diff(mapped.values) >= 0).all()
    assert mapped(scores).mean() == pytest.approx(labels.mean(), abs=1e-12)


def test_pools_the_violators_by_hand():
    mapped = isotonic.fit([1, 2, 3, 4], [1, 0, 0, 1])
    assert mapped.values == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1])
    assert mapped.block.tolist() == [0, 0, 0, 1]
    smoothed = (1 + 0.5) / 4
    assert mapped.variances[0] == pytest.approx(smoothed * (1 - smoothed) / 3)


def test_weight_counts_like_a_repeated_row():
    scores, labels, weights = [1.0, 2.0, 3.0, 4.0], [0, 1, 0, 1], [1, 2, 3, 1]
    repeated = isotonic.fit(np.repeat(scores, weights), np.repeat(labels, weights))
    assert isotonic.fit(scores, labels, weights).values == pytest.approx(repeated.values)


def test_rows_of_no_weight_do_not_count():
    assert isotonic.fit([1, 2, 3], [0, 1, 0], [1, 1, 0])(3.0) == 1.0


def test_one_row_maps_everything_to_its_label():
    mapped = isotonic.fit([0.4], [1])
    assert mapped([0.0, 0.4, 1.0]).tolist() == [1, 1, 1]
    assert mapped.variance(np.array([0.0, 1e30]), np.array([0.5, 0.5])) > 0


@pytest.mark.parametrize("weights", [[1, -1], [0, 0], [1, np.nan], [1, 2, 3]])
def test_refuses_weights(weights):
    with pytest.raises(ValueError, match="weights must be"):
        isotonic.fit([1, 2], [0, 1], weights)


def test_variance_of_a_mean_is_that_of_its_blocks():
    mapped = isotonic.fit(np.repeat([1.0, 2.0], 50), np.r_[np.zeros(40), np.ones(60)])
    current = np.array([1.0, 1.0, 1.0, 2.0])
    expected = mapped.variances @ np.array([0.75, 0.25]) ** 2
    assert mapped.variance(current, np.full(4, 0.25)) == pytest.approx(expected)
