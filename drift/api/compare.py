"""`GET /v1/drift/compare`: features of a window against their baseline, exactly."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from drift.api.comparing import (
    ComparisonQuery,
    chosen_features,
    identity,
    outcome,
    results_of,
)
from drift.api.comparison_shapes import Comparison
from drift.cell_statistics import Compared
from drift.cells import Cells, Key, Slice
from drift.cube import Cube
from drift.exact import Exact, ExactComparison
from drift.parts import DriftParts
from drift.reference import FeatureReference, Reference
from drift.references import References
from sql.errors import InvalidInputError
from web.parameters import Text
from web.principal import Reader
from web.render import Json, interval, timestamp
from web.window import Window

#: Features of one answer: each is read and sorted.
_FEATURES_MAX = 100


class CompareQuery(ComparisonQuery):
    """Which features."""

    features: Text = Field(
        "",
        description=f"Comma list, at most {_FEATURES_MAX}; left out, every one.",
        examples=["word_count,@confidence"],
    )
    exact: bool = Field(
        True,
        description="Raw values; false compares counts by the hour, in a fraction of the time.",
    )


class CompareResource:
    """Compares raw values."""

    def __init__(self, parts: DriftParts) -> None:
        self._clock = parts.clock
        self._references = References(parts)
        self._exact = Exact(parts)
        self._cube = Cube(parts)

    def router(self) -> APIRouter:
        """Build the routes."""
        router = APIRouter(tags=["drift"])
        router.get("/v1/drift/compare", response_model=Comparison)(self.compare)
        return router

    def compare(self, reader: Reader, query: Annotated[CompareQuery, Query()]) -> Response:
        """Measure how far features are from their baseline, by every statistic of their kind.

        By raw values the window is taken as it is written; by counts it is widened to whole hours.
        """
        now = self._clock()
        reference = query.found(self._references, reader)
        names = chosen_features(reference, query.features)
        if len(names) > _FEATURES_MAX:
            raise InvalidInputError(
                f"The reference has {len(names)} features; name at most {_FEATURES_MAX}.",
                field="features",
            )
        window = query.window(now) if query.exact else query.hours(now)
        whole = self._references.counts(reference, features=names, slices=[Slice()])
        compare = self._by_values if query.exact else self._by_counts
        return Json(
            {
                "window": interval(window),
                "as_of": timestamp(now),
                "reference": identity(reference),
                "exact": query.exact,
                "items": compare(reference, names, whole, window, query.slice),
            }
        )

    def _by_values(
        self,
        reference: Reference,
        names: list[str],
        whole: dict[Key, Cells],
        window: Window,
        slice_: Slice,
    ) -> list[dict[str, Any]]:
        span, nothing = (window.from_ns, window.to_ns), Cells.empty()
        return [
            _facts(
                feature,
                self._exact.compare(
                    reference, feature, whole.get(Key(name), nothing).counts, span, slice_
                ),
            )
            for name, feature in ((name, reference.features[name]) for name in names)
        ]

    def _by_counts(
        self,
        reference: Reference,
        names: list[str],
        whole: dict[Key, Cells],
        window: Window,
        slice_: Slice,
    ) -> list[dict[str, Any]]:
        asked = (reference, window.from_ns, window.to_ns)
        held = self._cube.window(*asked, features=names, slices=[slice_])
        baseline = self._references.baseline(*asked, features=names, slices=[slice_])
        nothing = Cells.empty()
        found = []
        for name in names:
            key = Key(name, slice_.dimension, slice_.value)
            compared = Compared(
                reference.features[name],
                whole.get(Key(name), nothing).counts,
                baseline.get(key, nothing),
                held.get(key, nothing),
            )
            found.append(_counted_facts(compared))
        return found


def _counted_facts(compared: Compared) -> dict[str, Any]:
    feature = compared.feature
    return {
        "feature": feature.feature,
        "kind": feature.kind,
        "missing_reference": compared.before.missing,
        "missing_current": compared.now.missing,
        "sampled": False,
        **results_of(compared),
    }


def _facts(feature: FeatureReference, item: ExactComparison) -> dict[str, Any]:
    column = item.column
    return {
        "feature": column.name,
        "kind": feature.kind,
        "missing_reference": column.missing_reference,
        "missing_current": column.missing_current,
        "sampled": item.sampled,
        "results": [outcome(one) for one in column.results.values()],
        "left_out": [
            {"statistic": name, "reason": reason} for name, reason in column.left_out.items()
        ],
    }
