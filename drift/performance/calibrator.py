"""From stated confidence to the chance of being right: learnt from labels, or taken as it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from drift.performance.realised import Estimate
from drift.performance.scores import Scores
from drift.statistics import isotonic
from drift.statistics.cbpe import cbpe
from drift.statistics.doc import doc

if TYPE_CHECKING:
    import numpy.typing as npt

    from drift.statistics.isotonic import IsotonicMap
    from drift.statistics.result import Result

    Floats = npt.NDArray[np.float64]

#: What an estimate without labels rests on.
TAKEN_AS_IT_IS = (
    "Confidence is taken as the chance of being right; no labels say whether it is. "
    "Compare when labels come."
)
#: What one with labels rests on.
CALIBRATED = (
    "Decisions of a confidence are right as often as in the labelled decisions of the baseline; "
    "where what inputs mean has changed, they are not."
)


@dataclass(frozen=True)
class Calibrator:
    """What confidence means, as far as labels tell.

    Parameters
    ----------
    baseline
        Decisions with confidence and label that it is learnt from.
    from_ns, to_ns
        Window of the baseline, UTC nanoseconds.
    labels_min
        With fewer of them confidence is taken as it is.
    reference_id, reference_version
        Whose window that is; empty and 0 where it is the time before what is asked for.
    weights
        Of the decisions of the baseline, shape (n,); alike where None. The change of the mean
        confidence does without.
    """

    baseline: Scores
    from_ns: int
    to_ns: int
    labels_min: int
    reference_id: str = ""
    reference_version: int = 0
    weights: Floats | None = None

    @property
    def n(self) -> int:
        """Labelled decisions of the baseline."""
        return len(self.baseline.right)

    @property
    def learnt(self) -> bool:
        """Whether there are enough of them."""
        return self.n >= self.labels_min

    @property
    def method(self) -> str:
        """Name what is done with a confidence."""
        return "isotonic" if self.learnt else "none"

    @property
    def assumption(self) -> str:
        """Say what estimates rest on."""
        return CALIBRATED if self.learnt else TAKEN_AS_IT_IS

    @cached_property
    def _map(self) -> IsotonicMap | None:
        if not self.learnt:
            return None
        return isotonic.fit(self.baseline.confidence, self.baseline.right, self.weights)

    def chances(self, confidence: Floats) -> Floats:
        """Give the chance of being right of each finite confidence."""
        return confidence if self._map is None else self._map(confidence)

    def variance(self, confidence: Floats) -> float:
        """Give the variance that the limited baseline gives a mean of chances."""
        if not len(confidence):
            return 0.0
        return self.variance_of(confidence, np.full(len(confidence), 1 / len(confidence)))

    def variance_of(self, confidence: Floats, gradient: Floats) -> float:
        """Give the variance that it gives a sum of chances with these weights."""
        return 0.0 if self._map is None else self._map.variance(confidence, gradient)

    def accuracy(self, confidence: Floats, *, level: float = 0.95) -> Estimate:
        """Estimate the accuracy that labels of these decisions will show, by CBPE.

        Parameters
        ----------
        confidence
            Finite, shape (m,), m >= 1.
        """
        chances, m = self.chances(confidence), len(confidence)
        # As `cbpe` does with metric="share", whose map this is, fitted once for all steps.
        variance = float((chances * (1 - chances)).sum()) / m**2 + self.variance(confidence)
        mean, half = float(chances.mean()), float(ndtri(0.5 + level / 2)) * variance**0.5
        return Estimate(mean, max(0.0, mean - half), min(1.0, mean + half), m)

    def doc(self, confidence: Floats, *, level: float = 0.95) -> Estimate | None:
        """Estimate the accuracy by the change of the mean confidence; None without labels."""
        if not self.learnt:
            return None
        return _of(doc(self.baseline.confidence, self.baseline.right, confidence, level=level))

    def auc(self, positive: Floats, *, level: float = 0.95) -> Estimate | str:
        """Estimate the AUC by CBPE, or say why there is none.

        Parameters
        ----------
        positive
            Probability of the positive class; rows without one are left out.
        """
        if not self.learnt:
            return "it takes labels of the baseline"
        stated = np.isfinite(self.baseline.positive)
        known = self.baseline.of(stated)
        if len(known.truth) < self.labels_min or not np.isfinite(positive).any():
            return "no two classes with a confidence"
        mass = None if self.weights is None else self.weights[stated]
        try:
            found = cbpe(
                known.positive, known.truth, positive, metric="auc", level=level, weights=mass
            )
            return _of(found)
        except ValueError:
            return "one class only is possible"


def _of(result: Result) -> Estimate:
    low = result.estimate if result.low is None else result.low
    high = result.estimate if result.high is None else result.high
    return Estimate(result.estimate, low, high, result.n_current)
