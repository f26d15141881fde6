"""Weighs the calibration of a step by how much past decisions resemble those of the step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from drift.performance.calibrator import Calibrator
from drift.performance.featured import Featured, FeaturedReader
from drift.statistics import encoding
from drift.statistics.density_ratio import IMBALANCE_MAX, density_ratio
from drift.statistics.encoding import Encoding

if TYPE_CHECKING:
    import numpy.typing as npt

    from drift.parts import DriftParts
    from drift.performance.scores import Classes, Population
    from drift.statistics.density_ratio import Ratio
    from drift.statistics.encoding import Column

    Floats = npt.NDArray[np.float64]
    Method = Literal["weighted", "unweighted", "none"]

#: Categories of a text that have a column of their own.
_CATEGORIES_MAX = 10
#: Rows of either side it takes for each column (Peduzzi et al. 1996, a simulation study of the
#: number of events per variable).
_ROWS_PER_COLUMN = 10
#: Confidence is cut there before its log-odds are taken.
_LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class Weighing:
    """Whether the labelled decisions behind an estimate were weighted, and how well that did.

    Parameters
    ----------
    method
        weighted; unweighted; none where no labels calibrate confidence at all.
    reason
        Why not weighted; empty where it was.
    effective
        Labelled decisions of equal weight that would vary as little (Kish).
    imbalance
        Greatest difference of a column's mean that weights leave between the baseline and the step,
        in standard deviations; None where no weights were tried.
    columns
        Of features and confidence that resemblance was judged by.
    """

    method: Method
    reason: str
    effective: float
    imbalance: float | None = None
    columns: int = 0


@dataclass(frozen=True, slots=True)
class Sides:
    """What is made to resemble what, as columns of numbers.

    Parameters
    ----------
    known
        Labelled decisions of the baseline.
    current
        Decisions of all steps.
    encoding
        As learnt from the baseline.
    before
        The baseline encoded, shape (n, d).
    """

    known: Featured
    current: Featured
    encoding: Encoding
    before: Floats

    @classmethod
    def of(cls, known: Featured, current: Featured) -> Sides:
        """Encode a baseline; columns that hold nothing there are left out."""
        columns = {name: one for name, one in _columns(known).items() if _holds(one)}
        fitted = encoding.fit(columns, categories_max=_CATEGORIES_MAX)
        return cls(known, current, fitted, fitted(columns))

    @property
    def columns(self) -> int:
        """Columns that are not constant in the baseline."""
        return int(np.count_nonzero(np.ptp(self.before, axis=0) > 0))

    def ratio(self, now: Featured) -> Ratio:
        """Weigh the baseline for some decisions."""
        return density_ratio(self.before, self.encoding(_columns(now)))


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Weighs one baseline for the steps of one window.

    Parameters
    ----------
    plain
        The calibrator without weights.
    why_not
        Why no step can be weighted for; empty where there are sides.
    sides
        What can be weighted.
    """

    plain: Calibrator
    why_not: str = ""
    sides: Sides | None = None

    def of(self, step: int) -> tuple[Calibrator, Weighing]:
        """Give what calibrates the estimates of a step, and how it was weighed."""
        if self.sides is None:
            return self._unweighted(self.why_not)
        known, now, columns = self.sides.known, self.sides.current.at(step), self.sides.columns
        least = max(1, _ROWS_PER_COLUMN * columns)
        for n, what in ((known.n, "the baseline"), (now.n, "the step")):
            if n < least:
                reason = f"{columns} columns take {least} decisions with a confidence"
                return self._unweighted(f"{reason}; {what} has {n}", columns=columns)
        ratio = self.sides.ratio(now)
        if reason := self._unfit(ratio):
            return self._unweighted(reason, ratio.imbalance, columns)
        weighted = replace(self.plain, baseline=known.scores, weights=ratio.weights)
        return weighted, Weighing("weighted", "", ratio.effective, ratio.imbalance, columns)

    def _unfit(self, ratio: Ratio) -> str:
        """Say why weights are not to be used; empty where they are."""
        if not ratio.usable:
            return (
                "the baseline cannot be made to resemble the step: a mean stays "
                f"{ratio.imbalance:.2g} standard deviations apart, {IMBALANCE_MAX:g} is the most"
            )
        if ratio.effective < self.plain.labels_min:
            return (
                f"too few decisions of the baseline resemble the step: {ratio.effective:.0f} "
                f"effective ones, it takes {self.plain.labels_min}"
            )
        return ""

    def _unweighted(
        self, reason: str, imbalance: float | None = None, columns: int = 0
    ) -> tuple[Calibrator, Weighing]:
        method: Method = "unweighted" if self.plain.learnt else "none"
        return self.plain, Weighing(method, reason, float(self.plain.n), imbalance, columns)


class ResemblanceReader:
    """Reads what resemblance is judged by, within bounds."""

    def __init__(self, parts: DriftParts) -> None:
        self._reader = FeaturedReader(parts)
        self._settings = parts.settings

    def read(
        self,
        calibrator: Calibrator,
        population: Population,
        baseline: Population,
        classes: Classes,
    ) -> Resemblance:
        """Read a baseline and the steps of a window; what cannot be weighted says why.

        Parameters
        ----------
        baseline
            As one step.
        """
        if not calibrator.learnt:
            return Resemblance(calibrator, "no labels calibrate confidence")
        most = self._settings.performance_weights_steps_max
        if population.steps > most:
            return Resemblance(
                calibrator,
                f"{population.steps} steps; of more than {most} "
                "(setting performance_weights_steps_max) none is weighted",
            )
        features = self._reader.features(baseline, self._settings.performance_weights_features_max)
        if not features:
            return Resemblance(calibrator, "decisions of the baseline have no features")
        rows_max = self._settings.performance_weights_rows_max
        labels_max = self._settings.performance_calibration_rows_max
        known = self._reader.read(baseline, classes, features, labels_max, labelled=True)
        known = known.of(np.isfinite(known.scores.right))
        if known.n < calibrator.labels_min:
            return Resemblance(calibrator, "too few labelled decisions of the baseline")
        current = self._reader.read(population, classes, features, rows_max, labelled=False)
        return Resemblance(calibrator, sides=Sides.of(known, current))


def _holds(column: Column) -> bool:
    """Say whether a column has anything in it."""
    filled = np.isfinite(column) if column.dtype.kind == "f" else column != ""
    return bool(filled.any())


def _columns(rows: Featured) -> dict[str, Column]:
    """Give features and the log-odds of what the model states, of a class where there are two."""
    stated = rows.scores.positive
    chance = np.where(np.isfinite(stated), stated, rows.scores.confidence)
    chance = np.clip(chance, _LEAST, 1 - _LEAST)
    return {"@confidence": np.log(chance / (1 - chance)), **rows.columns}
