"""Cramér-von Mises against scipy, and right where ties put scipy wrong."""

import numpy as np
import pytest
from scipy import stats

from drift.statistics.cramer_von_mises import cramer_von_mises
from drift.statistics.quadratic_law import cramer_von_mises_tail


def pair(n, m, shift=0.3):
    generator = np.random.default_rng(n * 1000 + m)
    return generator.normal(size=n), generator.normal(shift, 1.0, size=m)


@pytest.mark.parametrize(("n", "m"), [(2, 2), (5, 4), (9, 12), (12, 12), (10, 15)])
def test_exact_is_scipys(n, m):
    ours, theirs = cramer_von_mises(*pair(n, m)), stats.cramervonmises_2samp(*pair(n, m))
    assert ours.method["variant"] == "exact"
    assert ours.method["statistic"] == pytest.approx(theirs.statistic, abs=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-9)


@pytest.mark.parametrize(("n", "m"), [(21, 2), (30, 50), (400, 399), (5000, 3000)])
@pytest.mark.parametrize("shift", [0.0, 0.05, 0.5])
def test_asymptotic_is_scipys(n, m, shift):
    ours = cramer_von_mises(*pair(n, m, shift))
    theirs = stats.cramervonmises_2samp(*pair(n, m, shift))
    assert ours.method["variant"] == "asymptotic"
    assert ours.method["statistic"] == pytest.approx(theirs.statistic, rel=1e-12, abs=1e-12)
    # Far out scipy takes 1 from a sum near it, and is left with errors such as 4e-9 for 2e-82.
    near = theirs.pvalue > 1e-7
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-9 if near else 1e-7)


def test_the_estimate_does_not_grow_with_the_samples():
    small, large = cramer_von_mises(*pair(400, 400)), cramer_von_mises(*pair(40_000, 40_000))
    assert large.method["statistic"] > 20 * small.method["statistic"]
    assert large.estimate == pytest.approx(small.estimate, abs=0.08)
    assert large.high - large.low < (small.high - small.low) / 5


def test_a_far_tail_is_not_rounded_to_nothing():
    p_value = cramer_von_mises(*pair(5000, 3000, 0.5)).p_value
    assert 0.0 < p_value < 1e-60
    # Leading term of the law: sqrt(2) times the tail of the first chi-square.
    assert cramer_von_mises_tail(30.0) == pytest.approx(
        np.sqrt(2) * stats.chi2.sf(30 * np.pi**2, 1), rel=0.02
    )


def test_identical_constants_are_not_drift_whatever_their_numbers():
    left, right = np.ones(50), np.ones(30)
    assert cramer_von_mises(left, right).p_value == 1.0
    # Midranks make scipy reject them.
    assert stats.cramervonmises_2samp(left, right).pvalue < 1e-4


@pytest.mark.parametrize("rate", [2.0, 8.0])
def test_ties_by_all_shuffles(rate):
    generator = np.random.default_rng(3)
    left, right = generator.poisson(rate, 80), generator.poisson(rate * 1.4, 50)
    result, values = cramer_von_mises(left, right), np.concatenate([left, right])
    seen = 0
    for _ in range(1500):
        shuffled = generator.permutation(values)
        again = cramer_von_mises(shuffled[:80], shuffled[80:])
        seen += again.estimate >= result.estimate - 1e-12
    assert result.p_value == pytest.approx(seen / 1500, abs=0.04)


def test_exact_is_refused_with_ties_or_many_values():
    for left in (np.arange(21.0), np.array([1.0, 1.0])):
        with pytest.raises(ValueError, match="method is 'exact' with ties or above 20 values"):
            cramer_von_mises(left, [2.5], method="exact")
    with pytest.raises(ValueError, match="method is 'fast'"):
        cramer_von_mises([0.0], [1.0], method="fast")
