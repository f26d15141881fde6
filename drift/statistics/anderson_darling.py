"""Anderson-Darling distance of two samples, which weighs the tails."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from drift.statistics.distance_law import noise, noises
from drift.statistics.quadratic_law import anderson_darling_tail
from drift.statistics.result import Result
from drift.statistics.steps import Counts, Steps, level_checked, merge

#: Variance of the limit: 2 sum of 1 / (j (j + 1))**2.
_LIMIT_VARIANCE = 2 * (math.pi**2 / 3 - 3)


def anderson_darling(
    reference: npt.ArrayLike, current: npt.ArrayLike, *, level: float = 0.95
) -> Result:
    """Measure the difference of two distribution functions with weight on the tails.

    The estimate is sqrt(integral (F_n - G_m)**2 / (H (1 - H)) dH), H the distribution function of
    all values, on midranks; without unit. The test statistic, in `method["statistic"]`, is that of
    Scholz and Stephens for two samples, (A - 1) / sigma_N with
    A = (N - 1) / (n m N) sum_j l_j (N M_j - n B_j)**2 / (B_j (N - B_j) - N l_j / 4).
    Infinities are values like others.

    Parameters
    ----------
    reference, current
        Shape (n,) and (m,).
    level
        Of the interval, which adds and subtracts the error of F_n - G_m in the same norm.

    Returns
    -------
    Result
        The p-value is of the limit law itself at 1 + statistic * sigma, by Smirnov's formula. It is
        neither interpolated in seven points nor held between 0.001 and 0.25, as scipy's is. With
        ties it is of the limit law at the values that occur, a weighted sum of chi-squares whose
        first three cumulants are matched. (The law without ties errs: for two distinct values it
        gives .05 to what has .11.)

    Raises
    ------
    ValueError
        A sample is empty or holds NaN.

    References
    ----------
    Scholz and Stephens, "K-sample Anderson-Darling tests", JASA 82 (1987) 918-924, equation 7.

    Examples
    --------
    >>> result = anderson_darling([1, 2, 3, 4, 5, 6], [4.5, 5.5, 6.5, 7.5, 8.5, 9.5])
    >>> round(result.estimate, 4), round(result.method["statistic"], 4), round(result.p_value, 4)
    (1.0951, 3.4983, 0.0127)
    """
    return of_steps(merge(reference, current), level=level)


def of_steps(steps: Steps, *, level: float = 0.95) -> Result:
    """Measure it on samples that are merged already; see `anderson_darling`."""
    n, m, total = steps.n, steps.m, steps.n + steps.m
    together = steps.reference + steps.current
    heights = _heights(together)
    ours = (steps.reference - _heights(steps.reference) / 2) / n
    theirs = (steps.current - _heights(steps.current) / 2) / m
    middle = (together - heights / 2) / total
    # B (N - B) - N l / 4 is zero where one value is all there is, and its numerator too.
    atoms = heights / (4 * total)
    weight = middle * (1 - middle) - atoms
    measure = np.zeros(weight.size)
    np.divide(4 * atoms, weight, out=measure, where=weight > 1e-15)
    square = float(np.einsum("i,i->", measure, np.square(ours - theirs)))
    raw = square * n * m / total**2 * (total - 1)
    statistic = (raw - 1) / math.sqrt(_variance(n, m))
    shares = (ours, theirs, middle)
    estimate = math.sqrt(square)
    if steps.tied:
        error, null = noises(shares, measure, (n, m), 2, atoms)
        p_value = null.squared().exceeded(estimate)
    else:
        error = noise(shares, measure, (n, m), 2, atoms)
        p_value = anderson_darling_tail(1 + statistic * math.sqrt(_LIMIT_VARIANCE))
    reach = error.squared().quantile(level_checked(level))
    return Result(
        statistic="anderson_darling",
        estimate=estimate,
        p_value=p_value,
        low=max(0.0, estimate - reach),
        high=estimate + reach,
        level=level,
        n_reference=n,
        n_current=m,
        method={
            "statistic": statistic,
            "variant": "midrank, limit law of ties" if steps.tied else "midrank, limit law",
            "ties": steps.tied,
            "interval": "triangle",
        },
        version=2,
    )


def _heights(below: Counts) -> Counts:
    """Count what is at each value."""
    heights = below.copy()
    heights[1:] -= below[:-1]
    return heights


@lru_cache(maxsize=1024)
def _variance(n: int, m: int) -> float:
    """Variance of A for two samples (Scholz and Stephens, equation 4)."""
    total = n + m
    if total <= 3:
        return _LIMIT_VARIANCE
    inverse = 1 / n + 1 / m
    harmonic = np.cumsum(1.0 / np.arange(total - 1, 1, -1))
    h = float(harmonic[-1]) + 1
    g = float((harmonic / np.arange(2, total)).sum())
    a = (4 * g - 6) + (10 - 6 * g) * inverse
    b = 4 * (2 * g - 4) + 16 * h + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6
    c = 4 * (6 * h + 2 * g - 2) + 2 * (4 * h - 4 * g + 6) + (2 * h - 6) * inverse + 4 * h
    d = 4 * (2 * h + 6) - 8 * h
    top = ((a * total + b) * total + c) * total + d
    return top / ((total - 1.0) * (total - 2.0) * (total - 3.0))
