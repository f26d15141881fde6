"""Probability of a difference of two means where both samples are of their pooled law."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaincc, ndtr, ndtri, stdtr

if TYPE_CHECKING:
    from drift.statistics.standardised_mean_difference import Moments

Numbers = npt.NDArray[np.float64]

#: Skewness of the difference below which it is taken for none.
_STRAIGHT = 1e-4
#: Tail of Student's law that is taken for any smaller one, lest the deviate be infinite.
_LEAST = 1e-300


def pooled_difference(reference: Moments, current: Moments) -> float | None:
    """Give the two-sided p-value of a difference of means, skewness included.

    Where nothing has drifted the difference has the variance s**2 (1 / n + 1 / m) and the skewness
    g (1 / m - 1 / n) / sqrt(1 / n + 1 / m), s and g those of one value, which all values together
    tell best. Its law is taken as Pearson's of type III, a shifted gamma law, of Student's t turned
    into a normal deviate; p is twice the smaller tail. For equal sizes or no skewness that is
    Student's test.

    Returns
    -------
    float or None
        None where a sample has one value, a third moment that is needed is not known or beyond
        doubles, or neither sample varies.

    References
    ----------
    Pitman, "Significance tests which may be applied to samples from any populations", Supplement to
    the Journal of the Royal Statistical Society 4 (1937) 119-130. Mielke and Berry, Permutation
    Methods (2007), for the law of type III.
    """
    n, m = reference.size, current.size
    within = (n - 1) * reference.variance + (m - 1) * current.variance
    if min(n, m) < 2 or not 0.0 < within < math.inf or not _known(reference, current):
        return None
    total, inverse = n + m, 1 / n + 1 / m
    difference = current.mean - reference.mean
    unit = math.sqrt(within / (total - 2))
    student = difference / unit / math.sqrt(inverse)
    tail = float(stdtr(total - 2, -abs(student)))
    skewness = _skewness(reference, current)
    if not math.isfinite(skewness):
        return None
    if abs(skewness) < _STRAIGHT:
        return 2 * tail
    deviate = math.copysign(float(ndtri(max(tail, _LEAST))), difference)
    return _third_type(deviate, skewness)


def strays(distance: float, values: Numbers, counts: Numbers, sizes: tuple[int, int]) -> float:
    """Give the probability that two means differ by `distance` or more, either way.

    Parameters
    ----------
    distance
        Zero or more.
    values, counts
        Distinct values, and how many of both samples are at each, shape (k,) each.
    sizes
        n and m.

    Examples
    --------
    >>> values = np.array([0.0, 1.0])
    >>> round(strays(0.098, values, np.array([400.0, 400.0]), (400, 400)), 3)
    0.006
    """
    n, m = sizes
    total, inverse = n + m, 1 / n + 1 / m
    away = values - float(np.einsum("i,i->", counts, values)) / total
    weighed = counts * away
    variance = float(np.einsum("i,i->", weighed, away)) / max(1, total - 1)
    if not 0.0 < variance < math.inf or distance <= 0.0:
        return 1.0 if distance <= 0.0 else 0.0
    unit = math.sqrt(variance)
    away /= unit
    third = float(np.einsum("i,i->", weighed, np.square(away))) / unit / total
    skewness = third * (1 / m - 1 / n) / math.sqrt(inverse)
    return _either_way(distance / unit / math.sqrt(inverse), skewness)


def strays_of(distance: float, reference: Moments, current: Moments) -> float:
    """Give what `strays` gives, from the moments of both samples; 0 where they do not tell."""
    n, m = reference.size, current.size
    squares = (n - 1) * reference.variance + (m - 1) * current.variance
    squares += n * m / (n + m) * (current.mean - reference.mean) ** 2
    if not 0.0 < squares < math.inf or distance <= 0.0 or not _known(reference, current):
        return 1.0 if distance <= 0.0 else 0.0
    unit = math.sqrt(squares / (n + m - 1))
    skewness = _skewness(reference, current)
    return _either_way(distance / unit / math.sqrt(1 / n + 1 / m), skewness)


def _either_way(deviate: float, skewness: float) -> float:
    """Both tails of Pearson's law of type III beyond a deviate of zero or more."""
    if abs(skewness) < _STRAIGHT:
        return 2 * float(ndtr(-deviate))
    shape = 4 / (skewness * skewness)
    root = deviate * math.sqrt(shape)
    above = float(gammaincc(shape, shape + root))
    return above + float(gammainc(shape, max(0.0, shape - root)))


def _known(reference: Moments, current: Moments) -> bool:
    """Whether the skewness of the difference is known, as it always is for equal sizes."""
    return reference.size == current.size or None not in (reference.third, current.third)


def _skewness(reference: Moments, current: Moments) -> float:
    """Skewness of the difference of the means of samples of all values together."""
    n, m = reference.size, current.size
    if n == m:
        return 0.0
    total = n + m
    mean = (reference.size * reference.mean + current.size * current.mean) / total
    parts = [
        (side, side.mean - mean, (side.size - 1) * side.variance) for side in (reference, current)
    ]
    unit = math.sqrt(
        sum(squares + side.size * away * away for side, away, squares in parts) / total
    )
    third = 0.0
    for side, away, squares in parts:
        far = away / unit
        third += side.size * ((side.third or 0.0) / unit / unit / unit + far**3)
        third += 3 * far * (squares / unit / unit)
    return third / total * (1 / m - 1 / n) / math.sqrt(1 / n + 1 / m)


def _third_type(deviate: float, skewness: float) -> float:
    """Twice the smaller tail of Pearson's law of type III, of mean 0 and variance 1."""
    shape = 4 / (skewness * skewness)
    turned = deviate if skewness > 0 else -deviate
    place = max(0.0, shape + turned * math.sqrt(shape))
    return min(1.0, 2 * float(min(gammainc(shape, place), gammaincc(shape, place))))
