"""How probable it is that a random path between two corners leaves the band around its diagonal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

_LARGE = 1e200
#: Rows from which on only half of them are counted, and the least share that is taken from that.
HALVED_FROM = 100
SMALL = 1e-8


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
    # Its share is about that of Kolmogorov's law, which says beforehand whether it will be small.
    distance = height * math.gcd(n, m) / (n * m)
    expected = 2.0 * math.exp(-2.0 * distance * distance * n * m / (n + m))
    if tall >= HALVED_FROM and expected > 2 * SMALL:
        halved = _halved(wide, tall, height)
        if halved > SMALL:
            return min(1.0, halved)
    paths = _inside(wide, tall, height, tall)
    left, right = _arrived(paths.left, wide, tall), _arrived(paths.right, wide, tall)
    # Where the band is too wide for the range of a float, nothing is left at its far edge. A path
    # then meets both edges too rarely to matter, and turning the plane round maps one to the other.
    return min(1.0, float(2.0 * right if paths.lost else left + right))


def _halved(wide: int, tall: int, height: int) -> float:
    """Count up to the middle only; zero where the range of a float does not allow it.

    Turned round, the second half of a path is a first half. Those that arrive at the edge in the
    first half (rows up to `first`) or in the second are both added up; those that do both, which
    were counted twice, come from the share of paths inside at each place where the middle is
    crossed. That share has an error of 1e-13, which is why a small result is not taken from it.
    """
    first = (tall - 1) // 2
    second = tall - 1 - first
    paths = _inside(wide, tall, height, second)
    if paths.lost or len(paths.kept) < 2:
        return 0.0
    either = 0.0
    for arrivals in (paths.left, paths.right):
        shares = np.exp(_share(arrivals, wide, tall))
        # In the second half turned round, rows up to `second` are in it.
        either += float(shares.sum() + shares[arrivals.y[arrivals.mass > 0] <= first].sum())
    columns = np.arange(wide + 1)
    crossing = _choices(first + columns, first) + _choices(second + columns, second)[::-1]
    before, after = (row.outside(wide) for row in (paths.kept[first - second - 1], paths.kept[-1]))
    shares = np.exp(crossing - _choices(wide + tall, tall))
    return either - float((shares * before * after[::-1]).sum())


def _square(n: int, height: int) -> float:
    """Equal sizes: reflection gives 2 sum (-1)^(k-1) C(2n, n - k h) / C(2n, n)."""
    shifts = np.arange(height, n + 1, height)
    logs = 2 * gammaln(n + 1) - gammaln(n - shifts + 1) - gammaln(n + shifts + 1)
    signs = 1 - 2 * (np.arange(shifts.size) % 2)
    return min(1.0, max(0.0, 2.0 * float((signs * np.exp(logs)).sum())))


def _choices(total: Places | int, part: Places | int) -> Numbers:
    """Log of the binomial coefficient."""
    logs = _log_factorials(int(np.max(total, initial=0)).bit_length())
    return np.asarray(logs[total] - logs[part] - logs[total - part])


@lru_cache(maxsize=20)
def _log_factorials(bits: int) -> Numbers:
    """Log of the factorials of whole numbers of at most so many bits."""
    return np.asarray(gammaln(np.arange(1.0, 2.0**bits + 1.0)))


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
    x: Places
    y: Places


def _arrived(arrivals: _Arrivals, wide: int, tall: int) -> float:
    return float(np.exp(_share(arrivals, wide, tall)).sum())


@dataclass(frozen=True, slots=True)
class _Row:
    """Paths that are inside up to a row, by column from `start`, as a number times exp(scale)."""

    row: int
    start: int
    paths: Numbers
    scale: float

    def outside(self, wide: int) -> Numbers:
        """Share of all paths to each column of the row that were not inside throughout."""
        share = np.ones(wide + 1)
        columns = np.arange(self.start, self.start + self.paths.size)
        with np.errstate(divide="ignore"):
            logs = np.log(self.paths) + self.scale - _choices(self.row + columns, self.row)
        share[columns] -= np.exp(logs)
        return share


@dataclass(frozen=True, slots=True)
class _Paths:
    """What arrives at either edge, and the last two rows where the band reaches them."""

    left: _Arrivals
    right: _Arrivals
    lost: bool
    kept: tuple[_Row, ...]


def _inside(wide: int, tall: int, height: int, last: int) -> _Paths:
    """Count the paths inside the band row by row up to `last`, and those that step out of it."""
    low, high = _band(wide, tall, height, last)
    inside = int(np.argmax(low > high)) if (low > high).any() else last + 1
    paths, scale, lost = np.zeros(wide + 2), 0.0, False
    paths[0] = 1.0
    exits, scales, kept = [], [], []
    for row, (start, end) in enumerate(
        zip(low[:inside].tolist(), (high[:inside] + 1).tolist(), strict=True)
    ):
        scales.append(scale)
        window = paths[start:end]
        np.add.accumulate(window, 0, None, window)
        most = window.item(-1)
        exits.append(most)
        if row >= last - 1:
            kept.append(_Row(row, start, window.copy(), scale))
        if most > _LARGE:
            lost = lost or bool(window[0] < 1.0 / _LARGE)
            window /= _LARGE
            scale += math.log(_LARGE)
    # Where the band is empty no path goes on.
    exits += [0.0] * (last + 1 - inside)
    scaled = np.array(scales + [scale] * (last + 2 - inside))
    through = np.flatnonzero(high < wide)
    right = _Arrivals(np.array(exits)[through], scaled[through], high[through] + 1, through)
    # What a row leaves behind on its left stays in `paths` as it was when the row began.
    behind = np.arange(low[min(inside, last)])
    dropped = np.searchsorted(low, behind, side="right")
    left = _Arrivals(paths[behind], scaled[dropped], behind, dropped)
    return _Paths(left, right, lost, tuple(kept))


def _band(wide: int, tall: int, height: int, last: int) -> tuple[Places, Places]:
    """Give the first and the last column inside the band, for each row up to `last`."""
    common = math.gcd(wide, tall)
    step_right, step_up = tall // common, wide // common
    rows = np.arange(last + 1)
    low = np.maximum(0, (step_up * rows - height) // step_right + 1)
    return low, np.minimum(wide, (step_up * rows + height - 1) // step_right)
