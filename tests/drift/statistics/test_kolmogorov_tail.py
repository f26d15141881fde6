"""The fast tail of the Kolmogorov-Smirnov distance equals scipy's slow one."""

from __future__ import annotations

import doctest
import time

import pytest
from scipy.stats import kstwo

from drift.statistics import kolmogorov_tail as module
from drift.statistics.kolmogorov_tail import kolmogorov_tail


@pytest.mark.parametrize("n", [1, 7, 999, 1_000, 4_321, 50_000, 500_000])
@pytest.mark.parametrize("scaled", [0.01, 0.1, 0.19, 0.21, 0.7, 1.48, 1.49, 2.0, 3.0, 6.0, 14.0])
def test_it_equals_scipy(n: int, scaled: float) -> None:
    distance = min(1.0, scaled / n**0.5)
    expected = float(kstwo.sf(distance, n))
    assert kolmogorov_tail(distance, n) == pytest.approx(expected, rel=1e-10, abs=1e-290)


def test_the_ends_are_certain() -> None:
    assert kolmogorov_tail(0.0, 10_000) == 1.0
    assert kolmogorov_tail(1.0, 10_000) == 0.0


def test_a_small_tail_of_a_large_sample_takes_no_time() -> None:
    started = time.process_time()
    for _ in range(20):
        kolmogorov_tail(0.01, 50_000)
    ours = time.process_time() - started
    started = time.process_time()
    kstwo.sf(0.01, 50_000)
    # Twenty against one, where the true ratio is about a thousand to one.
    assert ours < time.process_time() - started


def test_the_example_holds() -> None:
    assert doctest.testmod(module).failed == 0
