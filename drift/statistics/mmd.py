"""Distance of two sets of vectors by all moments at once: maximum mean discrepancy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from drift.arrays.numpy_engine import NumpyEngine
from drift.arrays.permutations import permutation_marks
from drift.statistics.bandwidth import bandwidth_checked, median_bandwidth
from drift.statistics.labelled import confidence_level
from drift.statistics.permutation import groups, jackknife, p_value, permutations_checked
from drift.statistics.result import Result
from drift.statistics.vectors import both

if TYPE_CHECKING:
    import numpy.typing as npt

    from drift.arrays.protocol import KernelSums

    Floats = npt.NDArray[np.float64]
    Marks = npt.NDArray[np.uint8]


class KernelEngine(Protocol):
    """What of `drift.arrays.protocol.Engine` this statistic needs."""

    @property
    def name(self) -> str:
        """What results say made them."""
        ...

    def kernel_sums(self, rows: Floats, marks: Marks, gamma: float) -> KernelSums:
        """Sum the kernel over pairs of rows by marks, see the protocol."""
        ...


def mmd(
    reference: npt.ArrayLike,
    current: npt.ArrayLike,
    *,
    bandwidth: float | None = None,
    permutations: int = 499,
    seed: int = 0,
    level: float = 0.95,
    engine: KernelEngine | None = None,
) -> Result:
    r"""Compare two sets of vectors by the unbiased squared maximum mean discrepancy.

    With :math:`k(x, y) = \exp(-|x - y|^2 / 2\sigma^2)`,

    .. math::
        \text{MMD}^2 = \frac{1}{n(n-1)} \sum_{i \ne j} k(x_i, x_j)
        + \frac{1}{m(m-1)} \sum_{i \ne j} k(y_i, y_j) - \frac{2}{nm} \sum_{i,j} k(x_i, y_j)

    It is 0 on average without drift, so it may be below 0, and above 0 for any difference of
    distributions. The p-value permutes rows between the samples; all permutations are one matrix
    product with the kernel, which is computed in tiles and never stored. Time grows with
    :math:`(n + m)^2 (d + B)`, memory with :math:`(n + m)(d + B)`.

    Parameters
    ----------
    reference, current
        Shapes (n, d) and (m, d), n and m at least 2. Rows with a value that is not finite are
        left out.
    bandwidth
        :math:`\sigma`; by default that of `median_bandwidth` over both samples. One that is fixed
        with the reference makes windows comparable.
    permutations
        B; the least p-value is 1/(B + 1).
    seed
        Of the permutations, drawn on the host: every engine sees the same.
    level
        Of the interval, a jackknife over groups of rows (None below 4 rows a side).
    engine
        Of `drift.arrays`; NumPy by default.

    Returns
    -------
    Result
        Without unit, at most 2.

    Raises
    ------
    ValueError
        Fewer than 2 finite rows on a side, different widths, or a setting out of range.

    References
    ----------
    Gretton et al. (2012), A Kernel Two-Sample Test, JMLR 13.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> reference = rng.normal(size=(200, 8))
    >>> same = mmd(reference, rng.normal(size=(150, 8)))
    >>> wider = mmd(reference, rng.normal(0, 1.5, size=(150, 8)))
    >>> print(f"{same.estimate:.4f} p={same.p_value}; {wider.estimate:.4f} p={wider.p_value}")
    -0.0012 p=0.704; 0.0583 p=0.002
    """
    before, after, left_out = both(reference, current)
    confidence_level(level)
    sigma = median_bandwidth(before, after) if bandwidth is None else bandwidth_checked(bandwidth)
    n, m = len(before), len(after)
    marks = permutation_marks(n, m, permutations_checked(permutations), seed)
    without, sizes = _without(n, m)
    used = NumpyEngine() if engine is None else engine
    rows = np.vstack([before, after])
    sums = used.kernel_sums(rows, np.hstack([marks, without]), 1 / (2 * sigma**2))
    first = marks.shape[1]
    values = _unbiased(sums.within[:first], sums.marked[:first], sums.total, n, m)
    low, high = None, None
    estimate = float(values[0])
    if sizes is not None:
        low, high = jackknife(estimate, _left_out(sums, first, sizes, (n, m)), level)
    return Result(
        statistic="mmd",
        estimate=estimate,
        n_reference=n,
        n_current=m,
        p_value=p_value(values),
        low=low,
        high=high,
        level=level,
        method={
            "kernel": "gaussian",
            "bandwidth": sigma,
            "bandwidth_rule": "median of pooled pairs" if bandwidth is None else "given",
            "permutations": permutations,
            "seed": seed,
            "engine": used.name,
            "left_out": left_out,
        },
    )


def _unbiased(within: Floats, marked: Floats, total: float, n: int, m: int) -> Floats:
    """Return the statistic of each column of marks; k(x, x) is 1."""
    between = marked - within
    others = total - 2 * marked + within
    return np.asarray(
        (within - n) / (n * (n - 1)) + (others - m) / (m * (m - 1)) - 2 * between / (n * m)
    )


def _without(n: int, m: int) -> tuple[Marks, tuple[npt.NDArray[np.intp], ...] | None]:
    """Mark each sample less one group, then that with the whole other sample; and their sizes."""
    if min(n, m) < 4:
        return np.zeros((n + m, 0), dtype=np.uint8), None
    columns, sizes = [], []
    for ours, size in ((slice(0, n), n), (slice(n, n + m), m)):
        group = groups(size)
        count = int(group.max()) + 1
        kept = np.zeros((n + m, count), dtype=np.uint8)
        kept[ours] = group[:, None] != np.arange(count)
        whole = kept.copy()
        whole[n:] |= ours.start == 0
        whole[:n] |= ours.start != 0
        columns += [kept, whole]
        sizes.append(size - np.bincount(group))
    return np.hstack(columns), tuple(sizes)


def _left_out(
    sums: KernelSums, first: int, sizes: tuple[npt.NDArray[np.intp], ...], whole: tuple[int, int]
) -> tuple[Floats, Floats]:
    """Return the statistic without each group of the reference, and of the current sample."""
    n, m = whole
    sides = [sums.within[0], sums.total - 2 * sums.marked[0] + sums.within[0]]
    found, at = [], first
    for side, left in enumerate(sizes):
        kept, with_other = np.split(sums.within[at : at + 2 * left.size], 2)
        other = (n, m)[1 - side]
        between = (with_other - kept - sides[1 - side]) / 2
        found.append(
            (kept - left) / (left * (left - 1))
            + (sides[1 - side] - other) / (other * (other - 1))
            - 2 * between / (left * other)
        )
        at += 2 * left.size
    return found[0], found[1]
