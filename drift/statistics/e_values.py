"""Evidence that multiplies over looks and averages over signals: e-values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Calibrator = Literal["mixture", "power"]

#: Least p-value that is told from 0: e-values stay finite.
P_MIN = 1e-300


def from_p_values(
    p_values: npt.ArrayLike, *, calibrator: Calibrator = "mixture", power: float = 0.5
) -> Floats:
    r"""Turn p-values into e-values: at least 0, and at most 1 on average without drift.

    .. math::
        \text{mixture: } e = \frac{1 - p + p \ln p}{p (\ln p)^2} \qquad
        \text{power: } e = \kappa p^{\kappa - 1}

    The mixture integrates the power over :math:`\kappa` from 0 to 1 and needs no choice; it is 1/2
    at p = 1. A p-value of 0 counts as 1e-300.

    Parameters
    ----------
    p_values
        Within [0, 1], any shape.
    calibrator
        `mixture` or `power`.
    power
        :math:`\kappa`, strictly between 0 and 1; smaller rewards smaller p-values more.

    Raises
    ------
    ValueError
        A p-value outside [0, 1] or NaN, an unknown calibrator, a power out of range.

    References
    ----------
    Vovk and Wang (2021), E-values: calibration, combination and applications, Annals of Statistics.

    Examples
    --------
    >>> from_p_values([1.0, 0.05, 1e-6]).round(3).tolist()
    [0.5, 1.783, 5239.136]
    >>> from_p_values(0.0001, calibrator="power").item()
    50.0
    """
    p = np.asarray(p_values, dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("p_values must be within [0, 1], without NaN")
    p = np.maximum(p, P_MIN)
    if calibrator == "power":
        if not 0 < power < 1:
            raise ValueError(f"power must be strictly between 0 and 1, not {power}; use 0.5")
        return np.asarray(power * p ** (power - 1))
    if calibrator != "mixture":
        raise ValueError(f"calibrator must be mixture or power, not {calibrator!r}")
    logs = np.log(p)
    # Numerator and denominator both vanish at p = 1; the series is exact to 1e-10 near it.
    near = logs > -1e-3
    safe = np.where(near, -1.0, logs)
    e = (np.expm1(-safe) + safe) / safe**2
    return np.asarray(np.where(near, 0.5 - logs / 6 + logs**2 / 24, e))


def to_p_value(e_value: float) -> float:
    """Return min(1, 1/e), a p-value by Markov's inequality; anytime-valid for the greatest e yet.

    Raises
    ------
    ValueError
        The e-value is below 0 or NaN.

    Examples
    --------
    >>> to_p_value(40.0), to_p_value(0.2)
    (0.025, 1.0)
    """
    if not e_value >= 0:
        raise ValueError(f"e_value must be at least 0, not {e_value}")
    return 1.0 if e_value <= 1 else 1 / e_value


def averaged(e_values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> float:
    """Return the mean of e-values: an e-value of "nowhere drift", however they depend.

    Parameters
    ----------
    e_values
        At least 0, shape (k,), k >= 1.
    weights
        Chosen before looking, at least 0, not all 0, shape (k,); equal where None.

    Raises
    ------
    ValueError
        No e-value, one below 0 or NaN, or weights that do not fit.

    Examples
    --------
    >>> averaged([0.5, 0.5, 59.0])
    20.0
    """
    e = _checked(e_values)
    mass = np.ones_like(e) if weights is None else np.asarray(weights, dtype=np.float64)
    if mass.shape != e.shape or not (mass >= 0).all() or not mass.any():
        raise ValueError("weights must be one for each e-value, at least 0 and not all 0")
    return float(e @ mass / mass.sum())


def e_bh(e_values: npt.ArrayLike, alpha: float = 0.05) -> npt.NDArray[np.bool_]:
    r"""Return which hypotheses to reject so that the false discovery rate is at most alpha.

    With e-values in falling order, the first :math:`\hat k` are rejected,

    .. math:: \hat k = \max \{k : e_{(k)} \ge K / (\alpha k)\}

    It holds under any dependence, which Benjamini and Hochberg's procedure does not, and for
    e-processes stopped whenever one likes.

    Parameters
    ----------
    e_values
        At least 0, shape (K,).
    alpha
        Strictly between 0 and 1.

    Raises
    ------
    ValueError
        No e-value, one below 0 or NaN, alpha out of range.

    References
    ----------
    Wang and Ramdas (2022), False discovery rate control with e-values, JRSS B 84.

    Examples
    --------
    >>> e_bh([70.0, 35.0, 1.0, 0.1], alpha=0.1).tolist()
    [True, True, False, False]
    """
    e = _checked(e_values)
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must be strictly between 0 and 1, not {alpha}")
    falling = np.sort(e)[::-1]
    enough = np.flatnonzero(falling * np.arange(1, e.size + 1) >= e.size / alpha)
    if not enough.size:
        return np.zeros(e.shape, dtype=np.bool_)
    return np.asarray(e >= falling[enough[-1]])


def _checked(e_values: npt.ArrayLike) -> Floats:
    e = np.atleast_1d(np.asarray(e_values, dtype=np.float64))
    if e.ndim != 1 or not e.size or not (e >= 0).all():
        raise ValueError("e_values must be at least one number, each at least 0, without NaN")
    return e
