"""The test of a window: are two rows of counts from one distribution, for all keys at once.

The likelihood ratio G with the correction of Williams (1976). Unlike Pearson's statistic it keeps
its level far out in the tail when a few counts fall in a thin cell, and that is where a thousand
tests are decided. A key is tested at the finest level of groups whose expected counts are all at
least five in the smaller row.

References
----------
Williams, D. A. (1976): Improved likelihood ratio tests for complete contingency tables.
Biometrika 63. Cochran, W. G. (1954): Some methods for strengthening the common chi-square tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: It rises when the same counts would give another number.
VERSION = 1
#: Least expected count of an ordinary group in the smaller row.
EXPECTED_MIN = 5.0
#: Interval of effects: 95 %, two-sided.
_TAIL = 0.025
#: Above it the inversion of the distribution is replaced by its normal approximation.
_EXACT_BELOW = 1000.0


@dataclass(frozen=True, slots=True)
class Tested:
    """What came of the tests; every array has one entry a key.

    Parameters
    ----------
    statistic
        G, corrected; 0 where there is nothing to compare.
    freedom
        Degrees of freedom: groups that are not empty, less one.
    p
        NaN where there is nothing to compare: a row is empty.
    level
        Of groups, 0 the finest.
    reference, current
        Counts at that level, shape (keys, groups).
    """

    statistic: Floats
    freedom: Integers
    p: Floats
    level: Integers
    reference: Integers
    current: Integers


def at_level(counts: Integers, becomes: Integers) -> Integers:
    """Merge groups: column g is added to column `becomes[g]`."""
    merged = np.zeros_like(counts)
    np.add.at(merged.T, becomes, counts.T)
    return merged


def tested(
    reference: Integers, current: Integers, levels: Integers, kinds: Integers, ordinary: int
) -> Tested:
    """Test many keys.

    Parameters
    ----------
    reference, current
        Shape (keys, groups).
    levels
        What groups become, shape (kinds, levels, groups).
    kinds
        Which of these applies to a key, shape (keys,).
    ordinary
        So many first groups have to hold enough; the rest are oddities, kept however rare.
    """
    keys = reference.shape[0]
    kept_reference, kept_current = np.zeros_like(reference), np.zeros_like(current)
    level = np.full(keys, -1, dtype=np.int64)
    for kind in range(levels.shape[0]):
        last = levels.shape[1] - 1
        for number in range(levels.shape[1]):
            open_ = np.flatnonzero((kinds == kind) & (level < 0))
            if not open_.size:
                break
            one = at_level(reference[open_], levels[kind, number])
            two = at_level(current[open_], levels[kind, number])
            fits = _enough(one[:, :ordinary], two[:, :ordinary], one, two) | (number == last)
            chosen = open_[fits]
            kept_reference[chosen], kept_current[chosen] = one[fits], two[fits]
            level[chosen] = number
    statistic, freedom = likelihood_ratio(kept_reference, kept_current)
    judged = (reference.sum(axis=1) > 0) & (current.sum(axis=1) > 0)
    p = np.where(freedom > 0, special.chdtrc(np.maximum(freedom, 1), statistic), 1.0)
    p = np.where(judged, np.maximum(p, 1e-300), np.nan)
    return Tested(statistic, freedom, p, level, kept_reference, kept_current)


def likelihood_ratio(reference: Integers, current: Integers) -> tuple[Floats, Integers]:
    """Give G of each pair of rows, and its degrees of freedom.

    Examples
    --------
    >>> g, freedom = likelihood_ratio(np.array([[50, 50]]), np.array([[30, 70]]))
    >>> round(float(g[0]), 4), int(freedom[0])
    (8.3364, 1)
    """
    one, two = reference.astype(np.float64), current.astype(np.float64)
    n_one, n_two = one.sum(axis=1), two.sum(axis=1)
    pooled, total = one + two, n_one + n_two
    g = 2 * (
        (_log_of(one) + _log_of(two) - _log_of(pooled)).sum(axis=1)
        - _log_of(n_one)
        - _log_of(n_two)
        + _log_of(total)
    )
    filled = pooled > 0
    freedom = np.maximum(filled.sum(axis=1) - 1, 0)
    usable = (freedom > 0) & (n_one > 0) & (n_two > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # The correction is a series in 1 / expected count that means nothing below a few.
        least = EXPECTED_MIN * total / np.minimum(n_one, n_two)
        held = np.maximum(pooled, least[:, None])
        columns = np.where(filled, total[:, None] / held, 0.0).sum(axis=1) - 1
        rows = total / n_one + total / n_two - 1
        correction = 1 + rows * np.maximum(columns, 0.0) / (6 * total * freedom)
    corrected = np.where(usable, np.maximum(g, 0.0) / np.where(usable, correction, 1.0), 0.0)
    return corrected, freedom


def noncentrality(
    statistic: Floats, freedom: Integers, *, upper: bool = True
) -> tuple[Floats, Floats]:
    """Give the interval for the noncentrality of chi-square statistics, at 95 %.

    Parameters
    ----------
    upper
        Whether to work out the upper bounds; they are infinite otherwise.

    Notes
    -----
    The bounds are those for which the statistic is the 97.5 % and the 2.5 % point. Beyond 1,000 the
    statistic is taken as normal with mean k + λ and variance 2 (k + 2 λ).
    """
    k = np.maximum(freedom, 1).astype(np.float64)
    z = special.ndtri(1 - _TAIL)
    apart = statistic - k
    middle = apart + 2 * z * z
    half = np.sqrt(np.maximum(4 * apart * z * z + 4 * z**4 + 2 * z * z * k, 0.0))
    exact = statistic < _EXACT_BELOW
    low = np.where(exact, 0.0, middle - half)
    sought = exact & (special.chdtrc(k, statistic) < _TAIL)
    low[sought] = special.chndtrinc(statistic[sought], k[sought], 1 - _TAIL)
    high = np.where(exact, 0.0, middle + half) if upper else np.full_like(statistic, np.inf)
    sought = exact & (special.chdtrc(k, statistic) < 1 - _TAIL) & upper
    high[sought] = special.chndtrinc(statistic[sought], k[sought], _TAIL)
    return low, high


def _enough(
    ordinary: Integers, current: Integers, one: Integers, two: Integers
) -> npt.NDArray[np.bool_]:
    pooled = ordinary + current
    n_one, n_two = one.sum(axis=1), two.sum(axis=1)
    share = np.minimum(n_one, n_two) / np.maximum(n_one + n_two, 1)
    expected = np.where(pooled > 0, pooled * share[:, None], np.inf)
    found: npt.NDArray[np.bool_] = expected.min(axis=1) >= EXPECTED_MIN
    return found


def _log_of(counts: Floats) -> Floats:
    found: Floats = special.xlogy(counts, counts)
    return found
