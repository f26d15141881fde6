"""A window's performance against its baseline: the loss, the residual, a change of calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr, ndtri

from drift.performance.residual import residual
from drift.performance.tails import at_least, both_ways
from drift.statistics.calibration import calibration
from drift.statistics.result import Detail

if TYPE_CHECKING:
    from drift.performance.calibrator import Calibrator
    from drift.performance.scores import Scores

Floats = npt.NDArray[np.float64]

#: Bins of equal counts of the baseline, before those with few expected mistakes are joined.
_BINS = 10
#: Right and wrong decisions that a bin is expected to hold at least.
_EXPECTED_MIN = 5.0
_Z = float(ndtri(0.975))


@dataclass(frozen=True, slots=True)
class Compared:
    """An effect with its interval at 95 % and the chance of it without drift.

    Parameters
    ----------
    estimate, low, high
        Zero is no drift; above zero it is worse.
    by_chance
        What the limited baseline alone shows on average.
    """

    estimate: float
    low: float
    high: float
    p_value: float
    n_reference: int
    n_current: int
    by_chance: float
    method: dict[str, Detail]


def residual_of(calibrator: Calibrator, window: Scores) -> Compared | None:
    """Compare estimated with realised accuracy of the same decisions; None without a label.

    Wrong decisions are counted against how many confidence lets expect.
    """
    known = window.labelled
    found = residual(calibrator, known)
    if found is None:
        return None
    wrong = 1 - calibrator.chances(known.confidence)
    p_value = both_ways(
        int((known.right == 0).sum()),
        found.n,
        float(wrong.mean()),
        calibrator.variance(known.confidence),
    )
    method: dict[str, Detail] = {"test": "beta_binomial", "sides": 2}
    return Compared(
        found.estimate, found.low, found.high, p_value, calibrator.n, found.n, 0.0, method
    )


def realised_loss(calibrator: Calibrator, window: Scores) -> Compared | None:
    """Compare the accuracy labels show with the baseline's; None without a label."""
    right = window.right[np.isfinite(window.right)]
    n, base = len(right), calibrator.n
    if not n:
        return None
    wrong = float((calibrator.baseline.right == 0).sum())
    # The rate of mistakes as the baseline leaves it open, with half of each kind added.
    rate = (wrong + 0.5) / (base + 1)
    variance = rate * (1 - rate) / (base + 2)
    before, now = float(calibrator.baseline.right.mean()), float(right.mean())
    half = _Z * (variance + (now * (1 - now) + 0.25 / n) / n) ** 0.5
    p_value = at_least(int((right == 0).sum()), n, rate, variance)
    method: dict[str, Detail] = {"test": "beta_binomial", "sides": 1, "baseline_accuracy": before}
    loss = before - now
    return Compared(loss, loss - half, loss + half, p_value, base, n, 0.0, method)


def estimated_loss(calibrator: Calibrator, window: Scores) -> Compared | None:
    """Compare the accuracy confidence lets expect with the baseline's; None without confidence.

    It takes no label of the window. Both sides rest on one map, so what that has wrong counts only
    where their confidences differ.
    """
    confidence = window.confidence[np.isfinite(window.confidence)]
    known = calibrator.baseline.confidence
    m, n = len(confidence), len(known)
    if not m:
        return None
    before, now = calibrator.chances(known), calibrator.chances(confidence)
    gradient = np.concatenate([np.full(n, 1 / n), np.full(m, -1 / m)])
    variance = calibrator.variance_of(np.concatenate([known, confidence]), gradient)
    variance += float(before.var()) / n + (float(now.var()) + 0.25 / m) / m
    loss = float(before.mean() - now.mean())
    half = _Z * variance**0.5
    p_value = float(ndtr(-loss / variance**0.5))
    accuracy = float(now.mean())
    method: dict[str, Detail] = {"test": "normal", "sides": 1, "estimated_accuracy": accuracy}
    return Compared(loss, loss - half, loss + half, p_value, n, m, 0.0, method)


def calibration_change(calibrator: Calibrator, window: Scores) -> Compared | None:
    """Measure the calibration error of chances learnt on the baseline; None without a label.

    In bins of confidence the mean of label less chance is 0 if confidence means what it meant. The
    sum of its squares, each by the variance that window and baseline give it, is chi-square.
    """
    known = window.labelled
    if not len(known.right):
        return None
    chances = calibrator.chances(known.confidence)
    error = calibration(chances, known.right, bins=_BINS)
    base = calibrator.baseline.confidence
    edges = np.quantile(base, np.arange(1, _BINS) / _BINS, method="inverted_cdf")
    where = _joined(np.searchsorted(edges, known.confidence), chances)
    there = where.of(np.searchsorted(edges, base))
    n, bases = np.bincount(where.bins), np.bincount(there, minlength=where.count)
    gap = np.bincount(where.bins, known.right - chances) / n
    spread = np.bincount(where.bins, chances * (1 - chances)) / n
    noise = spread * (1 / n + 1 / np.maximum(bases, 1))
    test = float((gap**2 / np.maximum(noise, 1e-12)).sum())
    chance = float((n / n.sum()) @ np.sqrt(2 / np.pi * spread / np.maximum(bases, 1)))
    low = 0.0 if error.low is None else error.low
    high = 1.0 if error.high is None else error.high
    method: dict[str, Detail] = {
        "test": "chi_square",
        "test_statistic": test,
        "freedom": where.count,
        "bins": where.count,
    }
    return Compared(
        error.estimate,
        low,
        high,
        float(chdtrc(where.count, test)),
        calibrator.n,
        len(known.right),
        chance,
        method,
    )


@dataclass(frozen=True, slots=True)
class _Bins:
    """Bins of which some were joined.

    Parameters
    ----------
    bins
        Of each row of the window.
    joined
        New number of each old bin.
    """

    bins: npt.NDArray[np.int64]
    joined: npt.NDArray[np.int64]
    count: int

    def of(self, old: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
        """Give the new number of old ones."""
        return self.joined[old]


def _joined(old: npt.NDArray[np.intp], chances: Floats) -> _Bins:
    """Join neighbouring bins until each is expected to hold right and wrong decisions."""
    right = np.bincount(old, chances, _BINS)
    wrong = np.bincount(old, 1 - chances, _BINS)
    joined = np.zeros(_BINS, dtype=np.int64)
    number, held = 0, np.zeros(2)
    for place in range(_BINS):
        joined[place] = number
        held += (right[place], wrong[place])
        left = (right[place + 1 :].sum(), wrong[place + 1 :].sum())
        if held.min() >= _EXPECTED_MIN and min(left) >= _EXPECTED_MIN:
            number, held = number + 1, np.zeros(2)
    return _Bins(joined[old], joined, number + 1)
