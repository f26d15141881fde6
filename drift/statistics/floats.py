"""Whatever looks like numbers as float64, or an error that names the argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


def floats(values: npt.ArrayLike, name: str) -> npt.NDArray[np.float64]:
    """Return an array of float64; None becomes NaN.

    Raises
    ------
    ValueError
        Something in it is not a number, or rows are of different lengths.

    Examples
    --------
    >>> floats([1, None, True], "scores").tolist()
    [1.0, nan, 1.0]
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers in equal rows: {error}") from error
