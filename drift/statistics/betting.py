"""Bets on the mean of bounded numbers: what every e-process of a mean is made of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Alternative = Literal["two-sided", "greater", "less"]

HALVINGS = 20


def stakes(
    mean: float, shares: Floats, alternative: Alternative, *, lower: float, upper: float
) -> Floats:
    r"""Give what is bet on each unit that a value exceeds the mean by.

    .. math:: \lambda = \frac{s}{m - a} \quad\text{or}\quad \lambda = -\frac{s}{b - m}

    for shares s of the greatest bet that no value of [a, b] can ruin.

    Parameters
    ----------
    mean
        Strictly between `lower` and `upper`.
    shares
        Above 0 and below 1, shape (k,).

    Returns
    -------
    Floats
        Shape (k,), or (2k,) where two-sided: first those that bet on a greater mean.

    Raises
    ------
    ValueError
        An unknown alternative.

    References
    ----------
    Waudby-Smith and Ramdas (2024), Estimating means of bounded random variables by betting,
    JRSS B 86.

    Examples
    --------
    >>> stakes(0.5, np.array([0.5]), "two-sided", lower=0, upper=1).tolist()
    [1.0, -1.0]
    """
    up, down = shares / (mean - lower), -shares / (upper - mean)
    found = {"two-sided": np.r_[up, down], "greater": up, "less": down}.get(alternative)
    if found is None:
        raise ValueError(f"alternative must be two-sided, greater or less, not {alternative!r}")
    return np.asarray(found, dtype=np.float64)


def log_mixture(logs: Floats) -> float:
    """Give the logarithm of the mean of exponentials.

    Examples
    --------
    >>> round(log_mixture(np.log([1.0, 3.0])), 6), log_mixture(np.array([1000.0, 1000.0]))
    (0.693147, 1000.0)
    """
    most = float(logs.max())
    return most + math.log(float(np.exp(logs - most).mean()))


class Grid:
    """Values of a range, counted at points: bets on thousands cost no more than on one.

    A value is split over the points beside it with its mean kept. The logarithm being concave, that
    can only lessen the wealth, so that evidence stays valid.

    Parameters
    ----------
    lower, upper
        Range of the values.
    points
        At least 2.
    shares
        Of the greatest bet, each held with equal money.

    Examples
    --------
    >>> grid = Grid(0.0, 1.0, 3, np.array([0.5]))
    >>> grid.split(np.array([0.0, 0.25])).tolist()
    [1.5, 0.5, 0.0]
    >>> (grid.gains(0.5) @ grid.split(np.array([1.0]))).round(6).tolist()
    [0.405465]
    """

    def __init__(self, lower: float, upper: float, points: int, shares: Floats) -> None:
        self.lower, self.upper, self._shares = lower, upper, shares
        self._points = np.linspace(lower, upper, points)

    def split(self, values: Floats) -> Floats:
        """Count values at the points; those outside the range count at its ends."""
        size = len(self._points)
        share = (np.clip(values, self.lower, self.upper) - self.lower) / (self.upper - self.lower)
        place = share * (size - 1)
        left = np.minimum(place.astype(np.int64), size - 2)
        part = place - left
        below = np.bincount(left, 1 - part, size)
        return np.asarray(below + np.bincount(left + 1, part, size), dtype=np.float64)

    def gains(self, mean: float) -> Floats:
        """Give the logarithm of what each bet on a greater mean makes of each point.

        Returns
        -------
        Floats
            Shape (shares, points); the wealth of bets is its product with counts. All 0 for a mean
            that cannot be exceeded.
        """
        if mean >= self.upper:
            return np.zeros((len(self._shares), len(self._points)))
        bets = stakes(mean, self._shares, "greater", lower=self.lower, upper=self.upper)
        return np.asarray(np.log1p(bets[:, None] * (self._points - mean)), dtype=np.float64)

    def refused_below(self, counts: Floats, log_wealth: float, least: float) -> float:
        """Give the mean up to which every one is refused by this wealth; at least `least`.

        Parameters
        ----------
        counts
            Of all values, shape (points,), not all 0.
        least
            Up to where all are refused already.
        """
        floor = self.lower + 1e-6 * (self.upper - self.lower) / 2

        def refused(mean: float) -> bool:
            return log_mixture(self.gains(max(mean, floor)) @ counts) >= log_wealth

        if not refused(least):
            return least
        most = float(self._points @ counts / counts.sum())
        for _ in range(HALVINGS):
            middle = (least + most) / 2
            least, most = (middle, most) if refused(middle) else (least, middle)
        return least
