"""Total variation distance of two samples' shares."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from drift.statistics.cell_counts import cell_counts
from drift.statistics.homogeneity import homogeneity
from drift.statistics.result import Result
from drift.statistics.steps import level_checked


def total_variation(
    reference_counts: npt.ArrayLike,
    current_counts: npt.ArrayLike,
    *,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Measure the share of observations that would have to change cells.

    TV = sum_b abs(p_b - q_b) / 2, between 0 and 1, without unit.

    Parameters
    ----------
    reference_counts, current_counts
        Whole numbers by cell, shape (k,), both in the same cells. Cells that are empty in both do
        not count.
    level
        Of the interval, which is TV plus and minus a bound of the samples' own error: its mean for
        normal cells, and McDiarmid's inequality around it. It is wide.
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
        Counts are empty, negative, not whole or of unequal length.

    References
    ----------
    McDiarmid, "On the method of bounded differences", Surveys in Combinatorics (1989) 148-188.

    Examples
    --------
    >>> result = total_variation([250, 250, 250, 250], [200, 250, 250, 300])
    >>> round(result.estimate, 4), round(result.low, 4), round(result.high, 4)
    (0.05, 0.0, 0.1356)
    """
    counts = cell_counts(reference_counts, current_counts)
    p, q = counts.shares()
    estimate = float(np.abs(p - q).sum()) / 2
    reach = 0.0
    level = level_checked(level)
    if counts.cells > 1:
        spread = np.sqrt(p * (1 - p) / counts.n + q * (1 - q) / counts.m)
        reach = float(spread.sum()) / math.sqrt(2 * math.pi)
        reach += math.sqrt(-math.log(1 - level) * (1 / counts.n + 1 / counts.m) / 2)
    test = homogeneity(counts, seed=seed)
    return Result(
        statistic="total_variation",
        estimate=min(1.0, estimate),
        p_value=test.p_value,
        low=max(0.0, estimate - reach),
        high=min(1.0, estimate + reach),
        level=level,
        n_reference=counts.n,
        n_current=counts.m,
        method={"cells": counts.cells, "interval": "triangle, mcdiarmid", **test.details()},
    )
