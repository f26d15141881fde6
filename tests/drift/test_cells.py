"""Counts that add up: parts summed in any order are the whole."""

import doctest

import numpy as np
import pytest

from drift import cells, codes
from drift.cells import Cells, Key, Slice

EDGES = [0.0, 0.5, 1.0]


def test_the_examples_run():
    for module in (cells, codes):
        assert doctest.testmod(module).failed == 0
        assert doctest.testmod(module).attempted > 0


@pytest.mark.parametrize("seed", range(5))
def test_parts_add_up_to_the_whole(seed):
    rng = np.random.default_rng(seed)
    # Far from zero: sums of squares would lose every digit here.
    values = 1e9 + rng.normal(size=500)
    cuts = np.sort(rng.integers(0, 500, 4))
    whole = Cells.of_numbers(values, EDGES)
    summed = Cells.empty()
    for part in np.split(values, cuts):
        summed = summed + Cells.of_numbers(part, EDGES)
    assert summed.counts.tolist() == whole.counts.tolist()
    assert summed.numbers == 500
    assert summed.mean == pytest.approx(values.mean(), rel=1e-15)
    assert summed.deviation == pytest.approx(values.std(ddof=1), rel=1e-6)
    assert (summed.least, summed.greatest) == (values.min(), values.max())


def test_what_is_no_finite_number_is_counted_and_not_averaged():
    found = Cells.of_numbers([np.nan, np.inf, -np.inf, 0.25], EDGES)
    assert found.total == 4
    assert (found.numbers, found.mean) == (1, 0.25)
    assert found.counts[codes.NAN] == 1
    assert found.deviation is None


def test_nothing_added_changes_nothing():
    one = Cells.of_numbers([0.1, 0.2], EDGES)
    for both in (one + Cells.empty(), Cells.empty() + one):
        assert (both.numbers, both.mean, both.squares) == (one.numbers, one.mean, one.squares)
        assert (both.least, both.greatest) == (0.1, 0.2)


def test_a_key_names_its_slice():
    assert Key("length", "route", "auto").slice == Slice("route", "auto")
    assert Key("length").slice == Slice()
