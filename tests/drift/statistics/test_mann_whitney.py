"""Mann-Whitney against scipy, two-sided, with its interval."""

import itertools

import numpy as np
import pytest
from scipy import stats

from drift.statistics.mann_whitney import mann_whitney


def pair(n, m, shift=0.3, decimals=12):
    generator = np.random.default_rng(n * 1000 + m)
    left, right = generator.normal(size=n), generator.normal(shift, 1.0, size=m)
    return np.round(left, decimals), np.round(right, decimals)


@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 5), (8, 8), (3, 60), (8, 900)])
def test_exact_is_scipys(n, m):
    ours, theirs = mann_whitney(*pair(n, m)), stats.mannwhitneyu(*pair(n, m))
    assert ours.method["variant"] == "exact"
    assert ours.method["statistic"] == theirs.statistic
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-9)


@pytest.mark.parametrize(("n", "m"), [(9, 9), (4, 60), (400, 399), (30_000, 20_000)])
@pytest.mark.parametrize("decimals", [12, 1])
def test_asymptotic_is_scipys(n, m, decimals):
    values = pair(n, m, decimals=decimals)
    ours = mann_whitney(*values, method="asymptotic")
    theirs = stats.mannwhitneyu(*values, method="asymptotic")
    assert ours.method["statistic"] == pytest.approx(theirs.statistic, abs=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-9)


def test_exact_is_the_share_of_all_orders():
    values = np.arange(9.0)
    seen = []
    for ours in itertools.combinations(range(9), 4):
        mask = np.isin(np.arange(9), ours)
        seen.append(mann_whitney(values[mask], values[~mask], method="exact"))
    away = np.array([abs(one.method["statistic"] - 10) for one in seen])
    for one, far in zip(seen, away, strict=True):
        assert one.p_value == pytest.approx(min(1.0, np.mean(away >= far)), abs=0.06)


def test_both_directions_are_found_alike():
    left = np.random.default_rng(1).normal(size=200)
    up, down = mann_whitney(left, left + 0.7), mann_whitney(left, left - 0.7)
    assert up.p_value == pytest.approx(down.p_value, rel=1e-9)
    assert up.p_value < 1e-6
    assert up.estimate == pytest.approx(1 - down.estimate)
    assert up.low > 0.5 > down.high


@pytest.mark.parametrize("shift", [0.0, 1.0, 3.0])
def test_interval_covers(shift):
    generator = np.random.default_rng(2)
    true = stats.norm.cdf(shift / np.sqrt(2))
    held = 0
    for _ in range(500):
        one = mann_whitney(generator.normal(size=40), generator.normal(shift, 1, 60))
        held += one.low <= true <= one.high
    assert 0.9 <= held / 500 <= 0.99


def test_exact_is_refused_with_ties():
    with pytest.raises(ValueError, match="ties"):
        mann_whitney([1, 1], [2, 3], method="exact")
    with pytest.raises(ValueError, match="method is 'fast'"):
        mann_whitney([0.0], [1.0], method="fast")
