"""Population stability index, which is Jeffreys's divergence, with a stated rule for zeros."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from drift.statistics.cell_counts import cell_counts, zero_count_checked
from drift.statistics.divergence import Divergence, deviation
from drift.statistics.homogeneity import homogeneity
from drift.statistics.result import Result


def population_stability(
    reference_counts: npt.ArrayLike,
    current_counts: npt.ArrayLike,
    *,
    zero_count: float = 0.5,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Measure the population stability index (PSI).

    PSI = sum_b (q_b - p_b) ln(q_b / p_b) with p_b = (a_b + z) / (n + z k) and q_b likewise, z the
    `zero_count`; in nats, zero or more. It is KL(p, q) + KL(q, p). Without drift it is about
    (1 / n + 1 / m) times a chi-square of k - 1 degrees, so that a limit such as 0.1 or 0.25 means
    another thing at every sample size: `method["expected"]` is its mean without drift.

    Parameters
    ----------
    reference_counts, current_counts
        Whole numbers by cell, shape (k,), both in the same cells. Cells that are empty in both do
        not count.
    zero_count
        Added to every count, so that no share is zero. Other rules give other numbers: 0.01 of the
        observations in a cell the reference does not have is 0.046 with a share of 0.0001, 7.04
        with the least float.
    level
        Of the interval, for the index behind the samples: by the noncentral chi-square.
    seed
        Of the p-value where counts are too small for its law.

    Returns
    -------
    Result
        The p-value is that of `chi_square` on the same counts: the hypothesis is the same, and its
        law holds for small counts where that of this number does not.

    Raises
    ------
    ValueError
        Counts are empty, negative, not whole or of unequal length; `zero_count` is not positive.

    References
    ----------
    Yurdakul and Naranjo, "Statistical properties of the population stability index", Journal of
    Risk Model Validation 14 (2020) 89-100. Jeffreys, Proc. R. Soc. A 186 (1946) 453-461.

    Examples
    --------
    >>> result = population_stability([250, 250, 250, 250], [200, 250, 250, 300])
    >>> round(result.estimate, 4), round(result.method["expected"], 4), round(result.p_value, 4)
    (0.0202, 0.006, 0.0177)
    """
    counts = cell_counts(reference_counts, current_counts)
    p, q = shares = counts.shares(zero_count_checked(zero_count))
    log = np.log(q / p)
    divergence = Divergence(
        value=float((q - p) @ log),
        unit=1 / counts.n + 1 / counts.m,
        degrees=counts.cells - 1,
        deviation=deviation(counts, shares, (1 - q / p - log, log + 1 - p / q)),
    )
    low, high = divergence.interval(level)
    test = homogeneity(counts, seed=seed)
    return Result(
        statistic="population_stability",
        estimate=divergence.value,
        p_value=test.p_value,
        low=low,
        high=high,
        level=level,
        n_reference=counts.n,
        n_current=counts.m,
        method={
            "zero_count": zero_count,
            "base": "e",
            "cells": counts.cells,
            "expected": divergence.expected,
            "interval": "noncentral chi-square",
            **test.details(),
        },
    )
