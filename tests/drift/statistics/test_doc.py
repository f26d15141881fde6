"""Accuracy by the difference of confidences."""

import doctest

import numpy as np
import pytest

from drift.statistics import doc as module
from drift.statistics.doc import doc


def test_its_example_runs():
    assert doctest.testmod(module).failed == 0


def test_a_constant_error_of_the_confidence_cancels():
    rng = np.random.default_rng(1)
    chance, later = rng.uniform(0.2, 0.8, 20_000), rng.uniform(0.3, 0.6, 20_000)
    right = rng.random(20_000) < chance
    result = doc(chance + 0.15, right, later + 0.15)
    assert result.estimate == pytest.approx(later.mean(), abs=0.01)
    assert result.method["change"] == pytest.approx(later.mean() - chance.mean())


def test_interval_covers_what_labels_show():
    rng = np.random.default_rng(2)
    covered, runs = 0, 1000
    for _ in range(runs):
        chance, later = rng.beta(4, 2, 300), rng.beta(4, 2, 100)
        result = doc(chance, rng.random(300) < chance, later)
        covered += result.low <= (rng.random(100) < later).mean() <= result.high
    assert 0.92 <= covered / runs <= 0.975


def test_stays_within_zero_and_one():
    result = doc([0.2, 0.3], [1, 1], [1.0])
    assert result.estimate == 1.0
    assert result.high == 1.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.5], [1], [0.5]), "at least 2 rows"),
        (([0.5, 1.5], [1, 0], [0.5]), "reference_confidence must be probabilities"),
        (([0.5, 0.6], [1, 0], [-0.5]), "current_confidence must be probabilities"),
        (([0.5, 0.6], [1, 0], []), "current_confidence has no finite"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        doc(*arguments)
