"""An interval for a mean that holds at all times at once."""

from __future__ import annotations

import math


class ConfidenceSequence:
    r"""Bounds of the mean of numbers of a known range, valid at every look together.

    Scaled to [0, 1], with stakes
    :math:`\lambda_t = \min(\sqrt{2 \ln(2/\alpha) / (\hat\sigma^2_{t-1} t \ln(1 + t))}, 1/2)`
    that shrink as is best for the variance seen so far,

    .. math::
        \frac{\sum \lambda_s x_s}{\sum \lambda_s} \pm
        \frac{\ln(2/\alpha) + \sum (x_s - \hat\mu_{s-1})^2 (-\ln(1 - \lambda_s) - \lambda_s)}
        {\sum \lambda_s}

    and the intersection of all intervals yet (empirical Bernstein). It needs a mean that stays the
    same given the past; where an interval falls outside the others, none is left: the mean moved.

    Parameters
    ----------
    lower, upper
        Range of the values.
    level
        Probability that the mean is inside at all times.

    Raises
    ------
    ValueError
        An empty range or a level out of range.

    References
    ----------
    Waudby-Smith and Ramdas (2024), Estimating means of bounded random variables by betting,
    JRSS B 86, theorem 2.

    Examples
    --------
    >>> bounds = ConfidenceSequence()
    >>> for one in range(1000):
    ...     bounds.update(one % 2)
    >>> print(f"{bounds.low:.2f} {bounds.estimate:.2f} {bounds.high:.2f}")
    0.44 0.50 0.56
    """

    def __init__(self, *, lower: float = 0.0, upper: float = 1.0, level: float = 0.95) -> None:
        if not lower < upper:
            raise ValueError(f"lower must be below upper, not {lower} and {upper}")
        if not 0 < level < 1:
            raise ValueError(f"level must be strictly between 0 and 1, not {level}; use 0.95")
        self.lower, self.upper, self.level = lower, upper, level
        self.n = 0
        self._log = math.log(2 / (1 - level))
        self._sum = self._squares = 0.0
        self._staked = self._weighted = self._noise = 0.0
        self._low, self._high = 0.0, 1.0

    def update(self, x: float) -> None:
        """Take one value.

        Raises
        ------
        ValueError
            It is outside the range, or not a number.
        """
        if not self.lower <= x <= self.upper:
            raise ValueError(f"x must be within [{self.lower}, {self.upper}], not {x}")
        scaled = (x - self.lower) / (self.upper - self.lower)
        before = (0.5 + self._sum) / (self.n + 1)
        variance = (0.25 + self._squares) / (self.n + 1)
        self.n += 1
        spread = variance * self.n * math.log1p(self.n)
        stake = min(math.sqrt(2 * self._log / spread), 0.5)
        self._staked += stake
        self._weighted += stake * scaled
        self._noise += (scaled - before) ** 2 * (-math.log1p(-stake) - stake)
        self._sum += scaled
        self._squares += (scaled - (0.5 + self._sum) / (self.n + 1)) ** 2
        centre, half = self._weighted / self._staked, (self._log + self._noise) / self._staked
        self._low, self._high = max(self._low, centre - half), min(self._high, centre + half)

    @property
    def low(self) -> float:
        """Lower bound, in the unit of the values."""
        return self.lower + (self.upper - self.lower) * self._low

    @property
    def high(self) -> float:
        """Upper bound; below the lower one when the mean cannot have stayed the same."""
        return self.lower + (self.upper - self.lower) * self._high

    @property
    def estimate(self) -> float:
        """Mean of the values; NaN before the first."""
        if not self.n:
            return math.nan
        return self.lower + (self.upper - self.lower) * self._sum / self.n

    def excludes(self, mean: float) -> bool:
        """Whether a mean has ever been outside: true of the real one with 1 - level at most."""
        return not self.low <= mean <= self.high
