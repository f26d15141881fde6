"""Logistic regression with a ridge, by Newton's method: the classifier of drift statistics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

Floats = npt.NDArray[np.float64]

STEPS_MAX = 50
#: Newton stops once a step moves no coefficient by more.
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Logistic:
    r"""Log-odds :math:`a + \sum_j b_j (x_j - \mu_j) / \sigma_j`.

    Parameters
    ----------
    intercept
        a.
    weights
        b, shape (d,).
    centre, scale
        Mean and standard deviation of the columns it learnt from, shape (d,). A constant column
        has scale 1 and weight 0.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(-2, 2, 400)[:, None]
    >>> fitted = fit(x, x[:, 0] > 0.5)
    >>> (fitted(np.array([[-1.0], [2.0]])) > 0).tolist()
    [False, True]
    """

    intercept: float
    weights: Floats
    centre: Floats
    scale: Floats

    def __call__(self, features: Floats) -> Floats:
        """Return the log-odds of each row, shape (n,)."""
        slope = self.weights / self.scale
        return np.asarray(features @ slope + (self.intercept - self.centre @ slope))


def fit(features: Floats, labels: npt.ArrayLike, *, ridge: float = 1.0) -> Logistic:
    r"""Maximise the likelihood less :math:`\tfrac\lambda2 |b|^2`, on standardised columns.

    The ridge keeps coefficients finite when the classes are separable; the intercept has none.

    Parameters
    ----------
    features
        Finite, shape (n, d).
    labels
        0 or 1, shape (n,), both of them present.
    ridge
        :math:`\lambda > 0`, in units of one observation.

    Raises
    ------
    ValueError
        Only one class, or a ridge that is not above 0.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, 4.4.
    """
    truths = np.asarray(labels, dtype=np.float64)
    if not 0 < truths.mean() < 1:
        raise ValueError("labels must hold both 0 and 1")
    if not ridge > 0:
        raise ValueError(f"ridge must be above 0, not {ridge}; use 1.0")
    centre, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.where(scale > 1e-12 * np.maximum(1.0, np.abs(centre)), scale, 1.0)
    design = np.column_stack([np.ones(len(features)), (features - centre) / scale])
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0
    coefficients = np.zeros(design.shape[1])
    coefficients[0] = np.log(truths.mean() / (1 - truths.mean()))
    for _ in range(STEPS_MAX):
        step = _step(design, truths, penalty, coefficients)
        coefficients = coefficients - step
        if np.abs(step).max() < TOLERANCE:
            break
    return Logistic(float(coefficients[0]), coefficients[1:], centre, scale)


def _step(design: Floats, truths: Floats, penalty: Floats, coefficients: Floats) -> Floats:
    """Return Newton's step, halved until the loss does not rise."""
    margin = design @ coefficients
    chance = expit(margin)
    slope = design.T @ (chance - truths) + penalty * coefficients
    curve = (design * (chance * (1 - chance))[:, None]).T @ design
    curve[np.diag_indices_from(curve)] += penalty + 1e-10
    step = np.linalg.solve(curve, slope)
    before, along = _loss(margin, truths, penalty, coefficients), design @ step
    for halving in range(30):
        share = 0.5**halving
        after = _loss(margin - share * along, truths, penalty, coefficients - share * step)
        if after <= before:
            return np.asarray(share * step)
    return np.zeros_like(coefficients)


def _loss(margin: Floats, truths: Floats, penalty: Floats, coefficients: Floats) -> float:
    likelihood = np.logaddexp(0.0, margin).sum() - truths @ margin
    return float(likelihood + 0.5 * penalty @ coefficients**2)
