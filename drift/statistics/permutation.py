"""What permutations of two samples say: p-values, and intervals from groups left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

if TYPE_CHECKING:
    from collections.abc import Iterator

Floats = npt.NDArray[np.float64]

PERMUTATIONS_MAX = 100_000
#: Permutations that are worked on at a time.
BLOCK = 512
#: Groups a sample is cut into for the jackknife.
GROUPS = 20
#: Two sums of the same numbers in another order differ by less than this share.
SAME = 1e-10


def permutations_checked(permutations: int) -> int:
    """Return the number of permutations if it is within bounds.

    Raises
    ------
    ValueError
        It is below 1 or above `PERMUTATIONS_MAX`.
    """
    if not 1 <= permutations <= PERMUTATIONS_MAX:
        raise ValueError(
            f"permutations must be from 1 to {PERMUTATIONS_MAX}, not {permutations}; use 499"
        )
    return permutations


def p_value(values: Floats) -> float:
    r"""Return :math:`(1 + \#\{T_b \ge T\}) / (B + 1)` of values whose first is that observed.

    Values that differ by rounding count as equal, which can only raise it.

    References
    ----------
    Phipson and Smyth (2010), Permutation P-values should never be zero.

    Examples
    --------
    >>> import numpy as np
    >>> p_value(np.array([3.0, 1.0, 3.0, 2.0]))
    0.5
    """
    slack = SAME * float(np.abs(values).max())
    return float(np.count_nonzero(values >= values[0] - slack) / values.size)


def blocks(columns: int) -> Iterator[slice]:
    """Cut columns of permutations into blocks, so that memory does not grow with their number."""
    for start in range(0, columns, BLOCK):
        yield slice(start, min(start + BLOCK, columns))


def groups(n: int) -> npt.NDArray[np.intp]:
    """Return the group of each of n rows: every k-th row together, `GROUPS` at most."""
    return np.arange(n) % min(GROUPS, n)


def jackknife(
    estimate: float, left_out: tuple[Floats, Floats], level: float
) -> tuple[float, float]:
    r"""Return an interval from estimates without one group of either sample.

    .. math::
        v = \sum_{\text{samples}} \frac{J - 1}{J} \sum_g (\theta_{(g)} - \bar\theta)^2,
        \qquad \theta \pm t_{J-1} \sqrt v

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 11.
    """
    variance = sum((len(one) - 1) * float(one.var()) for one in left_out)
    fewest = min(len(one) for one in left_out)
    half = float(stdtrit(fewest - 1, 0.5 + level / 2)) * variance**0.5
    return estimate - half, estimate + half
