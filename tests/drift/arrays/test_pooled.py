"""Two samples side by side: the same as sorting everything, whatever the samples look like."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from drift.arrays.buffers import Buffers
from drift.arrays.grid import Grid
from drift.arrays.pooled import Pooled

Draw = Callable[[np.random.Generator, int], np.ndarray]

SHAPES: dict[str, Draw] = {
    "normal": lambda r, n: r.normal(size=n),
    "uniform": lambda r, n: r.random(n),
    "lognormal": lambda r, n: r.lognormal(0, 2, n),
    "heavy and negative": lambda r, n: -r.lognormal(0, 4, n),
    "cauchy": lambda r, n: r.standard_cauchy(n),
    "far from zero": lambda r, n: 1e9 + r.normal(size=n),
    "two far clusters": lambda r, n: r.normal(size=n) + 1e9 * (r.random(n) < 0.5),
    "few integers": lambda r, n: r.integers(0, 10, n).astype(float),
    "rounded": lambda r, n: np.round(r.normal(size=n), 2),
    "many zeros": lambda r, n: np.where(r.random(n) < 0.6, 0.0, r.exponential(size=n)),
    "both zeros": lambda r, n: np.where(r.random(n) < 0.5, -0.0, r.integers(0, 2, n) * 1e-300),
    "single precision": lambda r, n: r.normal(size=n).astype(np.float32).astype(float),
    "huge": lambda r, n: r.normal(size=n) * 1e305,
    "subnormal": lambda r, n: r.integers(0, 1000, n) * 5e-324,
    "constant": lambda _, n: np.full(n, 3.25),
}
SIZES = [(20_000, 20_000), (20_000, 3_001), (997, 30_000), (40, 60), (7, 5), (1, 1), (1, 500)]


def distance(reference: np.ndarray, current: np.ndarray) -> float:
    """Compute the largest |F - G| by sorting everything."""
    points = np.concatenate([reference, current])
    share = [
        np.searchsorted(np.sort(one), points, "right") / one.size for one in (reference, current)
    ]
    return float(np.abs(share[0] - share[1]).max())


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("shift", [0.0, 0.3], ids=["same", "shifted"])
def test_it_equals_what_sorting_everything_gives(
    shape: str, sizes: tuple[int, int], shift: float
) -> None:
    random = np.random.default_rng([*shape.encode(), *sizes])
    reference, current = (SHAPES[shape](random, size) for size in sizes)
    current = current * (1 + shift)
    pooled = Pooled(reference, current)
    gap, cut = pooled.gap(), pooled.cut()

    assert abs(gap.most) / math.prod(sizes) == pytest.approx(
        distance(reference, current), rel=1e-12
    )
    assert gap.reference == (reference <= gap.at).sum()
    assert gap.current == (current <= gap.at).sum()
    there = (reference <= gap.at).mean() - (current <= gap.at).mean()
    assert gap.most / math.prod(sizes) == pytest.approx(there, abs=1e-12)
    assert pooled.wasserstein() == pytest.approx(
        stats.wasserstein_distance(reference, current), rel=1e-12, abs=1e-320
    )
    deciles = np.quantile(reference, np.arange(1, 10) / 10, method="inverted_cdf")
    assert cut.edges.tolist() == np.unique(deciles).tolist()
    for counts, sample in ((cut.reference, reference), (cut.current, current)):
        assert counts.sum() == sample.size
        expected = [(sample <= edge).sum() for edge in cut.edges]
        assert np.cumsum(counts)[:-1].tolist() == expected


@pytest.mark.parametrize("shape", SHAPES)
def test_given_edges_are_counted_between_wherever_they_lie(shape: str) -> None:
    random = np.random.default_rng(1)
    reference, current = (SHAPES[shape](random, 9_000) for _ in range(2))
    middle = float(np.median(reference))
    edges = np.unique([-np.inf, -1e9, reference.min(), middle, current.max(), 1e12, np.inf])
    cut = Pooled(reference, current, edges=edges).cut()
    assert cut.edges is edges
    for counts, sample in ((cut.reference, reference), (cut.current, current)):
        below = np.searchsorted(np.sort(sample), edges, "right")
        assert np.cumsum(counts)[:-1].tolist() == below.tolist()
        assert counts.sum() == sample.size


@pytest.mark.parametrize("shape", ["normal", "lognormal", "far from zero", "cauchy"])
def test_the_wasserstein_distance_is_right_to_the_last_digits(shape: str) -> None:
    random = np.random.default_rng(7)
    reference, current = (np.sort(SHAPES[shape](random, 50_000)) for _ in range(2))
    points = np.sort(np.concatenate([reference, current]))
    gaps = np.searchsorted(reference, points, "right") - np.searchsorted(current, points, "right")
    # Differences of near numbers are exact, and so is the sum: scipy's is off by more.
    exact = math.fsum(np.abs(gaps[:-1]) * np.diff(points)) / 50_000
    pooled = Pooled(reference, current)
    assert pooled.wasserstein() == pytest.approx(exact, rel=2e-14)
    assert pooled.wasserstein() == pooled.wasserstein()


def test_infinities_are_ordered_and_leave_no_wasserstein_distance() -> None:
    random = np.random.default_rng(2)
    reference = np.where(random.random(5_000) < 0.1, np.inf, random.normal(size=5_000))
    current = np.where(random.random(5_000) < 0.1, -np.inf, random.normal(size=5_000))
    pooled = Pooled(reference, current)
    assert abs(pooled.gap().most) / 25e6 == pytest.approx(distance(reference, current), rel=1e-12)
    assert pooled.cut().reference.sum() == 5_000
    assert not pooled.finite
    assert math.isnan(pooled.wasserstein())


def test_the_profile_is_both_distribution_functions() -> None:
    random = np.random.default_rng(3)
    reference, current = random.normal(size=30_000), random.normal(0.2, 1.1, 30_000)
    pooled = Pooled(reference, current)
    profile = pooled.profile()
    assert profile.widths.sum() == pytest.approx(pooled.greatest - pooled.least)
    area = profile.widths @ np.abs(profile.reference - profile.current)
    assert area == pytest.approx(pooled.wasserstein(), rel=2e-3)
    # E X = greatest - integral of F from least to greatest.
    mean = pooled.greatest - profile.widths @ profile.reference
    assert mean == pytest.approx(reference.mean(), abs=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_cells_never_fall_as_numbers_rise(shape: str) -> None:
    random = np.random.default_rng(4)
    values = np.sort(np.concatenate([SHAPES[shape](random, 5_000), [-np.inf, 0.0, np.inf]]))
    cells = Grid.over(values, values, 4_096).of(values)
    assert (np.diff(cells) >= 0).all()
    assert cells.min() >= 0
    assert cells.max() < 4_096
    assert (np.diff(cells)[np.diff(values, prepend=0)[1:] == 0] == 0).all()


def test_one_buffer_serves_one_comparison_after_another() -> None:
    random = np.random.default_rng(5)
    samples = [
        (random.normal(size=size), random.normal(size=size)) for size in (9_000, 4_000, 8_000)
    ]
    buffers = Buffers()
    reused = [Pooled(*pair, buffers=buffers).wasserstein() for pair in samples]
    assert reused == [Pooled(*pair).wasserstein() for pair in samples]
