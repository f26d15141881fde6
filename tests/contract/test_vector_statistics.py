"""What every statistic of vectors in the catalogue promises beside what all do."""

from __future__ import annotations

import numpy as np
import pytest

from drift.statistics.catalog import STATISTICS
from tests.drift.statistics.kit import call, check, example

VECTORS = sorted(name for name, one in STATISTICS.items() if one.takes == "vectors")

pytestmark = pytest.mark.parametrize("name", VECTORS)


def drawn(size, shift=0.0, seed=1):
    return np.random.default_rng(seed).normal(shift, 1.0, size=(size, 4))


@pytest.mark.parametrize("argument", ["reference", "current"])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.empty((0, 4)), "0 finite rows; send at least"),
        (np.zeros((5, 3)), "columns"),
        (np.zeros(4), "columns"),
        (np.full((5, 4), np.nan), "0 finite rows"),
        (np.full((5, 4), np.inf), "0 finite rows"),
    ],
    ids=["empty", "width", "flat", "nan", "infinite"],
)
def test_bad_input_is_refused_by_name(name, argument, wrong, message):
    good = drawn(30)
    arguments = (wrong, good) if argument == "reference" else (good, wrong)
    with pytest.raises(ValueError, match=message) as caught:
        call(name, *arguments)
    assert "reference" in str(caught.value) or "current" in str(caught.value)


@pytest.mark.parametrize("shift", [-1.0, 1.0])
def test_a_large_drift_is_found_in_both_directions(name, shift):
    result = check(call(name, drawn(150), drawn(110, shift, seed=2)), name)
    assert result.p_value < 0.01
    assert (result.n_reference, result.n_current) == (150, 110)


def test_identical_and_constant_vectors_show_nothing(name):
    same = drawn(60)
    assert check(call(name, same, same), name).p_value > 0.2
    constant = np.ones((20, 4))
    assert check(call(name, constant, constant), name).p_value > 0.2


def test_swapped_samples_have_the_same_sizes_and_nearly_the_same_p_value(name):
    reference, current = example(name)
    ours, theirs = call(name, reference, current), call(name, current, reference)
    assert (ours.n_reference, ours.n_current) == (theirs.n_current, theirs.n_reference)
    assert theirs.p_value == pytest.approx(ours.p_value, abs=0.1)
    if STATISTICS[name].symmetric:
        assert theirs.estimate == pytest.approx(ours.estimate, rel=1e-6, abs=1e-9)


def test_single_precision_is_as_good(name):
    reference, current = example(name)
    wide, narrow = (
        call(name, reference.astype(kind), current.astype(kind)) for kind in ("f8", "f4")
    )
    assert narrow.estimate == pytest.approx(wide.estimate, rel=1e-3, abs=1e-4)


def test_the_seed_alone_decides_what_is_random(name):
    reference, current = example(name)
    assert call(name, reference, current) == call(name, reference, current)
