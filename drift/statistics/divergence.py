"""Intervals for divergences of two samples' shares, near no drift and far from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chndtrinc, ndtri

from drift.statistics.cell_counts import CellCounts, Numbers
from drift.statistics.steps import level_checked

#: Above it the normal law stands in for the noncentral chi-square.
_LARGE = 1e5

Slopes = tuple[Numbers, Numbers]


@dataclass(frozen=True, slots=True)
class Divergence:
    """A divergence that is zero for equal shares, and how it varies.

    Parameters
    ----------
    value
        Estimate.
    unit
        What one unit of chi-square is in it: without drift, value / unit is a chi-square.
    degrees
        Of that chi-square: one fewer than cells.
    deviation
        Its standard deviation far from no drift, to first order.
    """

    value: float
    unit: float
    degrees: int
    deviation: float

    def interval(self, level: float) -> tuple[float, float]:
        """Bounds of the divergence behind the samples.

        Near no drift value / unit is a noncentral chi-square, whose noncentrality is what is
        sought. Its variance is about 4 value / unit; where the value varies more than that, as it
        does far from no drift, both sides are stretched by the ratio of the deviations. The
        estimate, which is too large by unit * degrees on average, is always within.

        Examples
        --------
        >>> low, high = Divergence(0.03, 0.002, 9, 0.004).interval(0.95)
        >>> round(low, 4), round(high, 4)
        (0.0, 0.0482)
        """
        level = level_checked(level)
        if self.degrees == 0:
            return 0.0, 0.0
        low, high = self._noncentral(level)
        near = 2 * math.sqrt(self.value * self.unit)
        stretch = max(1.0, self.deviation / near) if near > 0 else 1.0
        low = self.value - (self.value - low) * stretch
        high = self.value + (high - self.value) * stretch
        return max(0.0, min(low, self.value)), max(high, self.value)

    @property
    def expected(self) -> float:
        """Its mean where there is no drift."""
        return self.unit * self.degrees

    def _noncentral(self, level: float) -> tuple[float, float]:
        scaled = self.value / self.unit
        if scaled > _LARGE:
            reach = float(ndtri((1 + level) / 2)) * math.sqrt(2 * (2 * scaled - self.degrees))
            low, high = scaled - self.degrees - reach, scaled - self.degrees + reach
        else:
            low = float(chndtrinc(scaled, self.degrees, (1 + level) / 2))
            high = float(chndtrinc(scaled, self.degrees, (1 - level) / 2))
        return max(0.0, low) * self.unit, max(0.0, high) * self.unit


def deviation(counts: CellCounts, shares: tuple[Numbers, Numbers], slopes: Slopes) -> float:
    """Return the standard deviation of a function of both samples' shares, to first order.

    Parameters
    ----------
    counts
        Of both samples.
    shares
        At which the function was taken.
    slopes
        Its derivatives by either sample's shares, shape (k,) each; where a share is zero its
        derivative does not count.
    """
    variance = 0.0
    for share, slope, size in zip(shares, slopes, (counts.n, counts.m), strict=True):
        finite = np.where(share > 0, slope, 0.0)
        mean = float(share @ finite)
        variance += max(0.0, float(share @ finite**2) - mean**2) / size
    return math.sqrt(variance)


def base_checked(base: float) -> float:
    """Check the base of a logarithm."""
    if not 1.0 < base < math.inf:
        raise ValueError(f"base is {base}; give a number above 1, such as 2 or math.e")
    return base
