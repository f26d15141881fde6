"""Counts by code of one feature in one slice, with what adds up beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from drift import codes

#: What is counted in no dimension: everything.
EVERYTHING = ("", "")


@dataclass(frozen=True, slots=True)
class Slice:
    """One value of one dimension; ('', '') is everything.

    Parameters
    ----------
    dimension
        model_version, prompt_version, environment, service_name, route or feature:<name>.
    """

    dimension: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """One feature in one slice."""

    feature: str
    dimension: str = ""
    value: str = ""

    @property
    def slice(self) -> Slice:
        """Where the feature is looked at."""
        return Slice(self.dimension, self.value)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What a stretch of time holds of one feature in one slice; adjacent stretches add up.

    Parameters
    ----------
    counts
        By code, shape (`codes.CODES`,), int64.
    numbers
        How many of the values are finite numbers; what follows describes these.
    mean
        0 where there is none.
    squares
        Sum of squared distances from the mean.
    least, greatest
        Infinity and minus infinity where there is none.

    Examples
    --------
    >>> one = Cells.of_numbers([1.0, 3.0], edges=[0.0, 2.0])
    >>> two = Cells.of_numbers([5.0, float("nan")], edges=[0.0, 2.0])
    >>> both = one + two
    >>> both.total, both.numbers, both.mean, both.squares
    (4, 3, 3.0, 8.0)
    """

    counts: npt.NDArray[np.int64]
    numbers: int = 0
    mean: float = 0.0
    squares: float = 0.0
    least: float = math.inf
    greatest: float = -math.inf

    @classmethod
    def empty(cls) -> Cells:
        """Give what nothing was counted in."""
        return cls(np.zeros(codes.CODES, dtype=np.int64))

    @classmethod
    def of_numbers(cls, values: list[float], edges: list[float]) -> Cells:
        """Count numbers."""
        numbers = np.asarray(values, dtype=np.float64)
        counts = codes.counted(codes.of_numbers(numbers, edges))
        finite = numbers[np.isfinite(numbers)]
        if not finite.size:
            return cls(counts)
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(finite.mean())
            squares = float(((finite - mean) ** 2).sum())
        return cls(counts, finite.size, mean, squares, float(finite.min()), float(finite.max()))

    @property
    def total(self) -> int:
        """Decisions, those without the feature included."""
        return int(self.counts.sum())

    @property
    def missing(self) -> int:
        """Decisions without the feature."""
        return int(self.counts[codes.MISSING])

    @property
    def deviation(self) -> float | None:
        """Standard deviation of the sample; None below two numbers."""
        return math.sqrt(self.squares / (self.numbers - 1)) if self.numbers > 1 else None

    def __add__(self, other: Cells) -> Cells:
        """Add up by the rule of Chan, Golub and LeVeque (1979): no number is lost to rounding."""
        counts = self.counts + other.counts
        if not other.numbers:
            return Cells(counts, self.numbers, self.mean, self.squares, self.least, self.greatest)
        numbers = self.numbers + other.numbers
        apart = other.mean - self.mean
        share = other.numbers / numbers
        return Cells(
            counts,
            numbers,
            self.mean + apart * share,
            self.squares + other.squares + apart * apart * self.numbers * share,
            min(self.least, other.least),
            max(self.greatest, other.greatest),
        )
