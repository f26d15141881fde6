"""Cramér-von Mises distance of two samples."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from drift.statistics.distance_law import noises
from drift.statistics.quadratic_law import cramer_von_mises_tail
from drift.statistics.result import Result
from drift.statistics.steps import Counts, Steps, level_checked, merge

Method = Literal["auto", "exact", "asymptotic"]

#: Largest sample for which `auto` counts orders (the rule of scipy).
EXACT_MAX = 20


def cramer_von_mises(
    reference: npt.ArrayLike,
    current: npt.ArrayLike,
    *,
    method: Method = "auto",
    level: float = 0.95,
) -> Result:
    """Measure the root mean square difference between two distribution functions.

    The estimate is sqrt(integral (F_n - G_m)**2 dH), H the distribution function of all N values;
    between 0 and 1, without unit. The test statistic, in `method["statistic"]`, is
    T = n m / N integral (F_n - G_m)**2 dH. Infinities are values like others.

    Parameters
    ----------
    reference, current
        Shape (n,) and (m,).
    method
        `exact` counts the orders of n + m values and wants no ties; `asymptotic` is the limit law
        after mean and variance are matched, in its tail by Smirnov's formula, so that it is not
        rounded to 0; `auto` is exact up to 20 values in the larger sample.
    level
        Of the interval, which adds and subtracts the error of F_n - G_m in the same norm.

    Returns
    -------
    Result
        With ties the p-value is of the limit law at the values that occur, a weighted sum of
        chi-squares whose first three cumulants are matched. (T on midranks, as scipy has it, is
        1.78 and p 0.00004 for 50 and 30 values that are all the same.)

    Raises
    ------
    ValueError
        A sample is empty or holds NaN; `exact` with ties or more than 20 values.

    References
    ----------
    Anderson, "On the distribution of the two-sample Cramér-von Mises criterion", Annals of
    Mathematical Statistics 33 (1962) 1148-1159.

    Examples
    --------
    >>> result = cramer_von_mises([1, 2, 3, 4], [3.5, 4.5, 5, 6])
    >>> round(result.estimate, 4), round(result.method["statistic"], 4), round(result.p_value, 4)
    (0.5, 0.5, 0.0571)
    """
    return of_steps(merge(reference, current), method=method, level=level)


def of_steps(steps: Steps, *, method: Method = "auto", level: float = 0.95) -> Result:
    """Measure it on samples that are merged already; see `cramer_von_mises`."""
    n, m = steps.n, steps.m
    if method not in {"auto", "exact", "asymptotic"}:
        raise ValueError(f"method is {method!r}; give auto, exact or asymptotic")
    possible = max(n, m) <= EXACT_MAX and not steps.tied
    if method == "exact" and not possible:
        raise ValueError(f"method is 'exact' with ties or above {EXACT_MAX} values; give auto")
    exact = possible and method != "asymptotic"
    left, right, together = shares = steps.shares()
    measure = together.copy()
    measure[1:] -= together[:-1]
    square = float(np.einsum("i,i->", measure, np.square(left - right)))
    estimate, statistic = math.sqrt(square), n * m / (n + m) * square
    error, null = noises(shares, measure, (n, m), 2)
    if exact:
        p_value = _orders(statistic, n, m)
    elif steps.tied:
        p_value = null.squared().exceeded(estimate)
    else:
        p_value = _limit(statistic, n, m)
    reach = error.squared().quantile(level_checked(level))
    return Result(
        statistic="cramer_von_mises",
        estimate=estimate,
        p_value=p_value,
        low=max(0.0, estimate - reach),
        high=min(1.0, estimate + reach),
        level=level,
        n_reference=n,
        n_current=m,
        method={
            "statistic": statistic,
            "variant": "exact" if exact else "limit law of ties" if steps.tied else "asymptotic",
            "ties": steps.tied,
            "interval": "triangle",
        },
        version=2,
    )


def _limit(statistic: float, n: int, m: int) -> float:
    total, product = float(n + m), float(n) * m
    mean = (1 + 1 / total) / 6
    spread = (total + 1) * (4 * product * total - 3 * (n * n + m * m) - 2 * product)
    spread /= 45 * total**2 * 4 * product
    if spread <= 0.0:
        return 1.0
    return cramer_von_mises_tail(1 / 6 + (statistic - mean) / math.sqrt(45 * spread))


def _orders(statistic: float, n: int, m: int) -> float:
    """Share of the orders of n + m values with T at least as large."""
    common = math.gcd(n, m)
    right, up = m // common, n // common
    nothing = np.empty(0, dtype=np.int64)
    column = [(nothing, nothing)] * (m + 1)
    for i in range(n + 1):
        below = (nothing, nothing)
        for j in range(m + 1):
            sums = np.concatenate([column[j][0], below[0]])
            orders = np.concatenate([column[j][1], below[1]])
            if i == j == 0:
                sums, orders = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64)
            column[j] = below = _gathered(sums + (right * i - up * j) ** 2, orders)
    sums, orders = column[m]
    least = statistic * (n * m * (n + m) ** 2) / common**2
    return float(orders[sums >= least * (1 - 1e-12)].sum() / orders.sum())


def _gathered(sums: Counts, orders: Counts) -> tuple[Counts, Counts]:
    sequence = np.argsort(sums, kind="stable")
    sums, orders = sums[sequence], orders[sequence]
    starts = np.flatnonzero(np.diff(sums, prepend=-1))
    return sums[starts], np.add.reduceat(orders, starts)
