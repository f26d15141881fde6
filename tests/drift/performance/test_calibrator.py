"""What confidence means: the estimates of the statistics library, and what holds without labels."""

import numpy as np
import pytest

from drift.statistics.cbpe import cbpe
from drift.statistics.doc import doc
from tests.drift.performance.models import calibrator, draw, scores


def test_estimates_are_those_of_the_library():
    rng = np.random.default_rng(1)
    known = calibrator(draw(rng, 3000, boast=2.0))
    window = scores(draw(rng, 700, shift=0.7, boast=2.0))
    base = known.baseline
    share = cbpe(base.confidence, base.right, window.confidence, metric="share")
    found = known.accuracy(window.confidence)
    assert (found.estimate, found.low, found.high) == pytest.approx(
        (share.estimate, share.low, share.high), abs=1e-12
    )
    changed = doc(base.confidence, base.right, window.confidence)
    assert known.doc(window.confidence).estimate == changed.estimate
    area = cbpe(base.positive, base.truth, window.positive, metric="auc")
    assert known.auc(window.positive).low == area.low


def test_with_few_labels_confidence_is_taken_as_it_is():
    rng = np.random.default_rng(2)
    bare = calibrator(draw(rng, 99))
    window = scores(draw(rng, 400))
    assert not bare.learnt
    assert (bare.method, bare.n) == ("none", 99)
    assert "no labels" in bare.assumption
    found = bare.accuracy(window.confidence)
    assert found.estimate == window.confidence.mean()
    assert found.low < found.estimate < found.high
    assert bare.doc(window.confidence) is None
    assert isinstance(bare.auc(window.positive), str)
    assert calibrator(draw(rng, 100)).learnt


def test_one_class_and_no_positive_give_a_reason():
    rng = np.random.default_rng(3)
    known = calibrator(draw(rng, 500))
    known.baseline.truth[:] = 1.0
    assert known.auc(scores(draw(rng, 50)).positive) == "one class only is possible"
    assert known.auc(np.full(5, np.nan)) == "no two classes with a confidence"


@pytest.mark.parametrize("shift", [-2.0, 0.0, 2.0])
def test_intervals_hold_what_labels_will_show(shift):
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(200):
        known = calibrator(draw(rng, 1500))
        window = scores(draw(rng, 300, shift=shift))
        found = known.accuracy(window.confidence)
        held += found.low <= window.right.mean() <= found.high
    assert held / 200 >= 0.9
