"""Kullback-Leibler divergence of current shares from the reference's."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import kl_div

from drift.statistics.cell_counts import cell_counts, zero_count_checked
from drift.statistics.divergence import Divergence, base_checked, deviation
from drift.statistics.homogeneity import homogeneity
from drift.statistics.result import Result


def kullback_leibler(
    reference_counts: npt.ArrayLike,
    current_counts: npt.ArrayLike,
    *,
    base: float = math.e,
    zero_count: float = 0.5,
    level: float = 0.95,
    seed: int = 0,
) -> Result:
    """Measure the Kullback-Leibler divergence KL(reference, current).

    KL = sum_b p_b log(p_b / q_b) with p_b = (a_b + z) / (n + z k) of the reference and q_b of the
    other, z the `zero_count`; in nats, or in bits with base 2; zero or more, and not symmetric.

    Parameters
    ----------
    reference_counts, current_counts
        Whole numbers by cell, shape (k,), both in the same cells. Cells that are empty in both do
        not count.
    base
        Of the logarithm.
    zero_count
        Added to every count, so that no share is zero.
    level
        Of the interval, for the divergence behind the samples: by the noncentral chi-square.
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
        Counts are empty, negative, not whole or of unequal length; `zero_count` or `base` is out of
        range.

    References
    ----------
    Kullback and Leibler, Annals of Mathematical Statistics 22 (1951) 79-86.

    Examples
    --------
    >>> result = kullback_leibler([250, 250, 250, 250], [200, 250, 250, 300])
    >>> round(result.estimate, 4), round(result.low, 4), round(result.high, 4)
    (0.0102, 0.0002, 0.0241)
    """
    counts = cell_counts(reference_counts, current_counts)
    p, q = shares = counts.shares(zero_count_checked(zero_count))
    log = np.log(p / q)
    nat = math.log(base_checked(base))
    divergence = Divergence(
        value=float(kl_div(p, q).sum()) / nat,
        unit=(1 / counts.n + 1 / counts.m) / 2 / nat,
        degrees=counts.cells - 1,
        deviation=deviation(counts, shares, (log + 1, -p / q)) / nat,
    )
    low, high = divergence.interval(level)
    test = homogeneity(counts, seed=seed)
    return Result(
        statistic="kullback_leibler",
        estimate=divergence.value,
        p_value=test.p_value,
        low=low,
        high=high,
        level=level,
        n_reference=counts.n,
        n_current=counts.m,
        method={
            "zero_count": zero_count,
            "base": base,
            "cells": counts.cells,
            "expected": divergence.expected,
            "interval": "noncentral chi-square",
            **test.details(),
        },
    )
