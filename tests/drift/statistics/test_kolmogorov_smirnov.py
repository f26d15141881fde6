"""Kolmogorov-Smirnov against scipy, against all orders, and its bounds from counts."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from drift.statistics import lattice_paths, tied_paths
from drift.statistics.kolmogorov_smirnov import from_counts, kolmogorov_smirnov
from drift.statistics.lattice_paths import outside

SIZES = [(1, 1), (1, 9), (5, 7), (30, 30), (60, 45), (700, 1000), (1000, 1000)]


def pair(n, m, shift=0.2):
    generator = np.random.default_rng(n * 1000 + m)
    return generator.normal(size=n), generator.normal(shift, 1.1, size=m)


@pytest.mark.parametrize(("n", "m"), [*SIZES, (9000, 8999)])
def test_exact_is_scipys(n, m):
    ours, theirs = kolmogorov_smirnov(*pair(n, m)), stats.ks_2samp(*pair(n, m))
    assert ours.estimate == pytest.approx(theirs.statistic, abs=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-9)
    assert ours.method["variant"] == "exact"
    assert ours.method["at"] == theirs.statistic_location
    assert ours.method["sign"] == theirs.statistic_sign


@pytest.mark.parametrize(("n", "m"), [*SIZES[1:], (20_000, 10_001), (50, 30_000)])
def test_asymptotic_is_scipys(n, m):
    ours = kolmogorov_smirnov(*pair(n, m, 0.02), method="asymptotic")
    theirs = stats.ks_2samp(*pair(n, m, 0.02), method="asymp")
    assert ours.estimate == pytest.approx(theirs.statistic, abs=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=1e-9)
    automatic = kolmogorov_smirnov(*pair(n, m, 0.02)).method["variant"]
    assert automatic == ("exact" if max(n, m) <= 10_000 else "asymptotic")


@pytest.mark.parametrize(("n", "m"), [(60, 59), (600, 599), (400, 100), (1000, 1000)])
@pytest.mark.parametrize("distance", [0.5, 0.8, 1.0])
def test_tiny_probabilities_keep_their_digits(n, m, distance):
    above = int(distance * m)
    left = np.linspace(0, 1, n)
    right = np.concatenate([np.linspace(0.001, 0.999, m - above), np.linspace(2, 3, above)])
    result = kolmogorov_smirnov(left, right)
    assert result.method["variant"] == "exact"
    assert result.p_value < 1e-6
    assert result.p_value == pytest.approx(stats.ks_2samp(left, right).pvalue, rel=1e-8)


def test_apart_altogether_is_two_orders_of_all():
    assert outside(500, 500, 500) == pytest.approx(2 * math.exp(-_log_orders(500, 500)), rel=1e-9)
    assert outside(300, 200, 600) == pytest.approx(2 * math.exp(-_log_orders(300, 200)), rel=1e-9)


def _log_orders(n, m):
    return math.lgamma(n + m + 1) - math.lgamma(n + 1) - math.lgamma(m + 1)


@pytest.mark.parametrize(
    "values", [[1, 1, 2, 2, 3, 3, 4, 5], [0, 0, 0, 0, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8]]
)
@pytest.mark.parametrize("n", [2, 4, 5])
def test_with_ties_it_is_the_share_of_all_orders(values, n):
    values = np.array(values, dtype=float)
    seen = []
    for ours in itertools.combinations(range(values.size), n):
        mask = np.isin(np.arange(values.size), ours)
        result = kolmogorov_smirnov(values[mask], values[~mask])
        seen.append((result.estimate, result.p_value))
    distances = np.array([distance for distance, _ in seen])
    for distance, p_value in seen:
        assert p_value == pytest.approx(np.mean(distances >= distance - 1e-12), abs=1e-12)


def test_the_limit_law_of_ties_is_near_the_exact_one():
    generator = np.random.default_rng(8)
    for rate in (0.5, 3.0, 20.0):
        left, right = generator.poisson(rate, 450), generator.poisson(rate * 1.04, 440)
        exact = kolmogorov_smirnov(left, right)
        limit = kolmogorov_smirnov(left, right, method="asymptotic")
        assert exact.method["variant"] == "exact, tied"
        assert limit.method["variant"] == "asymptotic, tied"
        assert limit.p_value == pytest.approx(exact.p_value, abs=0.04)


def test_a_bridge_looked_at_everywhere_is_kolmogorovs():
    for distance in (0.3, 0.8, 1.36, 2.5):
        ours = tied_paths.limit(np.linspace(0, 1, 601)[1:], distance)
        assert ours == pytest.approx(stats.kstwobign.sf(distance), abs=1e-12)


@pytest.mark.parametrize("distance", [0.5, 0.9, 1.3])
def test_a_bridge_with_jumps_is_that_of_simulation(distance):
    generator = np.random.default_rng(10)
    # Half of all is one value, a fifth another; the rest is a continuum.
    shares = np.concatenate(
        [np.linspace(0.001, 0.1, 300), [0.6], np.linspace(0.601, 0.8, 300), [1]]
    )
    steps = generator.normal(size=(4000, shares.size)) * np.sqrt(np.diff(shares, prepend=0.0))
    motion = np.cumsum(steps, axis=1)
    bridges = motion - np.outer(motion[:, -1], shares)
    seen = np.mean(np.abs(bridges).max(axis=1) >= distance)
    assert tied_paths.limit(shares, distance) == pytest.approx(seen, abs=0.03)


def test_ties_by_scipy_are_an_upper_bound():
    left, right = np.repeat([0, 1], [60, 40]), np.repeat([0, 1], [46, 54])
    ours, theirs = kolmogorov_smirnov(left, right), stats.ks_2samp(left, right)
    assert ours.p_value < 0.07
    assert theirs.pvalue > 0.25


def test_exact_is_refused_when_it_would_not_end():
    with pytest.raises(ValueError, match="at most 100000"):
        kolmogorov_smirnov(np.zeros(100_001), [1.0], method="exact")
    with pytest.raises(ValueError, match="method is 'fast'"):
        kolmogorov_smirnov([0.0], [1.0], method="fast")


def test_interval_covers_the_distance_behind_the_samples():
    generator = np.random.default_rng(9)
    true = 2 * stats.norm.cdf(0.25) - 1
    held = [
        one.low <= true <= one.high
        for one in (
            kolmogorov_smirnov(generator.normal(size=150), generator.normal(0.5, 1, 90))
            for _ in range(200)
        )
    ]
    assert np.mean(held) >= 0.95


@pytest.mark.parametrize("cells", [2, 10, 32, 250])
def test_bounds_from_counts_hold(cells):
    generator = np.random.default_rng(cells)
    for _ in range(30):
        left = generator.lognormal(size=900)
        right = generator.lognormal(generator.uniform(-0.3, 0.3), 1.2, 700)
        edges = np.unique(np.quantile(left, np.linspace(0, 1, cells)[1:-1]))
        counts = [
            np.bincount(np.searchsorted(edges, one), minlength=edges.size + 1)
            for one in (left, right)
        ]
        bounds, exact = from_counts(*counts), kolmogorov_smirnov(left, right)
        assert bounds.low <= exact.estimate + 1e-12
        assert exact.estimate <= bounds.high + 1e-12
        assert bounds.estimate == bounds.low
        assert bounds.level == 1.0
        if cells > 32:
            assert bounds.p_value >= exact.p_value - 1e-12


@pytest.mark.parametrize(
    ("n", "m"), [(100, 101), (130, 100), (203, 101), (300, 200), (1000, 107), (4000, 3001)]
)
def test_half_of_the_rows_tell_as_much_as_all(monkeypatch, n, m):
    common = math.gcd(n, m)
    for distance in (0.2, 0.8, 1.3, 2.0, 2.9):
        height = math.ceil(distance * math.sqrt(n * m * (n + m)) / common)
        monkeypatch.setattr(lattice_paths, "HALVED_FROM", 100)
        half = outside(n, m, height)
        monkeypatch.setattr(lattice_paths, "HALVED_FROM", 10**9)
        assert half == pytest.approx(outside(n, m, height), rel=1e-10)
        assert outside(m, n, height) == pytest.approx(half, rel=1e-10)
