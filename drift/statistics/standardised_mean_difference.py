"""Difference of two means in standard deviations: an effect that does not grow with the sample."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtr

from drift.statistics.pooled_difference import pooled_difference
from drift.statistics.result import Result
from drift.statistics.steps import level_checked, numbers

Numbers = npt.NDArray[np.float64]

Test = Literal["pooled", "welch"]

#: Values that are squared and cubed at a time, in the cache of a processor.
BLOCK = 16_384
#: Deviation, as a part of the mean, that may be rounding alone.
ROUNDED = 1e-12


@dataclass(frozen=True, slots=True)
class Moments:
    """Size, mean and variance (over n - 1; 0 for one value) of a sample.

    `third` is the mean cube of what values differ from their mean; None where it is not known.
    """

    size: int
    mean: float
    variance: float
    third: float | None = None


def standardised_mean_difference(
    reference: npt.ArrayLike,
    current: npt.ArrayLike,
    *,
    level: float = 0.95,
    test: Test = "pooled",
) -> Result:
    """Measure by how many standard deviations the mean has moved.

    d = (mean of current - mean of reference) / s with s**2 the mean of both variances; without
    unit, positive where values rose. 0.2 is often called small and 0.8 large (Cohen).

    Parameters
    ----------
    reference, current
        Shape (n,) and (m,), finite.
    level
        Of the interval, for the d behind the samples: normal, the variance of d by Bonett's
        formula for unequal variances. It needs values without extreme tails.
    test
        `pooled` gives the probability of the difference where both samples are of one law, its
        skewness included; it needs no equal sizes and no thin tails for its level. In samples of
        unequal size it also sees other spread. `welch` tests equal means whatever the spreads, but
        says .05 to what skewed values in samples of unequal size show with .17 without drift.

    Returns
    -------
    Result
        The p-value is two-sided; 1 with a sample of one, which tells nothing of its spread.
        `method["test"]` names the test, which is Welch's where third moments are not known or
        nothing varies. Where both samples are constant, s is the standard deviation of all values
        together, and there is no interval.

    Raises
    ------
    ValueError
        A sample is empty, holds NaN or an infinity; `test` is unknown.

    References
    ----------
    Bonett, "Confidence intervals for standardized linear contrasts of means", Psychological Methods
    13 (2008) 99-109. Welch, Biometrika 34 (1947) 28-35. For `pooled` see
    `drift.statistics.pooled_difference`.

    Examples
    --------
    >>> result = standardised_mean_difference([1, 2, 3, 4], [2, 3, 4, 5])
    >>> round(result.estimate, 4), round(result.p_value, 4)
    (0.7746, 0.3153)
    """
    sides = (moments(reference, "reference"), moments(current, "current"))
    return of_moments(*sides, level=level, test=test)


def moments(sample: npt.ArrayLike, name: str) -> Moments:
    """Take the moments of a sample, shape (n,)."""
    values = np.asarray(numbers(sample, name), dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        mean = float(values.mean())
    if not math.isfinite(mean) and not np.isfinite(values).all():
        what = "NaN" if np.isnan(values).any() else "an infinite value"
        raise ValueError(f"{name} holds {what}; leave it out and count it apart")
    known = about(values, mean)
    if not math.isfinite(known.variance):
        raise ValueError(f"{name} holds values whose squares are beyond doubles; scale both sides")
    return known


def about(
    values: Numbers, mean: float, scratch: Numbers | None = None, *, cubed: bool = True
) -> Moments:
    """Take the moments of values whose mean is known; `scratch` spares fresh memory.

    The variance is infinite where squares are beyond the range of doubles. Samples of equal size
    need no cubes.
    """
    if values.size == 1:
        return Moments(1, mean, 0.0, 0.0)
    if not math.isfinite(mean):
        return Moments(values.size, mean, math.inf)
    # The second pass leaves no digits to cancel, wherever the values lie.
    away = np.subtract(values, mean, out=scratch)
    with np.errstate(over="ignore", invalid="ignore"):
        # Not a product of vectors: for long ones its library starts threads that cost more than it.
        third = _cube(away) / values.size if cubed else None
        variance = float(np.square(away, out=away).sum()) / (values.size - 1)
    if math.sqrt(variance) <= ROUNDED * abs(mean) and (values == values[0]).all():
        # The mean of equal values may be off by a rounding, and then they seem to vary.
        return Moments(values.size, float(values[0]), 0.0, 0.0)
    return Moments(values.size, mean, variance, third)


def _cube(away: Numbers) -> float:
    squares, cube = np.empty(min(BLOCK, away.size)), 0.0
    for start in range(0, away.size, BLOCK):
        part = away[start : start + BLOCK]
        squared = np.square(part, out=squares[: part.size])
        cube += float(np.einsum("i,i->", squared, part))
    return cube


def of_moments(
    reference: Moments,
    current: Moments,
    *,
    level: float = 0.95,
    test: Test = "pooled",
) -> Result:
    """Measure it on moments; see `standardised_mean_difference`."""
    if test not in {"pooled", "welch"}:
        raise ValueError(f"test is {test!r}; give pooled or welch")
    quantile = float(ndtri((1 + level_checked(level)) / 2))
    difference = current.mean - reference.mean
    unit = math.sqrt((reference.variance + current.variance) / 2)
    sides = (reference, current)
    low: float | None = None
    high: float | None = None
    estimate = difference / unit if unit > 0 else _between(difference, sides)
    if unit > 0 and min(reference.size, current.size) > 1:
        reach = quantile * math.sqrt(sum(_error(one, estimate, unit) for one in sides))
        low, high = estimate - reach, estimate + reach
    p_value = pooled_difference(reference, current) if test == "pooled" else None
    if p_value is None:
        test, p_value = "welch", _welch(difference, sides)
    return Result(
        statistic="standardised_mean_difference",
        estimate=estimate,
        p_value=p_value,
        low=low,
        high=high,
        level=level,
        n_reference=reference.size,
        n_current=current.size,
        method={
            "unit": unit,
            "difference": difference,
            "test": test,
            "interval": "bonett",
        },
        version=2,
    )


def _between(difference: float, sides: tuple[Moments, Moments]) -> float:
    """Measure in the standard deviation of two constants together, which is all between them."""
    n, m = (one.size for one in sides)
    return math.copysign((n + m) / math.sqrt(n * m), difference) if difference else 0.0


def _error(side: Moments, estimate: float, unit: float) -> float:
    """Give one sample's part of the variance of d."""
    free = side.size - 1
    share = side.variance / (unit * unit)
    return share / free + estimate * estimate * share * share / (8 * free)


def _welch(difference: float, sides: tuple[Moments, Moments]) -> float:
    """Give the two-sided p-value of equal means."""
    if min(one.size for one in sides) < 2:
        return 1.0
    parts = [one.variance / one.size for one in sides]
    total = sum(parts)
    if total == 0:
        return 1.0 if difference == 0 else 0.0
    shares = [part / total for part in parts]
    free = 1 / sum(part**2 / (one.size - 1) for part, one in zip(shares, sides, strict=True))
    return min(1.0, 2 * float(stdtr(free, -abs(difference) / math.sqrt(total))))
