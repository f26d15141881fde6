"""What engines assert of their output."""

import numpy as np
import pytest

from drift.arrays.inputs import counts_verified


def test_counts_that_do_not_add_up_are_refused() -> None:
    counts = np.zeros((3, 2, 256), dtype=np.int64)
    counts[:, 1, 7] = [5, 4, 5]
    with pytest.raises(ArithmeticError, match="feature 1: 5 values counted as 4"):
        counts_verified(counts, 5)
    counts[1, 0, 0] = 1
    assert counts_verified(counts, 5) is counts
