"""Whether a classifier can tell current rows from reference rows: its cross-fitted AUC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from drift.statistics.bandwidth import median_bandwidth
from drift.statistics.labelled import confidence_level
from drift.statistics.permutation import blocks, p_value, permutations_checked
from drift.statistics.result import Result
from drift.statistics.vectors import both

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    labels = np.r_[np.zeros(n), np.ones(m)]
    held = [_Fold(features, labels, fold == one, ridge) for one in range(used)]
    areas = np.concatenate(
        [
            np.mean([one.areas(marks) for one in held], axis=0)
            for marks in _marks(labels, fold, permutations, generator)
        ]
    )
    fixed, spread = sum(one.fixed for one in held), sum(one.delong() for one in held)
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
) -> Iterator[Floats]:
    """Yield labels, then permutations of them within each fold, as columns in blocks."""
    yield labels[:, None]
    for part in blocks(permutations):
        marks = np.empty((len(labels), part.stop - part.start))
        for one in range(int(fold.max()) + 1):
            rows = np.flatnonzero(fold == one)
            drawn = np.broadcast_to(labels[rows], (marks.shape[1], len(rows)))
            marks[rows] = generator.permuted(drawn, axis=1).T
        yield marks


class _Fold:
    """Rows held out, and the discriminant that the others teach; linear in their labels."""

    def __init__(
        self, features: Floats, labels: Floats, held: npt.NDArray[np.bool_], ridge: float
    ) -> None:
        self._held, self._learnt = held, features[~held]
        gram = self._learnt.T @ self._learnt
        gram[np.diag_indices_from(gram)] += ridge
        self._turned = np.linalg.solve(gram, features[held].T).T
        self._labels = labels
        self._current = int(labels[held].sum())
        self._reference = int(np.count_nonzero(held)) - self._current
        n, m = self._reference, self._current
        #: Variance of the area of a fixed scorer without drift.
        self.fixed = (n + m + 1) / (12 * n * m)

    def areas(self, marks: Floats) -> Floats:
        """Return the area by column of marks, 1 for rows taken as current."""
        n, m = self._reference, self._current
        ranks = rankdata(self._scores(marks), axis=0)
        return np.asarray(((ranks * marks[self._held]).sum(axis=0) - m * (m + 1) / 2) / (n * m))

    def delong(self) -> float:
        """Return the variance of the area; that of no drift where a side has one row."""
        if min(self._reference, self._current) < 2:
            return self.fixed
        scores = self._scores(self._labels[:, None])[:, 0]
        current = self._labels[self._held] == 1
        ranks = rankdata(scores)
        above = (ranks[current] - rankdata(scores[current])) / self._reference
        below = (ranks[~current] - rankdata(scores[~current])) / self._current
        return float(above.var(ddof=1) / self._current + below.var(ddof=1) / self._reference)

    def _scores(self, marks: Floats) -> Floats:
        taught = marks[~self._held]
        scores = self._turned @ (self._learnt.T @ (taught - taught.mean(axis=0)))
        # Scores that rounding alone tells apart are ties.
        return np.asarray(np.round(scores, 12))
