"""Two samples merged once: how many of each lie at or below every value that occurs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.floating[Any]]
Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Steps:
    """Two empirical distribution functions on the values they step at.

    Parameters
    ----------
    values
        Distinct values of both samples, ascending, shape (k,).
    reference, current
        How many observations of each sample are at or below each value, shape (k,).
    """

    values: Values
    reference: Counts
    current: Counts

    @property
    def n(self) -> int:
        """Observations of the reference."""
        return int(self.reference[-1])

    @property
    def m(self) -> int:
        """Observations of what is compared."""
        return int(self.current[-1])

    @property
    def tied(self) -> bool:
        """Whether any value occurs more than once."""
        return self.values.size < self.n + self.m

    def shares(self) -> tuple[Numbers, Numbers, Numbers]:
        """Both distribution functions and that of all observations, at each value."""
        together = (self.reference + self.current) / (self.n + self.m)
        return self.reference / self.n, self.current / self.m, together

    def gaps(self, statistic: str) -> Numbers:
        """Distances from each value to the next, shape (k - 1,).

        Raises
        ------
        ValueError
            A value is infinite, so that distances are not defined.
        """
        ends = np.asarray(self.values[[0, -1]], dtype=np.float64)
        if not np.isfinite(ends).all():
            at = "reference or current"
            raise ValueError(
                f"{at} holds an infinite value, for which {statistic} is not defined; "
                "leave it out or use a statistic of ranks such as kolmogorov_smirnov"
            )
        values = np.asarray(self.values, dtype=np.float64)
        return np.asarray(values[1:] - values[:-1])


def merge(reference: npt.ArrayLike, current: npt.ArrayLike) -> Steps:
    """Sort two samples and merge them, ties counted at one value.

    Parameters
    ----------
    reference, current
        Shape (n,) and (m,), finite or infinite. Both float32 are kept so; everything else is
        compared as float64, so integers beyond 2**53 may fall together.

    Raises
    ------
    ValueError
        A sample is empty, not one-dimensional, not numeric, or holds NaN.

    Examples
    --------
    >>> steps = merge([1, 2, 2], [2, 3])
    >>> steps.values.tolist(), steps.reference.tolist(), steps.current.tolist()
    ([1.0, 2.0, 3.0], [1, 3, 3], [0, 1, 2])
    """
    left, right = numbers(reference, "reference"), numbers(current, "current")
    if left.dtype != right.dtype:
        left, right = left.astype(np.float64), right.astype(np.float64)
    left, right = _sorted(left, "reference"), _sorted(right, "current")
    swapped = left.size > right.size
    few, many = (right, left) if swapped else (left, right)
    places = np.searchsorted(many, few, side="right")
    places += np.arange(few.size)
    mine = np.zeros(few.size + many.size, dtype=np.bool_)
    mine[places] = True
    values = np.empty(mine.size, dtype=few.dtype)
    values[places] = few
    values[~mine] = many
    below = np.cumsum(mine, dtype=np.int64)
    last = np.empty(mine.size, dtype=np.bool_)
    last[-1] = True
    np.not_equal(values[1:], values[:-1], out=last[:-1])
    totals = np.arange(1, mine.size + 1)
    if not last.all():
        ends = np.flatnonzero(last)
        values, below, totals = values[ends], below[ends], totals[ends]
    others = totals - below
    return Steps(values, others, below) if swapped else Steps(values, below, others)


def numbers(sample: npt.ArrayLike, name: str) -> Values:
    """Check that a sample is one-dimensional, numeric and not empty."""
    try:
        array = np.asarray(sample)
    except ValueError as error:
        raise ValueError(f"{name} is ragged; give one dimension of numbers") from error
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions; give one dimension of numbers")
    if array.size == 0:
        raise ValueError(f"{name} is empty; give at least one number")
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} holds {array.dtype}; give numbers, not texts or objects")
    return array if array.dtype == np.float32 else array.astype(np.float64, copy=False)


def _sorted(array: Values, name: str) -> Values:
    array = np.sort(array)
    if np.isnan(array[-1]):
        raise ValueError(f"{name} holds NaN; leave missing values out and count them apart")
    return array


def level_checked(level: float) -> float:
    """Check the level of an interval."""
    if not 0.0 < level < 1.0:
        raise ValueError(f"level is {level}; give a probability between 0 and 1, such as 0.95")
    return level
