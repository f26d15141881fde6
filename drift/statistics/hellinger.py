"""Hellinger distance of two samples' shares."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from drift.statistics.cell_counts import cell_counts
from drift.statistics.divergence import Divergence, deviation
from drift.statistics.homogeneity import homogeneity
from drift.statistics.result import Result


def hellinger(
    reference_counts: npt.ArrayLike,
    current_counts: npt.ArrayLike,
    *,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Measure the Hellinger distance.

    H = sqrt(1 - sum_b sqrt(p_b q_b)) = sqrt(sum_b (sqrt(p_b) - sqrt(q_b))**2 / 2), between 0 and 1,
    without unit. Zero counts need no rule.

    Parameters
    ----------
    reference_counts, current_counts
        Whole numbers by cell, shape (k,), both in the same cells. Cells that are empty in both do
        not count.
    level
        Of the interval, for the distance behind the samples: by the noncentral chi-square.
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
    Beran, "Minimum Hellinger distance estimates", Annals of Statistics 5 (1977) 445-463.

    Examples
    --------
    >>> hellinger([10, 0], [0, 10]).estimate
    1.0
    >>> result = hellinger([250, 250, 250, 250], [200, 250, 250, 300])
    >>> round(result.estimate, 4), round(result.low, 4), round(result.high, 4)
    (0.0503, 0.0081, 0.0773)
    """
    counts = cell_counts(reference_counts, current_counts)
    p, q = shares = counts.shares()
    left, right = np.sqrt(p), np.sqrt(q)
    # An empty share has no slope; a tenth of an observation keeps the others' finite.
    low_p, low_q = np.maximum(p, 0.1 / counts.n), np.maximum(q, 0.1 / counts.m)
    slopes = (-np.sqrt(q / low_p) / 2, -np.sqrt(p / low_q) / 2)
    divergence = Divergence(
        value=float(np.square(left - right).sum()) / 2,
        unit=(1 / counts.n + 1 / counts.m) / 8,
        degrees=counts.cells - 1,
        deviation=deviation(counts, shares, slopes),
    )
    low, high = divergence.interval(level)
    test = homogeneity(counts, seed=seed)
    return Result(
        statistic="hellinger",
        estimate=math.sqrt(min(1.0, divergence.value)),
        p_value=test.p_value,
        low=math.sqrt(low),
        high=math.sqrt(min(1.0, high)),
        level=level,
        n_reference=counts.n,
        n_current=counts.m,
        method={
            "cells": counts.cells,
            "expected": math.sqrt(divergence.expected),
            "interval": "noncentral chi-square",
            **test.details(),
        },
    )
