"""Chi-square test that two samples have the same shares, with Cramér's V."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from drift.statistics.cell_counts import CellCounts, Numbers, cell_counts
from drift.statistics.divergence import Divergence, deviation
from drift.statistics.homogeneity import homogeneity
from drift.statistics.result import Result


def chi_square(
    reference_counts: npt.ArrayLike,
    current_counts: npt.ArrayLike,
    *,
    level: float = 0.95,
    draws: int = 1999,
    seed: int = 0,
) -> Result:
    """Test the homogeneity of two samples' shares with Pearson's chi-square.

    X = sum (observed - expected)**2 / expected over both samples and all cells, expected from the
    totals of both, without continuity correction; in `method["statistic"]`. The estimate is
    Cramér's V = sqrt(X / (n + m)), between 0 and 1, without unit.

    Parameters
    ----------
    reference_counts, current_counts
        Whole numbers by cell, shape (k,), both in the same cells. Cells that are empty in both do
        not count.
    level
        Of the interval, for the V behind the samples: by the noncentral chi-square.
    draws, seed
        Of random tables where even merged cells are too small; see `drift.statistics.homogeneity`
        for the rule.

    Returns
    -------
    Result
        Statistic, V and p-value are of the cells that were tested, small ones merged.

    Raises
    ------
    ValueError
        Counts are empty, negative, not whole or of unequal length; `draws` is below one.

    References
    ----------
    Pearson, Philosophical Magazine 50 (1900) 157-175. Cochran, Biometrics 10 (1954) 417-451.

    Examples
    --------
    >>> result = chi_square([30, 50, 20], [20, 50, 30])
    >>> round(result.estimate, 4), result.method["statistic"], round(result.p_value, 4)
    (0.1414, 4.0, 0.1353)
    """
    counts = cell_counts(reference_counts, current_counts)
    test = homogeneity(counts, "chi_square", draws=draws, seed=seed)
    low, high = association(test.counts, test.statistic).interval(level)
    return Result(
        statistic="chi_square",
        estimate=math.sqrt(test.statistic / (counts.n + counts.m)),
        p_value=test.p_value,
        low=math.sqrt(low),
        high=math.sqrt(min(1.0, high)),
        level=level,
        n_reference=counts.n,
        n_current=counts.m,
        method={
            "cells": counts.cells,
            "interval": "noncentral chi-square",
            **test.details(),
        },
    )


def association(counts: CellCounts, statistic: float) -> Divergence:
    """Take V**2 = X / (n + m) as a divergence of shares."""
    total = counts.n + counts.m
    shares = counts.shares()
    return Divergence(
        value=statistic / total,
        unit=1 / total,
        degrees=counts.cells - 1,
        deviation=deviation(counts, shares, _slopes(shares, counts.n / total)),
    )


def _slopes(shares: tuple[Numbers, Numbers], part: float) -> tuple[Numbers, Numbers]:
    p, q = shares
    ratio = (p - q) / (part * p + (1 - part) * q)
    weight = part * (1 - part)
    return (
        np.asarray(weight * (2 * ratio - part * ratio**2)),
        np.asarray(weight * (-2 * ratio - (1 - part) * ratio**2)),
    )
