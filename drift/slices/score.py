"""SliceLine's score of a slice, and the most that slices inside another can score.

References
----------
Sagadeeva and Boehm, SliceLine: Fast, Linear-Algebra-based Slice Finding for ML Model Debugging,
SIGMOD 2021, sections 2.2 and 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Score:
    """How slices of one table are weighed.

    sc = alpha (mean error of S / mean error - 1) - (1 - alpha) (n / |S| - 1). The whole table
    scores 0; only what scores more is a finding.

    Parameters
    ----------
    rows
        n, of the table.
    total
        Sum of all errors, in the unit slices' errors are given in.
    alpha
        Weight of the error against the size, above 0 and at most 1.
    support
        Least rows of a slice.

    Examples
    --------
    >>> weighed = Score(rows=100, total=10, alpha=0.95, support=5)
    >>> float(round(weighed.of(np.array([20]), np.array([8]))[0], 6))
    2.65
    """

    rows: int
    total: int
    alpha: float
    support: int

    def __post_init__(self) -> None:
        if not 0 < self.alpha <= 1:
            raise ValueError(f"alpha is {self.alpha}; use more than 0 and at most 1.")
        if self.support < 1:
            raise ValueError(f"support is {self.support}; use at least 1 row.")

    def of(self, sizes: Integers, errors: npt.ArrayLike) -> Floats:
        """Score slices of these sizes, all above 0, and sums of errors; shape (m,) each."""
        relative = np.asarray(errors, dtype=np.float64) * (self.rows / self.total) / sizes
        scores: Floats = self.alpha * (relative - 1)
        scores -= (1 - self.alpha) * (self.rows / sizes - 1)
        return scores

    def at_most(self, sizes: Integers, errors: Integers, worst: Integers) -> Floats:
        """Bound the score of every slice with at most these sizes, errors and worst rows.

        Of size s such a slice has at most min(s worst, error) of error. What that scores rises up
        to s = error / worst and is monotone beyond, so the greatest is at one of three sizes.
        """
        support = np.full(len(sizes), self.support, dtype=np.float64)
        turn = np.clip(errors / np.maximum(worst, 1), self.support, np.maximum(sizes, self.support))
        first, second, third = (
            self._filled(size, errors, worst) for size in (support, turn, sizes)
        )
        return np.maximum(np.maximum(first, second), third)

    def at_size(self, sizes: Integers, errors: Integers, worst: Integers) -> Floats:
        """Bound the score of slices whose size is known, and whose error is not."""
        return self._filled(sizes, errors, worst)

    def _filled(self, sizes: npt.NDArray[np.generic], errors: Integers, worst: Integers) -> Floats:
        return self.of(sizes, np.minimum(sizes * worst, errors))  # type: ignore[arg-type, operator]
