"""Monitors of performance and calibration: what a window of either is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from drift.cells import Slice
from drift.monitors.finding import Finding
from drift.performance.assessor import Assessor
from drift.performance.comparisons import (
    Compared,
    calibration_change,
    estimated_loss,
    realised_loss,
    residual_of,
)
from drift.performance.scores import EVERYTHING, Population, ScoreReader
from drift.reference import DIMENSIONS, FEATURE_DIMENSION, slices_by
from sql.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drift.monitors.monitor import Monitor
    from drift.parts import DriftParts
    from drift.performance.calibrator import Calibrator
    from drift.performance.scores import Scores

    Measure = Callable[[Calibrator, Scores], Compared | None]

#: What findings are about; it is no feature.
ACCURACY = "@accuracy"
CALIBRATION = "@calibration"

#: What a performance monitor measures, by statistic. Zero is no drift, above it is worse.
PERFORMANCE: dict[str, Measure] = {
    "residual": residual_of,
    "estimated_loss": estimated_loss,
    "realised_loss": realised_loss,
}

#: What a calibration monitor measures.
CHANGES: dict[str, Measure] = {
    "calibration_change": calibration_change,
}


@dataclass(frozen=True, slots=True)
class Received:
    """When the newest decision or label of windows was received, by their start.

    Parameters
    ----------
    baseline_ns
        When that of the reference was, which every window rests on.
    """

    windows: Mapping[int, int]
    baseline_ns: int = 0

    def newest(self, _version: int, start_ns: int, end_ns: int) -> int:
        """Give the newest of the windows that start in a stretch; 0 without any."""
        found = [at for start, at in self.windows.items() if start_ns <= start < end_ns]
        return max(found, default=0) and max(self.baseline_ns, *found)


class ScoreEvaluator:
    """Judges confidence and labels of a window against those of its baseline.

    The baseline is the reference's window, or, for a monitor without one, the days before the
    window. Late labels count when the window is judged again.

    Parameters
    ----------
    feature
        What findings are about.
    measures
        By statistic; a monitor that names none takes all of them.
    """

    def __init__(
        self,
        parts: DriftParts,
        feature: str,
        measures: dict[str, Measure],
    ) -> None:
        self._assessor = Assessor(parts)
        self._reader = ScoreReader(parts)
        self._values_max = parts.settings.performance_slices_max
        self._tolerance = parts.settings.performance_tolerance
        self._late_s = parts.settings.labels_late_s
        self._feature = feature
        self._measures = measures

    @property
    def late_s(self) -> float:
        """Windows that ended within this time are judged again when labels come, in seconds."""
        return self._late_s

    def check(self, monitor: Monitor) -> None:
        """Check a monitor; raises InvalidInputError naming `statistic` or `slices`."""
        self._chosen(monitor)
        sliceable(monitor)

    def evaluate(self, monitor: Monitor, start_ns: int, end_ns: int) -> list[Finding]:
        """Judge a window; see `Evaluator`."""
        self.check(monitor)
        whole = Population(monitor.tenant, monitor.model, start_ns, end_ns, end_ns - start_ns)
        total = int(self._reader.counts(whole).sum())
        if not total:
            raise InvalidInputError("There are no decisions in the window.", field="window")
        found: list[Finding] = []
        for slice_, n in self._slices(monitor, whole, total):
            scores, calibrator = self._assessor.window(
                replace(whole, slice=slice_), monitor.reference
            )
            found += self._findings(monitor, slice_, n / total, scores, calibrator)
        return found

    def changed(self, monitor: Monitor, start_ns: int, end_ns: int) -> Received:
        """Say when what windows rest on was received, so that late labels judge them again."""
        stretch = Population(monitor.tenant, monitor.model, start_ns, end_ns, monitor.window_ns)
        by_step = self._reader.received(stretch)
        windows = {start_ns + step * stretch.step_ns: at for step, at in by_step.items()}
        try:
            baseline_ns = self._assessor.baseline_received(stretch, monitor.reference)
        except (InvalidInputError, NotFoundError):
            # A reference that is gone has nothing new; judging the window says so.
            baseline_ns = 0
        return Received(windows, baseline_ns)

    def on_reference(self, monitor: Monitor) -> Iterator[tuple[int, list[Finding]]]:
        """Judge each window of the baseline's own time against the rest of it."""
        self._chosen(monitor)
        if not monitor.reference:
            raise InvalidInputError("The monitor has no reference.", field="reference")
        asked = Population(monitor.tenant, monitor.model, 0, 1, monitor.window_ns)
        for start, window, rest in self._assessor.left_out(
            asked, monitor.reference, monitor.window_of
        ):
            yield start, self._findings(monitor, EVERYTHING, 1.0, window, rest)

    def _findings(
        self,
        monitor: Monitor,
        slice_: Slice,
        share: float,
        scores: Scores,
        calibrator: Calibrator,
    ) -> list[Finding]:
        return [
            self._finding(monitor, slice_, share, scores, calibrator, statistic)
            for statistic in self._chosen(monitor)
        ]

    def _finding(
        self,
        monitor: Monitor,
        slice_: Slice,
        share: float,
        scores: Scores,
        calibrator: Calibrator,
        statistic: str,
    ) -> Finding:
        named: dict[str, Any] = {
            "feature": self._feature,
            "dimension": slice_.dimension,
            "value": slice_.value,
            "statistic": statistic,
            "reference_id": calibrator.reference_id,
            "reference_version": calibrator.reference_version,
            "n_reference": calibrator.n,
            "traffic_share": min(1.0, share),
        }
        if not calibrator.learnt:
            least = calibrator.labels_min
            return Finding(
                **named,
                unable=f"the baseline has {calibrator.n} labelled decisions with a confidence; "
                f"it takes {least}",
            )
        measured = self._measures[statistic](calibrator, scores)
        if measured is None or measured.n_current < monitor.rows_min:
            n = 0 if measured is None else measured.n_current
            what = "decisions with a confidence" if statistic == "estimated_loss" else "labels"
            return Finding(
                **named,
                n_current=n,
                unable=f"the window has {n} {what}; it takes {monitor.rows_min}",
            )
        return Finding(
            **named,
            n_current=measured.n_current,
            estimate=measured.estimate,
            low=measured.low,
            high=measured.high,
            p_value=measured.p_value,
            tolerance=self._tolerance + measured.by_chance
            if monitor.tolerance is None
            else monitor.tolerance,
            method={
                **measured.method,
                "calibration": calibrator.method,
                "baseline_from_ns": calibrator.from_ns,
                "baseline_to_ns": calibrator.to_ns,
                "read_share": scores.share,
                "mean_confidence": _mean(scores.confidence),
                "accuracy": _mean(scores.right),
                "tolerance_rule": "setting" if monitor.tolerance is None else "stated",
                "engine": "numpy",
            },
        )

    def _slices(
        self, monitor: Monitor, whole: Population, total: int
    ) -> Iterator[tuple[Slice, int]]:
        yield EVERYTHING, total
        for dimension in monitor.slices:
            for value, n in self._reader.values(whole, dimension, self._values_max):
                yield Slice(dimension, value), n

    def _chosen(self, monitor: Monitor) -> tuple[str, ...]:
        if not monitor.statistic:
            return tuple(self._measures)
        if monitor.statistic not in self._measures:
            raise InvalidInputError(
                f"statistic is {monitor.statistic!r}; a monitor of kind {monitor.kind} takes "
                f"{', '.join(self._measures)}.",
                field="statistic",
            )
        return (monitor.statistic,)


def sliceable(monitor: Monitor) -> None:
    """Check that slices are of dimensions there are; raises InvalidInputError for one of none."""
    for dimension in monitor.slices:
        if not slices_by(dimension):
            raise InvalidInputError(
                f"slices holds {dimension!r}; a monitor of kind {monitor.kind} takes "
                f"{', '.join(DIMENSIONS)} or {FEATURE_DIMENSION}<name of a text>.",
                field="slices",
            )


def _mean(values: np.ndarray[Any, np.dtype[np.float64]]) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def performance(parts: DriftParts) -> ScoreEvaluator:
    """Build what judges monitors of kind performance."""
    return ScoreEvaluator(parts, ACCURACY, PERFORMANCE)


def calibration(parts: DriftParts) -> ScoreEvaluator:
    """Build what judges monitors of kind calibration."""
    return ScoreEvaluator(parts, CALIBRATION, CHANGES)
