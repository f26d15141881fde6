"""The law of the Kolmogorov-Smirnov distance where values are tied: looked at only between ties."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtr

if TYPE_CHECKING:
    from drift.statistics.steps import Counts

Numbers = npt.NDArray[np.float64]

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


def limit(shares: Numbers, distance: float) -> float:
    """Probability that a Brownian bridge, looked at only at some times, goes beyond a distance.

    Parameters
    ----------
    shares
        Times strictly between 0 and 1, ascending: the pooled distribution function.
    distance
        D sqrt(n m / (n + m)).

    Notes
    -----
    First exits are added up, so that small probabilities are exact too. Between times the bridge is
    carried by Gauss-Legendre nodes.

    Examples
    --------
    >>> round(limit(np.array([0.5]), 0.98), 4)  # one look: a normal of deviation 1/2
    0.05
    """
    # Looks that follow closer than the nodes can tell apart are left out.
    times = _apart(shares, (_DENSITY * distance / _NODES) ** 2)
    finest = math.sqrt(float(np.diff(times, prepend=0.0).min(initial=1.0)))
    nodes, weights = np.polynomial.legendre.leggauss(
        max(24, math.ceil(_DENSITY * distance / finest))
    )
    places, widths = nodes * distance, weights * distance
    held, at, now = np.ones(1), np.zeros(1), 0.0
    beyond = 0.0
    for time in times.tolist():
        mean = at * (1 - time) / (1 - now)
        spread = math.sqrt((time - now) * (1 - time) / (1 - now))
        out = ndtr((-distance - mean) / spread) + ndtr((mean - distance) / spread)
        beyond += float(held @ out)
        density = np.exp(-(((places[:, None] - mean) / spread) ** 2) / 2)
        held = widths * (density @ held) / (spread * math.sqrt(2 * math.pi))
        at, now = places, time
    return min(1.0, beyond)


def _apart(shares: Numbers, least: float) -> Numbers:
    """Leave out times that follow another too closely."""
    kept: list[float] = []
    for share in shares.tolist():
        if share - (kept[-1] if kept else 0.0) >= least and 1 - share >= least:
            kept.append(share)
    return np.asarray(kept)


def _choices(total: float, part: Numbers) -> Numbers:
    """Log of the binomial coefficient, minus infinity where there is none."""
    rest = total - part
    logs = gammaln(total + 1.0) - gammaln(np.abs(part) + 1.0) - gammaln(np.abs(rest) + 1.0)
    return np.where((part < 0) | (rest < 0), -np.inf, logs)
