"""Alarms that may be looked at all the time: e-processes for bounded means and for p-values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drift.statistics import betting, e_values
from drift.statistics.confidence_sequence import ConfidenceSequence
from drift.statistics.floats import floats
from drift.statistics.result import Result

if TYPE_CHECKING:
    import numpy.typing as npt

    from drift.statistics.betting import Alternative

#: Shares of the greatest bet that keeps the wealth above 0; each is held with equal money.
BETS = np.asarray(0.5 ** np.arange(1, 9), dtype=np.float64)
#: Log of the wealth beyond which it no longer rises, so that it can fall back in finite time.
LOG_WEALTH_MAX = 690.0


class BettingMean:
    r"""Test that numbers of a known range go on having a known mean, at any time.

    For values scaled to [0, 1] and mean m, wealth multiplies by what a bet against m wins,

    .. math:: K_t = \frac1L \sum_l \prod_{s \le t} (1 + \lambda_l (x_s - m))

    over a fixed grid of stakes :math:`\lambda_l` of either sign within
    :math:`[-1/(1-m), 1/m]`. If the mean given the past stays m, K is a martingale of mean 1, and
    :math:`P(\exists t: K_t \ge 1/\alpha) \le \alpha` (Ville): one false alarm with probability
    at most alpha over all looks. The alarm stays on once raised.

    Parameters
    ----------
    mean
        What the values have without drift, strictly between `lower` and `upper`.
    lower, upper
        Range of the values.
    alternative
        Of the mean: `two-sided`, `greater` or `less`.
    alpha
        Probability of a false alarm, ever.

    Raises
    ------
    ValueError
        The mean is not within the range, an unknown alternative, alpha out of range.

    References
    ----------
    Waudby-Smith and Ramdas (2024), Estimating means of bounded random variables by betting,
    JRSS B 86; Ville (1939).

    Examples
    --------
    >>> watch = BettingMean(0.8, alpha=0.01)
    >>> for day in range(300):
    ...     watch.update(day % 5 > 0)
    >>> watch.drift_detected
    False
    >>> for day in range(300):
    ...     watch.update(day % 2)
    >>> watch.drift_detected, watch.detected_at
    (True, 406)
    """

    def __init__(
        self,
        mean: float,
        *,
        lower: float = 0.0,
        upper: float = 1.0,
        alternative: Alternative = "two-sided",
        alpha: float = 0.05,
    ) -> None:
        if not lower < mean < upper:
            raise ValueError(f"mean must be strictly between {lower} and {upper}, not {mean}")
        if not 0 < alpha < 1:
            raise ValueError(f"alpha must be strictly between 0 and 1, not {alpha}; use 0.05")
        self.mean, self.lower, self.upper = mean, lower, upper
        self.alternative, self.alpha = alternative, alpha
        self._stakes = betting.stakes(mean, BETS, alternative, lower=lower, upper=upper)
        self._log_wealth = np.zeros(len(self._stakes))
        self._sum = 0.0
        self.n = 0
        self.log_e_greatest = 0.0
        self.detected_at: int | None = None

    def update(self, x: float) -> None:
        """Take one value.

        Raises
        ------
        ValueError
            It is outside the range, or not a number.
        """
        if not self.lower <= x <= self.upper:
            raise ValueError(f"x must be within [{self.lower}, {self.upper}], not {x}")
        self._log_wealth += np.log1p(self._stakes * (x - self.mean))
        self._sum += x
        self.n += 1
        self.log_e_greatest = max(self.log_e_greatest, self.log_e)
        if self.detected_at is None and self.log_e >= -math.log(self.alpha):
            self.detected_at = self.n - 1

    @property
    def log_e(self) -> float:
        """Log of the wealth K, capped at `LOG_WEALTH_MAX`."""
        return min(betting.log_mixture(self._log_wealth), LOG_WEALTH_MAX)

    @property
    def e_value(self) -> float:
        """The wealth K: an e-value at any stopping time."""
        return math.exp(self.log_e)

    @property
    def p_value(self) -> float:
        """1 over the greatest wealth yet: valid at any time."""
        return e_values.to_p_value(math.exp(self.log_e_greatest))

    @property
    def drift_detected(self) -> bool:
        """Whether the wealth has ever reached 1/alpha."""
        return self.detected_at is not None

    @property
    def estimate(self) -> float:
        """Mean of the values; NaN before the first."""
        return self._sum / self.n if self.n else math.nan


@dataclass(slots=True)
class Evidence:
    r"""Evidence of one signal over windows, each with an e-value that holds given the past.

    The product :math:`E_t = \prod e_s` alarms falsely with probability at most alpha, ever. It
    remembers quiet times as debt, so a late change is found late; :math:`M_t = (M_{t-1} + 1) e_t`
    (Shiryaev and Roberts) does not, and reaches c after c windows or more on average without
    drift. Use the product to test "never drifted", M to watch for a change.

    Parameters
    ----------
    log_product
        Log of E.
    restarting
        M.
    greatest
        Log of the greatest E yet.
    windows
        How many went in.

    References
    ----------
    Shin, Ramdas and Rinaldo (2024), E-detectors, arXiv 2203.03532.

    Examples
    --------
    >>> evidence = Evidence()
    >>> for p_value in (0.6, 0.3, 0.001, 0.0004):
    ...     evidence.update(e_values.from_p_values(p_value).item())
    >>> print(f"{evidence.product:.0f} {evidence.restarting:.0f} {evidence.p_value:.4f}")
    394 1940 0.0025
    """

    log_product: float = 0.0
    restarting: float = 0.0
    greatest: float = 0.0
    windows: int = 0

    def update(self, e_value: float) -> None:
        """Take the e-value of the next window.

        Raises
        ------
        ValueError
            It is below 0 or NaN.
        """
        if not e_value >= 0:
            raise ValueError(f"e_value must be at least 0, not {e_value}")
        log = math.log(e_value) if e_value > 0 else -math.inf
        self.log_product = min(self.log_product + log, LOG_WEALTH_MAX)
        self.restarting = min((self.restarting + 1) * e_value, math.exp(LOG_WEALTH_MAX))
        self.greatest = max(self.greatest, self.log_product)
        self.windows += 1

    @property
    def product(self) -> float:
        """E: an e-value at any stopping time."""
        return math.exp(self.log_product)

    @property
    def p_value(self) -> float:
        """1 over the greatest E yet: valid at any time."""
        return e_values.to_p_value(math.exp(self.greatest))


def e_process(
    values: npt.ArrayLike,
    *,
    mean: float = 0.5,
    lower: float = 0.0,
    upper: float = 1.0,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
) -> Result:
    r"""Run `BettingMean` over a series, in order.

    .. math:: p = \min(1, 1 / \max_t K_t)

    Parameters
    ----------
    values
        Within the range, shape (n,). NaN is left out.
    mean, lower, upper, alternative, alpha
        As in `BettingMean`.

    Returns
    -------
    Result
        `estimate` is the mean of the values in their unit; `low` and `high` its confidence sequence
        at level 1 - alpha, None where it leaves no mean that lasted. `p_value` is the anytime-valid
        one; `method` has `e_value` and `detected_at` (index among the values that counted, or
        None).

    Raises
    ------
    ValueError
        No value, one outside the range, or a setting out of range.

    References
    ----------
    Waudby-Smith and Ramdas (2024), JRSS B 86; Ramdas et al. (2023), Game-theoretic statistics and
    safe anytime-valid inference, Statistical Science 38.

    Examples
    --------
    >>> result = e_process([0, 1] * 20 + [1] * 40, mean=0.5)
    >>> result.method["detected_at"], round(result.p_value, 4)
    (66, 0.0004)
    """
    series = floats(values, "values")
    if series.ndim != 1:
        raise ValueError(f"values must be one-dimensional, not of shape {series.shape}")
    kept = series[~np.isnan(series)]
    if not kept.size:
        raise ValueError(f"values has no number among {series.size}; send at least one")
    test = BettingMean(mean, lower=lower, upper=upper, alternative=alternative, alpha=alpha)
    bounds = ConfidenceSequence(lower=lower, upper=upper, level=1 - alpha)
    for value in kept.tolist():
        test.update(value)
        bounds.update(value)
    lasting = bounds.low <= test.estimate <= bounds.high
    return Result(
        statistic="e_process",
        estimate=test.estimate,
        n_reference=0,
        n_current=test.n,
        p_value=test.p_value,
        low=bounds.low if lasting else None,
        high=bounds.high if lasting else None,
        level=1 - alpha,
        method={
            "mean": mean,
            "lower": lower,
            "upper": upper,
            "alternative": alternative,
            "alpha": alpha,
            "e_value": test.e_value,
            "detected_at": test.detected_at,
            "left_out": int(series.size - kept.size),
        },
    )
