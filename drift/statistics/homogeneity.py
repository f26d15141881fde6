"""Whether two samples have the same shares: chi-square and G with a stated rule for small cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import chdtrc, kl_div

from drift.statistics.cell_counts import CellCounts, Counts, Numbers
from drift.statistics.hypergeometric import drawn, two_sided
from drift.statistics.likelihood_mean import likelihood_mean

if TYPE_CHECKING:
    from drift.statistics.result import Detail

Kind = Literal["chi_square", "g_test"]
Correction = Literal["bartlett", "none"]

#: Fewest observations a cell has to be expected to hold in the smaller sample.
EXPECTED_MIN = 5.0


@dataclass(frozen=True, slots=True)
class Homogeneity:
    """A test of equal shares, and the counts it was made on.

    Parameters
    ----------
    counts
        After small cells were merged.
    statistic
        Of `kind`, on those counts.
    variant
        `limit` (chi-square law), `limit, bartlett` (chi-square law of statistic / factor), `exact`
        (two cells) or `monte_carlo` (fixed margins).
    factor
        Mean of the statistic without drift over its degrees of freedom, where it was corrected for.
    """

    counts: CellCounts
    kind: Kind
    statistic: float
    p_value: float
    degrees: int
    variant: str
    merged: int
    draws: int = 0
    seed: int | None = None
    factor: float = 1.0

    def details(self) -> dict[str, Detail]:
        """Tell what a result says of its test."""
        return {
            "test": self.kind,
            "statistic": self.statistic,
            "degrees": self.degrees,
            "factor": self.factor,
            "variant": self.variant,
            "cells_tested": self.counts.cells,
            "cells_merged": self.merged,
            "expected_min": EXPECTED_MIN,
            "draws": self.draws,
            "seed": self.seed,
        }


def homogeneity(
    counts: CellCounts,
    kind: Kind = "chi_square",
    *,
    draws: int = 1999,
    seed: int = 0,
    correction: Correction = "bartlett",
) -> Homogeneity:
    """Test that two samples have the same shares.

    Cells with fewer than 5 observations expected in the smaller sample are merged, the smallest
    first, until each has 5. Which cells that are depends on the totals alone, so that the level
    holds. Where fewer than two cells remain, the unmerged counts are tested: two cells by the exact
    law, more by drawing tables with the same margins, p = (1 + as extreme) / (draws + 1).

    The chi-square law is of the statistic itself for Pearson's. G is too large by a part that does
    not vanish with more cells of the same size: without drift 7.6 % of its p-values are below 0.05
    at 50 cells that expect 6. So G is divided by its mean given the totals over the degrees of
    freedom, unless `correction` is `none`.

    Raises
    ------
    ValueError
        `correction` is unknown, or `draws` is below one where tables are drawn.

    Examples
    --------
    >>> counts = CellCounts(np.array([30, 50, 20]), np.array([20, 50, 30]))
    >>> test = homogeneity(counts)
    >>> test.statistic, round(test.p_value, 4), test.variant
    (4.0, 0.1353, 'limit')
    """
    if correction not in {"bartlett", "none"}:
        raise ValueError(f"correction is {correction!r}; give bartlett or none")
    if counts.cells == 1:
        return Homogeneity(counts, kind, 0.0, 1.0, 0, "limit", 0)
    tested = _merged(counts)
    if tested.cells >= 2:
        return _by_limit(tested, kind, correction, counts.cells - tested.cells)
    statistic, degrees = _statistic(counts, kind), counts.cells - 1
    if counts.cells == 2:
        p_value = two_sided(counts)
        return Homogeneity(counts, kind, statistic, p_value, degrees, "exact", 0)
    reference, current = drawn(counts, draws, seed)
    extreme = _statistics(reference, current, kind) >= statistic * (1 - 1e-12)
    p_value = (1 + int(extreme.sum())) / (draws + 1)
    return Homogeneity(
        counts, kind, statistic, p_value, degrees, "monte_carlo", 0, draws=draws, seed=seed
    )


def _by_limit(counts: CellCounts, kind: Kind, correction: Correction, gone: int) -> Homogeneity:
    statistic, degrees = _statistic(counts, kind), counts.cells - 1
    corrected = kind == "g_test" and correction == "bartlett"
    factor = likelihood_mean(counts) / degrees if corrected else 1.0
    return Homogeneity(
        counts,
        kind,
        statistic,
        p_value=float(chdtrc(degrees, statistic / factor)),
        degrees=degrees,
        variant="limit, bartlett" if corrected else "limit",
        merged=gone,
        factor=factor,
    )


def _merged(counts: CellCounts) -> CellCounts:
    totals = counts.reference + counts.current
    least = EXPECTED_MIN * (counts.n + counts.m) / min(counts.n, counts.m)
    if (totals >= least).all():
        return counts
    sequence = np.argsort(totals, kind="stable")
    starts, held = [0], 0
    for place, total in enumerate(totals[sequence].tolist()):
        if held >= least:
            starts.append(place)
            held = 0
        held += total
    if held < least and len(starts) > 1:
        starts.pop()
    return CellCounts(
        np.add.reduceat(counts.reference[sequence], starts),
        np.add.reduceat(counts.current[sequence], starts),
    )


def _statistic(counts: CellCounts, kind: Kind) -> float:
    return float(_statistics(counts.reference[None, :], counts.current[None, :], kind)[0])


def _statistics(reference: Counts, current: Counts, kind: Kind) -> Numbers:
    """Statistic of each row of tables, shape (tables, cells) each."""
    n, m = float(reference[0].sum()), float(current[0].sum())
    totals = (reference[0] + current[0]).astype(np.float64)
    ours, theirs = totals * (n / (n + m)), totals * (m / (n + m))
    if kind == "chi_square":
        parts = (reference - ours) ** 2 / ours + (current - theirs) ** 2 / theirs
    else:
        # o ln(o / e) - o + e sums to the same and does not cancel.
        parts = 2 * (kl_div(reference, ours) + kl_div(current, theirs))
    return np.asarray(np.maximum(parts.sum(axis=1), 0.0), dtype=np.float64)
