"""Statistics of a feature from its counts: what a window holds against its baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from drift.cells import Cells
from drift.codes import MISSING
from drift.monitors.coarsening import grouped, groups
from drift.reference import FeatureReference
from drift.statistics import kolmogorov_smirnov, wasserstein
from drift.statistics.catalog import STATISTICS
from drift.statistics.standardised_mean_difference import Moments, of_moments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drift.statistics.result import Result

#: Of what takes counts, how much a statistic is used for what it says.
COUNTED = tuple(name for name, one in STATISTICS.items() if one.takes == "counts")
#: What a feature is shown by, the first of them where nothing was asked for.
OF_NUMBERS = (
    "population_stability",
    "jensen_shannon",
    "kolmogorov_smirnov",
    "wasserstein",
    "standardised_mean_difference",
)
OF_TEXTS = ("population_stability", "jensen_shannon", "total_variation", "chi_square")


@dataclass(frozen=True, slots=True)
class Compared:
    """One feature in one slice: what it was and what it is.

    Parameters
    ----------
    whole
        What the reference's own window holds by code: it says which cells are taken together.
    """

    feature: FeatureReference
    whole: npt.NDArray[np.int64]
    before: Cells
    now: Cells


def measured(statistic: str, compared: Compared) -> Result | str:
    """Measure a statistic, or say why it cannot be.

    Statistics of counts take cells together, up to 14 groups cut at quantiles of the reference,
    with values without a cell as groups of their own; decisions without the feature do not count,
    as in monitors, which watch them by themselves. The distances of
    Kolmogorov-Smirnov and Wasserstein use every cell of finite numbers and are bounds that are
    certain; the difference of means is that of the values themselves.
    """
    for side, cells in (("window", compared.now), ("baseline", compared.before)):
        if not cells.total:
            return f"no decisions in the {side}"
        if cells.total == cells.missing:
            return f"no decision of the {side} has the feature"
    if statistic in COUNTED:
        group = groups(compared.feature, compared.whole)
        pair = np.stack([compared.before.counts, compared.now.counts])
        pair[:, MISSING] = 0
        before, now = grouped(pair, group)
        return STATISTICS[statistic].function(before, now)
    if compared.feature.kind != "number":
        return "this statistic is of numbers"
    if not (compared.before.numbers and compared.now.numbers):
        return "no numbers to compare"
    return _OF_CELLS[statistic](compared)


def _kolmogorov_smirnov(compared: Compared) -> Result | str:
    return kolmogorov_smirnov.from_counts(*_numbers(compared))


def _wasserstein(compared: Compared) -> Result | str:
    edges = compared.feature.edges
    least = min(compared.before.least, compared.now.least)
    greatest = max(compared.before.greatest, compared.now.greatest)
    if not np.isfinite([*edges, least, greatest]).all():
        return "edges that are not finite have no distance"
    counts = _numbers(compared)
    held = (compared.before.numbers, compared.now.numbers)
    if [int(one.sum()) for one in counts] != list(held):
        return "infinite values have no distance"
    return wasserstein.from_counts(*counts, edges, least, greatest)


def _mean_difference(compared: Compared) -> Result | str:
    sides = [
        Moments(one.numbers, one.mean, one.squares / max(one.numbers - 1, 1))
        for one in (compared.before, compared.now)
    ]
    return of_moments(*sides)


def _numbers(compared: Compared) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    cells = compared.feature.cells
    return compared.before.counts[:cells], compared.now.counts[:cells]


_OF_CELLS: Mapping[str, Callable[[Compared], Result | str]] = {
    "kolmogorov_smirnov": _kolmogorov_smirnov,
    "wasserstein": _wasserstein,
    "standardised_mean_difference": _mean_difference,
}

#: Every statistic that counts answer.
FROM_CELLS = (*COUNTED, *_OF_CELLS)
