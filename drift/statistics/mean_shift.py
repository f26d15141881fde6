"""Whether the mean of vectors moved, and how far: Hotelling's test that many columns bear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc, ndtri

from drift.arrays.permutations import permutation_marks
from drift.statistics.labelled import confidence_level
from drift.statistics.permutation import blocks, p_value, permutations_checked
from drift.statistics.result import Result
from drift.statistics.vectors import both

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def mean_shift(
    reference: npt.ArrayLike,
    current: npt.ArrayLike,
    *,
    permutations: int = 499,
    seed: int = 0,
    level: float = 0.95,
) -> Result:
    r"""Compare the means of two sets of vectors, of any number of columns.

    Columns are divided by their standard deviation over both samples. With
    :math:`\delta = \bar y - \bar x` then, the estimate is the root mean square of the columns'
    differences less what noise alone gives,

    .. math::
        \sqrt{\max(0, |\delta|^2 - \text{tr}\,C)\,/\,d},
        \qquad C = S_x / n + S_y / m

    and its interval normal for :math:`|\delta|^2`, of variance
    :math:`4\,\delta^\top C\,\delta + 2\,\text{tr}\,C^2` at the bound itself. The test is of

    .. math::
        T^2 = \frac{nm}{n + m}\,\delta^\top \left((1 - \rho) S + \rho \tfrac{\text{tr} S}{d} I
        \right)^{-1} \delta

    with S the covariance of both samples together and :math:`\rho` by Ledoit and Wolf, so it takes
    more columns than rows. S does not change under permutation: the p-value is exact, all
    permutations are one matrix product. Without permutations it is that of the limit, a sum of
    weighted chi-squares, matched by two moments; right from some hundred rows on.

    Parameters
    ----------
    reference, current
        Shapes (n, d) and (m, d), n and m at least 2. Rows with a value that is not finite are
        left out.
    permutations
        B; the least p-value is 1/(B + 1). 0 takes the limit, for large samples.
    seed
        Of the permutations.
    level
        Of the interval.

    Returns
    -------
    Result
        In standard deviations. `method` has `euclidean` and `cosine`, the plain distances of the
        two mean vectors in their own unit.

    Raises
    ------
    ValueError
        Fewer than 2 finite rows on a side, different widths, or a setting out of range.

    References
    ----------
    Hotelling (1931); Ledoit and Wolf (2004), A well-conditioned estimator for large-dimensional
    covariance matrices, Journal of Multivariate Analysis 88.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> reference = rng.normal(size=(200, 384))
    >>> result = mean_shift(reference, rng.normal(0.2, 1, size=(150, 384)))
    >>> print(f"{result.estimate:.2f} [{result.low:.2f}, {result.high:.2f}] p={result.p_value}")
    0.21 [0.19, 0.22] p=0.002
    """
    before, after, left_out = both(reference, current)
    confidence_level(level)
    n, m = len(before), len(after)
    pooled = np.vstack([before, after])
    spread = pooled.std(axis=0)
    spread = np.where(spread > 1e-12 * np.abs(pooled).max(axis=0, initial=1.0), spread, np.inf)
    rows = (pooled - pooled.mean(axis=0)) / spread
    whitened, weights, shrinkage = _whitened(rows)
    estimate, low, high = _effect(rows[:n], rows[n:], level)
    if permutations:
        marks = permutation_marks(n, m, permutations_checked(permutations), seed)
        squares = np.concatenate(
            [
                ((marks[:, part].T.astype(np.float64) @ whitened) ** 2).sum(axis=1)
                for part in blocks(marks.shape[1])
            ]
        )
        squares *= (n + m) / (n * m)
        chance = p_value(squares)
    else:
        squares = (whitened[:n].sum(axis=0, keepdims=True) ** 2).sum(axis=1) * (n + m) / (n * m)
        chance = _limit(float(squares[0]) * (n + m - 1) / (n + m), weights)
    return Result(
        statistic="mean_shift",
        estimate=estimate,
        n_reference=n,
        n_current=m,
        p_value=chance,
        low=low,
        high=high,
        level=level,
        method={
            "t_squared": float(squares[0]),
            "shrinkage": shrinkage,
            "euclidean": float(np.linalg.norm(after.mean(axis=0) - before.mean(axis=0))),
            "cosine": _cosine(before.mean(axis=0), after.mean(axis=0)),
            "null": "permutations" if permutations else "weighted chi-squares",
            "permutations": permutations,
            "seed": seed,
            "engine": "numpy",
            "left_out": left_out,
        },
    )


def _whitened(rows: Floats) -> tuple[Floats, Floats, float]:
    """Return rows with the shrunk covariance made the identity, and what the shrinkage left.

    The weights are the variances of the columns returned; columns without any are left away.
    """
    size, width = rows.shape
    if width <= size:
        eigenvalues, vectors = np.linalg.eigh(rows.T @ rows / size)
        turned = rows @ vectors
    else:
        eigenvalues, vectors = np.linalg.eigh(rows @ rows.T / size)
        turned = vectors * np.sqrt(np.maximum(eigenvalues, 0.0) * size)
    kept = eigenvalues > 1e-10 * max(float(eigenvalues[-1]), np.finfo(np.float64).tiny)
    if not kept.any():
        return np.zeros((size, 1)), np.ones(1), 0.0
    variances, turned = eigenvalues[kept], turned[:, kept]
    mean, square = float(variances.sum()) / width, float(variances @ variances)
    far = square - width * mean**2
    fourth = float((np.einsum("ij,ij->i", rows, rows) ** 2).sum())
    noise = (fourth / size - square) / size
    shrinkage = min(1.0, noise / far) if far > 0 else 1.0
    shrunk = (1 - shrinkage) * variances + shrinkage * mean
    return turned / np.sqrt(shrunk), variances / shrunk, shrinkage


def _limit(value: float, weights: Floats) -> float:
    """Return the chance that a weighted sum of chi-squares exceeds a value (Satterthwaite)."""
    first, second = float(weights.sum()), float(weights @ weights)
    return float(chdtrc(first**2 / second, value * first / second))


def _effect(before: Floats, after: Floats, level: float) -> tuple[float, float, float]:
    delta = after.mean(axis=0) - before.mean(axis=0)
    noise = [
        (one - one.mean(axis=0)) / np.sqrt(len(one) * (len(one) - 1)) for one in (before, after)
    ]
    both_noise = np.vstack(noise)
    trace = float((both_noise**2).sum())
    small = both_noise.shape[0] < both_noise.shape[1]
    gram = both_noise @ both_noise.T if small else both_noise.T @ both_noise
    trace_square = float((gram**2).sum())
    square, z = float(delta @ delta), float(ndtri(0.5 + level / 2))
    along = float(((both_noise @ delta) ** 2).sum()) / square if square > 0 else 0.0
    middle = square - trace + 2 * z**2 * along
    half = z * max(0.0, 4 * along * (middle - z**2 * along) + 2 * trace_square) ** 0.5
    ends = np.array([square - trace, min(middle - half, square - trace), middle + half])
    value, low, high = np.sqrt(np.maximum(ends, 0.0) / before.shape[1]).tolist()
    return value, low, high


def _cosine(first: Floats, second: Floats) -> float:
    """Return 1 less the cosine of the angle; 0 where a vector has no direction."""
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    return 1 - float(first @ second) / lengths if lengths > 0 else 0.0
