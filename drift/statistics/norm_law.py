"""Laws of the norm of a Gaussian process: two shapes that are matched to it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import chdtri, gammaincc

from drift.statistics import inverse_gaussian


@dataclass(frozen=True, slots=True)
class RootChiSquare:
    """unit * sqrt(scale * (chi-square of `degrees`) + shift); always zero if `unit` is."""

    unit: float
    scale: float = 1.0
    degrees: float = 1.0
    shift: float = 0.0

    def exceeded(self, distance: float) -> float:
        """Probability of a distance at least as large."""
        if self.unit <= 0.0 or distance <= 0.0:
            return 1.0 if distance <= 0.0 else 0.0
        over = ((distance / self.unit) ** 2 - self.shift) / self.scale
        return float(gammaincc(self.degrees / 2, max(0.0, over) / 2))

    def quantile(self, level: float) -> float:
        """Distance that is exceeded with probability 1 - level."""
        square = self.scale * float(chdtri(self.degrees, 1.0 - level)) + self.shift
        return self.unit * math.sqrt(max(0.0, square))


@dataclass(frozen=True, slots=True)
class InverseGaussian:
    """unit * (inverse Gaussian), its tail held to that of a normal of deviation `spread`."""

    unit: float
    mean: float = 1.0
    variance: float = 1.0
    spread: float = 1.0

    def exceeded(self, distance: float) -> float:
        """Probability of a distance at least as large."""
        if self.unit <= 0.0 or distance <= 0.0:
            return 1.0 if distance <= 0.0 else 0.0
        scaled = distance / self.unit
        shape = self.mean**3 / self.variance
        tail = inverse_gaussian.tail(scaled, self.mean, shape)
        # Borell, Tsirelson, Ibragimov and Sudakov: no norm strays further from its mean than this.
        over = max(0.0, scaled - self.mean) / self.spread
        return min(tail, math.exp(-over * over / 2))

    def quantile(self, level: float) -> float:
        """Distance that is exceeded with probability 1 - level."""
        if self.unit <= 0.0:
            return 0.0
        shape = self.mean**3 / self.variance
        return self.unit * inverse_gaussian.quantile(level, self.mean, shape)
