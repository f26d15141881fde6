"""The health of a model over time: what was estimated, what came true, and the difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from drift.performance import realised
from drift.performance.calibrator import Calibrator
from drift.performance.realised import Estimate
from drift.performance.resemblance import Weighing
from drift.performance.residual import Residual, Running, residual
from drift.performance.scores import Classes, Population, Scores
from drift.statistics.calibration import calibration
from drift.statistics.result import Result

Floats = npt.NDArray[np.float64]

#: Bins of confidence whose accuracy is compared with it.
BINS = 10


@dataclass(frozen=True, slots=True)
class Realised:
    """What labels show of a step.

    Parameters
    ----------
    n
        Decisions with an outcome and a label, with or without confidence.
    auc
        An estimate, or why there is none.
    calibration
        Expected calibration error of the stated confidence; None where no decision had one.
    delay_s
        Median and ninetieth percentile from decision to label.
    """

    n: int
    accuracy: Estimate
    auc: Estimate | str
    calibration: Result | None
    delay_s: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of time.

    Parameters
    ----------
    n, read
        Every decision, and those of them that were read.
    confidence
        Of those read, the finite ones.
    estimated, doc
        Accuracy by CBPE and by the change of mean confidence; None without confidence.
    auc
        An estimate, or why there is none.
    weighing
        Whether accuracy and AUC rest on decisions weighted by resemblance.
    in_baseline
        Whether its own labels took part in the calibration; its residual then says little.
    """

    start_ns: int
    end_ns: int
    n: int
    read: int
    confidence: Floats
    estimated: Estimate | None
    doc: Estimate | None
    auc: Estimate | str
    weighing: Weighing
    realised: Realised | None
    residual: Residual | None
    running: Running
    in_baseline: bool


@dataclass(frozen=True, slots=True)
class Health:
    """All steps of a window.

    Parameters
    ----------
    share
        Of the decisions that were read, 0 to 1.
    total
        The residual of the whole window.
    """

    population: Population
    calibrator: Calibrator
    classes: Classes
    share: float
    steps: tuple[Step, ...]
    total: Residual | None


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when, UTC nanoseconds; the end is not included."""

    start_ns: int
    end_ns: int

    @classmethod
    def of(cls, population: Population, number: int) -> Span:
        """Give a step of a population."""
        start = population.from_ns + number * population.step_ns
        return cls(start, min(start + population.step_ns, population.to_ns))


def step(
    span: Span,
    n: int,
    scores: Scores,
    calibrator: Calibrator,
    classes: Classes,
    ran: Running,
    weighed: tuple[Calibrator, Weighing],
) -> Step:
    """Put together what there is to say about one step.

    Parameters
    ----------
    calibrator
        Without weights: residuals of all steps are held against one yardstick.
    weighed
        What the estimates of this step are calibrated by.
    """
    confidence = scores.confidence[np.isfinite(scores.confidence)]
    some = len(confidence) > 0
    why = classes.why_no_auc
    estimating, weighing = weighed
    return Step(
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        n=n,
        read=len(scores.step),
        confidence=confidence,
        estimated=estimating.accuracy(confidence) if some else None,
        doc=calibrator.doc(confidence) if some else None,
        auc=why or estimating.auc(scores.positive),
        weighing=weighing,
        realised=came_true(scores, classes),
        residual=residual(calibrator, scores),
        running=ran,
        in_baseline=span.start_ns < calibrator.to_ns and span.end_ns > calibrator.from_ns,
    )


def came_true(scores: Scores, classes: Classes) -> Realised | None:
    """Say what the labels of a step show; None where it has none."""
    judged = scores.of(np.isfinite(scores.right))
    if not len(judged.right):
        return None
    stated = judged.labelled
    delays = np.quantile(judged.delay_s, [0.5, 0.9])
    return Realised(
        n=len(judged.right),
        accuracy=realised.accuracy(judged.right),
        auc=classes.why_no_auc or _area(stated),
        calibration=calibration(stated.confidence, stated.right, bins=BINS)
        if len(stated.right)
        else None,
        delay_s=(float(delays[0]), float(delays[1])),
    )


def _area(stated: Scores) -> Estimate | str:
    if len(np.unique(stated.truth)) < 2:
        return "labels of one class only"
    return realised.auc(stated.positive, stated.truth)
