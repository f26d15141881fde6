"""Energy distance of two samples."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from drift.statistics.distance_law import noises
from drift.statistics.result import Result
from drift.statistics.steps import Steps, level_checked, merge


def energy_distance(
    reference: npt.ArrayLike, current: npt.ArrayLike, *, level: float = 0.95
) -> Result:
    """Measure the squared difference of two distribution functions over the values' axis.

    E = sqrt(2 integral (F_n(x) - G_m(x))**2 dx), which is the root of
    2 mean abs(X - Y) - mean abs(X - X') - mean abs(Y - Y'); in the root of the unit of the values,
    zero or more.

    Parameters
    ----------
    reference, current
        Shape (n,) and (m,), finite.
    level
        Of the interval, which adds and subtracts the error of F_n - G_m in the same norm.

    Returns
    -------
    Result
        The p-value is of the limit law, a weighted sum of chi-squares, whose first three cumulants
        are matched.

    Raises
    ------
    ValueError
        A sample is empty, holds NaN or an infinity.

    References
    ----------
    Székely and Rizzo, "Energy statistics", Journal of Statistical Planning and Inference 143 (2013)
    1249-1272. Buckley and Eagleson, Australian Journal of Statistics 30A (1988) 150-159.

    Examples
    --------
    >>> result = energy_distance([0, 8], [0, 4])
    >>> round(result.estimate, 6)
    1.414214
    """
    return of_steps(merge(reference, current), level=level)


def of_steps(steps: Steps, *, level: float = 0.95) -> Result:
    """Measure it on samples that are merged already; see `energy_distance`."""
    measure = 2 * steps.gaps("energy_distance")
    left, right, together = (share[:-1] for share in steps.shares())
    estimate = math.sqrt(float(np.einsum("i,i->", measure, np.square(left - right))))
    sizes = (steps.n, steps.m)
    reach, null = (one.squared() for one in noises((left, right, together), measure, sizes, 2))
    # The pooled sample knows the tail of both, which a small sample alone may not show.
    quantile = max(reach.quantile(level_checked(level)), null.quantile(level))
    return Result(
        statistic="energy_distance",
        estimate=estimate,
        p_value=null.exceeded(estimate),
        low=max(0.0, estimate - quantile),
        high=estimate + quantile,
        level=level,
        n_reference=steps.n,
        n_current=steps.m,
        method={"variant": "limit law, three cumulants", "interval": "triangle"},
        version=2,
    )
