"""G test that two samples have the same shares, with their mutual information."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from drift.statistics.cell_counts import cell_counts
from drift.statistics.divergence import Divergence, deviation
from drift.statistics.homogeneity import Correction, Homogeneity, homogeneity
from drift.statistics.result import Result


def g_test(
    reference_counts: npt.ArrayLike,
    current_counts: npt.ArrayLike,
    *,
    level: float = 0.95,
    draws: int = 1999,
    seed: int = 0,
    correction: Correction = "bartlett",
) -> Result:
    """Test the homogeneity of two samples' shares with the likelihood ratio.

    G = 2 sum observed ln(observed / expected) over both samples and all cells, expected from the
    totals of both; in `method["statistic"]`. The estimate is G / (2 (n + m)), the information in
    nats that a value has about which sample it is of: between 0 and ln 2.

    Parameters
    ----------
    reference_counts, current_counts
        Whole numbers by cell, shape (k,), both in the same cells. Cells that are empty in both do
        not count.
    level
        Of the interval, for the information behind the samples: by the noncentral chi-square.
    draws, seed
        Of random tables where even merged cells are too small; see `drift.statistics.homogeneity`
        for the rule.
    correction
        `bartlett` takes the chi-square law of G over its mean without drift, the totals given;
        `none` is the textbook law of G itself, which raises more false alarms than it states where
        cells are small.

    Returns
    -------
    Result
        Statistic, information and p-value are of the cells that were tested, small ones merged.
        `method["variant"]` names the law, and `method["factor"]` is what the statistic is divided
        by for it.

    Raises
    ------
    ValueError
        Counts are empty, negative, not whole or of unequal length; `draws` is below one;
        `correction` is unknown.

    References
    ----------
    Wilks, Annals of Mathematical Statistics 9 (1938) 60-62. Sokal and Rohlf, Biometry, chapter 17.
    Williams, Biometrika 63 (1976) 33-37.

    Examples
    --------
    >>> result = g_test([30, 50, 20], [20, 50, 30])
    >>> round(result.estimate, 4), round(result.method["statistic"], 4), round(result.p_value, 4)
    (0.0101, 4.0271, 0.1366)
    """
    counts = cell_counts(reference_counts, current_counts)
    test = homogeneity(counts, "g_test", draws=draws, seed=seed, correction=correction)
    information = _information(test)
    low, high = information.interval(level)
    return Result(
        statistic="g_test",
        estimate=information.value,
        p_value=test.p_value,
        low=low,
        high=min(float(np.log(2)), high),
        level=level,
        n_reference=counts.n,
        n_current=counts.m,
        method={
            "cells": counts.cells,
            "interval": "noncentral chi-square",
            **test.details(),
        },
        version=2,
    )


def _information(test: Homogeneity) -> Divergence:
    counts = test.counts
    total = counts.n + counts.m
    p, q = shares = counts.shares()
    part = counts.n / total
    both = part * p + (1 - part) * q
    slopes = (
        part * np.log(np.maximum(p / both, 1e-300)),
        (1 - part) * np.log(np.maximum(q / both, 1e-300)),
    )
    return Divergence(
        value=test.statistic / (2 * total),
        unit=test.factor / (2 * total),
        degrees=counts.cells - 1,
        deviation=deviation(counts, shares, slopes),
    )
