"""Permutations of two samples, drawn on the host so that every engine sees the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Marks = npt.NDArray[np.uint8]


def permutation_marks(n_reference: int, n_current: int, permutations: int, seed: int) -> Marks:
    """Mark which of n + m rows are the reference: as they are, then permuted.

    Parameters
    ----------
    permutations
        How many, 0 or more.
    seed
        The same seed gives the same marks on every engine and machine.

    Returns
    -------
    Marks
        Shape (n + m, 1 + permutations); column 0 marks the first n rows, each other column n rows
        at random.

    Raises
    ------
    ValueError
        For a negative size.

    Examples
    --------
    >>> marks = permutation_marks(2, 3, 4, seed=1)
    >>> marks[:, 0].tolist(), marks.sum(axis=0).tolist()
    ([1, 1, 0, 0, 0], [2, 2, 2, 2, 2])
    """
    if min(n_reference, n_current, permutations) < 0:
        raise ValueError("n_reference, n_current and permutations must be 0 or more")
    first = np.zeros(n_reference + n_current, dtype=np.uint8)
    first[:n_reference] = 1
    # One row a permutation, so that each is shuffled in one contiguous stretch.
    drawn = np.broadcast_to(first, (permutations + 1, first.size)).copy()
    generator = np.random.default_rng(seed)
    for row in drawn[1:]:
        generator.shuffle(row)
    return np.ascontiguousarray(drawn.T)
