"""Rows of numbers (embeddings, features), checked once for every statistic that takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drift.statistics.floats import floats

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def finite_rows(rows: npt.ArrayLike, name: str) -> Floats:
    """Return rows as float64, shape (n, d); a one-dimensional array is n rows of one number.

    Raises
    ------
    ValueError
        The array has another shape, no row, no column, or a value that is not finite.
    """
    values = floats(rows, name)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2 or not values.size:
        raise ValueError(f"{name} must be rows of numbers (n, d), not of shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} has values that are not finite; leave those rows out")
    return values


def both(
    reference: npt.ArrayLike, current: npt.ArrayLike, *, least: int = 2
) -> tuple[Floats, Floats, int]:
    """Return the finite rows of two samples of one width, and how many were left out.

    Parameters
    ----------
    reference, current
        Shapes (n, d) and (m, d), or (n,) and (m,). A row with a value that is not finite is left
        out.
    least
        Rows a side must have at least.

    Raises
    ------
    ValueError
        Another shape, different widths, or fewer rows.
    """
    samples = []
    for rows, name in ((reference, "reference"), (current, "current")):
        values = floats(rows, name)
        values = values[:, None] if values.ndim == 1 else values
        if values.ndim != 2 or not values.shape[1]:
            raise ValueError(f"{name} must be rows of numbers (n, d), not of shape {values.shape}")
        kept = values[np.isfinite(values).all(axis=1)]
        if len(kept) < least:
            raise ValueError(f"{name} has {len(kept)} finite rows; send at least {least}")
        samples.append((kept, len(values) - len(kept)))
    (before, left), (after, out) = samples
    if before.shape[1] != after.shape[1]:
        raise ValueError(
            f"reference has {before.shape[1]} columns and current {after.shape[1]}; send the same"
        )
    return before, after, left + out
