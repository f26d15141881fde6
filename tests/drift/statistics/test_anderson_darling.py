"""Anderson-Darling against scipy's statistic, its p-value where it has one, and shuffles."""

import numpy as np
import pytest
from scipy import stats

from drift.statistics.anderson_darling import anderson_darling
from drift.statistics.quadratic_law import anderson_darling_tail


def pair(n, m, shift=0.3, decimals=12):
    generator = np.random.default_rng(n * 1000 + m)
    left, right = generator.normal(size=n), generator.normal(shift, 1.0, size=m)
    return np.round(left, decimals), np.round(right, decimals)


@pytest.mark.parametrize(("n", "m"), [(3, 2), (8, 9), (50, 30), (400, 399), (30_000, 20_000)])
@pytest.mark.parametrize("decimals", [12, 1])
@pytest.mark.filterwarnings("ignore:p-value")
def test_statistic_is_scipys(n, m, decimals):
    ours = anderson_darling(*pair(n, m, decimals=decimals))
    theirs = stats.anderson_ksamp(pair(n, m, decimals=decimals), variant="midrank")
    assert ours.method["statistic"] == pytest.approx(theirs.statistic, rel=1e-12, abs=1e-12)


@pytest.mark.filterwarnings("ignore:p-value")
def test_p_value_is_near_scipys_interpolation_and_goes_on_where_that_is_cut_off():
    cut = {0.001: 0, 0.25: 0, None: 0}
    for shift in np.linspace(-0.6, 0.6, 31):
        left, right = pair(400, 300, shift)
        theirs = stats.anderson_ksamp((left, right), variant="midrank").pvalue
        ours = anderson_darling(left, right).p_value
        if theirs == 0.001:
            assert ours < 0.0011
        elif theirs == 0.25:
            assert ours > 0.23
        else:
            assert ours == pytest.approx(theirs, rel=0.1)
        cut[theirs if theirs in cut else None] += 1
    assert min(cut.values()) >= 2
    assert 0.0 < anderson_darling(*pair(400, 300, 1.0)).p_value < 1e-20


@pytest.mark.parametrize(("decimals", "shift"), [(12, 0.2), (12, 0.5), (0, 0.3)])
@pytest.mark.filterwarnings("ignore:p-value")
def test_p_value_is_that_of_shuffles(decimals, shift):
    left, right = pair(60, 45, shift, decimals)
    shuffles = stats.PermutationMethod(n_resamples=1999, rng=np.random.default_rng(5))
    theirs = stats.anderson_ksamp((left, right), variant="midrank", method=shuffles).pvalue
    assert anderson_darling(left, right).p_value == pytest.approx(theirs, abs=0.03)


def test_two_distinct_values_are_a_chi_square_of_one_degree():
    left, right = np.repeat([0, 1], [300, 200]), np.repeat([0, 1], [160, 140])
    ours = anderson_darling(left, right).p_value
    theirs = stats.chi2_contingency([[300, 200], [160, 140]], correction=False).pvalue
    assert ours == pytest.approx(theirs, abs=5e-4)


@pytest.mark.parametrize(
    ("value", "tail"), [(1.933, 0.10), (2.492, 0.05), (3.070, 0.025), (3.857, 0.01)]
)
def test_tail_is_the_published_one(value, tail):
    # Anderson and Darling 1954; Lewis 1961.
    assert anderson_darling_tail(value) == pytest.approx(tail, rel=0.03)
