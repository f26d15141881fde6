"""`/v1/drift/performance` and `/v1/drift/calibration`: the health of a model."""

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Response

from drift.api.labels import tenant_of
from drift.api.performance_shapes import (
    STEPS_NS,
    CalibrationShape,
    ModelQuery,
    PerformanceQuery,
    PerformanceShape,
)
from drift.cells import Slice
from drift.parts import DriftParts
from drift.performance import realised
from drift.performance.assessor import Assessor
from drift.performance.health import BINS, Health, Realised, Step
from drift.performance.realised import Estimate
from drift.performance.residual import Residual
from drift.performance.scores import Classes, Population, ScoreReader
from drift.reference import DIMENSIONS, FEATURE_DIMENSION, slices_by
from drift.statistics.calibration import calibration, reliability
from sql.access import Principal
from sql.errors import InvalidInputError
from web.principal import Reader
from web.render import Json, interval, timestamp
from web.window import Window


class Performance:
    """Answers how well a model does."""

    def __init__(self, parts: DriftParts) -> None:
        self._clock = parts.clock
        self._settings = parts.settings
        self._assessor = Assessor(parts)
        self._reader = ScoreReader(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(prefix="/v1/drift", tags=["drift"])
        router.get(
            "/performance",
            response_model=PerformanceShape,
            summary="Estimated and realised performance",
        )(self.performance)
        router.get(
            "/calibration",
            response_model=CalibrationShape,
            summary="Stated confidence against what came true",
        )(self.calibration)
        return router

    def performance(self, reader: Reader, query: Annotated[PerformanceQuery, Query()]) -> Response:
        """Estimate accuracy and AUC before labels, tell what labels show, and compare the two.

        Everything is by the time of decisions; labels of a step may come long after it. Where the
        residual moves, what inputs mean has changed: no estimate without labels can see that.
        """
        now = self._clock()
        population = self._population(reader, query, now, STEPS_NS[query.step])
        if population.steps > self._settings.performance_steps_max:
            raise InvalidInputError(
                f"step {query.step} cuts the window into {population.steps} steps; ask for at most "
                f"{self._settings.performance_steps_max}, with a longer step or a shorter window.",
                field="step",
            )
        given = query.tolerance
        tolerance = self._settings.performance_tolerance if given is None else given
        health = self._assessor.health(
            population, query.reference, tolerance=tolerance, alpha=query.alpha
        )
        return Json(
            {
                **_frame(population, now),
                "step": query.step,
                **_findings(health, tolerance, query.alpha),
                "items": [_step(one, query.alpha) for one in health.steps],
            }
        )

    def calibration(self, reader: Reader, query: Annotated[ModelQuery, Query()]) -> Response:
        """Compare stated confidence with how often it came true, in bins of equal counts."""
        now = self._clock()
        population = self._population(reader, query, now, 0)
        n = int(self._reader.counts(population).sum())
        scores = self._reader.read(population, Classes(()), n)
        known = scores.labelled
        told = {**_frame(population, now), "n": len(known.right), "read_share": scores.share}
        if not len(known.right):
            nothing = dict.fromkeys(("mean_confidence", "accuracy", "ece", "ece_plain", "p_value"))
            return Json({**told, **nothing, "bins": []})
        error = calibration(known.confidence, known.right, bins=BINS)
        bins = reliability(known.confidence, known.right, bins=BINS)
        return Json(
            {
                **told,
                "mean_confidence": float(known.confidence.mean()),
                "accuracy": _number(realised.accuracy(known.right)),
                "ece": {"estimate": error.estimate, "low": error.low, "high": error.high},
                "ece_plain": error.method["plain"],
                "p_value": error.p_value,
                "bins": [
                    {
                        "from": one.lower,
                        "to": one.upper,
                        "n": one.n,
                        "confidence": one.confidence,
                        "accuracy": one.accuracy,
                        "low": one.low,
                        "high": one.high,
                    }
                    for one in bins
                ],
            }
        )

    def _population(
        self, reader: Principal, query: ModelQuery, now: int, step_ns: int
    ) -> Population:
        """Give the decisions asked for, from the start of a whole step where there are steps."""
        tenant = tenant_of(reader, query.tenant)
        window = query.window(now)
        if query.dimension and not slices_by(query.dimension):
            raise InvalidInputError(
                f"dimension is {query.dimension!r}; use one of {', '.join(DIMENSIONS)} or "
                f"{FEATURE_DIMENSION}<name of a text>.",
                field="dimension",
            )
        start = window.from_ns // step_ns * step_ns if step_ns else window.from_ns
        return Population(
            tenant,
            query.model,
            start,
            window.to_ns,
            step_ns or window.to_ns - start,
            Slice(query.dimension, query.value),
        )


def _frame(population: Population, now: int) -> dict[str, Any]:
    return {
        "window": interval(Window(population.from_ns, population.to_ns)),
        "as_of": timestamp(now),
        "tenant": population.tenant,
        "model": population.model,
    }


def _findings(health: Health, tolerance: float, alpha: float) -> dict[str, Any]:
    used = health.calibrator
    alarms = [one for one in health.steps if used.learnt and one.running.e_value >= 1 / alpha]
    return {
        "calibration": {
            "method": used.method,
            "assumption": used.assumption,
            "n": used.n,
            "from": timestamp(used.from_ns),
            "to": timestamp(used.to_ns),
            "reference": used.reference_id or None,
            "version": used.reference_version or None,
        },
        "classes": [*health.classes.names],
        "read_share": health.share,
        "concept_drift": {
            "alarm": bool(alarms),
            "start": timestamp(alarms[0].start_ns) if alarms else None,
            "tolerance": tolerance,
            "alpha": alpha,
            "residual": _residual(health.total),
        },
    }


def _step(one: Step, alpha: float) -> dict[str, Any]:
    return {
        "start": timestamp(one.start_ns),
        "end": timestamp(one.end_ns),
        "n": one.n,
        "confidence": _confidence(one),
        "estimated": _estimated(one),
        "realised": _realised(one.realised, one.read),
        "residual": _residual(one.residual),
        "running": {
            "n": one.running.n,
            "e_value": one.running.e_value,
            "low": one.running.low,
            "high": one.running.high,
            "alarm": one.running.e_value >= 1 / alpha,
        },
        "in_baseline": one.in_baseline,
    }


def _confidence(one: Step) -> dict[str, Any] | None:
    if not len(one.confidence):
        return None
    p10, median, p90 = map(float, np.quantile(one.confidence, [0.1, 0.5, 0.9]))
    mean = float(one.confidence.mean())
    return {"n": len(one.confidence), "mean": mean, "p10": p10, "median": median, "p90": p90}


def _estimated(one: Step) -> dict[str, Any] | None:
    if one.estimated is None:
        return None
    return {
        "accuracy": _number(one.estimated),
        "doc": None if one.doc is None else _number(one.doc),
        **_area(one.auc),
        "weighing": {
            "method": one.weighing.method,
            "reason": one.weighing.reason or None,
            "effective": one.weighing.effective,
            "imbalance": one.weighing.imbalance,
            "columns": one.weighing.columns,
        },
    }


def _realised(found: Realised | None, read: int) -> dict[str, Any] | None:
    if found is None:
        return None
    error = found.calibration
    shown = {"estimate": error.estimate, "low": error.low, "high": error.high} if error else None
    return {
        "n": found.n,
        "share": found.n / read,
        "accuracy": _number(found.accuracy),
        **_area(found.auc),
        "ece": shown,
        "delay_s": {"median": found.delay_s[0], "p90": found.delay_s[1]},
    }


def _residual(found: Residual | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "n": found.n,
        "p_value": found.p_value,
        "margin": found.margin,
    }


def _area(found: Estimate | str) -> dict[str, Any]:
    if isinstance(found, str):
        return {"auc": None, "auc_reason": found}
    return {"auc": _number(found), "auc_reason": None}


def _number(found: Estimate) -> dict[str, float]:
    return {"estimate": found.estimate, "low": found.low, "high": found.high}
