"""The residual: what was estimated less what labels show, of the very same decisions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from drift.statistics import betting
from drift.statistics.e_process import LOG_WEALTH_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from drift.performance.calibrator import Calibrator
    from drift.performance.scores import Scores

    Floats = npt.NDArray[np.float64]

#: Points residuals are counted at, and bets: shares of the largest one that cannot ruin.
_POINTS, _STAKES = 401, 24
_GRID = betting.Grid(-1.0, 1.0, _POINTS, np.geomspace(0.005, 0.95, _STAKES))
#: The bet divides by the distance of the mean from -1.
_LEAST = -1 + 1e-6
#: Standard deviations of the calibration's own error that are no drift either.
_MARGIN_SD = 2.0


@dataclass(frozen=True, slots=True)
class Residual:
    """Estimated less realised accuracy of a window; above zero it is worse than was estimated.

    Parameters
    ----------
    n
        Decisions with confidence and label.
    estimate, low, high
        The mean and its interval, the error of the calibration included.
    p_value
        Of a mean of zero.
    margin
        Two standard deviations of what the limited baseline alone adds.
    """

    n: int
    estimate: float
    low: float
    high: float
    p_value: float
    margin: float


@dataclass(frozen=True, slots=True)
class Running:
    """What all steps so far say together.

    Parameters
    ----------
    n
        Labelled decisions so far.
    e_value
        Evidence that from some step on the mean residual is beyond the tolerance. Without drift
        the chance that it ever reaches 1/alpha, however often one looks, is at most alpha.
    low, high
        Confidence sequence: a mean residual that is the same at all steps lies within, at all looks
        at once. Where low is above high it cannot have been the same.
    """

    n: int
    e_value: float
    low: float
    high: float


def residual(calibrator: Calibrator, scores: Scores, *, level: float = 0.95) -> Residual | None:
    """Compare the chances that confidence gave with what labels show; None without a label."""
    known = scores.labelled
    n = len(known.right)
    if not n:
        return None
    chances = calibrator.chances(known.confidence)
    left = chances - known.right
    # Labels of few decisions may all be alike, which says little about their spread.
    expected = float((chances * (1 - chances)).mean())
    seen = float(left.var(ddof=1)) if n > 1 else 0.25
    ours = calibrator.variance(known.confidence)
    deviation = (max(expected, seen) / n + ours) ** 0.5
    mean = float(left.mean())
    half = float(ndtri(0.5 + level / 2)) * deviation
    p_value = 2 * float(ndtr(-abs(mean) / deviation)) if deviation > 0 else float(mean == 0)
    margin = _MARGIN_SD * ours**0.5
    return Residual(n, mean, max(-1.0, mean - half), min(1.0, mean + half), p_value, margin)


def running(
    calibrator: Calibrator, steps: Sequence[Scores], *, tolerance: float, alpha: float
) -> list[Running]:
    r"""Follow the residual over steps with an e-process and a confidence sequence.

    Against a mean of at most m, a bettor who stakes the share :math:`\lambda` of what is possible
    on every residual :math:`r_i` has

    .. math:: K_t(m) = \prod_i \Bigl(1 + \lambda \frac{r_i - m}{1 + m}\Bigr)

    of a first unit, on average never more than 1 if that is so (Ville's inequality then bounds the
    chance that it ever reaches 1/alpha). Half of the unit is put on either side, in equal parts on
    a range of stakes and on every step to begin at: a change after a long quiet is found
    soon. Constant means that bets from the first step on have not refused are the
    confidence sequence.

    Residuals are split over points with their mean kept; the logarithm being concave that can only
    lessen the wealth.

    Parameters
    ----------
    steps
        In the order of time.
    tolerance
        Mean residuals within it are no drift; the calibration's own error widens it.
    alpha
        Chance of a false alarm at any step, and of the sequence ever missing the mean.

    References
    ----------
    Waudby-Smith and Ramdas (2024), Estimating means of bounded random variables by betting,
    arXiv 2010.09686.
    """
    known = [scores.labelled for scores in steps]
    together = np.concatenate([one.confidence for one in known]) if known else np.empty(0)
    band = tolerance + _MARGIN_SD * calibrator.variance(together) ** 0.5
    gains = _GRID.gains(max(band, _LEAST))
    bets = np.zeros((len(known), 2 * _STAKES))
    counts = np.zeros(_POINTS)
    refuses = math.log(2 / alpha)
    low, high = -1.0, 1.0
    found: list[Running] = []
    n = 0
    for number, one in enumerate(known):
        fresh = _GRID.split(calibrator.chances(one.confidence) - one.right)
        bets[: number + 1] += np.concatenate([gains @ fresh, gains @ fresh[::-1]])
        counts += fresh
        n += len(one.right)
        if len(one.right):
            low = _GRID.refused_below(counts, refuses, low)
            high = -_GRID.refused_below(counts[::-1], refuses, -high)
        found.append(Running(n, _e_value(bets), low, high))
    return found


def _e_value(logs: Floats) -> float:
    """Give the wealth of bets, at most what JSON can hold."""
    return math.exp(min(betting.log_mixture(logs), LOG_WEALTH_MAX))
