"""Wasserstein against scipy, its p-value against shuffles, its bounds from counts."""

import numpy as np
import pytest
from scipy import stats

from drift.statistics.pooled_difference import strays
from drift.statistics.wasserstein import from_counts, wasserstein

LAWS = {
    "normal": lambda generator, size: generator.normal(size=size),
    "lognormal": lambda generator, size: generator.lognormal(size=size),
    "counts": lambda generator, size: generator.poisson(2.0, size),
}


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 8), (100, 100), (1000, 777), (40_000, 30_000)])
@pytest.mark.parametrize("law", sorted(LAWS))
def test_estimate_is_scipys(law, n, m):
    generator = np.random.default_rng(n)
    left, right = LAWS[law](generator, n), LAWS[law](generator, m) * 1.1
    theirs = stats.wasserstein_distance(left, right)
    assert wasserstein(left, right).estimate == pytest.approx(theirs, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("law", sorted(LAWS))
def test_p_value_is_that_of_shuffles(law):
    generator = np.random.default_rng(4)
    left, right = LAWS[law](generator, 80), LAWS[law](generator, 70) * 1.15
    result, values = wasserstein(left, right), np.concatenate([left, right])
    seen = 0
    for _ in range(1000):
        shuffled = generator.permutation(values)
        seen += stats.wasserstein_distance(shuffled[:80], shuffled[80:]) >= result.estimate - 1e-12
    assert result.p_value == pytest.approx(seen / 1000, abs=0.05)


@pytest.mark.parametrize("shift", [0.0, 0.3, 2.0])
def test_interval_covers(shift):
    generator = np.random.default_rng(5)
    held = 0
    for _ in range(300):
        one = wasserstein(generator.normal(size=120), generator.normal(shift, 1, 90))
        held += one.low <= shift <= one.high
    assert held / 300 >= 0.92


def test_moving_and_stretching_the_values_does_not_change_the_p_value():
    generator = np.random.default_rng(6)
    left, right = generator.normal(size=60), generator.normal(0.3, 1, 50)
    first = wasserstein(left, right)
    moved = wasserstein(left * 1e-150 + 1, right * 1e-150 + 1)
    large = wasserstein(left * 1e12, right * 1e12)
    assert large.p_value == pytest.approx(first.p_value, rel=1e-9)
    assert large.estimate == pytest.approx(first.estimate * 1e12)
    assert moved.p_value == 1.0  # All values round to one.
    assert first.method["reference_std"] == pytest.approx(left.std())


@pytest.mark.parametrize("cells", [2, 10, 250])
def test_bounds_from_counts_hold(cells):
    generator = np.random.default_rng(cells)
    for _ in range(20):
        left, right = generator.normal(size=800), generator.normal(0.1, 1.3, 600)
        edges = np.unique(np.quantile(left, np.linspace(0, 1, cells)[1:-1])) if cells > 2 else [0.0]
        counts = [
            np.bincount(np.searchsorted(edges, one), minlength=len(edges) + 1)
            for one in (left, right)
        ]
        ends = min(left.min(), right.min()), max(left.max(), right.max())
        bounds, exact = from_counts(*counts, edges, *ends), wasserstein(left, right)
        assert bounds.low <= exact.estimate <= bounds.high
        assert bounds.p_value is None


def test_outer_cells_that_hold_only_what_is_beyond_the_reference():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    edges = [np.nextafter(1.0, -np.inf), 2.0, 4.0]
    counts = np.bincount(np.searchsorted(edges, values), minlength=4)
    bounds = from_counts(counts, counts, edges, 1.0, 4.0)
    assert (bounds.estimate, bounds.low) == (0.0, 0.0)
    far = from_counts(counts, [0, 0, 0, 4], edges, 1.0, 10.0)
    exact = wasserstein(values, [5.0, 6.0, 10.0, 9.0]).estimate
    assert far.low <= exact <= far.high


@pytest.mark.parametrize(
    ("edges", "least", "greatest", "message"),
    [
        ([1.0], 0.0, 3.0, "edges has 1 values for 3 cells"),
        ([2.0, 1.0], 0.0, 3.0, "do not ascend"),
        ([1.0, np.inf], 0.0, 3.0, "finite"),
        ([1.0, 2.0], 0.0, np.inf, "finite"),
        ([1.0, 2.0], 3.0, 0.0, "below least"),
    ],
)
def test_edges_that_are_none_are_refused(edges, least, greatest, message):
    with pytest.raises(ValueError, match=message):
        from_counts([1, 2, 3], [3, 2, 1], edges, least, greatest)


@pytest.mark.parametrize("sizes", [(50, 500), (1000, 100)], ids=str)
def test_far_out_its_level_holds_on_skewed_values_in_samples_of_unequal_size(sizes):
    generator = np.random.default_rng(sizes)
    p_values = np.array(
        [wasserstein(*(generator.lognormal(0, 2, n) for n in sizes)).p_value for _ in range(1500)]
    )
    # Three standard errors; the limit law alone has 3.2 and 0.4 %.
    assert np.mean(p_values <= 0.01) <= 0.0177
    assert np.mean(p_values <= 0.001) <= 0.0034


def test_its_p_value_is_at_least_that_of_the_means():
    generator = np.random.default_rng(12)
    reference = generator.lognormal(0, 2, 2000)
    current = np.append(generator.lognormal(0, 2, 99), 3 * reference.max())
    result = wasserstein(reference, current)
    assert result.method["variant"] == "difference of means, pearson iii"
    values = np.sort(np.concatenate([reference, current]))
    assert result.p_value == strays(result.estimate, values, np.ones(2100), (2000, 100))


def test_the_law_of_the_means_is_that_of_shuffles():
    generator = np.random.default_rng(13)
    values = np.sort(generator.exponential(size=1100))
    draws = generator.permuted(np.tile(values, (3000, 1)), axis=1)
    apart = np.abs(draws[:, :100].mean(axis=1) - draws[:, 100:].mean(axis=1))
    for distance in (0.1, 0.2, 0.25):
        far = strays(distance, values, np.ones(1100), (1000, 100))
        assert far == pytest.approx(np.mean(apart >= distance), abs=0.02)
