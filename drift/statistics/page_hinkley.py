"""A series whose mean moved, by the sum of deviations from its own mean: Page and Hinkley."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from drift.statistics.result import Result
from drift.statistics.stream import finite, watched

if TYPE_CHECKING:
    import numpy.typing as npt


class PageHinkley:
    r"""Detect that the mean of a series moved up or down.

    With the mean :math:`\bar x_t` of the values since the last alarm,

    .. math::
        U_t = a U_{t-1} + x_t - \bar x_t - \delta, \qquad
        D_t = a D_{t-1} + x_t - \bar x_t + \delta

    and an alarm where :math:`U_t - \min U` or :math:`\max D - D_t` exceeds the threshold. It
    starts anew with the value after an alarm. The threshold is in the unit of the values and has
    no stated rate of false alarms: 50 is a lot for shares and little for latencies. Where a rate
    is wanted, use `drift.statistics.cusum` or `drift.statistics.e_process`.

    Parameters
    ----------
    delta
        :math:`\delta`, change that is tolerated, in the unit of the values, at least 0.
    threshold
        Above 0.
    alpha
        a, what of a sum is kept from value to value, within (0, 1].
    least
        Values before it may alarm.

    Raises
    ------
    ValueError
        A setting out of range.

    References
    ----------
    Page (1954), Continuous Inspection Schemes, Biometrika 41; the form of river 0.26.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(12345)
    >>> detector = PageHinkley()
    >>> for i, x in enumerate(np.r_[rng.integers(0, 2, 1000), rng.integers(4, 8, 1000)]):
    ...     detector.update(float(x))
    ...     if detector.drift_detected:
    ...         print(i)
    1008
    """

    def __init__(
        self,
        delta: float = 0.005,
        threshold: float = 50.0,
        *,
        alpha: float = 0.9999,
        least: int = 30,
    ) -> None:
        if delta < 0 or not threshold > 0 or not 0 < alpha <= 1 or least < 1:
            raise ValueError(
                "delta must be at least 0, threshold above 0, alpha within (0, 1], least at least "
                f"1, not {delta}, {threshold}, {alpha}, {least}"
            )
        self.delta, self.threshold, self.alpha, self.least = delta, threshold, alpha, least
        self._reset()

    def _reset(self) -> None:
        self.n = 0
        self.drift_detected = False
        self._mean = self._up = self._down = 0.0
        self._lowest, self._highest = math.inf, -math.inf

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
        self._mean += (x - self._mean) / self.n
        deviation = x - self._mean
        self._up = self.alpha * self._up + deviation - self.delta
        self._down = self.alpha * self._down + deviation + self.delta
        self._lowest = min(self._lowest, self._up)
        self._highest = max(self._highest, self._down)
        rise, fall = self._up - self._lowest, self._highest - self._down
        self.drift_detected = self.n >= self.least and max(rise, fall) > self.threshold

    @property
    def estimate(self) -> float:
        """Mean since the last alarm; NaN before the first value."""
        return self._mean if self.n else math.nan


def page_hinkley(
    values: npt.ArrayLike,
    *,
    delta: float = 0.005,
    threshold: float = 50.0,
    alpha: float = 0.9999,
    least: int = 30,
) -> Result:
    r"""Run `PageHinkley` over a series, in order.

    .. math:: \text{alarm} = \max(U_t - \min_s U_s, \max_s D_s - D_t) > \lambda

    Parameters
    ----------
    values
        Finite, shape (n,). NaN is left out.
    delta, threshold, alpha, least
        As in `PageHinkley`.

    Returns
    -------
    Result
        `estimate` is the mean since the last alarm, in the unit of the values; `method` counts the
        alarms and has the index of the first and last.

    Raises
    ------
    ValueError
        No value, an infinite one, or a setting out of range.

    References
    ----------
    Page (1954), Continuous Inspection Schemes, Biometrika 41.

    Examples
    --------
    >>> result = page_hinkley([0.0] * 100 + [1.0] * 100, threshold=10)
    >>> result.method["first_alarm"]
    110
    """
    detector = PageHinkley(delta, threshold, alpha=alpha, least=least)
    alarms = watched(detector, values)
    return Result(
        statistic="page_hinkley",
        estimate=detector.estimate,
        n_reference=0,
        n_current=alarms.n,
        method={
            "delta": delta,
            "threshold": threshold,
            "alpha": alpha,
            "least": least,
            **alarms.summary(),
        },
    )
