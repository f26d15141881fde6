"""Drift of a share: values that are missing, unseen, of the wrong kind, not a number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from drift.monitors import homogeneity
from drift.monitors.homogeneity import likelihood_ratio
from drift.statistics.wilson import wilson

if TYPE_CHECKING:
    from drift.statistics.result import Detail

Z = float(special.ndtri(0.975))


@dataclass(frozen=True, slots=True)
class Share:
    """How a share changed.

    Parameters
    ----------
    estimate
        Share now less share before, -1 to 1.
    low, high
        Newcombe's interval at 95 %, from those of Wilson.
    p_value
        Of the likelihood ratio with the correction of Williams.
    by_chance
        Difference that samples of these sizes show on average without drift.

    References
    ----------
    Newcombe, R. G. (1998): Interval estimation for the difference between independent proportions.
    Statistics in Medicine 17, method 10.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    by_chance: float
    test_statistic: float


def share(before: int, n_before: int, now: int, n_now: int) -> Share:
    """Compare `now` of `n_now` with `before` of `n_before`; neither total is 0.

    Examples
    --------
    >>> found = share(10, 1000, 60, 1000)
    >>> round(found.estimate, 3), round(found.low, 4), round(found.high, 4)
    (0.05, 0.0345, 0.0671)
    """
    one = np.array([[before, n_before - before]], dtype=np.int64)
    two = np.array([[now, n_now - now]], dtype=np.int64)
    statistic, freedom = likelihood_ratio(one, two)
    p_value = float(special.chdtrc(1, statistic[0])) if freedom[0] else 1.0
    p, q = before / n_before, now / n_now
    low_p, high_p = _bounds(p, n_before)
    low_q, high_q = _bounds(q, n_now)
    pooled = (before + now) / (n_before + n_now)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n_before + 1 / n_now))
    return Share(
        estimate=q - p,
        low=q - p - math.hypot(q - low_q, high_p - p),
        high=q - p + math.hypot(p - low_p, high_q - q),
        p_value=max(p_value, 1e-300),
        by_chance=math.sqrt(2 / math.pi) * spread,
        test_statistic=float(statistic[0]),
    )


def _bounds(share_: float, total: int) -> tuple[float, float]:
    low, high = wilson(share_, total, Z)
    return float(low), float(high)


#: What of a share's method is always the same.
METHOD: dict[str, Detail] = {
    "test": "likelihood_ratio_williams",
    "test_version": homogeneity.VERSION,
    "interval": "newcombe_wilson",
    "engine": "numpy",
}
