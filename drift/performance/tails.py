"""How likely so many wrong decisions are: exact where few are expected, normal where many are."""

from __future__ import annotations

import numpy as np
from scipy.special import bdtrc, betaln, gammaln, ndtr

#: Up to so many decisions every count is added up.
_COUNTED_MAX = 20_000


def at_least(count: int, n: int, chance: float, variance: float = 0.0) -> float:
    r"""Give the probability of at least `count` of `n` events.

    The events' chance is a beta variable of the given mean and variance, for it was itself learnt
    from a sample; the count is then beta-binomial, and binomial where the variance is 0. Chances
    that differ between events make the count vary less, so that the probability of a count beyond
    the mean is then too large, never too small (Hoeffding 1956).

    Parameters
    ----------
    count
        0 to n; below 1 the answer is 1.
    chance
        Mean of the chance, 0 to 1.
    variance
        Of the chance; what exceeds the largest a beta variable can have is cut.

    Examples
    --------
    >>> round(at_least(3, 10, 0.1), 6)
    0.070191
    >>> round(at_least(3, 10, 0.1, 0.01), 6)
    0.130112

    References
    ----------
    Hoeffding (1956), On the distribution of the number of successes in independent trials.
    """
    if count <= 0:
        return 1.0
    if chance <= 0 or chance >= 1:
        return float(chance >= 1)
    most = chance * (1 - chance)
    if variance <= 1e-6 * most / n:
        return float(bdtrc(count - 1, n, chance))
    if n > _COUNTED_MAX:
        deviation = (n * most + n * (n - 1) * variance) ** 0.5
        return float(ndtr((n * chance - count + 0.5) / deviation))
    weight = most / min(variance, 0.999 * most) - 1
    first, second = chance * weight, (1 - chance) * weight
    counts = np.arange(count, n + 1)
    ways = gammaln(n + 1) - gammaln(counts + 1) - gammaln(n - counts + 1)
    logs = ways + betaln(counts + first, n - counts + second) - betaln(first, second)
    return min(1.0, float(np.exp(logs).sum()))


def both_ways(count: int, n: int, chance: float, variance: float = 0.0) -> float:
    """Give twice the smaller of the probabilities of at least and at most `count` of `n`.

    Examples
    --------
    >>> both_ways(5, 10, 0.5)
    1.0
    """
    more = at_least(count, n, chance, variance)
    fewer = at_least(n - count, n, 1 - chance, variance)
    return min(1.0, 2 * min(more, fewer))
