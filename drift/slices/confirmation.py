"""Whether a slice is worse on rows the search did not see; searching itself proves nothing.

The best of many slices look bad by chance. So a part of the rows is held out, by hash of the
decision's id; the K slices found are tested there, against all other held-out rows, and their
p-values corrected for K tests.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import stats

from drift.statistics.false_discovery import adjusted

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = npt.NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Check:
    """What the held-out rows say of one slice.

    Parameters
    ----------
    size, mean
        Its held-out rows, and their mean error; None where it has none.
    rest_mean
        Mean error of the other held-out rows.
    p_value
        One-sided: that it is no worse than the rest. None where it cannot be tested.
    q_value
        After correction for all slices that were found.
    test
        hypergeometric: Fisher's exact test, where errors are 0 or one other value; welch: unequal
        variances; none.
    """

    size: int
    mean: float | None
    rest_mean: float | None
    p_value: float | None
    test: str
    q_value: float | None = None


def held_out(hashes: npt.NDArray[np.uint64], share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Choose a share of decisions by their ids alone: a decision read again falls alike.

    Parameters
    ----------
    hashes
        Shape (n,). They are mixed with the seed, as rows may be a sample by the same hash.

    Examples
    --------
    >>> held_out(np.arange(1000, dtype=np.uint64), 0.5, seed=1).sum()
    np.int64(484)
    """
    with np.errstate(over="ignore"):
        mixed = hashes.astype(np.uint64) + _GOLDEN * np.uint64(seed + 1)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return np.asarray(mixed.astype(np.float64) / 2.0**64 < share)


def checked(errors: Floats, members: Sequence[npt.NDArray[np.bool_]]) -> list[Check]:
    """Test slices on held-out rows.

    Parameters
    ----------
    errors
        Shape (n,).
    members
        For each slice whether each held-out row is in it.
    """
    is_binary = len(np.unique(errors)) <= 2 and (len(errors) == 0 or errors.min() == 0)
    found = [_tested(errors, mask, is_binary=is_binary) for mask in members]
    corrected = benjamini_hochberg([one.p_value for one in found])
    return [
        Check(one.size, one.mean, one.rest_mean, one.p_value, one.test, q)
        for one, q in zip(found, corrected, strict=True)
    ]


def _tested(errors: Floats, mask: npt.NDArray[np.bool_], *, is_binary: bool) -> Check:
    inside, outside = errors[mask], errors[~mask]
    mean = float(inside.mean()) if len(inside) else None
    rest = float(outside.mean()) if len(outside) else None
    if mean is None or rest is None:
        return Check(len(inside), mean, rest, None, "none")
    if is_binary:
        bad = int(np.count_nonzero(inside))
        p_value = stats.hypergeom.sf(
            bad - 1, len(errors), int(np.count_nonzero(errors)), len(inside)
        )
        return Check(len(inside), mean, rest, float(p_value), "hypergeometric")
    return Check(len(inside), mean, rest, _welch(inside, outside), "welch")


def _welch(inside: Floats, outside: Floats) -> float | None:
    """Give the one-sided p-value of Welch's test; None without two rows each or any variance."""
    if len(inside) < 2 or len(outside) < 2:
        return None
    parts = [float(one.var(ddof=1)) / len(one) for one in (inside, outside)]
    spread = sum(parts)
    if spread == 0:
        return None
    statistic = (float(inside.mean()) - float(outside.mean())) / math.sqrt(spread)
    freedom = spread**2 / (parts[0] ** 2 / (len(inside) - 1) + parts[1] ** 2 / (len(outside) - 1))
    return float(stats.t.sf(statistic, freedom))


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Correct p-values for their number; one that could not be computed counts as a test.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, None, 0.02])
    [0.04, 0.05333333333333334, None, 0.04]
    """
    corrected = adjusted(np.array([1.0 if one is None else one for one in p_values]))
    return [
        None if p_value is None else float(q)
        for p_value, q in zip(p_values, corrected, strict=True)
    ]
