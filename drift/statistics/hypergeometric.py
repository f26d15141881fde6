"""Tables of two samples with given margins: their exact probabilities, and random ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

if TYPE_CHECKING:
    from drift.statistics.cell_counts import CellCounts, Counts, Numbers

#: How far from the middle and from the observed table probabilities are added up, in deviations.
_REACH = 40


def two_sided(counts: CellCounts) -> float:
    """Probability of all tables with two cells that are at most as probable as the observed one.

    Examples
    --------
    >>> round(two_sided(CellCounts(np.array([8, 2]), np.array([1, 5]))), 6)
    0.034965
    """
    n, m = counts.n, counts.m
    column = int(counts.reference[0] + counts.current[0])
    observed = int(counts.reference[0])
    least, most = max(0, column - m), min(n, column)
    middle = n * column / (n + m)
    width = _REACH * np.sqrt(middle * (1 - column / (n + m)) + 1) + 50
    near = [np.arange(max(least, int(c - width)), min(most, int(c + width)) + 1) for c in
            (middle, observed)]  # fmt: skip
    values = np.unique(np.concatenate(near)).astype(np.float64)
    logs = _choose(n, values) + _choose(m, column - values) - _choose(n + m, column)
    at = logs[int(np.searchsorted(values, observed))]
    return min(1.0, float(np.exp(logs[logs <= at + 1e-7]).sum()))


def drawn(counts: CellCounts, draws: int, seed: int) -> tuple[Counts, Counts]:
    """Draw tables with the margins of the observed one, shape (draws, cells) for each sample.

    Raises
    ------
    ValueError
        `draws` is below one.
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}; give at least 1, such as 1999")
    totals = counts.reference + counts.current
    generator = np.random.default_rng(seed)
    fewer = min(counts.n, counts.m)
    few = generator.multivariate_hypergeometric(totals, fewer, size=draws, method="marginals")
    rest = totals - few
    return (few, rest) if counts.n == fewer else (rest, few)


def log_probability(reference: Counts, current: Counts) -> Numbers:
    """Log of the probability of each table given its margins, but for a constant."""
    return np.asarray(-(gammaln(reference + 1.0) + gammaln(current + 1.0)).sum(axis=-1))


def _choose(total: float, part: Numbers | float) -> Numbers:
    return np.asarray(gammaln(total + 1.0) - gammaln(part + 1.0) - gammaln(total - part + 1.0))
