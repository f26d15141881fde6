"""Distance of two sets of vectors by the squared difference of their densities (LSDD)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from drift.arrays.permutations import permutation_marks
from drift.statistics.bandwidth import bandwidth_checked, median_bandwidth
from drift.statistics.labelled import confidence_level
from drift.statistics.permutation import blocks, groups, jackknife, p_value, permutations_checked
from drift.statistics.result import Result
from drift.statistics.vectors import both

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Marks = npt.NDArray[np.uint8]

#: Rows that serve as centres of kernels.
CENTRES_MAX = 200


def lsdd(
    reference: npt.ArrayLike,
    current: npt.ArrayLike,
    *,
    bandwidth: float | None = None,
    ridge: float = 0.1,
    permutations: int = 499,
    seed: int = 0,
    level: float = 0.95,
) -> Result:
    r"""Compare two sets of vectors by a least-squares fit of the difference of their densities.

    The difference p - q is fitted by :math:`\theta^\top \varphi(x)` with Gaussian kernels
    :math:`\varphi` at up to `CENTRES_MAX` rows. With :math:`\hat h = \bar\varphi_x -
    \bar\varphi_y`, :math:`H_{kl} = \int \varphi_k \varphi_l` and
    :math:`\hat\theta = (H + \lambda I)^{-1} \hat h`,

    .. math::
        \int (p - q)^2 \approx 2 \hat\theta^\top \hat h - \hat\theta^\top H \hat\theta
        = \hat h^\top M \hat h, \qquad
        \text{estimate} = \frac{\hat h^\top M \hat h}
        {\bar\varphi_x^\top M \bar\varphi_x + \bar\varphi_y^\top M \bar\varphi_y}

    with products of a row with itself left out above the line, so that the estimate is 0 on average
    without drift; near 1 where the samples do not overlap. The p-value permutes rows between the
    samples, all permutations in one matrix product; time grows with (n + m)(d + B).

    Columns are divided by their standard deviation over both samples. Densities mean little in
    many dimensions: up to about ten this sees local differences better than `mmd`, above use that.

    Parameters
    ----------
    reference, current
        Shapes (n, d) and (m, d), n and m at least 2. Rows with a value that is not finite are
        left out.
    bandwidth
        Of the kernels, in standard deviations of a column; by default that of
        `median_bandwidth`.
    ridge
        :math:`\lambda > 0`, as a share of :math:`H_{kk}`.
    permutations
        B; the least p-value is 1/(B + 1).
    seed
        Of the permutations.
    level
        Of the interval, a jackknife over groups of rows (None below 4 rows a side).

    Returns
    -------
    Result
        A share.

    Raises
    ------
    ValueError
        Fewer than 2 finite rows on a side, different widths, or a setting out of range.

    References
    ----------
    Sugiyama et al. (2013), Density-Difference Estimation, Neural Computation 25.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> reference = rng.normal(size=(300, 2))
    >>> same = lsdd(reference, rng.normal(size=(200, 2)))
    >>> moved = lsdd(reference, rng.normal(1, 1, size=(200, 2)))
    >>> print(f"{same.estimate:.2f} p={same.p_value}; {moved.estimate:.2f} p={moved.p_value}")
    0.01 p=0.092; 0.47 p=0.002
    """
    before, after, left_out = both(reference, current)
    confidence_level(level)
    if not ridge > 0:
        raise ValueError(f"ridge must be above 0, not {ridge}; use 0.1")
    n, m = len(before), len(after)
    rows = np.vstack([before, after])
    spread = rows.std(axis=0)
    rows = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    usual = median_bandwidth(rows[:n], rows[n:])
    sigma = usual if bandwidth is None else bandwidth_checked(bandwidth)
    kernels = _Kernels(rows, n, sigma, ridge)
    marks = permutation_marks(n, m, permutations_checked(permutations), seed)
    values = np.concatenate(
        [kernels.differences(marks[:, part], n, m)[0] for part in blocks(marks.shape[1])]
    )
    scale = kernels.differences(marks[:, :1], n, m)[1]
    estimate, low, high = float(values[0] / scale[0]), None, None
    if min(n, m) >= 4:
        low, high = jackknife(estimate, kernels.left_out(n, m), level)
    return Result(
        statistic="lsdd",
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
            "ridge": ridge,
            "centres": kernels.count,
            "permutations": permutations,
            "seed": seed,
            "engine": "numpy",
            "left_out": left_out,
        },
    )


class _Kernels:
    """Rows as kernels at the centres, turned so that M is the identity."""

    def __init__(self, rows: Floats, n: int, sigma: float, ridge: float) -> None:
        step = -(-len(rows) // CENTRES_MAX)
        centres = np.vstack([rows[:n:step], rows[n::step]])
        self.count = len(centres)
        # H without its factor (pi sigma^2)^(d/2), which the estimate divides out.
        overlap = np.exp(-cdist(centres, centres, "sqeuclidean") / (4 * sigma**2))
        eigenvalues, vectors = np.linalg.eigh(overlap)
        eigenvalues = np.maximum(eigenvalues, 0.0)
        root = np.sqrt(eigenvalues + 2 * ridge) / (eigenvalues + ridge)
        kernels = np.exp(-cdist(rows, centres, "sqeuclidean") / (2 * sigma**2))
        self._rows = kernels @ (vectors * root)
        self._squares = np.einsum("ij,ij->i", self._rows, self._rows)
        self._sum, self._square = self._rows.sum(axis=0), float(self._squares.sum())

    def differences(self, marks: Marks, n: int, m: int) -> tuple[Floats, Floats]:
        """Return squared differences, and what they are a share of, by column of marks."""
        chosen = marks.T.astype(np.float64)
        first, squares = chosen @ self._rows, chosen @ self._squares
        return _difference(first, squares, self._sum - first, self._square - squares, (n, m))

    def left_out(self, n: int, m: int) -> tuple[Floats, Floats]:
        """Return the estimate without each group of the first n rows, and of the others."""
        parts = []
        for ours in (slice(0, n), slice(n, n + m)):
            group = groups(ours.stop - ours.start)
            member = (group[:, None] == np.arange(group.max() + 1)).astype(np.float64)
            rows, squares = self._rows[ours], self._squares[ours]
            kept = rows.sum(axis=0) - member.T @ rows
            whole = (rows.sum(axis=0), squares.sum(), len(rows))
            left = (kept, squares.sum() - member.T @ squares, len(rows) - member.sum(axis=0))
            parts.append((whole, left))
        (first, without_first), (second, without_second) = parts
        found = []
        for a, b in ((without_first, second), (first, without_second)):
            value, scale = _difference(a[0], a[1], b[0], b[1], (a[2], b[2]))
            found.append(value / scale)
        return found[0], found[1]


def _difference(
    first: Floats,
    first_squares: Floats,
    second: Floats,
    second_squares: Floats,
    sizes: tuple[Floats | int, Floats | int],
) -> tuple[Floats, Floats]:
    n, m = sizes
    ours, theirs = (first**2).sum(axis=-1), (second**2).sum(axis=-1)
    apart = (ours - first_squares) / (n * (n - 1)) + (theirs - second_squares) / (m * (m - 1))
    apart -= 2 * (first * second).sum(axis=-1) / (n * m)
    return apart, np.maximum(ours / n**2 + theirs / m**2, np.finfo(np.float64).tiny)
