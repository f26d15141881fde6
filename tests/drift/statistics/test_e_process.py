"""Alarms over all looks: at most the stated share is ever false, and changes are found."""

import doctest
import math

import numpy as np
import pytest

from drift.statistics import confidence_sequence, e_values
from drift.statistics import e_process as module
from drift.statistics.confidence_sequence import ConfidenceSequence
from drift.statistics.e_process import BettingMean, Evidence, e_process

ALPHA = 0.05


def ever_alarmed(series, **options):
    """Run the martingale over many series at once, as `BettingMean` does over one."""
    test = BettingMean(options.pop("mean"), alpha=ALPHA, **options)
    log_wealth = np.zeros((len(series), len(test._stakes)))
    alarmed = np.zeros(len(series), dtype=bool)
    for column in series.T:
        log_wealth += np.log1p((column[:, None] - test.mean) * test._stakes)
        alarmed |= np.exp(log_wealth).mean(axis=1) >= 1 / ALPHA
    return alarmed


@pytest.mark.parametrize("which", [module, confidence_sequence])
def test_its_examples_run(which):
    assert doctest.testmod(which).failed == 0


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize(
    ("name", "mean", "draw"),
    [
        ("coin", 0.9, lambda rng, shape: (rng.random(shape) < 0.9).astype(float)),
        ("rare", 0.02, lambda rng, shape: (rng.random(shape) < 0.02).astype(float)),
        ("beta", 0.4, lambda rng, shape: rng.beta(2, 3, shape)),
    ],
)
def test_looking_at_every_value_alarms_falsely_at_most_as_stated(name, mean, draw, alternative):
    rng = np.random.default_rng(len(name))
    alarmed = ever_alarmed(draw(rng, (1000, 1000)), mean=mean, alternative=alternative)
    # Three standard errors above the level.
    assert alarmed.mean() <= ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / 1000)


def test_a_test_of_one_sample_size_alarms_far_more_often_when_looked_at_always():
    """Why the e-process is there: the same looks with a z-test."""
    rng = np.random.default_rng(3)
    series = (rng.random((1000, 1000)) < 0.5).astype(float)
    n = np.arange(1, 1001)
    z = np.abs(np.cumsum(series, axis=1) - n / 2) / np.sqrt(n / 4)
    assert (z[:, 30:] > 1.96).any(axis=1).mean() > 0.3
    assert ever_alarmed(series, mean=0.5).mean() <= 0.07


@pytest.mark.parametrize(("now", "alternative"), [(0.85, "less"), (0.95, "greater")])
def test_finds_a_change_on_the_side_it_looks_at(now, alternative):
    rng = np.random.default_rng(4)
    series = (rng.random((50, 3000)) < now).astype(float)
    other = "greater" if alternative == "less" else "less"
    assert ever_alarmed(series, mean=0.9, alternative=alternative).mean() == 1
    assert ever_alarmed(series, mean=0.9).mean() == 1
    assert ever_alarmed(series, mean=0.9, alternative=other).mean() == 0


def test_dependent_values_with_the_mean_kept_do_not_alarm():
    """Each value depends on the one before, but its mean given the past stays 1/2."""
    rng = np.random.default_rng(5)
    series = np.empty((1000, 600))
    spread = np.full(1000, 0.5)
    for column in range(600):
        series[:, column] = 0.5 + spread * rng.choice([-1, 1], 1000)
        spread = np.where(series[:, column] > 0.5, 0.5, 0.1)
    assert ever_alarmed(series, mean=0.5).mean() <= 0.07


def test_wealth_by_hand():
    test = BettingMean(0.25, alternative="greater")
    test.update(1.0)
    test.update(0.0)
    bets = 0.5 ** np.arange(1, 9)
    assert test.e_value == pytest.approx(np.mean((1 + bets * 3) * (1 - bets)))
    assert test.estimate == 0.5


def test_another_range_is_the_same_test():
    scaled = e_process([0.2, 0.9, 0.8, 0.9], mean=0.3)
    result = e_process([-6.0, 8.0, 6.0, 8.0], mean=-4.0, lower=-10, upper=10)
    assert result.method["e_value"] == pytest.approx(scaled.method["e_value"])
    assert result.low == pytest.approx(-10 + 20 * scaled.low)


def test_endless_change_does_not_overflow():
    result = e_process(np.ones(20_000), mean=0.1)
    assert math.isfinite(result.method["e_value"])
    assert 0 < result.p_value < 1e-200


def test_left_out_values_are_counted():
    result = e_process([0.5, math.nan, 0.6], mean=0.5)
    assert (result.n_current, result.method["left_out"]) == (2, 1)


def test_product_of_windows_alarms_falsely_at_most_as_stated():
    rng = np.random.default_rng(6)
    e = e_values.from_p_values(rng.random((4000, 720)))
    ever = np.cumsum(np.log(e), axis=1).max(axis=1)
    assert (ever >= math.log(1 / ALPHA)).mean() <= ALPHA


def test_restarting_evidence_runs_as_long_as_stated_without_drift():
    rng = np.random.default_rng(7)
    lengths = []
    for _ in range(300):
        evidence, window = Evidence(), 0
        while evidence.restarting < 50 and window < 5000:
            evidence.update(e_values.from_p_values(rng.random()).item())
            window += 1
        lengths.append(window)
    assert np.mean(lengths) >= 50


def test_restarting_evidence_finds_a_late_change_sooner_than_the_product():
    rng = np.random.default_rng(8)
    evidence = Evidence()
    for p_value in np.r_[rng.random(500), np.full(4, 1e-4)]:
        evidence.update(e_values.from_p_values(p_value).item())
    assert evidence.restarting > 1000
    assert evidence.product < 1


def test_evidence_by_hand_and_after_zero():
    evidence = Evidence()
    evidence.update(2.0)
    evidence.update(3.0)
    assert evidence.product == pytest.approx(6)
    assert evidence.restarting == pytest.approx((1 * 2 + 1) * 3)
    evidence.update(0.0)
    assert evidence.product == 0
    assert evidence.p_value == pytest.approx(1 / 6)


@pytest.mark.parametrize("chance", [0.02, 0.5, 0.93])
def test_confidence_sequence_holds_at_all_times(chance):
    rng = np.random.default_rng(9)
    missed = 0
    for _ in range(150):
        bounds = ConfidenceSequence()
        for x in (rng.random(400) < chance).astype(float).tolist():
            bounds.update(x)
        missed += bounds.excludes(chance)
    assert missed / 150 <= 0.05 + 0.05
    assert bounds.high - bounds.low < 0.3


def test_confidence_sequence_excludes_a_mean_that_moved():
    bounds = ConfidenceSequence(lower=-1, upper=1)
    for x in [0.5] * 200 + [-0.5] * 2000:
        bounds.update(x)
    assert bounds.excludes(0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: BettingMean(1.0), "mean must be strictly"),
        (lambda: BettingMean(0.5, alternative="up"), "alternative must be"),
        (lambda: BettingMean(0.5, alpha=0), "alpha must be"),
        (lambda: BettingMean(0.5).update(1.5), "x must be within"),
        (lambda: BettingMean(0.5).update(math.nan), "x must be within"),
        (lambda: Evidence().update(math.nan), "at least 0"),
        (lambda: e_process([], mean=0.5), "has no number"),
        (lambda: e_process([[0.5]], mean=0.5), "one-dimensional"),
        (lambda: ConfidenceSequence(lower=1, upper=1), "lower must be"),
        (lambda: ConfidenceSequence(level=1), "level must be"),
        (lambda: ConfidenceSequence().update(2), "x must be within"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
