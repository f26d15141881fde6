"""The seam between drift and what computes it: one protocol, several engines.

Features are rows: a block of f features of n decisions has shape (f, n) and is C-contiguous, which
is the transpose of a table in Fortran order. Engines take and give NumPy arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]
    Doubles = npt.NDArray[np.float64]
    Counts = npt.NDArray[np.int64]
    Codes = npt.NDArray[np.uint8]
    Marks = npt.NDArray[np.uint8]
    Ids = npt.NDArray[np.integer]
    Members = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Distances:
    """Exact Kolmogorov-Smirnov distances of f features.

    Parameters
    ----------
    estimates
        Shape (f,), from 0 to 1; NaN where one of the samples has no number.
    n_reference, n_current
        Shape (f,): numbers that counted. NaN did not.
    """

    estimates: Doubles
    n_reference: Counts
    n_current: Counts


@dataclass(frozen=True, slots=True)
class KernelSums:
    """Sums of K, the Gaussian kernel of every pair of N rows, by p ways of marking some of them.

    Parameters
    ----------
    within
        Shape (p,): the sum of K over pairs of marked rows, each row with itself among them.
    marked
        Shape (p,): the sum of K over pairs of a marked row and any row.
    total
        The sum of K over all pairs.

    Notes
    -----
    With z a column of marks: within = z'Kz, marked = z'K1. Between the two sides lies
    marked - within, and within the side that is not marked total - 2 marked + within.
    """

    within: Doubles
    marked: Doubles
    total: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """What all pairs of l conditions hold together.

    Parameters
    ----------
    sizes
        Shape (l, l): rows for which both conditions hold.
    errors
        Shape (l, l): the sum of the errors of those rows.
    """

    sizes: Counts
    errors: Doubles


class Engine(Protocol):
    """Computes blocks of drift statistics; every engine gives the same counts.

    Counts add up to the number of values that went in, and an engine checks that they do.
    """

    @property
    def name(self) -> str:
        """What results say made them."""
        ...

    def count_codes(self, codes: Codes, slices: Ids | None = None, slice_count: int = 1) -> Counts:
        """Count codes of all features in all slices at once.

        Parameters
        ----------
        codes
            Shape (f, n), see `drift.codes`.
        slices
            Shape (n,): the slice of each decision, from 0 to `slice_count` - 1; None is one slice.

        Returns
        -------
        Counts
            Shape (f, `slice_count`, 256).

        Raises
        ------
        ValueError
            For a wrong shape or kind, or a slice outside the range.
        """
        ...

    def count_numbers(
        self,
        values: Floats,
        edges: Sequence[npt.ArrayLike],
        slices: Ids | None = None,
        slice_count: int = 1,
    ) -> Counts:
        """Count numbers over fixed edges, as `drift.codes.of_numbers` codes them.

        Parameters
        ----------
        values
            Shape (f, n), float32 or float64. NaN counts as `drift.codes.NAN`.
        edges
            For each feature its edges, ascending, at most 249.

        Returns
        -------
        Counts
            Shape (f, `slice_count`, 256).
        """
        ...

    def kolmogorov_smirnov(self, reference: Floats, current: Floats) -> Distances:
        """Compare f features, shapes (f, n) and (f, m), by max |F - G|; NaN is left out."""
        ...

    def kernel_sums(self, rows: Floats, marks: Marks, gamma: float) -> KernelSums:
        """Sum exp(-gamma |x - y|^2) over pairs of rows, for each column of marks.

        Parameters
        ----------
        rows
            Shape (N, d), both samples one below the other.
        marks
            Shape (N, p), 0 or 1: column 0 may be the samples themselves, the others permutations,
            see `drift.arrays.permutations`. K is never stored as a whole.
        gamma
            Above 0; 1 / (2 sigma^2).
        """
        ...

    def pairs(self, members: Members, errors: Doubles) -> Pairs:
        """Evaluate all pairs of conditions: X'X and X'diag(e)X.

        Parameters
        ----------
        members
            X, shape (n, l): whether a condition holds for a row.
        errors
            e, shape (n,), not negative.
        """
        ...
