"""The residual: quiet under covariate shift, loud under concept drift, and valid at every look."""

import numpy as np
import pytest

from drift.performance.residual import residual, running
from tests.drift.performance.models import calibrator, draw, scores, unlabelled

ALPHA = 0.05


def steps(found, count):
    return [found.at(number) for number in range(count)]


def alarmed(followed, alpha=ALPHA):
    return any(one.e_value >= 1 / alpha for one in followed)


def test_covariate_shift_is_no_concept_drift():
    rng = np.random.default_rng(1)
    known = calibrator(draw(rng, 20_000))
    shifted = scores(draw(rng, 20_000, shift=2.5), 20)
    assert abs(shifted.right.mean() - known.baseline.right.mean()) > 0.05
    found = residual(known, shifted)
    assert found.low - found.margin <= 0 <= found.high + found.margin
    followed = running(known, steps(shifted, 20), tolerance=0.02, alpha=0.01)
    assert not alarmed(followed, 0.01)
    estimate = known.accuracy(shifted.confidence)
    assert estimate.low <= shifted.right.mean() <= estimate.high


def test_concept_drift_moves_the_residual_where_no_estimate_can_see_it():
    rng = np.random.default_rng(2)
    known = calibrator(draw(rng, 20_000))
    drifted = scores(draw(rng, 20_000, flipped=0.3), 20)
    estimate = known.accuracy(drifted.confidence)
    assert estimate.low > drifted.right.mean() + 0.05
    found = residual(known, drifted)
    assert found.low > 0.05
    assert found.p_value < 1e-9
    followed = running(known, steps(drifted, 20), tolerance=0.02, alpha=0.01)
    assert followed[2].e_value >= 100
    assert followed[-1].low > 0.05
    assert followed[-1].low <= found.estimate <= followed[-1].high


def test_better_than_estimated_is_seen_too():
    rng = np.random.default_rng(3)
    known = calibrator(draw(rng, 20_000, flipped=0.4))
    better = scores(draw(rng, 8000), 8)
    followed = running(known, steps(better, 8), tolerance=0.02, alpha=0.01)
    assert followed[-1].high < -0.05
    assert alarmed(followed, 0.01)
    assert residual(known, better).high < 0


def test_a_boastful_model_is_calibrated_first():
    rng = np.random.default_rng(4)
    known = calibrator(draw(rng, 20_000, boast=3.0))
    same = scores(draw(rng, 20_000, boast=3.0), 10)
    assert same.confidence.mean() - same.right.mean() > 0.05
    assert abs(residual(known, same).estimate) < 0.02
    assert not alarmed(running(known, steps(same, 10), tolerance=0.02, alpha=0.01), 0.01)
    bare = calibrator(draw(rng, 50, boast=3.0))
    assert not bare.learnt
    assert residual(bare, same).estimate > 0.05
    assert residual(bare, same).margin == 0


def test_many_looks_alarm_no_more_often_than_stated():
    rng = np.random.default_rng(5)
    known = calibrator(draw(rng, 20_000))
    false_alarms = missed = 0
    for _ in range(60):
        # Labels drawn with the very chances the map gives: nothing but looks can go wrong.
        found = scores(draw(rng, 1500), 15)
        chances = known.chances(found.confidence)
        found.right[:] = rng.random(1500) < chances
        followed = running(known, steps(found, 15), tolerance=0.0, alpha=ALPHA)
        false_alarms += alarmed(followed)
        missed += not (followed[-1].low <= 0 <= followed[-1].high)
    # Of 60 at 5 % more than 9 have a chance below one in a hundred.
    assert false_alarms <= 9
    assert missed <= 9


def test_the_sequence_narrows_and_keeps_its_ends():
    rng = np.random.default_rng(6)
    known = calibrator(draw(rng, 20_000))
    followed = running(known, steps(scores(draw(rng, 6000), 6), 6), tolerance=0.0, alpha=ALPHA)
    lows, highs = [one.low for one in followed], [one.high for one in followed]
    assert lows == sorted(lows)
    assert highs == sorted(highs, reverse=True)
    assert highs[-1] - lows[-1] < 0.08
    assert [one.n for one in followed] == [1000, 2000, 3000, 4000, 5000, 6000]


def test_late_labels_change_what_is_known_of_old_steps():
    rng = np.random.default_rng(7)
    known = calibrator(draw(rng, 20_000))
    whole = scores(draw(rng, 6000, flipped=0.4), 6)
    few = unlabelled(whole, 0.01, rng)
    early = running(known, steps(few, 6), tolerance=0.02, alpha=0.01)
    late = running(known, steps(whole, 6), tolerance=0.02, alpha=0.01)
    assert early[0].e_value < late[0].e_value
    assert early[-1].n < 120 < late[-1].n


def test_few_and_no_labels():
    rng = np.random.default_rng(8)
    known = calibrator(draw(rng, 5000))
    none = unlabelled(scores(draw(rng, 50)), 0.0, rng)
    assert residual(known, none) is None
    [nothing] = running(known, [none], tolerance=0.02, alpha=ALPHA)
    assert (nothing.n, nothing.e_value, nothing.low, nothing.high) == (0, 1.0, -1.0, 1.0)
    assert running(known, [], tolerance=0.02, alpha=ALPHA) == []
    one = residual(known, scores(draw(rng, 1)))
    assert one.n == 1
    assert one.high - one.low > 0.5


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_certain_models(value):
    rng = np.random.default_rng(9)
    known = calibrator(draw(rng, 5000))
    certain = scores(draw(rng, 400))
    certain.confidence[:] = 1.0
    certain.right[:] = value
    found = residual(known, certain)
    assert np.isfinite([found.estimate, found.low, found.high, found.p_value]).all()
    [last] = running(known, [certain], tolerance=0.02, alpha=ALPHA)
    assert np.isfinite(last.e_value)
    assert (last.e_value > 1e9) == (value == 0.0)


def test_what_was_quiet_for_long_is_found_soon():
    rng = np.random.default_rng(11)
    known = calibrator(draw(rng, 20_000))
    quiet, turned = scores(draw(rng, 40_000), 40), scores(draw(rng, 4000, flipped=0.3), 4)
    parts = [*steps(quiet, 40), *steps(turned, 4)]
    followed = running(known, parts, tolerance=0.02, alpha=0.01)
    assert not alarmed(followed[:40], 0.01)
    assert followed[43].e_value >= 100
    assert followed[-1].low < 0.03


def test_a_wide_tolerance_never_alarms():
    rng = np.random.default_rng(10)
    known = calibrator(draw(rng, 5000))
    wrong = scores(draw(rng, 400, flipped=1.0))
    [last] = running(known, [wrong], tolerance=1.0, alpha=ALPHA)
    assert last.e_value == 1.0


def test_the_evidence_is_the_product_of_bets():
    rng = np.random.default_rng(12)
    known = calibrator(draw(rng, 5000))
    found = scores(draw(rng, 300, flipped=0.2))
    [ran] = running(known, [found], tolerance=0.01, alpha=ALPHA)
    band = 0.01 + 2 * known.variance(found.confidence) ** 0.5
    left = known.chances(found.confidence) - found.right
    stakes = np.geomspace(0.005, 0.95, 24)[:, None]
    bets = [(1 + stakes * (side * left - band) / (1 + band)).prod(axis=1) for side in (1, -1)]
    exact = np.concatenate(bets).mean()
    # Splitting residuals over points can only lessen it, and hardly does.
    assert 0.98 * exact < ran.e_value <= exact * (1 + 1e-9)
