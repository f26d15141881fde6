"""A map from score to probability that only rises, learnt from labelled scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IsotonicMap:
    r"""Least-squares monotone fit of 0/1 labels on scores.

    Between two scores of the reference the map is linear, beyond them constant. Scores with one
    fitted value form a block; the value of block b is a share of :math:`n_b` labels, with variance
    :math:`\tilde p(1-\tilde p)/n_b` where :math:`\tilde p` adds half a label of each kind, so that
    a block of equal labels is not held for certain.

    Parameters
    ----------
    scores
        Distinct, ascending, shape (k,).
    values
        Probability at each of them, shape (k,), not falling.
    block
        Number of the block of each score, shape (k,).
    variances
        Of the value of each block, shape (blocks,).

    Examples
    --------
    >>> mapped = fit([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1])
    >>> mapped([0.0, 0.2, 0.35, 0.9]).round(9).tolist()
    [0.0, 0.5, 0.75, 1.0]

    References
    ----------
    Barlow, Bartholomew, Bremner and Brunk (1972), Statistical Inference under Order Restrictions.
    """

    scores: Floats
    values: Floats
    block: npt.NDArray[np.intp]
    variances: Floats

    def __call__(self, scores: npt.ArrayLike) -> Floats:
        """Return the probability of each score."""
        return np.interp(np.asarray(scores, dtype=np.float64), self.scores, self.values)

    def variance(self, scores: Floats, gradient: Floats) -> float:
        """Return the variance that the fit gives a smooth function of the mapped scores.

        Parameters
        ----------
        scores
            Shape (m,).
        gradient
            Derivative of the function by each mapped score, shape (m,).
        """
        right = np.clip(np.searchsorted(self.scores, scores), 1, max(len(self.scores) - 1, 1))
        right = np.minimum(right, len(self.scores) - 1)
        left = np.maximum(right - 1, 0)
        gap = self.scores[right] - self.scores[left]
        inside = np.clip(scores, self.scores[left], self.scores[right]) - self.scores[left]
        share = inside / np.where(gap > 0, gap, 1.0)
        blocks = len(self.variances)
        weight = np.bincount(self.block[right], gradient * share, blocks)
        weight += np.bincount(self.block[left], gradient * (1 - share), blocks)
        return float(weight @ (weight * self.variances))


def fit(
    scores: npt.ArrayLike, labels: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> IsotonicMap:
    """Fit the map.

    Parameters
    ----------
    scores
        Finite, shape (n,), n >= 1.
    labels
        0 or 1, shape (n,).
    weights
        Of the rows, shape (n,), at least 0 and not all 0; equal where None.

    Raises
    ------
    ValueError
        Weights are negative, not finite, all 0, or of another length.
    """
    points, truths = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    mass = np.ones_like(points) if weights is None else np.asarray(weights, dtype=np.float64)
    if mass.shape != points.shape:
        raise ValueError(f"weights must be of shape {points.shape}, not {mass.shape}")
    if not np.isfinite(mass).all() or (mass < 0).any() or not mass.any():
        raise ValueError("weights must be finite, at least 0 and not all 0")
    points, truths, mass = points[mass > 0], truths[mass > 0], mass[mass > 0]
    distinct, where = np.unique(points, return_inverse=True)
    total = np.bincount(where, mass)
    values = isotonic_regression(np.bincount(where, mass * truths) / total, weights=total).x
    values = np.clip(values, 0.0, 1.0)
    block = np.r_[0, np.cumsum(np.diff(values) > 0)]
    sizes = np.bincount(block, total)
    effective = sizes**2 / np.bincount(block, np.bincount(where, mass**2))
    level = values[np.searchsorted(block, np.arange(len(sizes)))]
    smoothed = (level * effective + 0.5) / (effective + 1)
    return IsotonicMap(distinct, values, block, smoothed * (1 - smoothed) / effective)
