"""Counts of two samples in the same cells, checked, and the shares they make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Whole numbers of two samples by cell, shape (k,) each."""

    reference: Counts
    current: Counts

    @property
    def n(self) -> int:
        """Observations of the reference."""
        return int(self.reference.sum())

    @property
    def m(self) -> int:
        """Observations of what is compared."""
        return int(self.current.sum())

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self.reference.size

    def shares(self, added: float = 0.0) -> tuple[Numbers, Numbers]:
        """Shares of both samples with a number added to every count: (a + c) / (n + c k)."""
        extra = added * self.cells
        return (
            np.asarray((self.reference + added) / (self.n + extra), dtype=np.float64),
            np.asarray((self.current + added) / (self.m + extra), dtype=np.float64),
        )


def cell_counts(
    reference_counts: npt.ArrayLike, current_counts: npt.ArrayLike, *, keep_empty: bool = False
) -> CellCounts:
    """Check counts, and leave cells out that are empty in both.

    Raises
    ------
    ValueError
        Counts are not one-dimensional, negative, not whole, of unequal length, or all zero.

    Examples
    --------
    >>> cell_counts([3, 0, 1], [1, 0, 0]).reference.tolist()
    [3, 1]
    """
    reference = _whole(reference_counts, "reference_counts")
    current = _whole(current_counts, "current_counts")
    if reference.size != current.size:
        raise ValueError(
            f"current_counts has {current.size} cells and reference_counts {reference.size}; "
            "count both in the same cells"
        )
    if keep_empty:
        return CellCounts(reference, current)
    kept = (reference + current) > 0
    return CellCounts(reference[kept], current[kept])


def _whole(counts: npt.ArrayLike, name: str) -> Counts:
    try:
        array = np.asarray(counts)
    except ValueError as error:
        raise ValueError(f"{name} is ragged; give one dimension of whole numbers") from error
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions; give one dimension")
    if array.dtype.kind not in "fiu" and array.size:
        raise ValueError(f"{name} holds {array.dtype}; give whole numbers")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or an infinity; give whole numbers")
    whole = array.astype(np.int64)
    if array.dtype.kind == "f" and not np.array_equal(whole, array):
        raise ValueError(f"{name} holds fractions; give counts, not shares")
    if whole.size and whole.min() < 0:
        raise ValueError(f"{name} holds {whole.min()}; give counts of zero or more")
    if whole.sum() == 0:
        raise ValueError(f"{name} is empty: no observation in any cell; give at least one")
    return whole


def zero_count_checked(zero_count: float) -> float:
    """Check what is added to every count so that no share is zero."""
    if not 0.0 < zero_count < np.inf:
        raise ValueError(f"zero_count is {zero_count}; give a positive number, such as 0.5")
    return zero_count
