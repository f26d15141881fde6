"""Mann-Whitney test of two samples, two-sided, with the probability of superiority."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from drift.statistics.result import Result
from drift.statistics.steps import Steps, level_checked, merge

Method = Literal["auto", "exact", "asymptotic"]

#: `auto` counts orders while the smaller sample has at most this many values and none are tied.
EXACT_MIN = 8
#: Most products n m for which orders are counted.
EXACT_PRODUCT = 1_000_000


def mann_whitney(
    reference: npt.ArrayLike,
    current: npt.ArrayLike,
    *,
    method: Method = "auto",
    level: float = 0.95,
) -> Result:
    """Measure how often a current value is larger than one of the reference.

    The estimate is P(Y > X) + P(Y = X) / 2, X of the reference and Y current: 0.5 without drift,
    between 0 and 1, without unit. The test statistic, in `method["statistic"]`, is U of the
    reference: pairs where it is larger, ties counted half. Infinities are values like others.

    Parameters
    ----------
    reference, current
        Shape (n,) and (m,).
    method
        `exact` counts the orders of n + m values and wants no ties; `asymptotic` is the normal law
        with continuity and tie correction; `auto` is exact up to 8 values in the smaller sample
        when none are tied (the rule of scipy) and n m is at most 1,000,000.
    level
        Of the interval, which is Wilson's with as many observations as give the variance of DeLong.

    Returns
    -------
    Result
        The p-value is two-sided.

    Raises
    ------
    ValueError
        A sample is empty or holds NaN; `exact` with ties or with too large samples.

    References
    ----------
    Mann and Whitney, Annals of Mathematical Statistics 18 (1947) 50-60. DeLong, DeLong and
    Clarke-Pearson, Biometrics 44 (1988) 837-845.

    Examples
    --------
    >>> result = mann_whitney([1, 2, 3, 4], [3.5, 4.5, 5, 6])
    >>> result.estimate, result.method["statistic"], round(result.p_value, 4)
    (0.9375, 1.0, 0.0571)
    """
    return of_steps(merge(reference, current), method=method, level=level)


def of_steps(steps: Steps, *, method: Method = "auto", level: float = 0.95) -> Result:
    """Measure it on samples that are merged already; see `mann_whitney`."""
    n, m = steps.n, steps.m
    if method not in {"auto", "exact", "asymptotic"}:
        raise ValueError(f"method is {method!r}; give auto, exact or asymptotic")
    possible = not steps.tied and n * m <= EXACT_PRODUCT
    if method == "exact" and not possible:
        raise ValueError(
            "method is 'exact' with ties or more than 1,000,000 pairs; give asymptotic"
        )
    exact = possible and (method == "exact" or (method == "auto" and min(n, m) <= EXACT_MIN))
    ours = np.diff(steps.reference, prepend=0)
    theirs = np.diff(steps.current, prepend=0)
    pairs = float(ours @ (2 * steps.current - theirs)) / 2
    estimate = 1 - pairs / (n * m)
    low, high = _interval(steps, estimate, level_checked(level))
    return Result(
        statistic="mann_whitney",
        estimate=estimate,
        p_value=_orders(pairs, n, m) if exact else _normal(pairs, n, m, ours + theirs),
        low=low,
        high=high,
        level=level,
        n_reference=n,
        n_current=m,
        method={
            "statistic": pairs,
            "variant": "exact" if exact else "asymptotic",
            "ties": steps.tied,
            "interval": "delong, wilson",
        },
    )


def _normal(pairs: float, n: int, m: int, together: npt.NDArray[np.int64]) -> float:
    total = float(n + m)
    ties = together[together > 1].astype(np.float64)
    correction = float((ties**3 - ties).sum()) / (total * (total - 1))
    variance = n * m / 12 * ((total + 1) - correction)
    above = max(pairs, n * m - pairs) - n * m / 2 - 0.5
    if variance <= 0:
        return 1.0
    return min(1.0, 2 * float(ndtr(-above / math.sqrt(variance))))


def _orders(pairs: float, n: int, m: int) -> float:
    """Share of the orders with U as far from its middle, both sides."""
    few, many = min(n, m), max(n, m)
    orders = np.zeros(few * many + 1)
    orders[0] = 1.0
    # Gauss's binomial: the product of (1 - q**(many + i)) / (1 - q**i), each factor a share.
    for i in range(1, few + 1):
        orders[many + i :] -= orders[: -(many + i)].copy()
        for start in range(i):
            orders[start::i] = np.cumsum(orders[start::i])
        orders *= i / (many + i)
    most = max(pairs, n * m - pairs)
    tail = orders[: int(n * m - most) + 1].sum()
    return min(1.0, 2 * max(0.0, float(tail)))


def _interval(steps: Steps, estimate: float, level: float) -> tuple[float, float]:
    n, m = steps.n, steps.m
    ours = np.diff(steps.reference, prepend=0)
    theirs = np.diff(steps.current, prepend=0)
    # How large a share of the other sample each value is above, half where equal.
    of_ours = (steps.current - theirs / 2) / m
    of_theirs = (steps.reference - ours / 2) / n
    first = float(ours @ (of_ours - (1 - estimate)) ** 2) / (n * max(1, n - 1))
    second = float(theirs @ (of_theirs - estimate) ** 2) / (m * max(1, m - 1))
    variance = first + second
    even = estimate * (1 - estimate)
    size = even / variance if variance > 0 and even > 0 else float(min(n, m))
    size = max(size, 1.0)
    z2 = float(ndtri((1 + level) / 2)) ** 2
    middle = (estimate + z2 / (2 * size)) / (1 + z2 / size)
    reach = math.sqrt(z2 * (even / size + z2 / (4 * size**2))) / (1 + z2 / size)
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    return min(low, estimate), max(high, estimate)
