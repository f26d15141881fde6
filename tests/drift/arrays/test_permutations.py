"""Permutations are drawn on the host."""

import numpy as np
import pytest

from drift.arrays.permutations import permutation_marks


def test_the_same_seed_draws_the_same_and_each_keeps_the_size() -> None:
    marks = permutation_marks(30, 50, 200, seed=4)
    assert marks.shape == (80, 201)
    assert marks.dtype == np.uint8
    assert (marks.sum(axis=0) == 30).all()
    assert np.array_equal(marks, permutation_marks(30, 50, 200, seed=4))
    assert not np.array_equal(marks, permutation_marks(30, 50, 200, seed=5))
    # Every row is marked about as often as the share of the reference.
    assert np.abs(marks[:, 1:].mean(axis=1) - 30 / 80).max() < 5 * np.sqrt(0.375 * 0.625 / 200)


@pytest.mark.parametrize("sizes", [(-1, 2, 3), (1, -2, 3), (1, 2, -3)])
def test_negative_sizes_are_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="must be 0 or more"):
        permutation_marks(*sizes, seed=1)


def test_an_empty_sample_has_no_marks() -> None:
    assert permutation_marks(0, 4, 2, seed=1).sum() == 0
