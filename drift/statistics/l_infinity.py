"""Largest difference of two samples' shares in any cell."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from drift.statistics.cell_counts import cell_counts
from drift.statistics.homogeneity import homogeneity
from drift.statistics.result import Result
from drift.statistics.steps import level_checked


def l_infinity(
    reference_counts: npt.ArrayLike,
    current_counts: npt.ArrayLike,
    *,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Measure the largest difference of shares in one cell.

    L = max_b abs(p_b - q_b), between 0 and 1, without unit.

    Parameters
    ----------
    reference_counts, current_counts
        Whole numbers by cell, shape (k,), both in the same cells. Cells that are empty in both do
        not count.
    level
        Of the interval, which holds for all cells at once (Bonferroni, normal shares with half an
        observation added to each cell).
    seed
        Of the p-value where counts are too small for its law.

    Returns
    -------
    Result
        The p-value is that of `chi_square` on the same counts: the hypothesis is the same, and its
        law holds for small counts where that of this number does not.
        `method["cell"]` is where the difference is, of all cells given.

    Raises
    ------
    ValueError
        Counts are empty, negative, not whole or of unequal length.

    References
    ----------
    Goodman, "On simultaneous confidence intervals for multinomial proportions", Technometrics 7
    (1965) 247-254.

    Examples
    --------
    >>> result = l_infinity([250, 250, 250, 250], [200, 250, 250, 300])
    >>> round(result.estimate, 4), round(result.low, 4), round(result.high, 4)
    (0.05, 0.0034, 0.0999)
    """
    every = cell_counts(reference_counts, current_counts, keep_empty=True)
    counts = cell_counts(every.reference, every.current)
    p, q = counts.shares()
    apart = np.abs(p - q)
    estimate, low, high = float(apart.max()), 0.0, 0.0
    level = level_checked(level)
    if counts.cells > 1:
        smooth_p, smooth_q = counts.shares(0.5)
        variance = smooth_p * (1 - smooth_p) / counts.n + smooth_q * (1 - smooth_q) / counts.m
        # A small sample with few in a cell thinks too little of its own error.
        both = (counts.reference + counts.current) / (counts.n + counts.m)
        variance = np.maximum(variance, both * (1 - both) * (1 / counts.n + 1 / counts.m))
        reach = float(ndtri(1 - (1 - level) / (2 * counts.cells))) * np.sqrt(variance)
        low, high = float((apart - reach).max()), float((apart + reach).max())
    test = homogeneity(counts, seed=seed)
    everywhere = np.abs(every.reference / every.n - every.current / every.m)
    return Result(
        statistic="l_infinity",
        estimate=estimate,
        p_value=test.p_value,
        low=max(0.0, low),
        high=min(1.0, high),
        level=level,
        n_reference=counts.n,
        n_current=counts.m,
        method={
            "cells": counts.cells,
            "cell": int(everywhere.argmax()),
            "interval": "bonferroni",
            **test.details(),
        },
    )
