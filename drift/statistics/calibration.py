"""Whether a stated probability is the share of times it comes true: calibration error (ECE)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from drift.statistics.labelled import confidence_level, labelled, probabilities
from drift.statistics.result import Result
from drift.statistics.wilson import wilson

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

BINS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of like confidence.

    Parameters
    ----------
    lower, upper
        Least and greatest confidence that fell in it.
    n
        Rows.
    confidence
        Their mean confidence.
    accuracy
        Share of them whose label is 1.
    low, high
        Wilson interval for the accuracy.
    """

    lower: float
    upper: float
    n: int
    confidence: float
    accuracy: float
    low: float
    high: float


def reliability(
    scores: npt.ArrayLike, labels: npt.ArrayLike, *, bins: int = 10, level: float = 0.95
) -> list[Bin]:
    """Return accuracy by confidence, in bins of equal counts.

    Equal scores stay together, so there may be fewer bins than asked for, and of unequal counts.

    Parameters
    ----------
    scores
        Probabilities within [0, 1], shape (n,).
    labels
        0 or 1, shape (n,). Rows with no finite score or no label are left out.
    bins
        At most so many, 1 to 1,000; fewer where there are not 10 rows for each.
    level
        Of each bin's interval.

    Raises
    ------
    ValueError
        No usable row, a score outside [0, 1], a label that is neither 0 nor 1, bins out of range.

    Examples
    --------
    >>> for one in reliability([0.25] * 20 + [0.75] * 20, [0] * 20 + [1, 0] * 10, bins=2):
    ...     print(one.n, one.confidence, one.accuracy, round(one.low, 2), round(one.high, 2))
    20 0.25 0.0 0.0 0.16
    20 0.75 0.5 0.3 0.7
    """
    confidence, truths, _ = labelled(scores, labels)
    probabilities(confidence, "scores")
    where = _bin_of(confidence, bins)
    n = np.bincount(where)
    accuracy = np.bincount(where, truths) / n
    low, high = wilson(accuracy, n, float(ndtri(0.5 + confidence_level(level) / 2)))
    least, greatest = np.full(len(n), np.inf), np.full(len(n), -np.inf)
    np.minimum.at(least, where, confidence)
    np.maximum.at(greatest, where, confidence)
    rows = zip(
        least, greatest, n, np.bincount(where, confidence) / n, accuracy, low, high, strict=True
    )
    return [Bin(float(a), float(b), int(c), *map(float, rest)) for a, b, c, *rest in rows]


def calibration(
    scores: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    bins: int = 10,
    level: float = 0.95,
) -> Result:
    r"""Estimate the expected calibration error of probabilities.

    With :math:`g_b` the mean of label minus score in bin b, of weight :math:`w_b = n_b/n`,

    .. math:: \text{ECE} = \sum_b w_b |g_b|

    What is seen, :math:`\hat g_b`, carries noise :math:`s_b`, and its size is too large on average:
    of perfect scores the plain sum shows about :math:`0.8 \sum w_b s_b`. `estimate` therefore
    replaces each size by the :math:`|g|` whose folded normal distribution
    :math:`|N(g, s_b^2)|` has what is seen as its mean, or by 0 where no :math:`g` has
    (`method["plain"]` is the sum without that). It is a calibration error of bins, thus a lower
    bound of that of single scores.

    The interval takes the normal range of the plain sum and, from its ends, the least and the most
    that noise can add: for the upper end noise spread alike over the bins (Jensen), for the lower
    end gaps as small as a simultaneous band leaves possible. So it covers at least at its level,
    near perfect calibration too, where a bootstrap does not. The p-value is that of perfect
    calibration, :math:`\sum_b (n_b \hat g_b)^2 / \sum_{i \in b} s_i (1 - s_i)` against chi-square
    of as many degrees of freedom as bins.

    Parameters
    ----------
    scores
        Probabilities within [0, 1], shape (n,).
    labels
        0 or 1, shape (n,). Rows with no finite score or no label are left out.
    bins
        Of equal counts; fewer where scores are equal or rows are few (at least 10 a bin).
    level
        Of the interval.

    Returns
    -------
    Result
        A share from 0 to 1. `n_reference` is 0: it has no reference.

    Raises
    ------
    ValueError
        No usable row, a score outside [0, 1], a label that is neither 0 nor 1, bins out of range.

    References
    ----------
    Kumar, Liang and Ma (2019), Verified Uncertainty Calibration, arXiv 1909.10155 (the bias);
    Hosmer and Lemeshow (1980) (the test, here of scores that were not fitted to these rows).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(2)
    >>> score = rng.random(5_000)
    >>> honest = calibration(score, rng.random(5_000) < score)
    >>> boastful = calibration(0.5 + score / 2, rng.random(5_000) < score)
    >>> print(f"{honest.estimate:.3f} {boastful.estimate:.3f}")
    0.007 0.252
    """
    confidence, truths, kept = labelled(scores, labels)
    probabilities(confidence, "scores")
    where = _bin_of(confidence, bins)
    n = np.bincount(where).astype(np.float64)
    weight = n / n.sum()
    gap = np.bincount(where, truths - confidence) / n
    noise = np.sqrt(_noise(where, confidence, truths, n))
    sizes = _without_noise(np.abs(gap), noise)
    low, high = _interval(weight, gap, noise, confidence_level(level))
    estimate = float(weight @ sizes)
    return Result(
        statistic="calibration",
        estimate=estimate,
        n_reference=0,
        n_current=len(confidence),
        p_value=_perfect(where, confidence, n, gap),
        low=min(low, estimate),
        high=max(high, estimate),
        level=level,
        method={
            "plain": float(weight @ np.abs(gap)),
            "bins": len(n),
            "binning": "equal counts",
            "left_out": int(kept.size - len(confidence)),
        },
    )


