"""Every drift statistic by its name, and what each takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from drift.statistics.adwin import adwin
from drift.statistics.anderson_darling import anderson_darling
from drift.statistics.calibration import calibration
from drift.statistics.cbpe import cbpe
from drift.statistics.chi_square import chi_square
from drift.statistics.cramer_von_mises import cramer_von_mises
from drift.statistics.cusum import cusum
from drift.statistics.doc import doc
from drift.statistics.domain_classifier import domain_classifier
from drift.statistics.e_process import e_process
from drift.statistics.energy_distance import energy_distance
from drift.statistics.fisher import fisher
from drift.statistics.g_test import g_test
from drift.statistics.hellinger import hellinger
from drift.statistics.jensen_shannon import jensen_shannon
from drift.statistics.kolmogorov_smirnov import kolmogorov_smirnov
from drift.statistics.kswin import kswin
from drift.statistics.kullback_leibler import kullback_leibler
from drift.statistics.l_infinity import l_infinity
from drift.statistics.lsdd import lsdd
from drift.statistics.mann_whitney import mann_whitney
from drift.statistics.mean_shift import mean_shift
from drift.statistics.mmd import mmd
from drift.statistics.page_hinkley import page_hinkley
from drift.statistics.population_stability import population_stability
from drift.statistics.result import Result
from drift.statistics.standardised_mean_difference import standardised_mean_difference
from drift.statistics.total_variation import total_variation
from drift.statistics.wasserstein import wasserstein

#: What a statistic is computed from: two samples of numbers, counts of two samples in the same
#: cells, two sets of vectors, one series in order, or scores with labels.
Takes = Literal["samples", "counts", "vectors", "stream", "scores"]


@dataclass(frozen=True, slots=True)
class Statistic:
    """A drift statistic and what to expect of it.

    Parameters
    ----------
    name
        Its key in `STATISTICS`, the name of its module, and `Result.statistic`.
    function
        Of the reference and of what is compared with it; of one series for a `stream`.
    takes
        What it is computed from.
    has_p_value
        Whether its result has one.
    unit
        Of the estimate.
    symmetric
        Whether the estimate stays the same when reference and current are swapped.
    """

    name: str
    function: Callable[..., Result]
    takes: Takes
    has_p_value: bool
    unit: str
    symmetric: bool


_ALL: tuple[Statistic, ...] = (
    Statistic("kolmogorov_smirnov", kolmogorov_smirnov, "samples", True, "share", True),
    Statistic("cramer_von_mises", cramer_von_mises, "samples", True, "share", True),
    Statistic("anderson_darling", anderson_darling, "samples", True, "1", True),
    Statistic("mann_whitney", mann_whitney, "samples", True, "probability", False),
    Statistic("wasserstein", wasserstein, "samples", True, "unit of the values", True),
    Statistic(
        "standardised_mean_difference",
        standardised_mean_difference,
        "samples",
        True,
        "standard deviations",
        False,
    ),
    Statistic(
        "energy_distance", energy_distance, "samples", True, "root of the unit of the values", True
    ),
    Statistic("population_stability", population_stability, "counts", True, "nats", True),
    Statistic("kullback_leibler", kullback_leibler, "counts", True, "nats", False),
    Statistic("jensen_shannon", jensen_shannon, "counts", True, "1", True),
    Statistic("hellinger", hellinger, "counts", True, "1", True),
    Statistic("total_variation", total_variation, "counts", True, "share", True),
    Statistic("l_infinity", l_infinity, "counts", True, "share", True),
    Statistic("chi_square", chi_square, "counts", True, "Cramér's V", True),
    Statistic("g_test", g_test, "counts", True, "nats", True),
    Statistic("fisher", fisher, "counts", True, "Cramér's V", True),
    Statistic("calibration", calibration, "scores", True, "share", False),
    Statistic("cbpe", cbpe, "scores", False, "share", False),
    Statistic("doc", doc, "scores", False, "share", False),
    Statistic("mmd", mmd, "vectors", True, "1", True),
    Statistic("lsdd", lsdd, "vectors", True, "share", True),
    Statistic("domain_classifier", domain_classifier, "vectors", True, "probability", False),
    Statistic("mean_shift", mean_shift, "vectors", True, "standard deviations", True),
    Statistic("adwin", adwin, "stream", False, "unit of the values", False),
    Statistic("page_hinkley", page_hinkley, "stream", False, "unit of the values", False),
    Statistic("cusum", cusum, "stream", False, "unit of the values", False),
    Statistic("kswin", kswin, "stream", False, "share", False),
    Statistic("e_process", e_process, "stream", True, "unit of the values", False),
)

#: Every statistic, by name.
STATISTICS: dict[str, Statistic] = {one.name: one for one in _ALL}
