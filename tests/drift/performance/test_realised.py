"""Accuracy and AUC of labels: against counting and scipy, and how often intervals hold."""

import doctest

import numpy as np
import pytest
from scipy.stats import binomtest

from drift import labels
from drift.performance import realised


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (3, 7), (970, 1000), (50, 50)])
def test_accuracy_has_wilsons_interval(right, n):
    found = realised.accuracy([1] * right + [0] * (n - right))
    oracle = binomtest(right, n).proportion_ci(method="wilson")
    assert (found.estimate, found.n) == (right / n, n)
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_auc_counts_pairs_and_halves_ties(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 8, 90) / 8
    truths = rng.random(90) < scores
    above, below = scores[truths][:, None], scores[~truths][None, :]
    pairs = (above > below) + 0.5 * (above == below)
    found = realised.auc(scores, truths)
    assert found.estimate == pytest.approx(pairs.mean(), abs=1e-12)
    variance = pairs.mean(1).var(ddof=1) / len(above) + pairs.mean(0).var(ddof=1) / below.size
    assert found.high - found.estimate == pytest.approx(1.959964 * variance**0.5, abs=1e-6)


def test_the_interval_of_the_auc_holds():
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(400):
        truths = rng.random(300) < 0.3
        found = realised.auc(rng.normal(truths * 1.0), truths)
        # Of two normals that lie one deviation apart.
        held += found.low <= 0.76025 <= found.high
    assert held / 400 > 0.92


def test_a_perfect_auc_is_not_certain():
    found = realised.auc([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])
    assert (found.estimate, found.high, found.low) == (1.0, 1.0, 0.0)
    assert realised.auc(np.arange(1000), np.arange(1000) >= 500).low == pytest.approx(0.994)


def test_what_cannot_be_told_says_so():
    with pytest.raises(ValueError, match="no row"):
        realised.accuracy([])
    with pytest.raises(ValueError, match="one class"):
        realised.auc([0.1, 0.2], [1, 1])
    assert realised.auc([0.1, 0.9], [0, 1]).low == 0.0


def test_examples_run():
    for module in (realised, labels):
        assert doctest.testmod(module).failed == 0
        assert doctest.testmod(module).attempted > 0
