"""Energy distance against scipy and against its definition by pairs."""

import numpy as np
import pytest
from scipy import stats

from drift.statistics.energy_distance import energy_distance


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 8), (100, 100), (1000, 777), (40_000, 30_000)])
@pytest.mark.parametrize("decimals", [12, 1])
def test_estimate_is_scipys(n, m, decimals):
    generator = np.random.default_rng(n)
    left = np.round(generator.normal(size=n), decimals)
    right = np.round(generator.normal(0.2, 1.1, size=m), decimals)
    theirs = stats.energy_distance(left, right)
    assert energy_distance(left, right).estimate == pytest.approx(theirs, rel=1e-12, abs=1e-12)


def test_estimate_is_the_difference_of_mean_distances():
    generator = np.random.default_rng(2)
    left, right = generator.exponential(size=40), generator.exponential(2.0, size=30)
    between, within, inside = (
        np.abs(one[:, None] - other).mean()
        for one, other in ((left, right), (left, left), (right, right))
    )
    squared = 2 * between - within - inside
    assert energy_distance(left, right).estimate ** 2 == pytest.approx(squared, rel=1e-12)


@pytest.mark.parametrize("shift", [0.2, 0.5])
def test_p_value_is_that_of_shuffles(shift):
    generator = np.random.default_rng(4)
    left, right = generator.normal(size=60), generator.normal(shift, 1, size=50)
    result, values = energy_distance(left, right), np.concatenate([left, right])
    seen = 0
    for _ in range(1000):
        shuffled = generator.permutation(values)
        seen += stats.energy_distance(shuffled[:60], shuffled[60:]) >= result.estimate
    assert result.p_value == pytest.approx(seen / 1000, abs=0.04)
