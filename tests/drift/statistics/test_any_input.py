"""Any numbers give a complete result or an error that says why; never a warning."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from drift.statistics import isotonic
from drift.statistics.calibration import calibration, reliability
from drift.statistics.catalog import STATISTICS
from drift.statistics.cbpe import cbpe
from drift.statistics.doc import doc

VECTORS = sorted(name for name, one in STATISTICS.items() if one.takes == "vectors")
STREAMS = sorted(name for name, one in STATISTICS.items() if one.takes == "stream")
OPTIONS = {"e_process": {"lower": -1e6, "upper": 1e6, "mean": 0.0}}

usual = st.sampled_from([0.0, 1.0, -1.0, 0.5, math.nan]) | st.floats(-1e6, 1e6)
shares = st.sampled_from([0.0, 1.0, 0.5, 0.9]) | st.floats(0, 1)


def check(result):
    assert math.isfinite(result.estimate)
    assert result.p_value is None or 0 <= result.p_value <= 1
    if result.low is not None:
        assert result.low <= result.estimate <= result.high
    return result


@st.composite
def two_samples(draw):
    width = draw(st.integers(1, 3))
    sizes = draw(st.integers(2, 12)), draw(st.integers(2, 12))
    return [draw(arrays(np.float64, (size, width), elements=usual)) for size in sizes]


@pytest.mark.parametrize("name", VECTORS)
@settings(max_examples=60, deadline=None)
@given(samples=two_samples())
def test_any_vectors(name, samples):
    least = 4 if name == "domain_classifier" else 2
    if min(np.isfinite(one).all(axis=1).sum() for one in samples) < least:
        with pytest.raises(ValueError, match="finite rows"):
            STATISTICS[name].function(*samples, permutations=9)
        return
    check(STATISTICS[name].function(*samples, permutations=9))


@pytest.mark.parametrize("name", STREAMS)
@settings(max_examples=60, deadline=None)
@given(values=st.lists(usual, min_size=1, max_size=150))
def test_any_series(name, values):
    options = OPTIONS.get(name, {})
    if np.isnan(values).all():
        with pytest.raises(ValueError, match="no number"):
            STATISTICS[name].function(values, **options)
        return
    check(STATISTICS[name].function(values, **options))


@settings(max_examples=150, deadline=None)
@given(
    known=st.lists(st.tuples(shares, st.booleans()), min_size=2, max_size=40),
    later=st.lists(shares, min_size=1, max_size=20),
    metric=st.sampled_from(["accuracy", "share"]),
)
def test_any_scores(known, later, metric):
    scores, labels = np.array(known, dtype=float).T
    check(doc(scores, labels, later))
    check(calibration(scores, labels))
    assert sum(one.n for one in reliability(scores, labels)) == len(scores)
    result = check(cbpe(scores, labels, later, metric=metric))
    assert 0 <= result.low <= result.high <= 1


@settings(max_examples=100, deadline=None)
@given(
    known=st.lists(st.tuples(shares, st.booleans()), min_size=2, max_size=40),
    later=st.lists(shares, min_size=1, max_size=20),
)
def test_an_area_needs_both_labels_to_be_possible(known, later):
    scores, labels = np.array(known, dtype=float).T
    chances = isotonic.fit(scores, labels)(later)
    if len(later) < 2 or chances @ (np.sum(1 - chances) - (1 - chances)) <= 0:
        with pytest.raises(ValueError, match="auc needs scores"):
            cbpe(scores, labels, later, metric="auc")
        return
    check(cbpe(scores, labels, later, metric="auc"))
