"""Calibration error: its bias, its interval, its test, and the bins behind it."""

import doctest
from itertools import pairwise

import numpy as np
import pytest

from drift.statistics import calibration as module
from drift.statistics.calibration import calibration, reliability


def test_its_examples_run():
    assert doctest.testmod(module).failed == 0


def test_plain_error_by_hand():
    scores = [0.25] * 20 + [0.75] * 20
    result = calibration(scores, [0] * 20 + [1, 0] * 10, bins=2)
    assert result.method["plain"] == pytest.approx(0.25)
    # Chi-square of (20 x .25)^2 / (20 x 3/16) in each of two bins: exp(-x/2).
    assert result.p_value == pytest.approx(np.exp(-(2 * 25 / 3.75) / 2))


def test_equal_scores_share_a_bin():
    bins = reliability([0.9] * 70 + [0.95] * 30, [1, 0] * 50, bins=10)
    assert [(one.n, one.lower, one.upper) for one in bins] == [(70, 0.9, 0.9), (30, 0.95, 0.95)]


def test_bins_hold_every_row_once():
    rng = np.random.default_rng(4)
    scores = rng.random(1003)
    bins = reliability(scores, rng.random(1003) < scores, bins=10)
    assert sum(one.n for one in bins) == 1003
    assert len(bins) == 10
    assert all(a.upper < b.lower for a, b in pairwise(bins))
    assert all(one.low <= one.accuracy <= one.high for one in bins)


@pytest.mark.parametrize("n", [100, 1000])
def test_perfect_scores_are_rejected_at_the_stated_rate(n):
    rng = np.random.default_rng(5)
    scores = rng.beta(4, 2, (2000, n))
    labels = rng.random((2000, n)) < scores
    rejected = np.mean(
        [calibration(*one).p_value < 0.05 for one in zip(scores, labels, strict=True)]
    )
    assert 0.035 <= rejected <= 0.068


@pytest.mark.parametrize("sign", [-1, 1])
def test_bent_scores_are_rejected_both_ways(sign):
    rng = np.random.default_rng(6)
    chance = rng.beta(4, 4, 2000)
    assert (
        calibration(chance + sign * 0.4 * chance * (1 - chance), rng.random(2000) < chance).p_value
        < 1e-3
    )


@pytest.mark.parametrize("bend", [0.0, 0.03, 0.1, 0.3])
def test_interval_covers_and_the_estimate_is_less_biased_than_the_plain_sum(bend):
    rng = np.random.default_rng(8)
    covered, bias, plain = [], [], []
    for _ in range(200):
        score = np.sort(rng.beta(4, 2, 1000))
        chance = score - bend * 2 * score * (1 - score)
        truth = np.abs((chance - score).reshape(10, 100).mean(axis=1)).mean()
        result = calibration(score, rng.random(1000) < chance)
        covered.append(result.low <= truth <= result.high)
        bias.append(result.estimate - truth)
        plain.append(result.method["plain"] - truth)
    assert np.mean(covered) >= 0.93
    assert np.mean(bias) < np.mean(plain)
    if bend <= 0.1:
        assert abs(np.mean(bias)) < abs(np.mean(plain))


def test_certain_scores_that_fail_once_are_not_calibrated():
    assert calibration([1.0] * 20, [1] * 20).p_value == 1.0
    assert calibration([1.0] * 20, [1] * 19 + [0]).p_value == 0.0


def test_one_row_has_a_wide_interval():
    result = calibration([0.7], [1])
    assert result.n_current == 1
    assert result.high - result.low > 0.5


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([], []), {}, "no row"),
        (([1.2], [1]), {}, "within"),
        (([0.2], [0.5]), {}, "0 or 1"),
        (([0.2], [1]), {"bins": 0}, "bins must be from 1"),
        (([0.2], [1]), {"level": 0}, "level must be"),
    ],
)
def test_refuses(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        calibration(*arguments, **options)


def test_what_was_all_but_impossible_is_not_calibrated():
    assert calibration([0.0, 5e-324], [1, 0]).p_value == 0.0
