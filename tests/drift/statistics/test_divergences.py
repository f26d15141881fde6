"""Distances of shares against scipy and closed forms; their intervals cover; zeros by the rule."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from drift.statistics.chi_square import chi_square
from drift.statistics.g_test import g_test
from drift.statistics.hellinger import hellinger
from drift.statistics.jensen_shannon import jensen_shannon
from drift.statistics.kullback_leibler import kullback_leibler
from drift.statistics.l_infinity import l_infinity
from drift.statistics.population_stability import population_stability
from drift.statistics.total_variation import total_variation

REFERENCE = np.array([400, 200, 100, 100, 50, 50, 40, 30, 20, 10])
CURRENT = np.array([150, 130, 60, 50, 30, 25, 0, 15, 10, 30])


def shares(added=0.0):
    p, q = REFERENCE + added, CURRENT + added
    return p / p.sum(), q / q.sum()


def test_population_stability_is_both_kullback_leibler():
    p, q = shares(0.5)
    result = population_stability(REFERENCE, CURRENT)
    assert result.estimate == pytest.approx(stats.entropy(p, q) + stats.entropy(q, p), rel=1e-12)
    assert result.method["zero_count"] == 0.5
    assert result.method["expected"] == pytest.approx(9 * (1 / 1000 + 1 / 500))


@pytest.mark.parametrize("base", [2, math.e, 10])
def test_kullback_leibler_is_scipys(base):
    result = kullback_leibler(REFERENCE, CURRENT, base=base)
    assert result.estimate == pytest.approx(stats.entropy(*shares(0.5), base=base), rel=1e-12)
    assert result.method["base"] == base


@pytest.mark.parametrize("base", [2, math.e])
def test_jensen_shannon_is_scipys(base):
    result = jensen_shannon(REFERENCE, CURRENT, base=base)
    assert result.estimate == pytest.approx(jensenshannon(*shares(), base=base), rel=1e-12)
    assert result.method["base"] == base
    apart = jensen_shannon([50, 0], [0, 60], base=base)
    assert apart.estimate == pytest.approx(math.sqrt(math.log(2) / math.log(base)))


def test_others_are_what_they_say():
    p, q = shares()
    assert total_variation(REFERENCE, CURRENT).estimate == pytest.approx(np.abs(p - q).sum() / 2)
    largest = l_infinity(REFERENCE, CURRENT)
    assert largest.estimate == pytest.approx(np.abs(p - q).max())
    assert largest.method["cell"] == np.abs(p - q).argmax()
    affinity = np.sqrt(p * q).sum()
    assert hellinger(REFERENCE, CURRENT).estimate == pytest.approx(math.sqrt(1 - affinity))


def test_a_cell_the_reference_does_not_have_weighs_by_the_stated_rule():
    reference, current = np.array([500, 500, 0]), np.array([495, 495, 10])
    half = population_stability(reference, current)
    tiny = population_stability(reference, current, zero_count=1e-9)
    assert half.estimate == pytest.approx(0.03, abs=0.002)
    assert tiny.estimate > 5 * half.estimate
    assert half.p_value == tiny.p_value


@pytest.mark.parametrize("zero_count", [0.0, -1.0, math.inf, math.nan])
def test_a_rule_that_leaves_zeros_is_refused(zero_count):
    for statistic in (population_stability, kullback_leibler):
        with pytest.raises(ValueError, match="zero_count"):
            statistic(REFERENCE, CURRENT, zero_count=zero_count)


@pytest.mark.parametrize("base", [1.0, 0.5, -2.0, math.nan])
def test_a_base_that_is_none_is_refused(base):
    for statistic in (jensen_shannon, kullback_leibler):
        with pytest.raises(ValueError, match="base"):
            statistic(REFERENCE, CURRENT, base=base)


def behind(p, q, part):
    """Value of each for the shares themselves; `part` of all observations are the reference's."""
    both = part * p + (1 - part) * q
    return {
        population_stability: ((q - p) * np.log(q / p)).sum(),
        kullback_leibler: (p * np.log(p / q)).sum(),
        jensen_shannon: jensenshannon(p, q, base=2),
        hellinger: math.sqrt(max(0.0, 1 - np.sqrt(p * q).sum())),
        total_variation: np.abs(p - q).sum() / 2,
        l_infinity: np.abs(p - q).max(),
        chi_square: math.sqrt(part * (1 - part) * ((p - q) ** 2 / both).sum()),
        g_test: part * (p * np.log(p / both)).sum() + (1 - part) * (q * np.log(q / both)).sum(),
    }


@pytest.mark.parametrize("moved", [0.0, 0.3, 1.0], ids=["none", "some", "all"])
def test_intervals_cover_what_is_behind_the_samples(moved):
    generator = np.random.default_rng(11)
    p = REFERENCE / REFERENCE.sum()
    q = (1 - moved) * p + moved * p[::-1]
    n, m = 2000, 900
    true = behind(p, q, n / (n + m))
    held = dict.fromkeys(true, 0)
    for _ in range(150):
        counts = generator.multinomial(n, p), generator.multinomial(m, q)
        for statistic in held:
            one = statistic(*counts)
            held[statistic] += one.low - 1e-9 <= true[statistic] <= one.high + 1e-9
    for statistic, count in held.items():
        assert count / 150 >= 0.89, statistic.__name__


def test_without_drift_the_index_is_what_its_law_expects():
    generator = np.random.default_rng(12)
    shares_ = np.full(10, 0.1)
    values = [
        population_stability(
            generator.multinomial(2000, shares_), generator.multinomial(800, shares_)
        )
        for _ in range(400)
    ]
    mean = np.mean([one.estimate for one in values])
    assert mean == pytest.approx(values[0].method["expected"], rel=0.1)
