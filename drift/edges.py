"""Cells of a feature, made from what its reference holds."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

#: The cells below the least and above the greatest value of the reference.
OUTER_CELLS = 2


def of_sorted(distinct: npt.ArrayLike, quantiles: npt.ArrayLike, cells: int) -> tuple[float, ...]:
    """Make the edges of a number.

    Few different values get a cell each, so a constant has one. Otherwise edges are quantiles, by
    which inner cells weigh the same but for ties. The outermost cells are empty in the reference.

    Parameters
    ----------
    distinct
        The different finite values, ascending; all of them where they are no more than the inner
        cells, else at least the first of them.
    quantiles
        Value k is the least with at least (k + 1) / (cells - 2) of all at or below it; the last
        is the greatest value.
    cells
        Most cells, the two outside included.

    Returns
    -------
    edges
        Strictly ascending; none where there is no finite value, and every number is one cell.

    Examples
    --------
    >>> of_sorted([5.0], [5.0, 5.0], 4) == (np.nextafter(5.0, -np.inf), 5.0)
    True
    >>> of_sorted([1.0, 2.0, 3.0], [2.0, 4.0], 4) == (np.nextafter(1.0, -np.inf), 2.0, 4.0)
    True
    """
    values = np.asarray(distinct, dtype=np.float64)
    if not values.size:
        return ()
    few = values.size <= cells - OUTER_CELLS
    ends = values if few else np.asarray(quantiles, dtype=np.float64)
    # Zero and minus zero are one value; adding zero makes them one number too.
    below = math.nextafter(float(values[0]) + 0.0, -math.inf)
    return tuple(np.unique(np.concatenate([[below], ends + 0.0])).tolist())


def of_numbers(values: npt.ArrayLike, cells: int = 64) -> tuple[float, ...]:
    """Make the edges of a number from all its values; what is not finite does not count.

    Examples
    --------
    >>> len(of_numbers(range(1000), cells=12))
    11
    """
    numbers = np.sort(np.asarray(values, dtype=np.float64))
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return ()
    parts = cells - OUTER_CELLS
    ranks = -(-np.arange(1, parts + 1) * numbers.size // parts)
    return of_sorted(np.unique(numbers), numbers[ranks - 1], cells)
