"""A series whose mean moved, at a stated run length without drift: cumulative sums."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

from drift.statistics.floats import floats
from drift.statistics.result import Result
from drift.statistics.stream import finite, watched

if TYPE_CHECKING:
    import numpy.typing as npt

#: What a random walk overshoots a barrier by, in standard deviations (Siegmund).
OVERSHOOT = 1.166
RUN_LENGTH_MAX = 1e12


def run_length(threshold: float, shift: float) -> float:
    r"""Return the values a two-sided CUSUM takes on average until it alarms without drift.

    .. math:: L = \frac12 \cdot \frac{e^{2kb} - 2kb - 1}{2 k^2}, \qquad b = h + 1.166, k = s/2

    Parameters
    ----------
    threshold
        h, in standard deviations.
    shift
        s, the change to find, in standard deviations.

    References
    ----------
    Siegmund (1985), Sequential Analysis; for h = 5, s = 1 the exact value is 465.

    Examples
    --------
    >>> round(run_length(5, 1))
    469
    """
    product = shift * (threshold + OVERSHOOT)
    return (math.exp(product) - product - 1) / shift**2


def threshold_for(length: float, shift: float) -> float:
    """Return the threshold whose run length without drift is the given one.

    Raises
    ------
    ValueError
        A length that no threshold of at least 0 has, or a shift that is not above 0.

    Examples
    --------
    >>> round(threshold_for(469, 1), 2)
    5.0
    """
    if not 0 < shift <= 10:
        raise ValueError(f"shift must be above 0 and at most 10, not {shift}; use 1.0")
    least = run_length(0.0, shift)
    if not least < length <= RUN_LENGTH_MAX:
        raise ValueError(f"length must be above {least:.3g} and at most 1e12, not {length}")
    most = math.log(RUN_LENGTH_MAX * 4 * (1 + shift**2)) / shift + 1
    return float(brentq(lambda h: run_length(h, shift) - length, 0.0, most))


class Cusum:
    r"""Detect that the mean of a series moved by some standard deviations, soonest possible.

    Of :math:`z_t = (x_t - \mu) / \sigma`,

    .. math::
        U_t = \max(0, U_{t-1} + z_t - s/2), \qquad D_t = \max(0, D_{t-1} - z_t - s/2)

    with an alarm where either exceeds the threshold, which is set so that without drift alarms of
    independent normal values come `length` values apart on average. It starts anew with the value
    after an alarm. Heavier tails and values that depend on those before alarm more often; feed it
    means of batches then.

    Parameters
    ----------
    mean, deviation
        :math:`\mu` and :math:`\sigma`. Where None they are those of the first `warm_up` values,
        and again after each alarm; their error makes false alarms more frequent, the more the
        smaller the shift.
    shift
        s, the change to find, in standard deviations.
    length
        Values between false alarms, on average.
    warm_up
        Values to learn from, at least 2; unused where mean and deviation are given.

    Raises
    ------
    ValueError
        A setting out of range, or only one of mean and deviation.

    References
    ----------
    Page (1954), Biometrika 41; Moustakides (1986) (no detector of this run length is sooner).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(2)
    >>> detector = Cusum(mean=0.0, deviation=1.0)
    >>> for i, x in enumerate(np.r_[rng.normal(size=1000), rng.normal(1, 1, size=100)]):
    ...     detector.update(float(x))
    ...     if detector.drift_detected:
    ...         print(i, round(detector.estimate, 1))
    ...         break
    1014 1.1
    """

    def __init__(
        self,
        mean: float | None = None,
        deviation: float | None = None,
        *,
        shift: float = 1.0,
        length: float = 10_000.0,
        warm_up: int = 500,
    ) -> None:
        if (mean is None) != (deviation is None):
            raise ValueError("mean and deviation must be given together, or neither")
        if deviation is not None and not 0 < deviation < math.inf:
            raise ValueError(f"deviation must be above 0 and finite, not {deviation}")
        if warm_up < 2:
            raise ValueError(f"warm_up must be at least 2, not {warm_up}; use 500")
        self.mean, self.deviation = mean, deviation
        self.shift, self.length, self.warm_up = shift, length, warm_up
        self.threshold = threshold_for(length, shift)
        self._reset()

    def _reset(self) -> None:
        self.n = 0
        self.drift_detected = False
        self._up = self._down = 0.0
        # Sum and count since each sum was last 0: what the change is estimated from.
        self._since = {1: (0, 0.0), -1: (0, 0.0)}
        self._average = self._squares = 0.0
        self._moved = math.nan

    def update(self, x: float) -> None:
        """Take one value.

        Raises
        ------
        ValueError
            It is not finite.
        """
        finite(x)
        if self.drift_detected:
            self._reset()
        self.n += 1
        if self.mean is not None and self.deviation is not None:
            self._judge(x, self.mean, self.deviation)
        elif self.n <= self.warm_up:
            step = x - self._average
            self._average += step / self.n
            self._squares += step * (x - self._average)
        else:
            self._judge(x, self._average, math.sqrt(self._squares / (self.warm_up - 1)))

    def _judge(self, x: float, mean: float, deviation: float) -> None:
        away = x - mean
        # A constant warm-up has no deviation: any other value is infinitely far from it.
        z = away / deviation if deviation > 0 else math.copysign(math.inf, away) if away else 0.0
        self._up = max(0.0, self._up + z - self.shift / 2)
        self._down = max(0.0, self._down - z - self.shift / 2)
        for side, total in ((1, self._up), (-1, self._down)):
            count, moved = self._since[side]
            self._since[side] = (count + 1, moved + away) if total > 0 else (0, 0.0)
        side = 1 if self._up >= self._down else -1
        count, moved = self._since[side]
        self._moved = mean + moved / count if count else mean
        self.drift_detected = max(self._up, self._down) > self.threshold

    @property
    def estimate(self) -> float:
        """Mean since the sum that leads left 0: after an alarm, the new mean; NaN at first."""
        return self._moved


def cusum(
    values: npt.ArrayLike,
    *,
    mean: float | None = None,
    deviation: float | None = None,
    shift: float = 1.0,
    length: float = 10_000.0,
    warm_up: int = 500,
) -> Result:
    r"""Run `Cusum` over a series, in order.

    .. math:: \text{alarm} = \max(U_t, D_t) > h

    Parameters
    ----------
    values
        Finite, shape (n,). NaN is left out.
    mean, deviation, shift, length, warm_up
        As in `Cusum`; the warm-up is half of the values where there are fewer than twice as many.

    Returns
    -------
    Result
        `estimate` is the mean since the leading sum left 0, in the unit of the values (of all
        values where none was judged); `method` counts the alarms and has the index of the first
        and last.

    Raises
    ------
    ValueError
        No value, an infinite one, or a setting out of range.

    References
    ----------
    Page (1954), Biometrika 41; Siegmund (1985), Sequential Analysis.

    Examples
    --------
    >>> result = cusum([0.0, 1.0] * 50 + [1.0, 2.0] * 20, mean=0.5, deviation=0.5)
    >>> result.method["first_alarm"], result.estimate
    (105, 1.5)
    """
    series = floats(values, "values")
    size = int(np.count_nonzero(~np.isnan(series)))
    detector = Cusum(
        mean, deviation, shift=shift, length=length, warm_up=max(2, min(warm_up, size // 2))
    )
    alarms = watched(detector, series)
    estimate = detector.estimate
    return Result(
        statistic="cusum",
        estimate=estimate if math.isfinite(estimate) else float(np.nanmean(series)),
        n_reference=0,
        n_current=alarms.n,
        method={
            "mean": mean,
            "deviation": deviation,
            "shift": shift,
            "length": length,
            "threshold": detector.threshold,
            "warm_up": detector.warm_up if mean is None else 0,
            **alarms.summary(),
        },
    )
