"""Fisher's exact test that two samples have the same shares."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from drift.statistics.cell_counts import CellCounts, cell_counts
from drift.statistics.chi_square import association
from drift.statistics.hypergeometric import drawn, log_probability, two_sided
from drift.statistics.result import Result

if TYPE_CHECKING:
    import numpy.typing as npt


def fisher(
    reference_counts: npt.ArrayLike,
    current_counts: npt.ArrayLike,
    *,
    level: float = 0.95,
    draws: int = 9999,
    seed: int = 0,
) -> Result:
    """Test the homogeneity of two samples' shares given the totals of both.

    p is the probability of all tables with the same margins that are at most as probable as the
    observed one. The estimate is Cramér's V, between 0 and 1, without unit; for two cells it is
    abs(phi), and `method["odds_ratio"]` is a_1 b_2 / (a_2 b_1), None where that is not a number.

    Parameters
    ----------
    reference_counts, current_counts
        Whole numbers by cell, shape (k,), both in the same cells. Cells that are empty in both do
        not count.
    level
        Of the interval, for the V behind the samples: by the noncentral chi-square.
    draws, seed
        Of random tables for more than two cells, p = (1 + as improbable) / (draws + 1). For two
        cells the probabilities are added up.

    Returns
    -------
    Result
        Of all cells; none is merged. Among thousands of rare cells the probability of a single
        table says little; `chi_square`, which merges them, finds new categories there.

    Raises
    ------
    ValueError
        Counts are empty, negative, not whole or of unequal length; `draws` is below one.

    References
    ----------
    Fisher, Statistical Methods for Research Workers (1934), section 21.02. Freeman and Halton,
    Biometrika 38 (1951) 141-149.

    Examples
    --------
    >>> result = fisher([8, 2], [1, 5])
    >>> round(result.p_value, 6), result.method["odds_ratio"]
    (0.034965, 20.0)
    """
    counts = cell_counts(reference_counts, current_counts)
    exact = counts.cells <= 2
    p, q = counts.shares()
    total = counts.n + counts.m
    both = (counts.reference + counts.current) / total
    statistic = counts.n * counts.m / total * float(((p - q) ** 2 / both).sum())
    low, high = association(counts, statistic).interval(level)
    return Result(
        statistic="fisher",
        estimate=math.sqrt(min(1.0, statistic / total)),
        p_value=_exact(counts) if exact else _random(counts, draws, seed),
        low=math.sqrt(low),
        high=math.sqrt(min(1.0, high)),
        level=level,
        n_reference=counts.n,
        n_current=counts.m,
        method={
            "variant": "exact" if exact else "monte_carlo",
            "cells": counts.cells,
            "odds_ratio": _odds_ratio(counts),
            "draws": 0 if exact else draws,
            "seed": None if exact else seed,
            "interval": "noncentral chi-square",
        },
    )


def _exact(counts: CellCounts) -> float:
    return two_sided(counts) if counts.cells == 2 else 1.0


def _random(counts: CellCounts, draws: int, seed: int) -> float:
    observed = float(log_probability(counts.reference, counts.current))
    reference, current = drawn(counts, draws, seed)
    as_improbable = log_probability(reference, current) <= observed + 1e-7
    return (1 + int(as_improbable.sum())) / (draws + 1)


def _odds_ratio(counts: CellCounts) -> float | None:
    if counts.cells != 2:
        return None
    (a, b), (c, d) = counts.reference.tolist(), counts.current.tolist()
    return a * d / (b * c) if b * c else None
