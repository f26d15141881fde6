"""Rules of other tools, written anew from their source to compare false alarms and misses.

Evidently 0.7.23 (`legacy/calculations/stattests`), NannyML 0.13.1, scipy 1.17. Each says whether it
would raise an alarm at its default threshold.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

Values = npt.NDArray[Any]


def evidently_chi_square(reference: Values, current: Values) -> bool:
    """Take the reference's shares for the exact expectation."""
    expected = reference / reference.sum() * current.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.nansum((current - expected) ** 2 / expected)
    return bool(stats.chi2.sf(statistic, reference.size - 1) < 0.05)


def evidently_mann_whitney(reference: Values, current: Values) -> bool:
    """Look one way only."""
    return bool(stats.mannwhitneyu(reference, current, alternative="less").pvalue < 0.05)


def _sturges(reference: Values, current: Values) -> tuple[Values, Values]:
    edges = np.histogram_bin_edges(np.concatenate([reference, current]), bins="sturges")
    shares = []
    for sample in (reference, current):
        share = np.histogram(sample, edges)[0] / sample.size
        least = share[share > 0].min()
        share[share == 0] = 1e-4 if least > 1e-4 else least / 1e6
        shares.append(share)
    return shares[0], shares[1]


def evidently_psi(reference: Values, current: Values) -> bool:
    """Bin both samples at equal widths and compare with 0.1 at any size."""
    p, q = _sturges(reference, current)
    return bool(((q - p) * np.log(q / p)).sum() >= 0.1)


def evidently_jensen_shannon(reference: Values, current: Values) -> bool:
    """Bin both samples at equal widths and compare with 0.1 at any size."""
    p, q = _sturges(reference, current)
    half = (p / p.sum() + q / q.sum()) / 2
    total = stats.entropy(p, half) + stats.entropy(q, half)
    return bool(np.sqrt(total / 2) >= 0.1)


def evidently_wasserstein(reference: Values, current: Values) -> bool:
    """Compare the distance with a tenth of the reference's deviation at any size."""
    scale = max(float(np.std(reference)), 0.001)
    return bool(stats.wasserstein_distance(reference, current) / scale >= 0.1)


def scipy_kolmogorov_smirnov(reference: Values, current: Values) -> bool:
    """Take tied values as untied."""
    return bool(stats.ks_2samp(reference, current).pvalue < 0.05)


def scipy_cramer_von_mises(reference: Values, current: Values) -> bool:
    """Rank tied values in the middle."""
    return bool(stats.cramervonmises_2samp(reference, current).pvalue < 0.05)


def scipy_anderson_darling(reference: Values, current: Values) -> bool:
    """Take the law without ties."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bool(stats.anderson_ksamp([reference, current], variant="midrank").pvalue < 0.05)


Rule = Callable[[Values, Values], bool]

#: Every rule: what it takes, and the rule.
PEERS: dict[str, tuple[str, Rule]] = {
    "Evidently: Mann-Whitney, p < .05": ("samples", evidently_mann_whitney),
    "Evidently: PSI >= 0.1": ("samples", evidently_psi),
    "Evidently: Jensen-Shannon >= 0.1": ("samples", evidently_jensen_shannon),
    "Evidently: Wasserstein / std >= 0.1": ("samples", evidently_wasserstein),
    "scipy: Kolmogorov-Smirnov, p < .05": ("samples", scipy_kolmogorov_smirnov),
    "scipy: Cramér-von Mises, p < .05": ("samples", scipy_cramer_von_mises),
    "scipy: Anderson-Darling, p < .05": ("samples", scipy_anderson_darling),
    "Evidently: chi-square, p < .05": ("counts", evidently_chi_square),
}
