"""Wilson's interval against scipy's."""

import doctest

import pytest
from scipy.stats import binomtest

from drift.statistics import wilson as module
from drift.statistics.wilson import wilson


@pytest.mark.parametrize(("hits", "n"), [(0, 3), (3, 4), (50, 100), (1000, 1000)])
def test_bounds_are_those_of_scipy(hits, n):
    oracle = binomtest(hits, n).proportion_ci(method="wilson")
    low, high = wilson(hits / n, n, 1.959963984540054)
    assert (float(low), float(high)) == pytest.approx((oracle.low, oracle.high), abs=1e-12)


def test_examples():
    assert doctest.testmod(module).failed == 0
