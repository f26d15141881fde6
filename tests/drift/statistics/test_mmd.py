"""Maximum mean discrepancy, against sums written out and closed forms."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from drift.arrays.permutations import permutation_marks
from drift.arrays.protocol import KernelSums
from drift.statistics.bandwidth import median_bandwidth
from drift.statistics.mmd import mmd


def written_out(x, y, sigma):
    def kernel(a, b):
        return np.exp(-cdist(a, b, "sqeuclidean") / (2 * sigma**2))

    n, m = len(x), len(y)
    xx = (kernel(x, x).sum() - n) / (n * (n - 1))
    yy = (kernel(y, y).sum() - m) / (m * (m - 1))
    return xx + yy - 2 * kernel(x, y).mean()


class Naive:
    """An engine that stores the whole kernel."""

    name = "naive"

    def kernel_sums(self, rows, marks, gamma):
        kernel = np.exp(-gamma * cdist(rows, rows, "sqeuclidean"))
        marked = marks.astype(float)
        return KernelSums(
            (marked * (kernel @ marked)).sum(axis=0), kernel.sum(axis=1) @ marked, kernel.sum()
        )


def test_is_the_sum_written_out():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(70, 4)), rng.normal(0.3, 1.2, size=(45, 4))
    result = mmd(x, y, permutations=9)
    assert result.method["bandwidth"] == median_bandwidth(x, y)
    assert result.estimate == pytest.approx(written_out(x, y, median_bandwidth(x, y)), abs=1e-12)
    assert mmd(x, y, bandwidth=0.7, permutations=9).estimate == pytest.approx(
        written_out(x, y, 0.7), abs=1e-12
    )


def test_every_permutation_is_the_sum_written_out():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(12, 2)), rng.normal(0.5, 1, size=(9, 2))
    marks, rows = permutation_marks(12, 9, 40, 3), np.vstack([x, y])
    values = np.array([written_out(rows[z == 1], rows[z == 0], 1.0) for z in marks.T])
    p = (values >= values[0] - 1e-12).sum() / 41
    assert mmd(x, y, bandwidth=1.0, permutations=40, seed=3).p_value == pytest.approx(p)


def test_another_engine_gives_the_same():
    rng = np.random.default_rng(3)
    # More rows than one tile of the processor's engine.
    x, y = rng.normal(size=(900, 3)), rng.normal(0.1, 1, size=(700, 3))
    ours, theirs = mmd(x, y, permutations=30), mmd(x, y, permutations=30, engine=Naive())
    assert theirs.method["engine"] == "naive"
    assert ours.p_value == theirs.p_value
    assert ours.estimate == pytest.approx(theirs.estimate, abs=1e-12)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_is_unbiased_and_its_interval_covers(shift):
    """Of two normals and a Gaussian kernel the population's value has a closed form."""
    rng = np.random.default_rng(4)
    d, square = 3, 3.0
    overlap = (1 + 2 / square) ** (-d / 2)
    truth = 2 * overlap * (1 - np.exp(-(shift**2) * d / (2 * (square + 2))))
    results = [
        mmd(
            rng.normal(size=(80, d)),
            rng.normal(shift, 1, size=(60, d)),
            bandwidth=square**0.5,
            permutations=1,
        )
        for _ in range(200)
    ]
    estimates = np.array([one.estimate for one in results])
    assert estimates.mean() == pytest.approx(truth, abs=4 * estimates.std() / 200**0.5)
    assert np.mean([one.low <= truth <= one.high for one in results]) >= 0.9


def test_the_jackknife_is_that_of_samples_without_a_group():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(6, 2)), rng.normal(1, 1, size=(5, 2))
    without_x = [written_out(np.delete(x, one, axis=0), y, 1.0) for one in range(6)]
    without_y = [written_out(x, np.delete(y, one, axis=0), 1.0) for one in range(5)]
    variance = 5 * np.var(without_x) + 4 * np.var(without_y)
    result = mmd(x, y, bandwidth=1.0, permutations=9)
    # Student's t at .975 with 4 degrees of freedom.
    assert result.high - result.estimate == pytest.approx(2.776445 * variance**0.5, rel=1e-6)


def test_swapped_samples_have_the_same_distance():
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=(800, 2)), rng.normal(0.1, 1, size=(900, 2))
    assert mmd(x, y, permutations=1).estimate == pytest.approx(
        mmd(y, x, permutations=1).estimate, rel=1e-9
    )


def test_bandwidth_of_mostly_equal_rows():
    assert median_bandwidth(np.r_[np.zeros(50), [3.0]][:, None]) == pytest.approx(3 / 2**0.5)
    assert median_bandwidth(np.zeros((5, 1))) == 1.0
    with pytest.raises(ValueError, match="bandwidth must be"):
        mmd([1.0, 2.0], [1.0, 2.0], bandwidth=0.0)
