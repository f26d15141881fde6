"""The code of a value: a byte that says which cell of its reference it falls in.

Codes 0 to 249 are cells: of a number the stretches between edges, of a text its frequent values.
The rest is what has no cell. Counts by code add up over hours, and any window is their sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Counts = npt.NDArray[np.int64]
    Codes = npt.NDArray[np.uint8]

#: Most cells of one feature.
CELLS_MAX = 250
#: A text the reference had no code for: rare there, or never seen.
UNSEEN = 250
#: A text where the reference has numbers, or the other way round.
WRONG_KIND = 251
#: Not a number.
NAN = 252
#: The decision was made without the feature.
MISSING = 253
#: Length of an array of counts by code.
CODES = 256


def of_numbers(values: npt.ArrayLike, edges: npt.ArrayLike) -> Codes:
    """Give each number its code.

    Parameters
    ----------
    values
        Shape (n,). Infinities fall in the outermost cells.
    edges
        Strictly ascending, at most `CELLS_MAX` - 1; cell i holds edges[i-1] < x <= edges[i].

    Examples
    --------
    >>> of_numbers([-1.0, 0.5, 0.6, float("nan")], [0.0, 0.5]).tolist()
    [0, 1, 2, 252]
    """
    numbers = np.asarray(values, dtype=np.float64)
    codes = np.searchsorted(np.asarray(edges, dtype=np.float64), numbers).astype(np.uint8)
    codes[np.isnan(numbers)] = NAN
    return codes


def counted(codes: npt.ArrayLike) -> Counts:
    """Count codes, shape (`CODES`,); they add up to the number of values."""
    return np.bincount(np.asarray(codes, dtype=np.uint8), minlength=CODES).astype(np.int64)


def dense(codes: Sequence[int], counts: Sequence[int]) -> Counts:
    """Spread counts that are stored for the codes that occur over all of them."""
    spread = np.zeros(CODES, dtype=np.int64)
    np.add.at(spread, np.asarray(codes, dtype=np.int64), np.asarray(counts, dtype=np.int64))
    return spread
