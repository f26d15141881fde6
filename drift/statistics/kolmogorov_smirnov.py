"""Kolmogorov-Smirnov distance of two samples, and its bounds from counts in cells."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from drift.statistics import tied_paths
from drift.statistics.cell_counts import cell_counts
from drift.statistics.kolmogorov_tail import kolmogorov_tail
from drift.statistics.lattice_paths import outside
from drift.statistics.result import Result
from drift.statistics.steps import Counts, Steps, level_checked, merge

Method = Literal["auto", "exact", "asymptotic"]

#: Largest sample for which `auto` counts orders (the rule of scipy).
EXACT_MAX = 10_000
#: Largest sample for which counting orders is not refused.
EXACT_LIMIT = 100_000
#: Most pairs n m for which orders of tied values are counted.
TIED_PRODUCT = 250_000
#: Largest D sqrt(n m / (n + m)) for which the limit law of ties is taken; p is then 0.00001.
TIED_FAR = 2.5
#: Most cells of counts for which it is.
CELLS_MAX = 32


def kolmogorov_smirnov(
    reference: npt.ArrayLike,
    current: npt.ArrayLike,
    *,
    method: Method = "auto",
    level: float = 0.95,
) -> Result:
    """Measure the largest difference between two distribution functions.

    D = max_x abs(F_n(x) - G_m(x)), between 0 and 1, without unit. Infinities are values like
    others.

    Parameters
    ----------
    reference, current
        Shape (n,) and (m,).
    method
        `exact` counts the orders of n + m values; `asymptotic` is Smirnov's law of one sample of
        round(n m / (n + m)); `auto` is exact up to 10,000 values in the larger sample. Where values
        are tied, D is looked at between ties only: exactly up to n m = 250,000, else by the law of
        a Brownian bridge that is not seen within frequent values, while p is not below 0.00001.
    level
        Of the interval, which is D plus and minus what both samples may be off by the inequality of
        Dvoretzky, Kiefer, Wolfowitz and Massart. It holds for every n and m and is wide.

    Returns
    -------
    Result
        The p-value is two-sided; where ties are not taken into account it is an upper bound.
        `method` names the variant, the
        value `at` which D occurs and the sign of F_n - G_m there.

    Raises
    ------
    ValueError
        A sample is empty or holds NaN; `exact` with more than 100,000 values.

    References
    ----------
    Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för Matematik 3
    (1958) 469-486. Massart, Annals of Probability 18 (1990) 1269-1283.

    Examples
    --------
    >>> result = kolmogorov_smirnov([1, 2, 3, 4], [2.5, 3.5, 4.5, 5.5])
    >>> result.estimate, round(result.p_value, 4), result.method["variant"]
    (0.5, 0.7714, 'exact')
    """
    return of_steps(merge(reference, current), method=method, level=level)


def of_steps(steps: Steps, *, method: Method = "auto", level: float = 0.95) -> Result:
    """Measure it on samples that are merged already; see `kolmogorov_smirnov`."""
    n, m = steps.n, steps.m
    apart = m * steps.reference - n * steps.current
    place = int(np.argmax(np.abs(apart)))
    most = abs(int(apart[place]))
    ends = steps.reference + steps.current if steps.tied else None
    variant, p_value = _p_value(most, n, m, method, ends)
    estimate, reach = most / (n * m), _reach(n, m, level_checked(level))
    return Result(
        statistic="kolmogorov_smirnov",
        estimate=estimate,
        p_value=p_value,
        low=max(0.0, estimate - reach),
        high=min(1.0, estimate + reach),
        level=level,
        n_reference=n,
        n_current=m,
        method={
            "variant": variant,
            "ties": steps.tied,
            "at": float(steps.values[place]),
            "sign": int(np.sign(apart[place])),
            "interval": "dkw",
        },
    )


def from_counts(reference_counts: npt.ArrayLike, current_counts: npt.ArrayLike) -> Result:
    """Bound the distance from counts of both samples in the same ascending cells.

    With d_b the difference of the shares up to the end of cell b, and p_b and q_b the shares in it,
    max abs(d_b) <= D <= max_b max(d_(b-1) + p_b, q_b - d_(b-1)). Both bounds are certain, so the
    level is 1; they are of this D, not of the one behind the samples.

    Parameters
    ----------
    reference_counts, current_counts
        Shape (k,).

    Returns
    -------
    Result
        The estimate is the lower bound, and the p-value that of the lower bound. Up to 32 cells it
        is of the law at the ends of cells, so a test of its own; above it takes the ends for a
        continuum and is an upper bound of that and of the p-value of D.

    Raises
    ------
    ValueError
        Counts are empty, negative, not whole or of unequal length.

    Examples
    --------
    >>> result = from_counts([10, 10, 0], [0, 10, 10])
    >>> result.estimate, result.low, result.high
    (0.5, 0.5, 1.0)
    """
    counts = cell_counts(reference_counts, current_counts, keep_empty=True)
    n, m = counts.n, counts.m
    ours, theirs = counts.reference * m, counts.current * n
    after = np.cumsum(ours - theirs)
    before = after - (ours - theirs)
    most = int(np.abs(after).max())
    within = int(np.maximum(before + ours, theirs - before).max())
    few = counts.cells <= CELLS_MAX
    ends = np.cumsum(counts.reference + counts.current) if few else None
    variant, p_value = _p_value(most, n, m, "auto", ends)
    return Result(
        statistic="kolmogorov_smirnov",
        estimate=most / (n * m),
        p_value=p_value,
        low=most / (n * m),
        high=max(most, within) / (n * m),
        level=1.0,
        n_reference=n,
        n_current=m,
        method={"variant": variant, "from": "counts", "cells": counts.cells, "interval": "certain"},
    )


def _p_value(
    most: int, n: int, m: int, method: Method, ends: Counts | None = None
) -> tuple[str, float]:
    """Tell which variant was taken and the probability of n m D >= most.

    `ends` says how many values are at or below each distinct one, where some are tied.
    """
    if method not in {"auto", "exact", "asymptotic"}:
        raise ValueError(f"method is {method!r}; give auto, exact or asymptotic")
    if method == "exact" and max(n, m) > EXACT_LIMIT:
        raise ValueError(f"method is 'exact' with {max(n, m)} values; give at most {EXACT_LIMIT}")
    exact = method == "exact" or (method == "auto" and max(n, m) <= EXACT_MAX)
    if ends is not None and exact and n * m <= TIED_PRODUCT:
        return "exact, tied", tied_paths.exact(ends, n, m, most)
    scaled = most / math.sqrt(n * m * (n + m))
    near = method != "exact" and scaled <= TIED_FAR
    if ends is not None and near and tied_paths.has_jump(ends / (n + m)):
        return "asymptotic, tied", tied_paths.limit(ends / (n + m), scaled)
    if exact:
        return "exact", outside(n, m, most // math.gcd(n, m))
    tail = kolmogorov_tail(most / (n * m), max(1, round(n * m / (n + m))))
    return "asymptotic", min(1.0, max(0.0, tail))


@lru_cache(maxsize=1024)
def _reach(n: int, m: int, level: float) -> float:
    """Sum of both samples' errors, the level split so that it is least."""
    shares = (1.0 - level) * np.linspace(0.02, 0.98, 49)
    rest = 1.0 - level / (1.0 - shares)
    errors = np.sqrt(np.log(2 / shares) / (2 * n)) + np.sqrt(np.log(2 / rest) / (2 * m))
    return float(errors.min())
