"""Mean of the likelihood ratio G of two samples without drift, given the totals of both."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import kl_div

if TYPE_CHECKING:
    from drift.statistics.cell_counts import CellCounts, Numbers

#: Observations that a cell expects in the smaller sample, below which its mean is summed exactly.
SUMMED_BELOW = 40.0
#: How far beyond the mean is summed, in deviations of Poisson's law, and counts beyond that.
_REACH, _BEYOND = 12.0, 20


def likelihood_mean(counts: CellCounts, summed_below: float = SUMMED_BELOW) -> float:
    """Give the mean of G over all tables with the margins of the observed one.

    A cell of the smaller sample is hypergeometric. Small cells are summed over its law; for others
    the mean is expanded to the first power of 1 / expected, which is what Williams' correction does
    for all of them, and there within 0.0002 of a degree of freedom a cell.

    Parameters
    ----------
    counts
        Of both samples, no cell empty in both.
    summed_below
        Observations expected in the smaller sample, below which a cell is summed.

    References
    ----------
    Williams, "Improved likelihood ratio tests for complete contingency tables", Biometrika 63
    (1976) 33-37. Lawley, Biometrika 43 (1956) 295-303, for why a law with the right mean has the
    right shape.

    Examples
    --------
    >>> from drift.statistics.cell_counts import CellCounts
    >>> counts = CellCounts(np.array([1, 0]), np.array([0, 1]))  # Both tables have G = 4 ln 2.
    >>> round(likelihood_mean(counts) / math.log(2), 12)
    4.0
    """
    totals = (counts.reference + counts.current).astype(np.float64)
    fewer, more = sorted((float(counts.n), float(counts.m)))
    small = totals * fewer / (fewer + more) < summed_below
    summed = _summed(totals[small], fewer, more) if small.any() else 0.0
    return summed + _expanded(totals[~small], fewer, more)


def _summed(totals: Numbers, fewer: float, more: float) -> float:
    """Sum 2 (o ln(o / e) - o + e) of both samples over the law of each cell."""
    expected = totals * fewer / (fewer + more)
    others = totals - expected
    least, most = np.maximum(0.0, totals - more), np.minimum(totals, fewer)
    reach = expected + _REACH * np.sqrt(expected) + _BEYOND
    width = int((np.minimum(most, reach) - least).max()) + 1
    values = least[:, None] + np.arange(width)
    rest = totals[:, None] - values
    # Each probability by the one before; the first factor that is zero ends the support.
    ratios = (rest * (fewer - values)) / ((values + 1) * (more - rest + 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.cumsum(np.log(ratios[:, :-1]), axis=1)
    logs = np.concatenate([np.zeros((totals.size, 1)), logs], axis=1)
    logs = np.where(values <= most[:, None], logs, -np.inf)
    chances = np.exp(logs - logs.max(axis=1, keepdims=True))
    parts = kl_div(values, expected[:, None]) + kl_div(np.abs(rest), others[:, None])
    return 2 * float(((chances * parts).sum(axis=1) / chances.sum(axis=1)).sum())


def _expanded(totals: Numbers, fewer: float, more: float) -> float:
    """Expand the same in 1 / expected."""
    total = fewer + more
    share = totals / total
    off = 1 - share
    spread = (total * totals.size - totals.sum()) / (total - 1)
    third = off * (1 - 2 * share) / share * (more - fewer) ** 2 / 3
    fourth = off * off / share * (fewer * fewer - fewer * more + more * more) / 2
    bends = math.fsum((fourth - third).tolist()) / (total * fewer * more)
    return float(spread + bends)
