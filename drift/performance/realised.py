"""Performance as labels show it: accuracy and AUC with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from drift.statistics.wilson import wilson

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval."""

    estimate: float
    low: float
    high: float
    n: int


def accuracy(right: npt.ArrayLike, *, level: float = 0.95) -> Estimate:
    """Give the share of right decisions with its Wilson interval.

    Parameters
    ----------
    right
        0 or 1, shape (n,), n >= 1.

    Raises
    ------
    ValueError
        Without a row.

    Examples
    --------
    >>> found = accuracy([1, 1, 1, 0])
    >>> found.estimate, round(found.low, 3), round(found.high, 3)
    (0.75, 0.301, 0.954)

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    values = np.asarray(right, dtype=np.float64)
    if not values.size:
        raise ValueError("right has no row; wait for a label")
    share = float(values.mean())
    low, high = wilson(share, values.size, _z(level))
    return Estimate(share, float(low), float(high), values.size)


def auc(scores: npt.ArrayLike, truths: npt.ArrayLike, *, level: float = 0.95) -> Estimate:
    r"""Give the area under the curve with DeLong's interval.

    .. math:: \text{AUC} = \frac{1}{pq} \sum_{i \in +} \sum_{j \in -}
        [s_i > s_j] + \tfrac12 [s_i = s_j]

    Its variance is :math:`s_+^2/p + s_-^2/q` of the mean comparison of each row with the other
    class. Where every comparison is won, that is 0: the interval then ends where the rule of three
    puts it.

    Parameters
    ----------
    scores
        Finite, higher for the positive class, shape (n,).
    truths
        0 or 1, shape (n,).

    Raises
    ------
    ValueError
        The truths are all alike.

    Examples
    --------
    >>> auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).estimate
    0.75

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988); Sun and Xu (2014) for the ranks.
    """
    values = np.asarray(scores, dtype=np.float64)
    is_positive = np.asarray(truths, dtype=np.float64) == 1
    p, q = int(is_positive.sum()), int((~is_positive).sum())
    if not p or not q:
        raise ValueError("truths hold one class only; the area needs both")
    ranks = rankdata(values)
    won = (ranks[is_positive] - rankdata(values[is_positive])) / q
    lost = 1 - (ranks[~is_positive] - rankdata(values[~is_positive])) / p
    estimate = float(won.mean())
    variance = _variance(won) + _variance(lost)
    half = max(_z(level) * variance**0.5, 0.0 if 0 < estimate < 1 else 3 / min(p, q))
    return Estimate(estimate, max(0.0, estimate - half), min(1.0, estimate + half), p + q)


def _variance(values: Floats) -> float:
    """Give the variance of a mean; that of one value is the largest there can be."""
    return float(values.var(ddof=1)) / len(values) if len(values) > 1 else 0.25


def _z(level: float) -> float:
    return float(ndtri(0.5 + level / 2))