def _bin_of(scores: Floats, bins: int) -> npt.NDArray[np.intp]:
    """Return the number of each score's bin; none is empty."""
    if not 1 <= bins <= BINS_MAX:
        raise ValueError(f"bins must be from 1 to {BINS_MAX}, not {bins}")
    bins = max(1, min(bins, len(scores) // 10))
    edges = np.quantile(scores, np.arange(1, bins) / bins, method="inverted_cdf")
    return np.unique(np.searchsorted(edges, scores), return_inverse=True)[1]


def _noise(where: npt.NDArray[np.intp], scores: Floats, truths: Floats, n: Floats) -> Floats:
    """Return the variance of each bin's gap, with half a label of each kind added."""
    rate = (np.bincount(where, truths) + 0.5) / (n + 1)
    mean = np.bincount(where, scores) / n
    # Labels are drawn with unequal chances; how scores spread is how these are taken to.
    spread = np.bincount(where, (scores - mean[where]) ** 2) / n
    return np.maximum(rate * (1 - rate) - spread, 0.1 * rate * (1 - rate)) / n


def _folded(size: Floats, noise: Floats) -> Floats:
    ratio = size / noise
    tail = noise * np.sqrt(2 / np.pi) * np.exp(-(ratio**2) / 2)
    return np.asarray(tail + size * (1 - 2 * ndtr(-ratio)), dtype=np.float64)


def _without_noise(seen: Floats, noise: Floats) -> Floats:
    """Return the size whose folded normal has the seen one as its mean, or 0."""
    grid = np.linspace(0.0, 8.0, 4001)
    means = _folded(grid, np.ones_like(grid))
    ratio = seen / noise
    return np.where(ratio >= 8.0, seen, noise * np.interp(ratio, means, grid))


def _interval(weight: Floats, gap: Floats, noise: Floats, level: float) -> tuple[float, float]:
    """Return bounds for any gaps that the data leave possible."""
    seen, share = float(weight @ np.abs(gap)), weight * noise
    tail = (1 - level) / 2
    half = -float(ndtri(0.9 * tail)) * float(np.sqrt(share @ share))
    reach = -float(ndtri(0.1 * tail / len(gap)))
    least = np.maximum(np.abs(gap) / noise - reach, 0.0)
    excess = float(share @ (_folded(least, np.ones_like(least)) - least))
    total = np.array([share.sum()])
    return max(0.0, seen - half - excess), float(_without_noise(np.array([seen + half]), total)[0])


def _perfect(where: npt.NDArray[np.intp], scores: Floats, n: Floats, gap: Floats) -> float:
    """Return the p-value of labels drawn with the scores as chances."""
    variance = np.bincount(where, scores * (1 - scores))
    certain = variance <= 0
    if (np.abs(gap[certain]) > 0).any():
        return 0.0
    if certain.all():
        return 1.0
    # Against a chance that is all but none the evidence may be beyond any number.
    with np.errstate(over="ignore"):
        total = ((n * gap)[~certain] ** 2 / variance[~certain]).sum()
    return float(chdtrc(np.count_nonzero(~certain), total))
