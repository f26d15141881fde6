"""Every draw of the simulation, from one seeded source."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from opentelemetry.sdk.trace.id_generator import IdGenerator

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

T = TypeVar("T")

#: Spread of latencies: the 95th percentile is about twice the median.
_LATENCY_SIGMA = 0.42


class Dice:
    """Draws in the terms the scenes think in."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def chance(self, probability: float) -> bool:
        """Whether something of that probability happens."""
        return self._rng.random() < probability

    def pick(self, choices: Sequence[tuple[T, float]]) -> T:
        """Draw one of several weighted values."""
        values, weights = zip(*choices, strict=True)
        drawn: T = self._rng.choices(values, weights)[0]
        return drawn

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`, both included."""
        return self._rng.randint(low, high)

    def around(self, mean: float, spread: float, low: float, high: float) -> float:
        """Draw from a normal distribution, cut to a range."""
        return min(high, max(low, self._rng.gauss(mean, spread)))

    def latency_ms(self, median_ms: float) -> float:
        """Draw a latency in milliseconds: skewed, and at most four times the median."""
        drawn = self._rng.lognormvariate(math.log(median_ms), _LATENCY_SIGMA)
        return min(drawn, 4 * median_ms)

    def gap_s(self, per_second: float) -> float:
        """Draw the time in seconds to the next of independent arrivals."""
        return self._rng.expovariate(per_second)


class SeededIds(IdGenerator):
    """Trace, span and decision identifiers, the same for the same source."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def generate_span_id(self) -> int:
        """Draw 64 bits that are not all zero."""
        return self._rng.getrandbits(64) or 1

    def generate_trace_id(self) -> int:
        """Draw 128 bits that are not all zero."""
        return self._rng.getrandbits(128) or 1

    def is_trace_id_random(self) -> bool:
        """Say so: the low 56 bits are uniform."""
        return True

    def reseed(self, rng: random.Random) -> random.Random:
        """Draw from another source from now on; the one before is given back."""
        before, self._rng = self._rng, rng
        return before

    def response_id(self, prefix: str) -> str:
        """Draw what a provider calls one answer."""
        return f"{prefix}{self._rng.getrandbits(96):024x}"

    def decision_id(self) -> str:
        """Draw 32 hexadecimal digits."""
        return f"{self._rng.getrandbits(128):032x}"
