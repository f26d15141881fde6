"""A window against its baseline: how often a test is wrong without drift, and what it finds."""

import doctest

import numpy as np
import pytest
from scipy.stats import betabinom, binom

from drift.performance import tails
from drift.performance.calibrator import Calibrator
from drift.performance.comparisons import (
    calibration_change,
    estimated_loss,
    realised_loss,
    residual_of,
)
from drift.performance.tails import at_least, both_ways
from tests.drift.performance.models import calibrator, draw, scores, unlabelled

ALL = (residual_of, realised_loss, estimated_loss, calibration_change)
ROUNDS = 300


def rates(compare, *, shift=0.0, n=400, base=2000, boast=1.0, seed=0, rounds=ROUNDS):
    """Give how often a test says so at 5 and at 0.5 %, with a baseline and a window of its own."""
    rng = np.random.default_rng(seed)
    p = np.array(
        [
            compare(
                calibrator(draw(rng, base, boast=boast)),
                scores(draw(rng, n, shift=shift, boast=boast)),
            ).p_value
            for _ in range(rounds)
        ]
    )
    return (p <= 0.05).mean(), (p <= 0.005).mean()


@pytest.mark.parametrize("compare", ALL)
@pytest.mark.parametrize(("n", "base", "boast"), [(400, 2000, 1.0), (60, 300, 1.0), (500, 500, 3)])
def test_without_drift_a_test_is_wrong_as_often_as_it_says(compare, n, base, boast):
    often, rarely = rates(compare, n=n, base=base, boast=boast)
    # Of 300 at 5 % more than 8.8 %, and at 0.5 % more than 2 %, have chances below 0.3 %.
    assert often <= 0.088
    assert rarely <= 0.02


@pytest.mark.parametrize("compare", [residual_of, calibration_change])
def test_covariate_shift_alone_is_no_change(compare):
    often, rarely = rates(compare, shift=1.0, n=400, base=4000)
    assert often <= 0.088
    assert rarely <= 0.02


def test_covariate_shift_is_a_loss_that_estimates_see():
    rng = np.random.default_rng(1)
    known = calibrator(draw(rng, 5000, shift=3.0))
    harder = scores(draw(rng, 2000))
    for compare in (estimated_loss, realised_loss):
        found = compare(known, harder)
        assert found.low > 0.05
        assert found.p_value < 1e-6
        assert compare(calibrator(draw(rng, 5000)), scores(draw(rng, 2000, shift=3))).p_value > 0.99
    bare = unlabelled(harder, 0.0, rng)
    assert estimated_loss(known, bare) == estimated_loss(known, harder)


def test_concept_drift_is_seen_with_labels_only():
    rng = np.random.default_rng(2)
    known = calibrator(draw(rng, 5000))
    turned = scores(draw(rng, 2000, flipped=0.4))
    assert estimated_loss(known, turned).p_value > 0.01
    for compare in (residual_of, realised_loss, calibration_change):
        found = compare(known, turned)
        assert found.p_value < 1e-6
        assert found.low > 0.02
        assert found.low <= found.estimate <= found.high


@pytest.mark.parametrize("compare", ALL)
def test_intervals_hold_what_is_true(compare):
    """Of the loss and the residual; a calibration error without drift is zero."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(ROUNDS):
        found = compare(calibrator(draw(rng, 2000)), scores(draw(rng, 400)))
        held += found.low <= found.by_chance and found.high >= 0
    assert held / ROUNDS > 0.92


@pytest.mark.parametrize("compare", ALL)
def test_nothing_to_compare(compare):
    rng = np.random.default_rng(4)
    known = calibrator(draw(rng, 500))
    none = unlabelled(scores(draw(rng, 20)), 0.0, rng)
    none.confidence[:] = np.nan
    assert compare(known, none) is None
    one = compare(known, scores(draw(rng, 1)))
    assert 0 <= one.p_value <= 1
    assert one.p_value > 1e-4


@pytest.mark.parametrize("compare", ALL)
def test_a_model_that_is_always_certain_and_right(compare):
    rng = np.random.default_rng(5)
    sure = scores(draw(rng, 500))
    sure.confidence[:] = 1.0
    sure.right[:] = 1.0
    known = Calibrator(sure, 0, 1, 100)
    found = compare(known, sure)
    assert found.p_value > 0.3
    assert np.isfinite([found.estimate, found.low, found.high]).all()
    wrong = scores(draw(rng, 500))
    wrong.confidence[:] = 1.0
    wrong.right[:] = 0.0
    if compare is not estimated_loss:
        assert compare(known, wrong).p_value < 1e-9


@pytest.mark.parametrize(("n", "chance", "variance"), [(30, 0.02, 1e-4), (400, 0.3, 1e-3)])
def test_tails_are_those_of_scipy(n, chance, variance):
    weight = chance * (1 - chance) / variance - 1
    for count in range(n + 1):
        rest = np.arange(count, n + 1)
        oracle = betabinom.pmf(rest, n, chance * weight, (1 - chance) * weight).sum()
        assert at_least(count, n, chance, variance) == pytest.approx(oracle, rel=1e-9)
        assert at_least(count, n, chance) == pytest.approx(binom.sf(count - 1, n, chance))


def test_tails_of_many_join_on():
    exact, normal = at_least(2100, 20_000, 0.1, 1e-5), at_least(2100, 20_001, 0.1, 1e-5)
    assert normal == pytest.approx(exact, rel=0.03)
    assert both_ways(0, 10, 0.0) == 1.0
    assert both_ways(10, 10, 0.0) == 0.0
    assert both_ways(10, 10, 1.0) == 1.0
    assert doctest.testmod(tails).failed == 0
