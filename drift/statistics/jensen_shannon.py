"""Jensen-Shannon distance of two samples' shares."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import kl_div

from drift.statistics.cell_counts import cell_counts
from drift.statistics.divergence import Divergence, base_checked, deviation
from drift.statistics.homogeneity import homogeneity
from drift.statistics.result import Result


def jensen_shannon(
    reference_counts: npt.ArrayLike,
    current_counts: npt.ArrayLike,
    *,
    base: float = 2.0,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Measure the Jensen-Shannon distance, the root of the divergence of the same name.

    JS = sqrt(KL(p, h) / 2 + KL(q, h) / 2) with h = (p + q) / 2; without unit. With base 2, the
    default, it is between 0 and 1; with base e at most 0.8326. Zero counts need no rule.

    Parameters
    ----------
    reference_counts, current_counts
        Whole numbers by cell, shape (k,), both in the same cells. Cells that are empty in both do
        not count.
    base
        Of the logarithm: 2 or e are usual, and the numbers differ by a factor of 1.2011.
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
        Counts are empty, negative, not whole or of unequal length; `base` is not above 1.

    References
    ----------
    Lin, IEEE Transactions on Information Theory 37 (1991) 145-151. Endres and Schindelin, ibid. 49
    (2003) 1858-1860.

    Examples
    --------
    >>> jensen_shannon([10, 0], [0, 10]).estimate
    1.0
    >>> result = jensen_shannon([250, 250, 250, 250], [200, 250, 250, 300])
    >>> round(result.estimate, 4), round(result.low, 4), round(result.high, 4)
    (0.0604, 0.0096, 0.0928)
    """
    counts = cell_counts(reference_counts, current_counts)
    p, q = shares = counts.shares()
    half, nat = (p + q) / 2, math.log(base_checked(base))
    total = float((kl_div(p, half) + kl_div(q, half)).sum()) / 2
    slopes = (np.log(np.maximum(p / half, 1e-300)) / 2, np.log(np.maximum(q / half, 1e-300)) / 2)
    divergence = Divergence(
        value=max(0.0, total) / nat,
        unit=(1 / counts.n + 1 / counts.m) / 8 / nat,
        degrees=counts.cells - 1,
        deviation=deviation(counts, shares, slopes) / nat,
    )
    low, high = divergence.interval(level)
    test = homogeneity(counts, seed=seed)
    return Result(
        statistic="jensen_shannon",
        estimate=math.sqrt(divergence.value),
        p_value=test.p_value,
        low=math.sqrt(low),
        high=math.sqrt(min(high, math.log(2) / nat)),
        level=level,
        n_reference=counts.n,
        n_current=counts.m,
        method={
            "base": base,
            "cells": counts.cells,
            "expected": math.sqrt(divergence.expected),
            "interval": "noncentral chi-square",
            **test.details(),
        },
    )
