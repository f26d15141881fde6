"""Whether a classifier can tell current rows from reference rows: its cross-fitted AUC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from drift.statistics.bandwidth import median_bandwidth
from drift.statistics.labelled import confidence_level
from drift.statistics.permutation import p_value, permutations_checked
from drift.statistics.result import Result
from drift.statistics.vectors import both

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.intp]

#: Columns beyond which the leading principal components stand in.
COLUMNS_MAX = 64
#: Random Fourier features, for what squares do not show: correlations, modes, shapes.
WAVES = 100


def domain_classifier(
    reference: npt.ArrayLike,
    current: npt.ArrayLike,
    *,
    folds: int = 5,
    ridge: float = 300.0,
    permutations: int = 499,
    seed: int = 0,
    level: float = 0.95,
) -> Result:
    r"""Compare two sets of vectors by how well a classifier tells them apart.

    Each fold, with its share of both samples, is scored by a ridge discriminant learnt on the
    others; :math:`A_k` is the fold's probability that a current row scores above a reference row
    (ties count half), and the estimate their mean :math:`A = \tfrac1K \sum_k A_k`. The classifier
    sees the standardised columns, their squares and `WAVES` random Fourier features; of more than
    `COLUMNS_MAX` columns the leading principal components of both samples together (what happens
    only in the others is for `mean_shift` and `mmd` to find).

    Scores are linear in the labels learnt from, so all permutations of labels (within folds) are
    one matrix product a fold, and the p-value is exact. Mann and Whitney's variance of a fixed
    scorer is not: folds share rows, and at level 0.05 it rejects up to 15 % of pairs without
    drift.

    Parameters
    ----------
    reference, current
        Shapes (n, d) and (m, d), at least 2 rows a fold. Rows with a value that is not finite are
        left out.
    folds
        K, at least 2; fewer are used where rows are too few.
    ridge
        Of the discriminant, in observations.
    permutations
        B; the least p-value is 1/(B + 1).
    seed
        Of folds, Fourier features and permutations.
    level
        Of the interval, DeLong's of each fold, widened as much as permutations vary more than fixed
        scorers would.

    Returns
    -------
    Result
        A probability: 0.5 where nothing tells them apart, 1 where all does.

    Raises
    ------
    ValueError
        Fewer than 4 finite rows on a side, different widths, or a setting out of range.

    References
    ----------
    Lopez-Paz and Oquab (2017), Revisiting Classifier Two-Sample Tests, arXiv 1610.06545;
    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44; Rahimi and Recht (2007).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> reference = rng.normal(size=(300, 4))
    >>> same = domain_classifier(reference, rng.normal(size=(300, 4)))
    >>> moved = domain_classifier(reference, rng.normal(0.4, 1, size=(300, 4)))
    >>> print(f"{same.estimate:.2f} p={same.p_value:.2f}; {moved.estimate:.2f}")
    0.49 p=0.64; 0.73
    """
    before, after, left_out = both(reference, current, least=4)
    confidence_level(level)
    permutations_checked(permutations)
    if folds < 2 or not ridge > 0:
        raise ValueError(f"folds must be at least 2 and ridge above 0, not {folds} and {ridge}")
    n, m = len(before), len(after)
    used = min(folds, n // 2, m // 2)
    generator = np.random.default_rng(seed)
    features, components = _features(before, after, generator)
    fold = np.r_[_fold_of(n, used, generator), _fold_of(m, used, generator)]
    marks = _marks(np.r_[np.zeros(n), np.ones(m)], fold, permutations, generator)
    held = [_held_out(features, marks, fold == one, ridge) for one in range(used)]
    areas = np.mean([area for area, _, _ in held], axis=0)
    fixed, spread = np.sum([variances for _, *variances in held], axis=0)
    wider = max(1.0, float(areas[1:].var()) * used**2 / fixed)
    half = float(ndtri(0.5 + level / 2)) * float(np.sqrt(spread * wider)) / used
    return Result(
        statistic="domain_classifier",
        estimate=float(areas[0]),
        n_reference=n,
        n_current=m,
        p_value=p_value(areas),
        low=max(0.0, float(areas[0]) - half),
        high=min(1.0, float(areas[0]) + half),
        level=level,
        method={
            "classifier": "ridge discriminant: columns, squares, random Fourier features",
            "null": "permutations within folds",
            "folds": used,
            "ridge": ridge,
            "components": components,
            "waves": WAVES,
            "permutations": permutations,
            "seed": seed,
            "engine": "numpy",
            "left_out": left_out,
        },
    )


def _features(before: Floats, after: Floats, generator: np.random.Generator) -> tuple[Floats, int]:
    """Return what the classifier sees, and to how many columns rows were reduced (0: none)."""
    rows = np.vstack([before, after])
    spread = rows.std(axis=0)
    rows = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    reduced = 0
    if rows.shape[1] > COLUMNS_MAX:
        rows = _components(rows)
        reduced = rows.shape[1]
    sigma = median_bandwidth(rows[: len(before)], rows[len(before) :])
    waves = rows @ (generator.standard_normal((rows.shape[1], WAVES)) / sigma)
    phases = generator.uniform(0, 2 * np.pi, WAVES)
    return np.hstack([rows, np.minimum(rows**2, 25.0), np.cos(waves + phases)]), reduced


def _components(rows: Floats) -> Floats:
    """Return the leading principal components, each of variance 1."""
    if rows.shape[0] < rows.shape[1]:
        values, vectors = np.linalg.eigh(rows @ rows.T)
        scores = vectors[:, ::-1][:, :COLUMNS_MAX] * np.sqrt(len(rows))
        return np.asarray(scores[:, values[::-1][:COLUMNS_MAX] > 1e-9 * values[-1]])
    values, vectors = np.linalg.eigh(rows.T @ rows / len(rows))
    kept = values[::-1][:COLUMNS_MAX] > 1e-12 * values[-1]
    leading = vectors[:, ::-1][:, :COLUMNS_MAX][:, kept]
    return np.asarray(rows @ leading / np.sqrt(values[::-1][:COLUMNS_MAX][kept]))


def _fold_of(n: int, folds: int, generator: np.random.Generator) -> Indices:
    return np.asarray(generator.permutation(np.arange(n) % folds))


def _marks(
    labels: Floats, fold: Indices, permutations: int, generator: np.random.Generator
) -> Floats:
    """Return labels and permutations of them within each fold, shape (n + m, 1 + B)."""
    marks = np.empty((len(labels), 1 + permutations))
    marks[:, 0] = labels
    for one in range(int(fold.max()) + 1):
        rows = np.flatnonzero(fold == one)
        drawn = np.broadcast_to(labels[rows], (permutations, len(rows)))
        marks[rows, 1:] = generator.permuted(drawn, axis=1).T
    return marks


def _held_out(
    features: Floats, marks: Floats, held: npt.NDArray[np.bool_], ridge: float
) -> tuple[Floats, float, float]:
    """Return a fold's areas, their variance for a fixed scorer without drift, and DeLong's."""
    learnt, labels = features[~held], marks[~held]
    gram = learnt.T @ learnt
    gram[np.diag_indices_from(gram)] += ridge
    scores = features[held] @ np.linalg.solve(gram, learnt.T @ (labels - labels.mean(axis=0)))
    # Scores that rounding alone tells apart are ties.
    scores = np.round(scores, 12)
    truths = marks[held]
    m = int(truths[:, 0].sum())
    n = len(truths) - m
    areas = ((rankdata(scores, axis=0) * truths).sum(axis=0) - m * (m + 1) / 2) / (n * m)
    fixed = (n + m + 1) / (12 * n * m)
    return areas, fixed, _delong(scores[:, 0], truths[:, 0] == 1, fixed)


def _delong(scores: Floats, truths: npt.NDArray[np.bool_], fixed: float) -> float:
    """Return the variance of an area; that of no drift where a side has one row."""
    m, n = int(truths.sum()), int((~truths).sum())
    if min(n, m) < 2:
        return fixed
    ranks = rankdata(scores)
    above = (ranks[truths] - rankdata(scores[truths])) / n
    below = (ranks[~truths] - rankdata(scores[~truths])) / m
    return float(above.var(ddof=1) / m + below.var(ddof=1) / n)
