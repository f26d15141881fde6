"""`GET /v1/drift/features`: every feature over time against its reference."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from drift.api.comparing import (
    ComparisonQuery,
    checked_statistic,
    chosen_features,
    identity,
    interval_of,
)
from drift.api.comparison_shapes import HeatMap
from drift.cell_statistics import FROM_CELLS, Compared, measured
from drift.cells import Cells, Key, Slice
from drift.cube import Cube
from drift.parts import DriftParts
from drift.references import Reference, References
from sql.errors import InvalidInputError
from web.parameters import Text
from web.principal import Reader
from web.render import Json, interval, timestamp
from web.window import SECOND_NS, Window

_STEPS_S = {"hour": 3600, "6h": 6 * 3600, "day": 24 * 3600}
#: Cells of one answer.
_CELLS_MAX = 20_000
#: Steps of one answer whose baseline moves: each reads a past of its own.
_MOVING_MAX = 100


class HeatQuery(ComparisonQuery):
    """Which features, in which steps, by which statistic."""

    step: Literal["hour", "6h", "day"] = Field("day", examples=["day"])
    statistic: Text = Field("population_stability", description=f"One of {', '.join(FROM_CELLS)}.")
    features: Text = Field(
        "", description="Comma list; left out, every one.", examples=["word_count,@confidence"]
    )


class FeatureResource:
    """Draws the heat map."""

    def __init__(self, parts: DriftParts) -> None:
        self._clock = parts.clock
        self._references = References(parts)
        self._cube = Cube(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["drift"])
        router.get("/v1/drift/features", response_model=HeatMap)(self.read_features)
        return router

    def read_features(self, reader: Reader, query: Annotated[HeatQuery, Query()]) -> Response:
        """Measure every feature in steps of time, from counts by the hour."""
        now = self._clock()
        statistic = checked_statistic(query.statistic)
        reference = query.found(self._references, reader)
        window, step_s = query.hours(now), _STEPS_S[query.step]
        names = chosen_features(reference, query.features)
        starts = list(range(window.from_ns, window.to_ns, step_s * SECOND_NS))
        _check_size(reference, len(names), len(starts))
        held = self._cube.hours(
            reference,
            window.from_ns,
            window.to_ns,
            features=names,
            slices=[query.slice],
            step_s=step_s,
        )
        baselines = self._baselines(reference, window, starts, step_s, names, query.slice)
        whole = self._references.counts(reference, features=names, slices=[Slice()])
        rows = [
            {
                "feature": name,
                "kind": reference.features[name].kind,
                "cells": _cells(
                    statistic,
                    reference,
                    Key(name, query.dimension, query.value),
                    whole,
                    baselines,
                    held,
                    starts,
                ),
            }
            for name in names
        ]
        return Json(
            {
                "window": interval(window),
                "as_of": timestamp(now),
                "reference": identity(reference),
                "statistic": statistic,
                "starts": [timestamp(start) for start in starts],
                "features": rows,
            }
        )

    def _baselines(
        self,
        reference: Reference,
        window: Window,
        starts: list[int],
        step_s: int,
        names: list[str],
        slice_: Slice,
    ) -> list[dict[Key, Cells]]:
        """Read what each step is compared with; of a fixed baseline all the same."""
        if reference.baseline.kind == "fixed":
            counts = self._references.counts(reference, features=names, slices=[slice_])
            return [counts] * len(starts)
        return [
            self._references.baseline(
                reference,
                start,
                min(start + step_s * SECOND_NS, window.to_ns),
                features=names,
                slices=[slice_],
            )
            for start in starts
        ]


def _check_size(reference: Reference, features: int, steps: int) -> None:
    moving = reference.baseline.kind != "fixed"
    if features * steps > _CELLS_MAX or (moving and steps > _MOVING_MAX):
        raise InvalidInputError(
            f"{features} features in {steps} steps are too many; take longer steps, a shorter "
            "window or fewer features.",
            field="step",
        )


def _cells(
    statistic: str,
    reference: Reference,
    key: Key,
    whole: dict[Key, Cells],
    baselines: list[dict[Key, Cells]],
    held: dict[Key, dict[int, Cells]],
    starts: list[int],
) -> list[dict[str, Any]]:
    nothing = Cells.empty()
    feature, cut = reference.features[key.feature], whole.get(Key(key.feature), nothing).counts
    steps = held.get(key, {})
    cells = []
    for start, baseline in zip(starts, baselines, strict=True):
        now = steps.get(start, nothing)
        found = measured(statistic, Compared(feature, cut, baseline.get(key, nothing), now))
        cells.append(_cell(start, now, found))
    return cells


def _cell(start: int, now: Cells, found: Any) -> dict[str, Any]:
    shown = {"start": timestamp(start), "n": now.total}
    if isinstance(found, str):
        return {
            **shown,
            "estimate": None,
            "low": None,
            "high": None,
            "p_value": None,
            "reason": found,
        }
    return {**shown, **interval_of(found), "reason": None}
