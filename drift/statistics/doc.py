"""Accuracy before labels come, from the change of the mean confidence (DoC)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy.special import stdtrit

from drift.statistics.labelled import confidence_level, finite_scores, labelled, probabilities
from drift.statistics.result import Result

if TYPE_CHECKING:
    import numpy.typing as npt


def doc(
    reference_confidence: npt.ArrayLike,
    reference_right: npt.ArrayLike,
    current_confidence: npt.ArrayLike,
    *,
    level: float = 0.95,
) -> Result:
    r"""Estimate the accuracy of a window by the difference of confidences.

    .. math:: \widehat{acc} = \overline{acc}_{ref} + (\bar c_{cur} - \bar c_{ref})

    With :math:`r_i = y_i - c_i` on the reference this is :math:`\bar c_{cur} + \bar r`, so that the
    interval for the accuracy which the labels of this window will show is

    .. math:: \widehat{acc} \pm t_{n-1} \, s_r \sqrt{1/n + 1/m}

    if the window's residuals are like the reference's. A constant error of the confidence cancels;
    one that changes with the confidence does not (calibrate first, or use `cbpe`), and a change of
    what the inputs mean cannot be seen.

    Parameters
    ----------
    reference_confidence
        Probability that the answer is right, within [0, 1], shape (n,), n >= 2.
    reference_right
        Whether it was, 0 or 1, shape (n,). Rows with no confidence or no label are left out.
    current_confidence
        Shape (m,). Those not finite are left out.
    level
        Of the interval.

    Returns
    -------
    Result
        Shares from 0 to 1; `method["change"]` is the change of the mean confidence. No p-value.

    Raises
    ------
    ValueError
        Fewer than 2 usable rows of the reference, none of the window, or confidence outside [0, 1].

    References
    ----------
    Guillory et al. (2021), Predicting with Confidence on Unseen Distributions, arXiv 2107.03315.

    Examples
    --------
    >>> result = doc([0.9, 0.8, 0.7, 0.6] * 50, [1, 1, 1, 0] * 50, [0.7] * 100)
    >>> round(result.estimate, 3), round(result.method["change"], 3)
    (0.7, -0.05)
    """
    confidence, right, kept = labelled(
        reference_confidence, reference_right, "reference_confidence"
    )
    current, dropped = finite_scores(current_confidence, "current_confidence")
    probabilities(confidence, "reference_confidence")
    probabilities(current, "current_confidence")
    n, m = len(confidence), len(current)
    if n < 2:
        raise ValueError("reference_confidence must have at least 2 rows with a label, not 1")
    residual = right - confidence
    estimate = float(current.mean() + residual.mean())
    spread = float(residual.std(ddof=1)) * (1 / n + 1 / m) ** 0.5
    half = float(stdtrit(n - 1, 0.5 + confidence_level(level) / 2)) * spread
    return Result(
        statistic="doc",
        estimate=min(1.0, max(0.0, estimate)),
        n_reference=n,
        n_current=m,
        low=min(1.0, max(0.0, estimate - half)),
        high=min(1.0, max(0.0, estimate + half)),
        level=level,
        method={
            "change": float(current.mean() - confidence.mean()),
            "reference_accuracy": float(right.mean()),
            "left_out_reference": int(kept.size - n),
            "left_out_current": dropped,
        },
    )
