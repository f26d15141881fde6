"""The law of the Kolmogorov-Smirnov distance where values are tied: looked at only between ties."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

if TYPE_CHECKING:
    from drift.statistics.steps import Counts

Numbers = npt.NDArray[np.float64]

#: Share of the observations from which a value is a jump.
JUMP = 1 / 100
#: Most nodes that carry a bridge from one time to the next.
_NODES = 240
#: Nodes a deviation of the bridge needs, so that the error of the integral is below 1e-12.
_DENSITY = 4


def exact(ends: Counts, n: int, m: int, most: int) -> float:
    """Share of the orders of n + m tied values with n m D >= most.

    Parameters
    ----------
    ends
        How many values of both samples are at or below each distinct value, shape (k,).
    n, m
        Observations.
    most
        n m D.

    References
    ----------
    Schröer and Trenkler, "Exact and randomization distributions of Kolmogorov-Smirnov tests two or
    three samples", Computational Statistics and Data Analysis 20 (1995) 185-202.

    Examples
    --------
    >>> round(exact(np.array([3, 6]), 3, 3, 9), 6)  # 3 low and 3 high values: 2 of 20 ways
    0.1
    """
    if most <= 0:
        return 1.0
    paths, scale, outside, before = np.ones(1), 0.0, 0.0, 0
    every = _choices(n + m, np.array([float(n)]))[0]
    for end in ends.tolist():
        size = end - before
        ways = _choices(size, np.arange(size + 1.0))
        scale += float(ways.max())
        paths = np.convolve(paths, np.exp(ways - ways.max()))[: n + 1]
        ours = np.arange(paths.size)
        left = np.abs((n + m) * ours - n * end) >= most
        left &= (end - ours <= m) & (paths > 0)
        logs = np.log(paths[left]) + scale - every + _choices(n + m - end, n - ours[left])
        outside += float(np.exp(logs).sum())
        paths[left | (end - ours > m)] = 0.0
        largest = float(paths.max())
        if largest <= 0.0:
            break
        paths /= largest
        scale += math.log(largest)
        before = end
    return min(1.0, outside)


def has_jump(shares: Numbers) -> bool:
    """Whether a value has so large a share that the law is another than that of a continuum."""
    return bool((np.diff(shares, prepend=0.0) >= JUMP).any())


def limit(shares: Numbers, distance: float) -> float:
    """Probability that a Brownian bridge goes beyond a distance where it is looked at.

    It is looked at everywhere but within a value that has at least 1/100 of the observations; rarer
    values are taken for a continuum, which errs to the larger probability.

    Parameters
    ----------
    shares
        Pooled distribution function at the distinct values, ascending to 1, shape (k,).
    distance
        D sqrt(n m / (n + m)); not far above 2.5, where what is left is lost in rounding.

    Notes
    -----
    The density of the paths that have not left is carried from one jump to the next by
    Gauss-Legendre nodes; between jumps those that leave are taken out by reflection.

    Examples
    --------
    >>> round(limit(np.array([0.5, 1.0]), 0.98), 4)  # one look: a normal of deviation 1/2
    0.05
    >>> round(limit(np.linspace(0, 1, 1001)[1:], 1.3581), 4)  # Kolmogorov's law
    0.05
    """
    stretches = _stretches(shares, (_DENSITY * distance / _NODES) ** 2)
    longest = max((length for length, watched in stretches if watched), default=0.0)
    if distance <= 0.0 or longest > 25 * distance**2:  # It stays within with less than 1e-13.
        return 1.0
    finest = math.sqrt(min([length for length, _ in stretches[:-1]], default=1.0))
    count = max(24, math.ceil(_DENSITY * distance / finest))
    nodes, weights = np.polynomial.legendre.leggauss(count)
    places, widths = nodes * distance, weights * distance
    at, held = np.zeros(1), np.ones(1)
    for length, watched in stretches[:-1]:
        held = widths * (_carried(at, places, length, distance if watched else None) @ held)
        at = places
    length, watched = stretches[-1]
    home = _carried(at, np.zeros(1), length, distance if watched else None) @ held
    return float(np.clip(1.0 - math.sqrt(2 * math.pi) * home[0], 0.0, 1.0))


def _stretches(shares: Numbers, least: float) -> list[tuple[float, bool]]:
    """Cut time into stretches that are looked at throughout, and others only at their end."""
    heights = np.diff(shares, prepend=0.0)
    cut: list[tuple[float, bool]] = []
    now = 0.0
    for end, height in zip(
        shares[heights >= JUMP].tolist(), heights[heights >= JUMP].tolist(), strict=True
    ):
        if end - height - now >= least:
            cut.append((end - height - now, True))
            now = end - height
        cut.append((end - now, False))
        now = end
    if 1.0 - now > 1e-12:
        cut.append((1.0 - now, True))
    return cut


def _carried(start: Numbers, end: Numbers, length: float, barrier: float | None) -> Numbers:
    """Density of Brownian motion at `end`, shape (ends, starts), of paths within the barrier."""
    if barrier is None:
        return _normal(end[:, None] - start, length)
    total = np.zeros((end.size, start.size))
    images = math.ceil(2 * math.sqrt(length) / barrier) + 1
    for image in range(-images, images + 1):
        turn = 4 * barrier * image
        total += _normal(end[:, None] - start + turn, length)
        total -= _normal(2 * barrier - end[:, None] - start + turn, length)
    return np.maximum(total, 0.0)


def _normal(distance: Numbers, variance: float) -> Numbers:
    return np.asarray(np.exp(-(distance**2) / (2 * variance)) / math.sqrt(2 * math.pi * variance))


def _choices(total: float, part: Numbers) -> Numbers:
    """Log of the binomial coefficient, minus infinity where there is none."""
    rest = total - part
    logs = gammaln(total + 1.0) - gammaln(np.abs(part) + 1.0) - gammaln(np.abs(rest) + 1.0)
    return np.where((part < 0) | (rest < 0), -np.inf, logs)
