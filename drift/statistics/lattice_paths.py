"""How probable it is that a random path between two corners leaves the band around its diagonal."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Numbers = npt.NDArray[np.float64]

_LARGE = 1e200


def outside(n: int, m: int, height: int) -> float:
    """Share of the lattice paths from (0, 0) to (n, m) that reach the edge of the band.

    A path is a merged order of two samples; it reaches the edge where
    abs(m i - n j) / gcd(n, m) >= height, which is D >= height / lcm(n, m).

    Parameters
    ----------
    n, m
        Sizes of the samples.
    height
        Of the band, in units of 1 / lcm(n, m).

    Notes
    -----
    Only first arrivals at the edge are added up, all of them positive, so that a small share is
    as exact as a large one (relative error below 1e-10). Takes min(n, m) vector operations.

    References
    ----------
    Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för Matematik 3
    (1958) 469-486.

    Examples
    --------
    >>> round(outside(3, 3, 3), 6)  # apart altogether: 2 of 20 orders
    0.1
    """
    if height <= 0:
        return 1.0
    if n == m:
        return _square(n, height)
    wide, tall = max(n, m), min(n, m)
    paths = _inside(wide, tall, height)
    left = np.exp(_share(paths.left, wide, tall)).sum()
    right = np.exp(_share(paths.right, wide, tall)).sum()
    # Where the band is too wide for the range of a float, nothing is left at its far edge. A path
    # then meets both edges too rarely to matter, and turning the plane round maps one to the other.
    return min(1.0, float(2.0 * right if paths.lost else left + right))


def _square(n: int, height: int) -> float:
    """Equal sizes: reflection gives 2 sum (-1)^(k-1) C(2n, n - k h) / C(2n, n)."""
    shifts = np.arange(height, n + 1, height)
    logs = 2 * gammaln(n + 1) - gammaln(n - shifts + 1) - gammaln(n + shifts + 1)
    signs = 1 - 2 * (np.arange(shifts.size) % 2)
    return min(1.0, max(0.0, 2.0 * float((signs * np.exp(logs)).sum())))


def _choices(total: Numbers | float, part: Numbers | float) -> Numbers:
    """Log of the binomial coefficient."""
    return np.asarray(gammaln(total + 1.0) - gammaln(part + 1.0) - gammaln(total - part + 1.0))


def _share(arrivals: _Arrivals, wide: int, tall: int) -> Numbers:
    """Log of the share of all paths that arrive at each point."""
    some = arrivals.mass > 0
    right, up = wide - arrivals.x[some], tall - arrivals.y[some]
    rest = _choices(right + up, up) - _choices(wide + tall, tall)
    return np.asarray(np.log(arrivals.mass[some]) + arrivals.scale[some] + rest)


@dataclass(frozen=True, slots=True)
class _Arrivals:
    """Paths that first reach the edge, as a mass times exp(scale), and where."""

    mass: Numbers
    scale: Numbers
    x: Numbers
    y: Numbers


@dataclass(frozen=True, slots=True)
class _Paths:
    left: _Arrivals
    right: _Arrivals
    lost: bool


def _inside(wide: int, tall: int, height: int) -> _Paths:
    """Count the paths inside the band row by row, and those that step out of it."""
    common = math.gcd(wide, tall)
    step_right, step_up = tall // common, wide // common
    rows = np.arange(tall + 1)
    low = np.maximum(0, (step_up * rows - height) // step_right + 1)
    high = np.minimum(wide, (step_up * rows + height - 1) // step_right)
    inside = int(np.argmax(low > high)) if (low > high).any() else tall + 1
    paths, exits, scales = np.zeros(wide + 2), np.zeros(tall + 1), np.zeros(tall + 2)
    paths[0] = 1.0
    scale, lost = 0.0, False
    for row, (start, end) in enumerate(
        zip(low[:inside].tolist(), high[:inside].tolist(), strict=True)
    ):
        scales[row] = scale
        window = paths[start : end + 1]
        np.add.accumulate(window, out=window)
        exits[row] = most = window[-1]
        if most > _LARGE:
            lost = lost or bool(window[0] < 1.0 / _LARGE)
            window /= _LARGE
            scale += math.log(_LARGE)
    scales[inside:] = scale
    through = rows[high < wide]
    right = _Arrivals(exits[through], scales[through], _floats(high[through] + 1), _floats(through))
    # What a row leaves behind on its left stays in `paths` as it was when the row began.
    behind = np.arange(low[min(inside, tall)])
    dropped = np.searchsorted(low, behind, side="right")
    left = _Arrivals(paths[behind], scales[dropped], _floats(behind), _floats(dropped))
    return _Paths(left, right, lost)


def _floats(numbers: npt.NDArray[np.int64]) -> Numbers:
    return numbers.astype(np.float64)
