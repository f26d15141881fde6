"""Accuracy and AUC estimated without labels, against what labels then say."""

import doctest
from itertools import product

import numpy as np
import pytest

from drift.statistics import cbpe as module
from drift.statistics.cbpe import cbpe


def area_by_pairs(labels, scores):
    ones, zeros = scores[labels == 1], scores[labels == 0]
    wins = np.greater.outer(ones, zeros) + 0.5 * np.equal.outer(ones, zeros)
    return wins.mean()


def drawn(rng, n, a=2.0, b=2.0):
    chance = rng.beta(a, b, n)
    return chance, (rng.random(n) < chance).astype(float)


def test_its_example_runs():
    assert doctest.testmod(module).failed == 0


def test_auc_is_the_ratio_of_expectations_over_all_labels():
    scores, labels = [1.0] * 4 + [2.0] * 4 + [3.0] * 4, [0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1]
    current, chances = np.array([1.0, 2.0, 2.0, 3.0]), np.array([0.25, 0.5, 0.5, 0.75])
    wins = pairs = 0.0
    for case in product([0, 1], repeat=4):
        truth = np.array(case)
        weight = np.prod(np.where(truth == 1, chances, 1 - chances))
        count = truth.sum() * (4 - truth.sum())
        pairs += weight * count
        wins += weight * count * (area_by_pairs(truth, current) if count else 0.0)
    estimate = cbpe(scores, labels, current, metric="auc").estimate
    assert estimate == pytest.approx(wins / pairs, abs=1e-12)


def test_accuracy_and_share_by_hand():
    scores, labels = [0.2] * 4 + [0.8] * 4, [0, 0, 0, 1, 1, 1, 1, 0]
    accuracy = cbpe(scores, labels, [0.2, 0.8, 0.8, 0.5], metric="accuracy")
    assert accuracy.estimate == pytest.approx((0.75 + 0.75 + 0.75 + 0.5) / 4)
    assert cbpe(scores, labels, [0.2, 0.8, 0.8], metric="share").estimate == pytest.approx(1.75 / 3)
    strict = cbpe(scores, labels, [0.2, 0.8], metric="accuracy", threshold=0.9)
    assert strict.estimate == pytest.approx((0.75 + 0.25) / 2)


def test_any_rising_score_gives_the_same():
    rng = np.random.default_rng(3)
    chance, label = drawn(rng, 2000)
    later = rng.beta(4, 2, 500)
    logits = [np.log(one / (1 - one)) for one in (chance, later)]
    as_chance = cbpe(chance, label, later, metric="auc").estimate
    assert cbpe(logits[0], label, logits[1], metric="auc").estimate == pytest.approx(
        as_chance, abs=2e-3
    )


@pytest.mark.parametrize("metric", ["accuracy", "auc", "share"])
def test_interval_covers_what_labels_show(metric):
    rng = np.random.default_rng(7)
    covered, runs = 0, 300
    for _ in range(runs):
        chance, label = drawn(rng, 1500)
        later, truth = drawn(rng, 400, 3.0, 2.0)
        result = cbpe(chance, label, later, metric=metric)
        real = {
            "accuracy": ((later >= 0.5) == truth).mean(),
            "auc": area_by_pairs(truth, later),
            "share": truth.mean(),
        }[metric]
        covered += result.low <= real <= result.high
    # 300 runs at .95 leave this range less than once in 10,000.
    assert 0.89 <= covered / runs <= 0.985


def test_weights_mend_a_calibration_that_differs_by_group():
    rng = np.random.default_rng(11)
    score = rng.random(20_000)
    group = rng.random(20_000) < 0.1
    label = rng.random(20_000) < np.where(group, score**2, score)
    later = rng.random(5000)
    truth = (later**2).mean()
    weights = np.where(group, 10.0, 0.01)
    plain = cbpe(score, label, later, metric="share").estimate
    weighted = cbpe(score, label, later, metric="share", weights=weights)
    assert abs(plain - truth) > 0.1
    assert weighted.estimate == pytest.approx(truth, abs=0.03)
    assert weighted.method["effective_reference"] < 3000


@pytest.mark.parametrize("metric", ["accuracy", "auc"])
def test_halves_take_the_bias_of_the_map_off(metric):
    """Scores of the window are rare in the reference, where the map is too steep."""
    rng = np.random.default_rng(17)
    gaps = {0: [], 10: []}
    covered = []
    later = np.sort(rng.beta(3, 2, 2000))
    known = cbpe(later, later > 0.5, later, metric="share")
    assert known.method["seed"] is None
    below = np.cumsum(1 - later) - (1 - later)
    truth = {
        "accuracy": np.maximum(later, 1 - later).mean(),
        "auc": (later @ below) / (later @ (np.sum(1 - later) - (1 - later))),
    }[metric]
    for _ in range(80):
        chance, label = drawn(rng, 1000, 4.0, 2.0)
        for halves, found in gaps.items():
            result = cbpe(chance, label, later, metric=metric, halves=halves)
            found.append(result.estimate - truth)
        covered.append(result.low <= truth <= result.high)
    assert np.mean(gaps[0]) > 0.006
    assert abs(np.mean(gaps[10])) < 0.5 * np.mean(gaps[0])
    assert np.mean(covered) >= 0.9


def test_rows_without_score_or_label_are_counted_out():
    result = cbpe([0.1, 0.9, np.nan, 0.5], [0, 1, 1, np.nan], [0.2, np.inf], metric="share")
    assert (result.n_reference, result.n_current) == (2, 1)
    assert (result.method["left_out_reference"], result.method["left_out_current"]) == (2, 1)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([], [], [0.5]), {}, "reference_scores has no row"),
        (([0.5], [np.nan], [0.5]), {}, "reference_scores has no row"),
        (([0.5], [2], [0.5]), {}, "must be 0 or 1, not 2"),
        (([0.5, "a"], [1, 0], [0.5]), {}, "reference_scores must hold numbers"),
        (([0.5], ["yes"], [0.5]), {}, "labels of reference_scores must hold numbers"),
        (([0.5], [1], [[1], [2, 3]]), {}, "current_scores must hold numbers"),
        (([0.5, 0.6], [1], [0.5]), {}, "equal length"),
        (([0.5], [1], [np.nan]), {}, "current_scores has no finite score"),
        (([0.5], [1], [[0.5]]), {}, "current_scores must be one-dimensional"),
        (([0.5], [1], [0.5]), {"metric": "f1"}, "metric must be"),
        (([0.5], [1], [0.5]), {"metric": "auc"}, "auc needs scores"),
        (([0.5], [1], [0.5]), {"level": 1.0}, "level must be"),
        (([0.5], [1], [0.5]), {"halves": 10}, "halves must be"),
        (([0.5] * 30, [1] * 30, [0.5]), {"halves": -1}, "halves must be"),
        (([0.5], [1], [0.5]), {"weights": [1, 2]}, "weights must be of shape"),
    ],
)
def test_refuses(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        cbpe(*arguments, **options)


def test_cannot_see_that_the_meaning_changed():
    """What the docstring warns of: labels turn round, the estimate stays."""
    rng = np.random.default_rng(13)
    chance, label = drawn(rng, 5000)
    later, truth = drawn(rng, 5000)
    result = cbpe(chance, label, later)
    assert result.low <= ((later >= 0.5) == truth).mean() <= result.high
    assert ((later >= 0.5) == 1 - truth).mean() < result.low
