"""Scores with the labels that came for them, checked once for every statistic that takes both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drift.statistics.floats import floats

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def finite_scores(scores: npt.ArrayLike, name: str) -> tuple[Floats, int]:
    """Return the finite scores, shape (n,), and how many were left out.

    Raises
    ------
    ValueError
        The array has another shape, or no finite score.
    """
    values = floats(scores, name)
    if values.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, not of shape {values.shape}")
    kept = np.isfinite(values)
    if not kept.any():
        raise ValueError(f"{name} has no finite score among {values.size}; send at least one")
    return values[kept], int(values.size - np.count_nonzero(kept))


def labelled(
    scores: npt.ArrayLike, labels: npt.ArrayLike, name: str = "scores"
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Return scores and 0/1 labels of the rows that have both, and which rows those are.

    Parameters
    ----------
    scores
        Shape (n,). A row whose score is not finite is left out.
    labels
        Shape (n,), 0 or 1; a row whose label is NaN (not there yet) is left out.
    name
        Of the scores, for errors.

    Raises
    ------
    ValueError
        The shapes differ, a label is neither 0 nor 1, or no row has both.
    """
    values, truths = floats(scores, name), floats(labels, f"labels of {name}")
    if values.ndim != 1 or values.shape != truths.shape:
        raise ValueError(
            f"{name} and their labels must be one-dimensional and of equal length, "
            f"not of shapes {values.shape} and {truths.shape}"
        )
    kept = np.isfinite(values) & ~np.isnan(truths)
    values, truths = values[kept], truths[kept]
    if not values.size:
        raise ValueError(f"{name} has no row with a finite score and a label; send at least one")
    wrong = truths[(truths != 0) & (truths != 1)]
    if wrong.size:
        raise ValueError(f"labels of {name} must be 0 or 1, not {wrong[0]:g}")
    return values, truths, kept


def probabilities(scores: Floats, name: str) -> Floats:
    """Return the scores as they are if all are within [0, 1].

    Raises
    ------
    ValueError
        A score is outside.
    """
    outside = scores[(scores < 0) | (scores > 1)]
    if outside.size:
        raise ValueError(f"{name} must be probabilities within [0, 1], not {outside[0]:g}")
    return scores


def confidence_level(level: float) -> float:
    """Return the level if it is strictly between 0 and 1.

    Raises
    ------
    ValueError
        It is not.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be strictly between 0 and 1, not {level}; use 0.95")
    return level
