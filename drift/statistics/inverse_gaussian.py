"""The inverse Gaussian law, without the cost of a general distribution object."""

from __future__ import annotations

import math

from scipy.special import log_ndtr, ndtri

#: Most steps to a quantile; about five are taken.
STEPS_MAX = 100


def tail(value: float, mean: float, shape: float) -> float:
    """Give the probability of more than `value`, which is above 0.

    1 - F = N(-a (v - 1)) - exp(2 s) N(-a (v + 1)) with v = value / mean, s = shape / mean,
    a = sqrt(shape / value) and N the normal distribution function.

    Examples
    --------
    >>> round(tail(1.0, 1.0, 1.0), 6)
    0.331898
    """
    scaled, root = value / mean, math.sqrt(shape / value)
    above = float(log_ndtr(-root * (scaled - 1)))
    mirrored = 2 * shape / mean + float(log_ndtr(-root * (scaled + 1)))
    return math.exp(above) * -math.expm1(min(0.0, mirrored - above))


def quantile(level: float, mean: float, shape: float) -> float:
    """Give the value that is exceeded with probability 1 - `level`.

    Examples
    --------
    >>> round(tail(quantile(0.9, 0.8, 20.0), 0.8, 20.0), 12)
    0.1
    """
    # Newton's steps in the logarithm of the value, from the normal law of that logarithm.
    deviation = math.sqrt(mean / shape)
    place = math.log(mean) + deviation * float(ndtri(level)) - deviation**2 / 2
    low, high = -math.inf, math.inf
    for _ in range(STEPS_MAX):
        value = math.exp(place)
        missing = tail(value, mean, shape) - (1 - level)
        low, high = (place, high) if missing > 0 else (low, place)
        step = missing / max(1e-300, value * _density(value, mean, shape))
        following = place + max(-1.0, min(1.0, step))
        if not low < following < high:
            following = (low + high) / 2
        moved, place = abs(following - place), following
        # The next step would be about the square of this one.
        if moved <= 1e-9 * max(1.0, abs(place)):
            break
    return math.exp(place)


def _density(value: float, mean: float, shape: float) -> float:
    away = (value - mean) / mean
    return math.sqrt(shape / (2 * math.pi * value**3)) * math.exp(-shape * away**2 / (2 * value))
