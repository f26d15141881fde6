"""`GET /v1/drift/distribution`: one feature as it was in the reference and as it is."""

from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from drift import codes
from drift.api.comparing import ComparisonQuery, checked_feature, identity, results_of
from drift.api.comparison_shapes import Distribution
from drift.cell_statistics import Compared
from drift.cells import Cells, Key, Slice
from drift.cube import Cube
from drift.parts import DriftParts
from drift.reference import FeatureReference
from drift.references import References
from web.parameters import Text
from web.principal import Reader
from web.render import Json, double, interval, timestamp

_SPECIAL = {
    "unseen": codes.UNSEEN,
    "wrong_kind": codes.WRONG_KIND,
    "nan": codes.NAN,
    "missing": codes.MISSING,
}


class DistributionQuery(ComparisonQuery):
    """Which feature."""

    feature: Text = Field(description="Name of the feature.", examples=["word_count"])


class DistributionResource:
    """Shows one feature in full."""

    def __init__(self, parts: DriftParts) -> None:
        self._clock = parts.clock
        self._references = References(parts)
        self._cube = Cube(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["drift"])
        router.get("/v1/drift/distribution", response_model=Distribution)(self.read_distribution)
        return router

    def read_distribution(
        self, reader: Reader, query: Annotated[DistributionQuery, Query()]
    ) -> Response:
        """Count one feature by its cells, before and now, and measure how far apart they are."""
        now = self._clock()
        reference = query.found(self._references, reader)
        name = checked_feature(reference, query.feature)
        window, slices = query.hours(now), [query.slice]
        key, nothing = Key(name, query.dimension, query.value), Cells.empty()
        held = self._cube.window(
            reference, window.from_ns, window.to_ns, features=[name], slices=slices
        )
        baseline = self._references.baseline(
            reference, window.from_ns, window.to_ns, features=[name], slices=slices
        )
        whole = self._references.counts(reference, features=[name], slices=[Slice()])
        compared = Compared(
            reference.features[name],
            whole.get(Key(name), nothing).counts,
            baseline.get(key, nothing),
            held.get(key, nothing),
        )
        return Json(
            {
                "window": interval(window),
                "as_of": timestamp(now),
                "reference": identity(reference),
                "feature": name,
                "dimension": query.dimension,
                "value": query.value,
                **_facts(compared),
            }
        )


def _facts(compared: Compared) -> dict[str, Any]:
    feature, before, now = compared.feature, compared.before, compared.now
    return {
        "kind": feature.kind,
        "n_reference": before.total,
        "n_current": now.total,
        "cells": [
            {**ends, "reference": int(before.counts[cell]), "current": int(now.counts[cell])}
            for cell, ends in enumerate(_ends(feature))
        ],
        "special": {
            name: {"reference": int(before.counts[code]), "current": int(now.counts[code])}
            for name, code in _SPECIAL.items()
        },
        **results_of(compared),
    }


def _ends(feature: FeatureReference) -> list[dict[str, Any]]:
    if feature.kind == "text":
        return [{"label": text, "from": None, "to": None} for text in feature.categories]
    ends = [None, *feature.edges, None]
    return [
        {
            "label": _label(low, high),
            "from": None if low is None else double(low),
            "to": None if high is None else double(high),
        }
        for low, high in pairwise(ends)
    ]


def _label(low: float | None, high: float | None) -> str:
    """Write a cell as mathematics does: without its lower end, with its upper one."""
    if low is None:
        return "all" if high is None else f"≤ {high:g}"
    return f"> {low:g}" if high is None else f"({low:g}, {high:g}]"
