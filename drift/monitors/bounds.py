"""Bounds on what is to come, taken from what was alike, and how far to trust them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

#: Digits of a bound, which is rounded up.
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Level:
    """Share of windows to come that lie beyond a bound taken from windows like them.

    Parameters
    ----------
    expected
        At most so many on average over references: (beyond + 1) / (windows + 1).
    high
        At most so many at 95 % confidence, taking windows as independent: the 95 % point of the
        beta distribution with beyond + 1 and windows - beyond.
    """

    expected: float
    high: float


def level(beyond: int, windows: int) -> Level:
    """Say how many windows to come lie beyond a bound that `beyond` of so many windows do.

    Examples
    --------
    >>> found = level(0, 99)
    >>> found.expected, round(found.high, 4)
    (0.01, 0.0298)
    """
    if beyond >= windows:
        return Level(1.0, 1.0)
    high = float(special.betaincinv(beyond + 1, windows - beyond, 0.95))
    return Level((beyond + 1) / (windows + 1), high)


def conformal(scores: Floats, share: float) -> float:
    """Give the least bound that a new score is beyond with at most a probability.

    Where there are too few scores to tell so small a probability, it is the largest of them.

    Examples
    --------
    >>> conformal(np.arange(199.0), 0.01)
    197.0
    >>> conformal(np.arange(50.0), 0.01)
    49.0
    """
    rank = math.ceil(round((scores.size + 1) * (1 - share), 6))
    return float(np.sort(scores)[min(rank, scores.size) - 1])


def raised(value: float) -> float:
    """Round up, to a number that is surely more.

    Examples
    --------
    >>> raised(0.0312345), raised(2.0)
    (0.03124, 2.001)
    """
    if value <= 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(value)) + 1 - _DIGITS)
    return round((math.floor(value / unit + 1e-9) + 1) * unit, 12)
