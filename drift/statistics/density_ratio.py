"""How much more likely a reference row is among current ones: weights for a shifted population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from drift.statistics import logistic
from drift.statistics.vectors import finite_rows

Floats = npt.NDArray[np.float64]

#: Odds beyond which a row's weight no longer rises; few rows must not speak for all.
WEIGHT_MAX = 100.0
#: Differences of means, in standard deviations, that are commonly called balanced (Austin 2009).
IMBALANCE_MAX = 0.1


@dataclass(frozen=True, slots=True)
class Ratio:
    """Weights of reference rows, and how well they do.

    Parameters
    ----------
    weights
        Shape (n,), mean 1.
    effective
        Rows of equal weight that would vary as little (Kish), from 1 to n.
    imbalance
        Greatest difference between the weighted mean of a column and its current mean, in standard
        deviations of the reference.
    """

    weights: Floats
    effective: float
    imbalance: float

    @property
    def usable(self) -> bool:
        """Whether the weighted reference does resemble the current rows.

        It does not where the ratio is too stiff, or where the reference holds hardly any such row;
        an estimate without weights is then the safer one.
        """
        return self.imbalance <= IMBALANCE_MAX


def density_ratio(reference: npt.ArrayLike, current: npt.ArrayLike, *, ridge: float = 1.0) -> Ratio:
    r"""Weigh reference rows by :math:`w_i \propto q(x_i) / p(x_i)`.

    A logistic regression tells current rows from reference rows; its odds, times n/m, are the
    ratio of densities (Bayes). Weights have mean 1 and are cut at `WEIGHT_MAX`. The ratio is as
    rich as the columns are: send squares or indicators where a straight line is too stiff, as
    `drift.statistics.encoding` does.

    Parameters
    ----------
    reference
        Shape (n, d), finite.
    current
        Shape (m, d), finite.
    ridge
        Of the logistic regression, in observations.

    Raises
    ------
    ValueError
        Another shape, no row on a side, or a value that is not finite.

    References
    ----------
    Bickel, Brückner and Scheffer (2009), Discriminative Learning Under Covariate Shift, JMLR 10;
    Austin (2009), Balance diagnostics, Statistics in Medicine 28 (the bound on imbalance).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> before, after = rng.normal(0, 1, (5000, 1)), rng.normal(1, 1, (5000, 1))
    >>> ratio = density_ratio(before, after)
    >>> print(f"{before.mean():.2f} {(ratio.weights @ before[:, 0]) / len(before):.2f}")
    -0.01 1.04
    >>> ratio.usable, density_ratio(before, after + 9).usable
    (True, False)
    """
    before, after = finite_rows(reference, "reference"), finite_rows(current, "current")
    if before.shape[1] != after.shape[1]:
        raise ValueError(
            f"reference has {before.shape[1]} columns and current {after.shape[1]}; send the same"
        )
    labels = np.r_[np.zeros(len(before)), np.ones(len(after))]
    classifier = logistic.fit(np.vstack([before, after]), labels, ridge=ridge)
    prior = np.log(len(before) / len(after))
    weights = np.exp(np.minimum(classifier(before) + prior, np.log(WEIGHT_MAX)))
    weights = weights / weights.mean()
    apart = np.abs((weights @ before) / len(before) - after.mean(axis=0)) / _spread(before)
    effective = len(before) ** 2 / float(weights @ weights)
    return Ratio(weights, effective, float(apart.max()))


def _spread(rows: Floats) -> Floats:
    """Return the standard deviation of each column; 1 where it is constant."""
    spread = rows.std(axis=0)
    return np.where(spread > 1e-12 * np.maximum(1.0, np.abs(rows.mean(axis=0))), spread, 1.0)
