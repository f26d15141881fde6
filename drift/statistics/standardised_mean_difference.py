"""Difference of two means in standard deviations: an effect that does not grow with the sample."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtr

from drift.statistics.result import Result
from drift.statistics.steps import level_checked, numbers

Numbers = npt.NDArray[np.float64]

#: Deviation, as a part of the mean, that may be rounding alone.
ROUNDED = 1e-12


@dataclass(frozen=True, slots=True)
class Moments:
    """Size, mean and variance (over n - 1; 0 for one value) of a sample."""

    size: int
    mean: float
    variance: float


def standardised_mean_difference(
    reference: npt.ArrayLike, current: npt.ArrayLike, *, level: float = 0.95
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

    Returns
    -------
    Result
        The p-value is two-sided, of Welch's test that both means are equal; 1 with a sample of one,
        which tells nothing of its spread. Heavy tails in samples of unequal size raise three times
        the false alarms it states (docs/drift-validation.md): decide by Kolmogorov-Smirnov there,
        and read the effect here. Where both samples are constant, s is the standard
        deviation of all values together, and there is no interval.

    Raises
    ------
    ValueError
        A sample is empty, holds NaN or an infinity.

    References
    ----------
    Bonett, "Confidence intervals for standardized linear contrasts of means", Psychological Methods
    13 (2008) 99-109. Welch, Biometrika 34 (1947) 28-35.

    Examples
    --------
    >>> result = standardised_mean_difference([1, 2, 3, 4], [2, 3, 4, 5])
    >>> round(result.estimate, 4), round(result.p_value, 4)
    (0.7746, 0.3153)
    """
    return of_moments(moments(reference, "reference"), moments(current, "current"), level=level)


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


def about(values: Numbers, mean: float, scratch: Numbers | None = None) -> Moments:
    """Take the moments of values whose mean is known; `scratch` spares fresh memory.

    The variance is infinite where squares are beyond the range of doubles.
    """
    if values.size == 1:
        return Moments(1, mean, 0.0)
    if not math.isfinite(mean):
        return Moments(values.size, mean, math.inf)
    # The second pass leaves no digits to cancel, wherever the values lie.
    away = np.subtract(values, mean, out=scratch)
    # Not a product of vectors: for long ones its library starts threads that cost more than it.
    with np.errstate(over="ignore"):
        variance = float(np.square(away, out=away).sum()) / (values.size - 1)
    if math.sqrt(variance) <= ROUNDED * abs(mean) and (values == values[0]).all():
        # The mean of equal values may be off by a rounding, and then they seem to vary.
        return Moments(values.size, float(values[0]), 0.0)
    return Moments(values.size, mean, variance)


def of_moments(reference: Moments, current: Moments, *, level: float = 0.95) -> Result:
    """Measure it on moments; see `standardised_mean_difference`."""
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
    return Result(
        statistic="standardised_mean_difference",
        estimate=estimate,
        p_value=_welch(difference, sides),
        low=low,
        high=high,
        level=level,
        n_reference=reference.size,
        n_current=current.size,
        method={
            "unit": unit,
            "difference": difference,
            "test": "welch",
            "interval": "bonett",
        },
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
    free = total**2 / sum(part**2 / (one.size - 1) for part, one in zip(parts, sides, strict=True))
    return min(1.0, 2 * float(stdtr(free, -abs(difference) / math.sqrt(total))))
